"""*Officers* under Administration: added, given another token or a code, their passkeys and sessions, their end.

A token and a code are shown to whoever drew them, on one page, once. Whoever keeps officers draws both; that they reach
the officer by two ways is the administrator's to see to (docs/adr/0068).
"""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.appointing import Appointing, check_keeper
from comity.api.desk import Desk
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.administration import count_keepers, find_keeping
from comity.console.fields import Fields
from comity.console.moments import read_moment
from comity.console.pages import Pages
from comity.console.session import Sessions
from comity.console.signing import Deed, ShownOnce
from comity.console.visit import Visit
from comity.node.administered import note_administered

__all__ = ["make_officers"]

PATH = "/administration/officers"


def make_officers(
    pages: Pages, desk: Desk, acts: Acts, appointing: Appointing, sessions: Sessions
) -> list[HTTPRouteHandler]:
    """Return the page and its acts."""

    @get(PATH)
    async def officers(request: Request[Any, Any, Any]) -> Response[Any]:
        offices = desk.node.machine.pact.offices
        return pages.render(
            request, "administration_officers.html", keeping=find_keeping(desk, appointing, sessions),
            roles=() if offices is None else offices.roles,
        )  # fmt: skip

    made = _make_drawings(pages, desk, acts, appointing)
    return [officers, *made, *_make_endings(pages, desk, acts, appointing, sessions)]


def _make_drawings(pages: Pages, desk: Desk, acts: Acts, appointing: Appointing) -> list[HTTPRouteHandler]:
    """Return the acts that draw something: an officer's first token, another one, a code."""

    def add(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        name, roles = fields.get("name"), tuple(dict.fromkeys(fields.list("on_role")))
        if not roles:
            raise UsageError("console.field-missing", field="on_role")
        until_at = read_moment(fields, "until", now=desk.node.now(), is_needed=False)
        appointing.check_new(name, roles, until_at=until_at)

        async def do(_: str) -> ShownOnce:
            check_keeper(desk.node)
            return _show_token(name, appointing.add(name, roles, until_at=until_at)["token"])

        titles = ", ".join(pages.titles.title_of("role", role) for role in roles)
        until = format_dtg(Instant(until_at)) if until_at else say("without an end")
        facts = ((say("roles"), titles), (say("until"), until))
        return Deed(say("{officer} is added, and a token drawn", officer=name), do, facts, is_pressing=True)

    def renew(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        officer = appointing.get_valid(fields.get("officer"))

        async def do(_: str) -> ShownOnce:
            check_keeper(desk.node)
            return _show_token(officer.name, appointing.renew(officer.name)["token"])

        says = say("{officer} is given another token; the old one and every session end", officer=officer.name)
        return Deed(says, do, _list_roles(pages, officer.roles), is_pressing=True)

    def draw(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        officer = appointing.get_valid(fields.get("officer"))

        async def do(_: str) -> ShownOnce:
            check_keeper(desk.node)
            drawn = appointing.draw_code(officer.name)
            until = format_dtg(Instant(drawn["until_at"]))
            advice = (
                say("Give it to the officer in person, apart from the token."),
                say("The officer opens the console, chooses “Make a passkey”, and enters token and code."),
                say("It is good once, until {until}.", until=until),
            )
            return ShownOnce(say("The code of {officer}", officer=officer.name), drawn["code"], advice)

        says = say("A code is drawn with which {officer} makes a passkey; an earlier code ends", officer=officer.name)
        return Deed(says, do, _list_roles(pages, officer.roles), is_pressing=True)

    routes = [*acts.make("/administration/add", add), *acts.make("/administration/token", renew)]
    return [*routes, *acts.make("/administration/code", draw)]


def _make_endings(
    pages: Pages, desk: Desk, acts: Acts, appointing: Appointing, sessions: Sessions
) -> list[HTTPRouteHandler]:
    """Return the acts by which something ends: a session, a passkey, an officer's power."""

    def end(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        mark = fields.get("seat")
        seat = next((one for one in sessions.list() if one.mark == mark), None)
        if seat is None:
            raise UsageError("cli.no-such-object", beginning=mark[:16])

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            sessions.end_marked(mark)
            note_administered(desk.node.machine.party, "session.end", seat.officer)
            return ()

        who = seat.officer or say("whoever holds the node's token")
        return Deed(say("The session of {officer} ends at once", officer=who), do, ((say("session"), mark[:16]),),
                    is_pressing=True)  # fmt: skip

    def unkey(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        row = appointing.passkeys.read().find(fields.get("passkey"))
        if row is None:
            raise UsageError("cli.no-such-object", beginning=fields.get("passkey")[:16])

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            appointing.remove_passkeys(row.officer, row.passkey.credential)
            return ()

        says = say("A passkey of {officer} is taken away; what it opened ends at once", officer=row.officer)
        return Deed(says, do, ((say("id"), row.passkey.credential),), is_pressing=True)

    def revoke(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        officer = desk.node.officers.read().get(fields.get("officer"))
        facts = _list_roles(pages, officer.roles)
        if officer.is_valid(desk.node.now()) and not count_keepers(desk, without=officer.name):
            nobody = say("Nobody else may keep officers then, but for whoever holds the node's token.")
            facts += ((say("mind"), nobody),)

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            appointing.revoke(officer.name)
            return ()

        says = say("{officer} acts no more: token, sessions, shifts to come and delegations end", officer=officer.name)
        return Deed(says, do, facts, is_pressing=True)

    routes = [*acts.make("/administration/end", end), *acts.make("/administration/unkey", unkey)]
    return [*routes, *acts.make("/administration/revoke", revoke)]


def _show_token(name: str, token: str) -> ShownOnce:
    advice = (
        say("Give it to the officer and to nobody else: it signs in, and speaks to the API."),
        say("Once the officer has a passkey, the token alone opens no console."),
    )
    return ShownOnce(say("The token of {officer}", officer=name), token, advice)


def _list_roles(pages: Pages, roles: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return ((say("roles"), ", ".join(pages.titles.title_of("role", role) for role in roles)),)
