"""The page *Administration*, and what is done from it: sessions, passkeys, officers, shifts, delegation."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.administration import check_keeper, find_findings, find_keeping, find_status
from comity.console.fields import Fields
from comity.console.moments import format_moment, parse_moment
from comity.console.pages import Pages
from comity.console.session import Sessions
from comity.console.signing import Deed
from comity.console.visit import Visit, get_visit
from comity.node.officers import Delegated, Shift
from comity.node.passkeys import PasskeyBook
from comity.node.roster import delegate, put_on_duty
from comity.pact.offices import Act, Offices

__all__ = ["make_administration"]


def make_administration(
    pages: Pages, desk: Desk, acts: Acts, sessions: Sessions, passkeys: PasskeyBook
) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/administration")
    async def administration(request: Request[Any, Any, Any]) -> Response[Any]:
        offices = desk.node.machine.pact.offices
        return pages.render(
            request, "administration.html", keeping=find_keeping(desk, get_visit(request).officer, sessions, passkeys),
            stands=find_status(desk), findings=find_findings(desk), moment=format_moment,
            roles=() if offices is None else offices.roles,
            handed=() if offices is None or offices.delegation is None else offices.delegation.acts,
        )  # fmt: skip

    def end(visit: Visit, fields: Fields, _: str) -> Deed:
        check_keeper(desk, visit.officer)
        mark = fields.get("seat")
        seat = next((one for one in sessions.list() if one.mark == mark), None)
        if seat is None:
            raise UsageError("cli.no-such-object", beginning=mark[:16])

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk, visit.officer)
            sessions.end_marked(mark)
            return ()

        who = seat.officer or say("whoever holds the node's token")
        return Deed(say("The session of {officer} ends at once", officer=who), do, ((say("session"), mark),))

    def unkey(visit: Visit, fields: Fields, _: str) -> Deed:
        check_keeper(desk, visit.officer)
        row = passkeys.read().find(fields.get("passkey"))
        if row is None:
            raise UsageError("cli.no-such-object", beginning=fields.get("passkey")[:16])

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk, visit.officer)
            passkeys.remove(row.officer, row.passkey.credential)
            return ()

        says = say("A passkey of {officer} is taken away; what it opened ends at once", officer=row.officer)
        return Deed(says, do, ((say("id"), row.passkey.credential),), is_pressing=True)

    def revoke(visit: Visit, fields: Fields, _: str) -> Deed:
        check_keeper(desk, visit.officer)
        officer = desk.node.officers.read().get(fields.get("officer"))

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk, visit.officer)
            desk.node.officers.revoke(officer.name, at=desk.node.now())
            return ()

        says = say("{officer} acts no more: token, sessions, shifts to come and delegations end", officer=officer.name)
        return Deed(says, do, ((say("roles"), ", ".join(officer.roles)),), is_pressing=True)

    routes = [administration, *acts.make("/administration/end", end), *acts.make("/administration/unkey", unkey)]
    routes += acts.make("/administration/revoke", revoke)
    return [*routes, *_make_roster(pages, desk, acts)]


def _make_roster(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the acts on who is on duty, and on what is handed to whom."""

    def shift(visit: Visit, fields: Fields, _: str) -> Deed:
        check_keeper(desk, visit.officer)
        offices, at = _get_offices(desk), desk.node.now()
        row = Shift(fields.get("officer"), fields.get("on_role"), _read(fields, "from"), _read(fields, "until"))

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk, visit.officer)
            put_on_duty(desk.node.officers, offices, row, at=at)
            return ()

        role = pages.titles.title_of("role", row.role)
        span = f"{format_dtg(Instant(row.starts_at))} – {format_dtg(Instant(row.ends_at))}"
        return Deed(say("{officer} is on duty: {role}", officer=row.officer, role=role), do, ((say("time"), span),))

    def hand(visit: Visit, fields: Fields, _: str) -> Deed:
        check_keeper(desk, visit.officer)
        offices = _get_offices(desk)
        try:
            act = Act(fields.get("act"))
        except ValueError as error:
            raise UsageError("console.field-malformed", field="act") from error
        row = Delegated(fields.get("officer"), fields.get("taker"), fields.get("on_role"), act, _read(fields, "until"))

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk, visit.officer)
            delegate(desk.node.officers, offices, row, at=desk.node.now())
            return ()

        says = say("{giver} hands an act to {taker}: {act}", giver=row.giver, taker=row.taker, act=say_term(act))
        facts = ((say("role"), pages.titles.title_of("role", row.role)),
                 (say("until"), format_dtg(Instant(row.until_at))))  # fmt: skip
        return Deed(says, do, facts, is_pressing=True)

    return [*acts.make("/administration/shift", shift), *acts.make("/administration/delegate", hand)]


def _get_offices(desk: Desk) -> Offices:
    offices = desk.node.machine.pact.offices
    if offices is None:
        raise UsageError("officer.no-offices")
    return offices


def _read(fields: Fields, name: str) -> Instant:
    at = parse_moment(fields.get(name))
    if at is None:
        raise UsageError("console.field-malformed", field=name)
    return at
