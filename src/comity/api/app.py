"""The HTTP API of one node: statements in, views out, described by OpenAPI.

It listens on loopback and every call carries the token that lies in the realm's folder, readable by its owner alone. A
statement is answered once it is stored, with its id; a refusal with its code and clause.
"""

import hmac
import re
from typing import Any, Final

from litestar import Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from comity import __version__
from comity.api.alert_routes import make_alert_routes
from comity.api.approving import make_approving
from comity.api.areas_at_risk import make_area_routes
from comity.api.consumers import make_consumer_routes
from comity.api.contacts_view import make_contact_routes
from comity.api.deposit_routes import make_deposit_routes
from comity.api.desk import Desk
from comity.api.doctor import make_doctor
from comity.api.doorkeeper import CONSUMER, Doorkeeper
from comity.api.draft_routes import make_draft_routes
from comity.api.dropping import make_drop_routes
from comity.api.events.routes import make_event_routes
from comity.api.exchange_check import make_exchange_check
from comity.api.exchange_routes import make_exchange_routes
from comity.api.feeds import make_feeds, make_officer_feeds
from comity.api.floor_routes import make_floor
from comity.api.health import ANYBODY, MONITOR, make_health, make_metrics
from comity.api.imports_view import make_import_views
from comity.api.indicator_routes import make_indicator_routes
from comity.api.inquiries import make_inquiries
from comity.api.intake import Intake
from comity.api.metrics import Metrics
from comity.api.misp_feed import make_misp_feed
from comity.api.officer_door import OfficerDoor
from comity.api.officer_routes import make_officer_routes
from comity.api.onward import make_onward
from comity.api.paging import begin_page, end_page
from comity.api.reading import make_reading
from comity.api.recalling import make_recalling
from comity.api.releasing import make_releasing
from comity.api.repeats import Repeats
from comity.api.routes import make_acts, make_files, make_views
from comity.api.schema import Document
from comity.api.shape import Problem, make_problem
from comity.api.showcase import Showcase
from comity.api.taxii import make_taxii
from comity.api.upkeep import make_upkeep
from comity.api.warning import make_warning_routes
from comity.api.words import say
from comity.base.errors import ComityError, get_code
from comity.exchange.given import GivenLog
from comity.exchange.register import Register
from comity.node.contacts import ContactsFile
from comity.node.log import note
from comity.node.passkeys import PasskeyBook
from comity.node.powers import ACTING

__all__ = ["make_app", "make_monitor_app"]

BODY_SIZE_BYTES_MAX: Final = 8 * 1024 * 1024
WHY_SIZE_MAX: Final = 300


def make_app(
    desk: Desk,
    *,
    token: str,
    metrics: Metrics | None = None,
    metrics_token: str = "",
    register: Register | None = None,
    given: GivenLog | None = None,
    passkeys: PasskeyBook | None = None,
    contacts: ContactsFile | None = None,
    door: OfficerDoor | None = None,
    intake: Intake | None = None,
) -> Litestar:
    """Build the application over one node's desk; with `metrics` it serves them, also to a weaker token.

    `register` holds the consumers, `given` since when each may have what; without them these end with the process.
    `door` and `intake` are the console's, too: what is counted or comes in at both is counted and given once.
    """
    counted = [] if metrics is None else make_metrics(metrics)
    consumers = Register() if register is None else register
    intake = Intake(desk) if intake is None else intake
    log, known, importer, receptions = intake.log, intake.known, intake.importer, intake.receptions
    showcase, repeats = Showcase(desk, given), Repeats(desk)
    consumers.when_removed += [showcase.forget, receptions.forget]
    return Litestar(
        route_handlers=[
            *make_views(desk), *make_acts(desk), *make_files(desk),
            *make_health(desk), *make_upkeep(desk), *make_doctor(desk), *counted,
            *make_recalling(desk), *make_onward(desk), *make_inquiries(desk),
            *make_floor(desk),
            *make_alert_routes(desk, known), *make_event_routes(desk),
            *make_indicator_routes(desk),
            *make_draft_routes(desk),
            *make_feeds(desk), *make_officer_feeds(desk), *make_drop_routes(desk),
            *make_contact_routes(desk, contacts or ContactsFile()),
            *make_officer_routes(desk, passkeys or PasskeyBook()),
            *make_consumer_routes(desk, consumers),
            *make_exchange_routes(importer, showcase, consumers),
            *make_import_views(desk, log),
            *make_exchange_check(desk, consumers, intake.misp_table),
            *make_misp_feed(showcase),
            make_taxii(desk, showcase, receptions), *make_deposit_routes(receptions),
            *make_releasing(desk),
            *make_approving(desk), *make_reading(desk), *make_warning_routes(desk),
            *make_area_routes(desk),
        ],
        openapi_config=OpenAPIConfig(
            title="Comity node",
            version=__version__,
            path="/v1/schema",
            render_plugins=[Document()],
            components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"token": []}],
        ),
        before_request=_make_before(repeats),
        after_request=end_page,
        before_send=[repeats.keep],
        **_find_settings(token, metrics_token, Doorkeeper(consumers), door or OfficerDoor(desk), repeats),
    )  # fmt: skip


