"""Copies, recalls and destructions over the API: views of the dissemination record, and the acts of R45 to R49."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from comity.api.deciders import find_destroyer
from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.paging import cut_lists, cut_page
from comity.api.shape import Hex, Parties
from comity.api.views.basic import Ids
from comity.api.views.items import CopyShown, RecallFaultShown, Recalls, RecallShown
from comity.base.instants import Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Party
from comity.machine.dissemination import find_copies, find_recalls
from comity.machine.machine import Machine
from comity.node.recalling import Recalling
from comity.procedure.copies import Copy
from comity.procedure.recall import CopiesMade, Fate
from comity.procedure.recalls import Recall
from comity.procedure.sharing import RecallReason

__all__ = ["list_copies", "list_recalls", "make_recalling", "show_copy", "show_recall"]

_Lists = Mapping[str, Sequence[Any]]

At = Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
RoleName = Annotated[str, msgspec.Meta(max_length=48)]
"""Empty: the first of the acting officer's that may do it."""
Officers = Annotated[tuple[Name, ...], msgspec.Meta(max_length=8)]
"""None: the officer who acts."""


class Destroying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of which every copy that is here is to be destroyed for good."""

    item: Hex
    role: RoleName = ""
    officers: Officers = ()


class Recalled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An own item to be asked back from all to whom it was given; `to` adds holders known by report alone."""

    item: Hex
    reason: RecallReason
    answer_by_at: At
    to: Parties = ()


class RecallFurther(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recall to pass on to those to whom the item was given further."""

    request: Hex
    answer_by_at: At


class RecallAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to a recall. `destroyed` destroys what is here, before it is said."""

    request: Hex
    fate: Fate
    copies: CopiesMade
    role: RoleName = ""
    officers: Officers = ()


class RecallReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recall that was passed on, of whose answers its asker is to be told."""

    request: Hex


def make_recalling(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the views and acts."""
    return [*_make_views(desk), *_make_acts(desk)]


def _make_views(desk: Desk) -> list[HTTPRouteHandler]:
    @get("/v1/copies", summary="Who holds which copy of an item, on which basis, and how it stands now")
    async def copies() -> list[CopyShown]:
        return list_copies(desk.node.machine, desk.node.now(), cut=cut_page)

    @get("/v1/recalls", summary="Who asked whom to give an item up, and what was answered, judged now")
    async def recalls() -> Recalls:
        return list_recalls(desk.node.machine, desk.node.now(), cut=cut_lists)

    return [copies, recalls]


def _make_acts(desk: Desk) -> list[HTTPRouteHandler]:
    @post("/v1/items/destroy", summary="Destroy every copy of an item that is here, and certify it", status_code=201)
    async def destroy(data: JSONBody[Destroying]) -> Ids:
        by = find_destroyer(desk.node, role=data.role, officers=data.officers)
        told = await desk.node.custody.destruction.destroy(parse_id(data.item), by=by)
        return {"ids": [id_.hex() for id_ in told.values()]}

    @post("/v1/recalls", summary="Ask an own item back from all to whom it was given", status_code=201)
    async def ask(data: JSONBody[Recalled]) -> Ids:
        by_at = Instant(data.answer_by_at)
        return _show_ids(
            await Recalling(desk.node).ask(parse_id(data.item), reason=data.reason, answer_by_at=by_at, to=data.to)
        )

    @post("/v1/recalls/pass-on", summary="Pass a recall on to those to whom the item was given", status_code=201)
    async def pass_on(data: JSONBody[RecallFurther]) -> Ids:
        by_at = Instant(data.answer_by_at) if data.answer_by_at else None
        return _show_ids(await Recalling(desk.node).pass_on(parse_id(data.request), answer_by_at=by_at))

    @post("/v1/recalls/answer", summary="Answer a recall; destroyed by destroying", status_code=201)
    async def answer(data: JSONBody[RecallAnswer]) -> Ids:
        by = find_destroyer(desk.node, role=data.role, officers=data.officers)
        return _show_ids(
            await Recalling(desk.node).answer(parse_id(data.request), data.fate, copies=data.copies, by=by)
        )

    @post("/v1/recalls/report", summary="Report what those answered to whom the item was given", status_code=201)
    async def report(data: JSONBody[RecallReport]) -> Ids:
        return _show_ids(await Recalling(desk.node).report(parse_id(data.request)))

    return [destroy, ask, pass_on, answer, report]


def _show_ids(ids: tuple[bytes, ...]) -> Ids:
    return {"ids": [id_.hex() for id_ in ids]}


class CopyRow(NamedTuple):
    """What identifies a copy in its list, and the copy."""

    giving: str
    item: str
    holder: Party
    giver: Party
    copy: Copy


class RecallRow(NamedTuple):
    """What identifies a recall and a party that it asks in their list, and the recall."""

    id: str
    party: Party
    recall: Recall


def list_copies(
    machine: Machine, now: Instant, *, cut: Callable[[Sequence[CopyRow]], Sequence[CopyRow]] = lambda rows: rows
) -> list[CopyShown]:
    """Return the dissemination record, a row for each copy; of them the rows that `cut` says."""
    rows = [
        CopyRow(row.giving.hex(), row.item.hex(), row.holder, row.giver, row)
        for row in find_copies(machine.statements, as_of=now)
    ]
    return [show_copy(row.copy) for row in cut(rows)]


def show_copy(row: Copy) -> CopyShown:
    """Return one of them."""
    recall = row.recall
    return {
        "item": row.item.hex(), "holder": row.holder, "giver": row.giver, "giving": row.giving.hex(),
        "since": row.given_at, "path": list(row.path), "clause": row.clause, "handled_as": row.level,
        "expires_at": row.expires_at, "is_reported": row.is_reported, "state": row.state.value,
        "recall": None if recall is None else recall.request.id.hex(),
        "answer_by_at": None if recall is None else recall.answer_by_at,
        "certificate": None if row.certificate is None else row.certificate.hex(), "destroyed_at": row.destroyed_at,
    }  # fmt: skip


def list_recalls(machine: Machine, now: Instant, *, cut: Callable[[_Lists], _Lists] = lambda lists: lists) -> Recalls:
    """Return every recall for each party that it asks, and what counts for nothing; the rows that `cut` says."""
    found = find_recalls(machine.statements)
    faults: list[RecallFaultShown] = [{"entry": id_.hex(), "fault": fault.value} for id_, fault in found.faults]
    rows = [RecallRow(row.request.id.hex(), row.party, row) for row in found.rows]
    chosen = cut({"recalls": rows, "faults": faults})
    return {"recalls": [show_recall(row.recall, now) for row in chosen["recalls"]], "faults": list(chosen["faults"])}


def show_recall(row: Recall, now: Instant) -> RecallShown:
    """Return one of them."""
    request, reply = row.request, row.reply
    return {
        "id": request.id.hex(), "item": row.item.hex(), "asked_by": request.author, "party": row.party,
        "audience": list(request.audience), "asked_at": request.written_at, "answer_by_at": row.answer_by_at,
        "reason": row.reason.value, "state": row.find_state(now).value,
        "answered_at": None if reply is None else reply.written_at, "copies": row.copies.value,
        "onward": row.onward.value, "certificate": None if row.certificate is None else row.certificate.hex(),
        "reports": [{"party": party, "fate": fate} for party, fate in row.reports],
    }  # fmt: skip
