"""What reached whom: every copy that this party knows of, the latest first, a page at a time.

It is the dissemination record of the API (R46). A copy of which nobody told this party has no row, and nothing counts
it.
"""

from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.recalling import show_copy
from comity.api.views.items import CopyShown
from comity.base.names import Party
from comity.machine.dissemination import find_copies

__all__ = ["Record", "find_record"]

ROW_COUNT: Final = 50


@dataclass(frozen=True, slots=True)
class Record:
    """One page of it. `party` and `item`, the beginning of an id, narrow it; `parties` are those of the pact."""

    rows: tuple[CopyShown, ...]
    count: int
    page: int
    page_count: int
    party: Party
    item: str
    parties: tuple[Party, ...]


def find_record(desk: Desk, *, party: Party, item: str, page: int) -> Record:
    """Return one page of copies that others hold; what is known of no party of the pact narrows it to nothing."""
    machine = desk.node.machine
    rows = [
        row
        for row in find_copies(machine.statements, as_of=desk.node.now())
        if row.holder != row.giver
        and party in ("", row.holder, row.giver)
        and (not item or row.item.hex().startswith(item))
    ]
    rows.sort(key=lambda row: (-row.given_at, row.item, row.holder))
    page_count = max(1, -(-len(rows) // ROW_COUNT))
    shown = min(page, page_count)
    chosen = tuple(show_copy(row) for row in rows[(shown - 1) * ROW_COUNT : shown * ROW_COUNT])
    return Record(chosen, len(rows), shown, page_count, party, item, tuple(machine.parties))