def make_monitor_app(desk: Desk, metrics: Metrics, *, token: str, metrics_token: str) -> Litestar:
    """Build what a port of its own serves to a monitor: health and metrics, and no way to act."""
    routes = [*make_health(desk), *make_metrics(metrics)]
    return Litestar(route_handlers=routes, openapi_config=None, **_find_settings(token, metrics_token))


def _find_settings(
    token: str,
    metrics_token: str,
    doorkeeper: Doorkeeper | None = None,
    door: OfficerDoor | None = None,
    repeats: Repeats | None = None,
) -> dict[str, Any]:
    def answer_error(request: Request[Any, Any, Any], error: ComityError) -> Response[Any]:
        stated = None if repeats is None else repeats.note_error(request, error)
        return _answer_error(error) if stated is None else stated

    return {
        "guards": [_make_guard(token, metrics_token, doorkeeper, door)],
        "exception_handlers": {ComityError: answer_error, HTTPException: _answer_http, Exception: _answer_fault},
        "request_max_body_size": BODY_SIZE_BYTES_MAX,
        # The process's log is the node's: the framework's own configuration would turn the root logger to INFO.
        "logging_config": None,
    }


def _make_before(repeats: Repeats) -> Any:
    async def before(request: Request[Any, Any, Any]) -> Response[Any] | None:
        path = re.sub(r":\w+}", "}", str(request.scope["path_template"]))
        begin_page(request, path)
        return await repeats.begin(request, path)

    return before


def _make_guard(token: str, metrics_token: str, doorkeeper: Doorkeeper | None, door: OfficerDoor | None) -> Any:
    full = [f"Bearer {token}".encode()]
    weak = [*full, f"Bearer {metrics_token}".encode()] if metrics_token else full

    async def check_token(connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
        access = route.opt.get("access")
        ACTING.set(())
        if access == CONSUMER:
            # An officer's token opens nothing here: what a consumer may have is decided for one party.
            assert doorkeeper is not None, "an application that serves consumers has somebody who lets them in"
            await doorkeeper.let_in(connection, route.opt.get("format"))
            return
        given = connection.headers.get("authorization", "").encode()
        accepted = weak if access == MONITOR else full
        # Every token is compared, so that the time it takes says nothing of which one it was.
        is_known = sum(hmac.compare_digest(given, expected) for expected in accepted) > 0
        if access == ANYBODY:
            return
        name = "" if is_known or door is None else await door.find(connection, given.removeprefix(b"Bearer "))
        if not is_known and not name:
            raise NotAuthorizedException
        if door is not None and name is not None:
            door.count(connection, name)
            ACTING.set((name,) if name else ())
            if name:
                door.check_power(name, connection.scope["path"], str(connection.scope.get("method", "")))

    return check_token


def _answer_error(error: ComityError) -> Response[Problem]:
    problem = make_problem(error)
    headers = {"Retry-After": str(error.details["window_s"])} if problem.status == 429 else {}
    return Response(problem, status_code=problem.status, media_type="application/problem+json", headers=headers)


def _answer_http(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """What the framework refuses before we see it: no token, no such path, a body that does not fit."""
    code = {401: "api.no-access", 404: "api.no-path", 405: "api.no-path", 413: "bytes.too-large"}.get(
        error.status_code, "api.malformed"
    )
    return _of_code(code, status=error.status_code, details=_find_why(error), headers=error.headers)


def _find_why(error: HTTPException) -> dict[str, Any]:
    """Say which field does not fit; the words are the decoder's, about what the caller sent."""
    if not isinstance(error, ValidationException):
        return {}
    rows = [row.get("message", "") for row in error.extra or () if isinstance(row, dict)]
    return {"why": "; ".join(map(str, rows))[:WHY_SIZE_MAX]} if rows else {}


def _answer_fault(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Deep JSON and invalid UTF-8 come here from the decoder: the caller's fault; all else is ours, and is logged.

    The log names the place and no content: what an error says may quote what was being said (law 2).
    """
    if isinstance(error, RecursionError | UnicodeError):
        return _of_code("api.malformed", status=400)
    note("api.failed", error)
    return _of_code("api.fault", status=500)


def _of_code(
    code: str, *, status: int, details: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> Response[Problem]:
    row = get_code(code)
    problem = Problem(f"urn:comity:error:{code}", say(row.says), status, code, say(row.hint), details or {})
    return Response(problem, status_code=status, media_type="application/problem+json", headers=headers)
