"""Statements in the order in which they are shown, kept up as they come: whoever shows a page of them reads that page.

Rules
- Each once, by its copy in the worst standing (`procedure.own.merge`), as a fold of all of them would have it.
- It can be dropped and made anew, and is when standings change; any order of arrival ends alike.
- Readings of secrets are in none of it: not everybody at a party may see them (P48).
"""

import bisect
from collections.abc import Sequence
from typing import TYPE_CHECKING

from comity.base.names import Digest
from comity.procedure.own import merge, shown_order
from comity.procedure.reading import ItemRead
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.machine.statements import Statements

__all__ = ["InOrder"]


class InOrder:
    """All statements of one party's record but the readings, in order."""

    def __init__(self, statements: "Statements") -> None:
        self._statements = statements
        self._remade_count = self._taken_count = 0
        self._rows: list[Stated] = []
        self._by_id: dict[Digest, Stated] = {}

    def read(self) -> Sequence[Stated]:
        """Return them; it is the same list next time, with what came since in its place."""
        new = self._statements.list_from(self._taken_count)
        if self._remade_count != self._statements.remade_count:
            self._remade_count = self._statements.remade_count
            self._rows, self._by_id = [], {}
            new = self._statements.all
            self._taken_count = 0
        self._taken_count += len(new)
        shown = [row for row in new if not isinstance(row.entry, ItemRead)]
        if self._rows:
            for row in shown:
                self._take(row)
        elif shown:
            self._by_id = dict(merge(shown))
            self._rows = list(self._by_id.values())
        return self._rows

    def find(self, id_: Digest) -> Stated | None:
        """Return the copy of a statement that stands for all of them; None where there is none, or as yet unread."""
        return self._by_id.get(id_)

    def _take(self, row: Stated) -> None:
        held = self._by_id.get(row.id)
        if held is not None:
            kept = merge((held, row))[row.id]
            if kept is held:
                return
            del self._rows[bisect.bisect_left(self._rows, shown_order(held), key=shown_order)]
            row = kept
        self._by_id[row.id] = row
        if not self._rows or shown_order(self._rows[-1]) < shown_order(row):
            self._rows.append(row)
        else:
            bisect.insort(self._rows, row, key=shown_order)
