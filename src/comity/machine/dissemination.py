"""The dissemination record as it stands now, and the recalls: each item folded once, and again when more is said of it.

The folds are those of `procedure.copies` and `procedure.recalls`, asked item by item. How a copy stands may change by
the clock, where a recall waits for an answer: it is kept with from when to when it stands so.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from comity.base.instants import Instant
from comity.base.names import Digest
from comity.machine.by_item import OnItem
from comity.procedure.copies import Copy, ItemCopies, fold_copies_of, join_copies
from comity.procedure.recalls import Recall, Recalls, fold_recalls_of, join_recalls

if TYPE_CHECKING:
    from comity.machine.statements import Statements

__all__ = ["find_copies", "find_copies_of", "find_recalls", "find_recalls_of"]


class _Folded:
    """One item's recalls, and its copies as they stood when somebody last looked."""

    __slots__ = ("_copies", "_rows", "recalls")

    def __init__(self, rows: OnItem) -> None:
        self._rows = rows
        self._copies: ItemCopies | None = None
        self.recalls = fold_recalls_of(rows)

    def judge(self, as_of: Instant) -> ItemCopies:
        found = self._copies
        if found is None or not found.stand_at(as_of):
            found = self._copies = fold_copies_of(self._rows, self.recalls, as_of=as_of)
        return found


def _read_all(statements: "Statements") -> Mapping[Digest, _Folded]:
    return statements.by_item.read_kept(_Folded)


def _read_one(statements: "Statements", item: Digest) -> Iterable[_Folded]:
    found = _read_all(statements).get(item)
    return () if found is None else (found,)


def find_copies(statements: "Statements", *, as_of: Instant) -> tuple[Copy, ...]:
    """Return every copy that this party knows of, as `fold_copies` has them."""
    return join_copies(folded.judge(as_of) for folded in _read_all(statements).values())


def find_copies_of(statements: "Statements", item: Digest, *, as_of: Instant) -> tuple[Copy, ...]:
    """Return those of one item."""
    return join_copies(folded.judge(as_of) for folded in _read_one(statements, item))


def find_recalls(statements: "Statements") -> Recalls:
    """Return every recall that this party knows of, as `fold_recalls` has them."""
    return join_recalls(folded.recalls for folded in _read_all(statements).values())


def find_recalls_of(statements: "Statements", item: Digest) -> tuple[Recall, ...]:
    """Return those of one item."""
    return tuple(row for folded in _read_one(statements, item) for row in folded.recalls.rows)
