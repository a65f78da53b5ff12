"""Who read which item at this node, for whoever audits: from the party's journal to itself (P48)."""

from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from comity.api.desk import Desk
from comity.api.form import parse_id, simplify
from comity.api.views.record import Readings, ReadingShown
from comity.node.powers import ACTING, check_may
from comity.pact.offices import Act
from comity.procedure.reading import ItemRead, find_reads

__all__ = ["make_reading"]

Id = Annotated[str, QueryParameter(max_length=64)]
Before = Annotated[int, QueryParameter(ge=0)]


def make_reading(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the route."""

    @get("/v1/reads", summary="Who read which item, the latest first; for whoever may look at it")
    async def reads(item: Id = "", before: Before = 0) -> Readings:
        for name in ACTING.get():
            check_may(desk.node, name, Act.INSPECT)
        return show_reads(desk, parse_id(item) if item else b"", before)

    return [reads]


def show_reads(desk: Desk, item: bytes, before: int) -> Readings:
    """Return readings, of one item or all, and how many there are in all; `before` leaves out the latest so many."""
    machine = desk.node.machine
    found: list[ReadingShown] = [
        {"id": stated.id.hex(), "item": read.item.hex(), "portion": list(read.portion), "kind": read.kind.value,
         "reader": read.reader, "role": simplify(next(iter(read.role), "")), "read_at": read.read_at}
        for stated, read in find_reads(machine.statements.find(ItemRead))
        if stated.author == machine.party and item in (b"", read.item)
    ]  # fmt: skip
    found.sort(key=lambda row: (row["read_at"], row["id"]), reverse=True)
    return {"reads": found[before:], "read_count": len(found)}
