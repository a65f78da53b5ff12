"""*On duty* under Administration: shifts, their handing over, and what one officer hands to another for a time."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.appointing import Appointing, check_keeper, get_offices
from comity.api.desk import Desk
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.administration import find_keeping
from comity.console.fields import Fields
from comity.console.moments import format_moment, read_moment
from comity.console.pages import Pages
from comity.console.session import Sessions
from comity.console.signing import Deed
from comity.console.visit import Visit
from comity.node.officers import Delegated, Shift
from comity.pact.offices import Act

__all__ = ["make_roster"]

PATH = "/administration/roster"


def make_roster(
    pages: Pages, desk: Desk, acts: Acts, appointing: Appointing, sessions: Sessions
) -> list[HTTPRouteHandler]:
    """Return the page and its acts."""

    @get(PATH)
    async def roster(request: Request[Any, Any, Any]) -> Response[Any]:
        offices = desk.node.machine.pact.offices
        return pages.render(
            request, "administration_roster.html", keeping=find_keeping(desk, appointing, sessions),
            moment=format_moment, roles=() if offices is None else offices.roles,
            deputies=() if offices is None else offices.deputies,
            handed=() if offices is None or offices.delegation is None else offices.delegation.acts,
        )  # fmt: skip

    return [roster, *_make_shifts(pages, desk, acts, appointing), *_make_delegation(pages, desk, acts, appointing)]


def _make_shifts(pages: Pages, desk: Desk, acts: Acts, appointing: Appointing) -> list[HTTPRouteHandler]:
    def shift(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        get_offices(desk.node)
        now = desk.node.now()
        from_at, until_at = (read_moment(fields, name, now=now) for name in ("from", "until"))
        row = Shift(fields.get("officer"), fields.get("on_role"), from_at, until_at)

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            appointing.put_on_duty(row)
            return ()

        role = pages.titles.title_of("role", row.role)
        span = f"{format_dtg(Instant(row.starts_at))} – {format_dtg(Instant(row.ends_at))}"
        says = say("{officer} is on duty: {role}", officer=row.officer, role=role)
        return Deed(says, do, ((say("time"), span),), is_pressing=True)

    def hand_shift(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        officer, to, role = fields.get("officer"), fields.get("taker"), fields.get("on_role")
        title = pages.titles.title_of("role", role)

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            appointing.hand_over(officer=officer, to=to, role=role)
            return ()

        says = say("{taker} serves the rest of the shift of {officer}, from now on", officer=officer, taker=to)
        return Deed(says, do, ((say("role"), title),), is_pressing=True)

    return [*acts.make("/administration/shift", shift), *acts.make("/administration/hand-over", hand_shift)]


def _make_delegation(pages: Pages, desk: Desk, acts: Acts, appointing: Appointing) -> list[HTTPRouteHandler]:
    def hand(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        get_offices(desk.node)
        try:
            act = Act(fields.get("act"))
        except ValueError as error:
            raise UsageError("console.field-malformed", field="act") from error
        until_at = read_moment(fields, "until", now=desk.node.now())
        row = Delegated(fields.get("officer"), fields.get("taker"), fields.get("on_role"), act, until_at)

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            appointing.delegate(row)
            return ()

        says = say("{giver} hands an act to {taker}: {act}", giver=row.giver, taker=row.taker, act=say_term(act))
        facts = ((say("role"), pages.titles.title_of("role", row.role)),
                 (say("until"), format_dtg(Instant(row.until_at))))  # fmt: skip
        return Deed(says, do, facts, is_pressing=True)

    return acts.make("/administration/delegate", hand)
