"""Statements on items, by the item that each is about: whoever looks at one item reads what was said of it.

Rules
- What a function makes of one item's statements is kept until another of them comes (`procedure.kept`), so that a list
  of all items folds the few that anything was said of since.
- It can be dropped and made anew, and is when standings change; any order of arrival ends alike.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from comity.base.names import Digest
from comity.procedure.copies import OF_COPIES
from comity.procedure.entry import Entry
from comity.procedure.kept import Kept
from comity.procedure.own import merge
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.machine.statements import Statements

__all__ = ["ByItem", "OnItem"]

OnItem = tuple[Stated, ...]
"""What was said of one item: each statement once, in the order in which they are shown."""
T = TypeVar("T")


class ByItem:
    """What one party's record says of each item: givings, reports of them, recalls and what was answered."""

    def __init__(self, statements: "Statements") -> None:
        self._statements = statements
        self._remade_count = 0
        self._taken_counts: dict[type[Entry], int] = {}
        self._held: dict[Digest, list[Stated]] = {}
        self._kept: dict[Callable[[OnItem], Any], Kept[Digest, OnItem, Any]] = {}

    def read(self, item: Digest) -> OnItem:
        """Return what was said of one item; nothing where nothing was."""
        self._catch_up()
        return self._merge(item)

    def read_kept(self, make: Callable[[OnItem], T | None]) -> Mapping[Digest, T]:
        """Return what `make`, a function of one item's statements alone, makes of each item; in no order."""
        self._catch_up()
        if make not in self._kept:
            self._kept[make] = Kept(make)
        found: Mapping[Digest, T] = self._kept[make].read(lambda: tuple(self._held), self._merge)
        return found

    def _merge(self, item: Digest) -> OnItem:
        return tuple(merge(self._held.get(item, ())).values())

    def _catch_up(self) -> None:
        found = {type_: self._statements.find(type_) for type_ in OF_COPIES}
        if self._remade_count != self._statements.remade_count:
            self._remade_count = self._statements.remade_count
            self._taken_counts, self._held = {}, {}
            for kept in self._kept.values():
                kept.forget_all()
        touched: set[Digest] = set()
        for type_, rows in found.items():
            for row in rows[self._taken_counts.get(type_, 0) :]:
                item = Digest(getattr(row.entry, "item", b""))
                self._held.setdefault(item, []).append(row)
                touched.add(item)
            self._taken_counts[type_] = len(rows)
        for kept in self._kept.values():
            kept.forget(touched)
