"""Releases over a running node: what each party would be told, who could come to see it, the agreement graph, what if.

Nothing is stated here. The ground is the node's own: what it holds now, at its clock.
"""

from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.proving import make_proving
from comity.api.release_view import show_graph, show_preview, show_supposed
from comity.api.shape import Hex
from comity.api.views.release import Crossed, Graph, Previewed, SupposedHere
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Party
from comity.machine.dissemination import find_copies, find_copies_of
from comity.machine.machine import Machine
from comity.node.node import Node
from comity.pact.agreement import AgreementState
from comity.procedure.chain import NO_ITEM
from comity.procedure.copies import Copy
from comity.procedure.entry import Marking
from comity.procedure.recalls import CopyState
from comity.procedure.sharing import GIVING
from comity.procedure.verdict import Subject

__all__ = ["Previewing", "Supposing", "make_releasing"]

NODE_DECISION_COUNT_MAX: Final = 200_000
"""What one request may ask of the funnel: the node waits for it, some seconds at most. A file may be asked for more."""

Words = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=2048)], ...], msgspec.Meta(max_length=256)]
Name = Annotated[str, QueryParameter(max_length=12)]
Id = Annotated[str, msgspec.Meta(max_length=200)]


class Previewing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to preview: an item that is held, by its digest, or a marking of our own for one that is not made yet."""

    item: Hex = ""
    level: Annotated[str, msgspec.Meta(max_length=48)] = ""
    topics: Words = ()
    caveats: Words = ()


class Supposing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agreement, the state that it is supposed to be in, and the instant; without one, now."""

    agreement: Id
    state: AgreementState
    at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)] | None = None
    notice_ends_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)] | None = None


def make_releasing(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the paths."""

    @post("/v1/release/preview", summary="What each party would be told, and who could come to see it", status_code=200)
    async def preview(data: JSONBody[Previewing]) -> Previewed:
        return preview_at(desk.node, data)

    @get("/v1/release/graph", summary="The agreements and routes of a party as they stand, ours if none is named")
    async def graph(party: Name = "") -> Graph:
        return graph_at(desk.node, party)

    @post("/v1/release/what-if", summary="What would pass if an agreement were in another state", status_code=200)
    async def what_if(data: JSONBody[Supposing]) -> SupposedHere:
        return suppose_at(desk.node, data)

    return [preview, graph, what_if, *make_proving(desk.node)]


def preview_at(node: Node, wish: Previewing) -> Previewed:
    """Return the preview of a held item, to go from us, or of a marking of ours.

    Raises:
        UsageError: `item.not-here` where no statement that we hold gives the item.
    """
    machine = node.machine
    ground = machine.funnel.find_ground(node.now())
    if not wish.item:
        party = machine.party
        marking = Marking(party, party, wish.level, tuple(sorted(wish.topics)), tuple(sorted(wish.caveats)))
        return show_preview(Subject((marking,), NO_ITEM), holder=party, ground=ground)
    item = parse_id(wish.item)
    givings = [one.entry for one in machine.statements.find(*GIVING)
               if isinstance(one.entry, GIVING) and one.entry.item == item]  # fmt: skip
    if not givings:
        raise UsageError("item.not-here")
    copies = find_copies_of(machine.statements, item, as_of=ground.as_of)
    holding = {copy.holder for copy in copies if copy.state is not CopyState.DESTROYED}
    return show_preview(
        Subject(givings[0].markings, item),
        holder=machine.party,
        ground=ground,
        known_holders={*holding, givings[0].markings[0].originator},
        expires_at=sorted({end for giving in givings for end in getattr(giving, "expires_at", ())}),
    )


def graph_at(node: Node, party: Party) -> Graph:
    """Return the agreement graph as a party of the pact sees it: what is in it is known to all of them.

    Raises:
        UsageError: `release.no-party`.
    """
    machine = node.machine
    chosen = party or machine.party
    if chosen not in machine.parties:
        raise UsageError("release.no-party", party=chosen[:40], parties=", ".join(machine.parties))
    return show_graph(machine.funnel.find_ground(node.now()), party=chosen)


def suppose_at(node: Node, wish: Supposing) -> SupposedHere:
    """Return what changes if an agreement is in another state, and what has crossed under it already.

    Raises:
        UsageError: `release.no-agreement`, `proof.too-large`.
    """
    machine = node.machine
    ground = machine.funnel.find_ground(node.now() if wish.at is None else Instant(wish.at))
    ends_at = None if wish.notice_ends_at is None else Instant(wish.notice_ends_at)
    found = show_supposed(ground, agreement=wish.agreement, state=wish.state, notice_ends_at=ends_at,
                          decision_count_max=NODE_DECISION_COUNT_MAX)  # fmt: skip
    return {**found, "crossed": _show_crossed(machine, wish.agreement, node.now())}


def _show_crossed(machine: Machine, agreement: str, at: Instant) -> list[Crossed]:
    """What was given under the agreement, or by a way that it protects: it stays protected, whatever becomes of it."""
    terms = machine.funnel.terms
    givings = machine.statements.find(*GIVING)
    markings = {bytes(one.entry.item): one.entry.markings[0] for one in givings if isinstance(one.entry, GIVING)}
    found = []
    for copy in find_copies(machine.statements, as_of=at):
        ways = [way for giver in copy.path[:-1] for way in terms.between.get((giver, copy.holder), ())]
        if any(way.agreement == copy.clause and agreement in (way.agreement, *way.legs) for way in ways):
            found.append(_show_copy(copy, markings[bytes(copy.item)]))
    return found


def _show_copy(copy: Copy, marking: Marking) -> Crossed:
    return {
        "item": copy.item.hex(),
        "giver": copy.giver,
        "recipient": copy.holder,
        "given_at": copy.given_at,
        "clause": copy.clause,
        "handled_as": copy.level,
        "originator": marking.originator,
        "level": marking.level,
        "topics": list(marking.topics),
        "state": copy.state.value,
    }
