"""Requests to pass items on, the hub's own decision, and the quarantine, over the API (R51 to R53)."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from comity.api.deciders import find_deciders
from comity.api.desk import Desk
from comity.api.form import parse_id, simplify
from comity.api.recalling import Officers, RoleName
from comity.api.shape import Consenting, Hex, PartyName, PassingOn
from comity.api.views.basic import Ids
from comity.api.views.items import Held, OnwardRequestShown
from comity.base.instants import Instant
from comity.node.destruction import Deciders
from comity.node.onward import OnwardRelease, list_onward
from comity.node.quarantine import Quarantined
from comity.pact.offices import Act
from comity.procedure.sharing import RefusalReason

__all__ = ["make_onward"]

ClauseName = Annotated[str, msgspec.Meta(max_length=200)]


class Refusing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An own item that a recipient is not to have. Without a clause it is that by which the funnel decides."""

    item: Hex
    holder: PartyName
    recipient: PartyName
    reason: RefusalReason
    clause: ClauseName = ""


class Granting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of another party's that is to be passed on by way of this one."""

    item: Hex
    recipient: PartyName
    role: RoleName = ""
    officers: Officers = ()


class Declining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of another party's that this one does not pass on; clause as in `Refusing`."""

    item: Hex
    recipient: PartyName
    reason: RefusalReason
    role: RoleName = ""
    officers: Officers = ()
    clause: ClauseName = ""


class Releasing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A giving to be let out of quarantine, by the id of the statement that gave it."""

    giving: Hex
    role: RoleName = ""
    officers: Officers = ()


def make_onward(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the views and acts."""
    return [*_make_requests(desk), *_make_acts(desk), *_make_quarantine(desk)]


def _make_requests(desk: Desk) -> list[HTTPRouteHandler]:
    @get("/v1/requests", summary="Who asks to pass which item on to whom, until when, and what came of it")
    async def requests() -> list[OnwardRequestShown]:
        rows = list_onward(desk.node.machine, as_of=desk.node.now())
        return [simplify(row) for row in rows]

    @post("/v1/items/pass-on", summary="Pass another party's item on", status_code=201)
    async def pass_on(data: JSONBody[PassingOn]) -> Ids:
        return _show_ids(await _open(desk).pass_on(parse_id(data.item), to=data.to))

    @post("/v1/items/consent", summary="Consent to a passing-on", status_code=201)
    async def consent(data: JSONBody[Consenting]) -> Ids:
        ids = await _open(desk).consent(
            parse_id(data.item),
            holder=data.holder,
            recipient=data.recipient,
            expires_at=Instant(data.expires_at),
        )
        return _show_ids(ids)

    return [requests, pass_on, consent]


def _make_acts(desk: Desk) -> list[HTTPRouteHandler]:
    @post("/v1/items/refuse", summary="Refuse a passing-on, with the clause", status_code=201)
    async def refuse(data: JSONBody[Refusing]) -> Ids:
        ids = await _open(desk).refuse(
            parse_id(data.item), holder=data.holder, recipient=data.recipient, clause=data.clause, reason=data.reason
        )
        return _show_ids(ids)

    @post("/v1/items/grant", summary="Decide, as the hub, that an item is passed on", status_code=201)
    async def grant(data: JSONBody[Granting]) -> Ids:
        by = _find_deciders(desk, data, Act.CONSENT)
        return _show_ids(await _open(desk).grant(parse_id(data.item), recipient=data.recipient, by=by))

    @post("/v1/items/decline", summary="Decide, as the hub, that an item is not passed on", status_code=201)
    async def decline(data: JSONBody[Declining]) -> Ids:
        by, item = _find_deciders(desk, data, Act.CONSENT), parse_id(data.item)
        onward = _open(desk)
        return _show_ids(
            await onward.decline(item, recipient=data.recipient, clause=data.clause, reason=data.reason, by=by)
        )

    return [refuse, grant, decline]


def _make_quarantine(desk: Desk) -> list[HTTPRouteHandler]:
    @get("/v1/quarantine", summary="What came outside any agreement, by which clause, and what became of it")
    async def quarantine() -> list[Held]:
        return [_show_held(row) for row in desk.node.custody.quarantine.list()]

    @post("/v1/quarantine/release", summary="Let an item out of quarantine on a ground that has come", status_code=201)
    async def release(data: JSONBody[Releasing]) -> Ids:
        held = desk.node.custody.quarantine
        return _show_ids(await held.release(parse_id(data.giving), by=_find_deciders(desk, data, Act.RELEASE)))

    return [quarantine, release]


def _open(desk: Desk) -> OnwardRelease:
    return OnwardRelease(desk.node, desk.items)


def _find_deciders(desk: Desk, data: Granting | Declining | Releasing, act: Act) -> Deciders:
    return find_deciders(desk.node, role=data.role, officers=data.officers, act=act)


def _show_ids(ids: tuple[bytes, ...]) -> Ids:
    return {"ids": [id_.hex() for id_ in ids]}


def _show_held(row: Quarantined) -> Held:
    giving = row.giving
    return {
        "giving": giving.id.hex(), "item": row.item.hex(), "given_by": giving.author, "at": giving.written_at,
        "clause": row.decision.clause, "reason": row.reason, "is_judged": row.is_judged,
        "reported_by": None if row.reported_by is None else row.reported_by.hex(),
        "released_by": None if row.released_by is None else row.released_by.hex(),
    }  # fmt: skip
