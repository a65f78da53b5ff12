"""The pages *Administration*: how the node stands, and what is kept here, each on a page of its own."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.appointing import Appointing, check_keeper
from comity.api.contacts_view import say_contact_fault, show_contacts
from comity.api.desk import Desk
from comity.api.row_words import format_size
from comity.api.upkeep_view import show_node
from comity.api.views.upkeep import ContactsShown
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.administration import find_findings, find_status, may_keep
from comity.console.administration_alarm import make_alarm_upkeep
from comity.console.administration_officers import make_officers
from comity.console.administration_roster import make_roster
from comity.console.administration_systems import make_systems
from comity.console.fields import Fields
from comity.console.pages import Pages
from comity.console.session import Sessions
from comity.console.signing import Deed
from comity.console.visit import Visit
from comity.exchange.register import Register
from comity.node.administered import note_administered
from comity.node.contacts import ContactsFile
from comity.node.doctor.streams import compare_streams
from comity.node.passkeys import PasskeyBook

__all__ = ["make_administration"]


def make_administration(
    pages: Pages,
    desk: Desk,
    acts: Acts,
    *,
    sessions: Sessions,
    passkeys: PasskeyBook,
    contacts: ContactsFile,
    register: Register,
) -> list[HTTPRouteHandler]:
    """Return the routes."""
    appointing = Appointing(desk, passkeys)
    return [
        *_make_node(pages, desk, acts),
        *make_officers(pages, desk, acts, appointing, sessions),
        *make_roster(pages, desk, acts, appointing, sessions),
        *make_systems(pages, desk, acts, register),
        *make_alarm_upkeep(pages, desk, acts),
        _make_contacts(pages, desk, contacts),
    ]


def _make_node(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the pages of the node itself and of its keys, and what is mended from there."""

    @get("/administration")
    async def administration(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(
            request, "administration.html", keeps=may_keep(desk), stands=find_status(desk),
            findings=await find_findings(desk), about=show_node(desk), size=format_size,
        )  # fmt: skip

    @get("/administration/keys")
    async def keys(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(request, "administration_keys.html", about=show_node(desk), stands=find_status(desk))

    def rebuild(_: Visit, __: Fields, ___: str) -> Deed:
        check_keeper(desk.node)

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            for state in await compare_streams(desk.node):
                if state.is_behind:
                    await desk.node.carrier.rebuild_stream(state.feed, state.audience)
            note_administered(desk.node.machine.party, "streams.rebuild", "")
            return ()

        return Deed(say("What the outbox lost is rebuilt from the store"), do, is_pressing=True)

    return [administration, keys, *acts.make("/administration/rebuild", rebuild)]


def _make_contacts(pages: Pages, desk: Desk, file: ContactsFile) -> HTTPRouteHandler:
    @get("/administration/contacts")
    async def contacts(request: Request[Any, Any, Any]) -> Response[Any]:
        held: ContactsShown | None = None
        fault = ""
        try:
            held = show_contacts(desk, file)
        except UsageError as error:
            fault = str(error.details.get("why", error.code))
        faults = [] if held is None else [say_contact_fault(row) for row in held["faults"]]
        channel = next((row.id for row in desk.node.machine.pact.hotlines), "")
        return pages.render(
            request, "administration_contacts.html", held=held, fault=fault, faults=faults, file=file.path,
            channel=channel,
        )  # fmt: skip

    return contacts
