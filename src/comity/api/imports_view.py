"""What came in from other systems: which items, by which format, under which marking, and who marked them (X52).

The log of imports says which item came from where; the record says when it was given, to whom, and which officers did
it. What the log does not know any more is an item like any other.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import simplify
from comity.api.paging import cut_page
from comity.api.views.exchange import CameInShown
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.exchange.imported import ImportLog
from comity.node.approvals import Held
from comity.procedure.officer import ActedBy, Capacity
from comity.procedure.sharing import Giving
from comity.procedure.stated import Stated
from comity.procedure.timeline import timeline_of

__all__ = ["CameIn", "find_imports", "make_import_views", "show_imports"]


class CameIn(NamedTuple):
    """One item that came in. `stated` gave it; until it is given, `held` is the act that waits for a second officer."""

    item: Digest
    format: str
    object_count: int
    stated: Stated | None
    held: Held | None

    @property
    def at(self) -> Instant:
        """When it was given; while it waits, until when it may."""
        return Instant(self.stated.written_at if self.stated is not None else self.held.until_at if self.held else 0)

    @property
    def giving(self) -> Giving:
        """What gave it, or would."""
        entries = (self.stated.entry,) if self.stated is not None else self.held.entries if self.held else ()
        return next(entry for entry in entries if isinstance(entry, Giving) and entry.item == self.item)


def find_imports(desk: Desk, log: ImportLog) -> list[CameIn]:
    """Return what came in and was given here, or waits for that, the latest first."""
    node = desk.node
    given: dict[bytes, Stated] = {}
    for stated in node.shelf.find_givings():
        if stated.author == node.machine.party and isinstance(stated.entry, Giving):
            given.setdefault(stated.entry.item, stated)
    held = {entry.item: one for one in node.approvals.list(node.now())
            for entry in one.entries if isinstance(entry, Giving)}  # fmt: skip
    rows = (CameIn(item, format_, count, given.get(item), held.get(item)) for item, format_, count in log.list_items())
    known = (row for row in rows if row.stated is not None or row.held is not None)
    return sorted(known, key=lambda row: (-row.at, row.item, row.format))


def show_imports(desk: Desk, rows: list[CameIn]) -> list[CameInShown]:
    """Return these rows as JSON values, each with who marked it."""
    own = desk.node.machine.party
    pages = {row.stated.page_digest for row in rows if row.stated is not None}
    acted: dict[bytes, list[Stated]] = defaultdict(list)
    for said in desk.node.machine.statements.find(ActedBy):
        if said.page_digest in pages:
            acted[said.page_digest].append(said)
    return [_show(row, acted, own) for row in rows]


def _show(row: CameIn, acted: Mapping[bytes, list[Stated]], own: Party) -> CameInShown:
    given = row.stated
    by: tuple[Capacity, ...] = ()
    audience = row.held.audience if given is None and row.held is not None else ()
    if given is not None:
        audience = given.audience
        about = timeline_of((given, *acted.get(given.page_digest, ())))
        by = next(one.acted_by for one in about if one.id == given.id)
    return {
        "item": row.item.hex(),
        "format": row.format,
        "object_count": row.object_count,
        "at": row.at,
        "to": [party for party in audience if party != own],
        "marking": simplify(row.giving.markings[0]),
        "acted_by": simplify(by),
        "awaits": row.held.digest if given is None and row.held is not None else "",
    }


def make_import_views(desk: Desk, log: ImportLog) -> list[HTTPRouteHandler]:
    """Return the path."""

    @get("/v1/imports", summary="What came in from other systems: as which items, marked how and by whom")
    async def imports() -> list[CameInShown]:
        return show_imports(desk, list(cut_page(find_imports(desk, log))))

    return [imports]
