"""The console of one node: the pages of the watch floor, made by the node itself and served beside its API.

A page is whole without script and asks nothing of any other host. What each route does is its own module's; here they
are put together. Another page is a module with `make_…(pages, desk)`, a template, and one line here.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.intake import Intake
from comity.api.officer_door import OfficerDoor
from comity.api.words import say
from comity.base.catalogue import CODES
from comity.base.errors import ComityError, make_error
from comity.base.names import REAL
from comity.console.acts import Acts
from comity.console.administration_pages import make_administration
from comity.console.alarm_pages import make_alarm
from comity.console.approval_pages import make_approvals
from comity.console.area_warning_pages import make_area_warning_pages
from comity.console.assets import Assets
from comity.console.card_pages import make_card
from comity.console.challenges import Challenges
from comity.console.consultation_pages import make_consultations
from comity.console.demo import DemoPages, check_demo
from comity.console.draft_pages import make_drafts
from comity.console.duties_pages import make_duties
from comity.console.entrance import Entrance
from comity.console.exercise_pages import make_exercises
from comity.console.gate import Gate, add_headers, is_of_script
from comity.console.handover_pages import make_handover
from comity.console.hotline_pages import make_hotline
from comity.console.oidc_pages import OidcPages
from comity.console.origins import Origins
from comity.console.pact_pages import make_pact
from comity.console.pages import Pages
from comity.console.palette_pages import make_palette
from comity.console.passkey_pages import PasskeyPages
from comity.console.plan_pages import make_plans
from comity.console.preferences import make_preferences
from comity.console.provider import Asking
from comity.console.record_pages import make_record
from comity.console.release_pages import make_release
from comity.console.remedies import find_remedy
from comity.console.session import Sessions
from comity.console.shortcuts import make_shortcuts
from comity.console.stream import make_stream
from comity.console.visit import Cookies
from comity.console.warning_pages import make_warning
from comity.console.warning_stream import make_warning_streams
from comity.console.watch_pages import make_watch
from comity.exchange.register import Register
from comity.node.contacts import ContactsFile
from comity.node.log import note
from comity.node.msel_shelf import MselShelf
from comity.node.node import Node
from comity.node.passkeys import PasskeyBook
from comity.node.provider import ProviderFile

__all__ = ["make_console"]

FORM_SIZE_BYTES_MAX: Final = 256 * 1024

Answer = Callable[[Request[Any, Any, Any], Any], Response[Any]]


def make_console(
    desk: Desk,
    *,
    token: str,
    origins: Origins,
    assets: Assets | None = None,
    sessions: Sessions | None = None,
    passkeys: PasskeyBook | None = None,
    is_demo: bool = False,
    contacts: ContactsFile | None = None,
    provider: ProviderFile | None = None,
    register: Register | None = None,
    intake: Intake | None = None,
    door: OfficerDoor | None = None,
    shelf: MselShelf | None = None,
) -> Litestar:
    """Build the console over one node's desk; `token` is the realm's own, `door` the API's too.

    Without `passkeys` they end with it.

    Raises:
        OutageError: `console.not-built`; UsageError: `demo.outside`.
    """
    node, pins = desk.node, desk.node.machine.setup.pins
    place = hashlib.sha256(pins.lineage + pins.realm.encode()).hexdigest()[:8]
    held = sessions or Sessions()
    cookies = Cookies(f"{node.machine.party.lower()}-{place}", held.book.key)
    built, door, asking = assets or Assets(), door or OfficerDoor(desk), Asking(provider or ProviderFile())
    book, challenges = passkeys or PasskeyBook(), Challenges()
    gate = Gate(node, origins, sessions=held, passkeys=book, cookies=cookies, door=door)
    acts = Acts(pages := Pages(desk, gate, built), desk, gate)
    entrance = Entrance(pages, gate, door, node, token=token, passkeys=book, challenges=challenges)
    by_passkey = PasskeyPages(pages, entrance, door, node, book=book, challenges=challenges)
    by_provider = OidcPages(pages, entrance, door, node, asking=asking, challenges=challenges)
    by_click = _make_demo(pages, entrance, node, origins) if is_demo else []
    answers: dict[Any, Answer] = {
        ComityError: lambda request, error: _answer(pages, request, error),
        HTTPException: lambda request, error: _answer_http(pages, request, error),
        Exception: lambda request, error: _answer_fault(pages, request, error),
    }
    console = Litestar(
        route_handlers=[
            built.make_route(),
            *entrance.make_routes(),
            *by_passkey.make_routes(),
            *by_provider.make_routes(),
            *by_click,
            *make_preferences(pages, gate),
            *(acts.make_resume(), acts.make_shown_once(), *_make_streams(desk, gate, pages)),
            *_make_rooms(pages, desk, acts, gate.sessions, _Files(book, contacts, register, intake, shelf)),
        ],
        before_request=gate.admit,
        before_send=[add_headers],
        exception_handlers=answers,
        openapi_config=None,
        request_max_body_size=FORM_SIZE_BYTES_MAX,
        logging_config=None,
    )
    pages.paths = frozenset(route.path for route in console.routes)
    return console


def _make_streams(desk: Desk, gate: Gate, pages: Pages) -> list[HTTPRouteHandler]:
    """Return what a page listens to."""
    return [make_stream(desk, gate, pages), *make_warning_streams(desk, gate)]


def _make_demo(pages: Pages, entrance: Entrance, node: Node, origins: Origins) -> list[HTTPRouteHandler]:
    """Return the routes by which anybody signs in with one click.

    Raises:
        UsageError: `demo.outside`.
    """
    check_demo(realm=node.machine.setup.pins.realm, origins=origins)
    return DemoPages(pages, entrance, node).make_routes()


class _Files(NamedTuple):
    """What pages read and keep besides the record; without a file it ends with the console."""

    passkeys: PasskeyBook
    contacts: ContactsFile | None = None
    register: Register | None = None
    intake: Intake | None = None
    shelf: MselShelf | None = None


def _make_rooms(pages: Pages, desk: Desk, acts: Acts, sessions: Sessions, files: _Files) -> list[HTTPRouteHandler]:
    """Return the routes of every page that an officer works on; another page is one line here."""
    contacts, register = files.contacts or ContactsFile(), files.register or Register()
    return [
        *make_release(pages, desk, acts, intake=files.intake or Intake(desk), register=register),
        *make_shortcuts(pages),
        *make_palette(pages, desk),
        *make_watch(pages, desk, acts),
        *make_warning(pages, desk),
        *make_area_warning_pages(pages, desk, acts),
        *make_drafts(pages, desk, acts),
        *make_approvals(pages, desk, acts),
        *make_alarm(pages),
        *make_consultations(pages, desk, acts),
        *make_record(pages, desk, acts),
        *make_pact(pages, desk),
        *make_plans(pages, desk, acts),
        *_make_exercises(pages, desk, acts, files.shelf),
        *make_administration(
            pages,
            desk,
            acts,
            sessions=sessions,
            passkeys=files.passkeys,
            contacts=contacts,
            register=register,
        ),
        *make_hotline(pages, desk, acts),
        *make_handover(pages, desk, acts),
        *make_duties(pages, desk, acts),
        *make_card(pages, desk, contacts),
    ]


def _make_exercises(pages: Pages, desk: Desk, acts: Acts, shelf: MselShelf | None) -> list[HTTPRouteHandler]:
    """Return the pages of exercises; in realm `real` there are none (law 5)."""
    if desk.node.machine.setup.pins.realm == REAL:
        return []
    return make_exercises(pages, desk, acts, shelf or MselShelf())


def _answer(pages: Pages, request: Request[Any, Any, Any], error: ComityError) -> Response[Any]:
    """Show what was refused, why, and what to do; in front of the page where a script asked for it."""
    shown = {
        name: value
        for name, value in error.details.items()
        if isinstance(value, str | int) and not name.endswith("_at")
    }
    remedy, status = say(find_remedy(error.row)), error.row.http_status
    response = pages.render(request, "error.html", status=status, row=error.row, remedy=remedy, details=shown)
    if is_of_script(request):
        response.headers |= {"HX-Retarget": "#confirm", "HX-Reswap": "innerHTML"}
    if error.row.http_status == 429:
        response.headers["Retry-After"] = str(error.details["window_s"])
    return response


def _answer_http(pages: Pages, request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refuses before we see it: no such page, a form that does not fit."""
    code = {404: "console.no-page", 405: "console.no-page", 413: "bytes.too-large"}.get(
        error.status_code, "console.malformed"
    )
    assert code in CODES, "the catalogue has every code"
    return _answer(pages, request, make_error(code))


def _answer_fault(pages: Pages, request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of ours: logged without a word of content (law 2)."""
    if isinstance(error, RecursionError | UnicodeError):
        return _answer(pages, request, make_error("console.malformed"))
    note("api.failed", error)
    return _answer(pages, request, make_error("api.fault"))
