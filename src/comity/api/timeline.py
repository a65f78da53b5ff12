"""The timeline as JSON values: what was stated, in the order shown, each row with its number.

The order is kept (`machine.in_order`), and a page is cut of it before a row of it is made.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, overload

from comity.api.form import simplify
from comity.api.record_rows import find_about, list_acts
from comity.api.views.record import NumberedRow, Row
from comity.base.names import Digest
from comity.machine.machine import Machine
from comity.machine.statements import Statements
from comity.procedure.stated import Stated
from comity.procedure.timeline import Row as TimelineRow
from comity.procedure.timeline import timeline_of

__all__ = ["Numbered", "find_rows", "show_timeline"]


class Numbered(NamedTuple):
    """One statement before its row is made, with its number."""

    number: int
    id: Digest
    stated: Stated


class _Numbering(Sequence[Numbered]):
    """Statements in order from a number on, each numbered when it is asked for."""

    def __init__(self, rows: Sequence[Stated], after: int) -> None:
        self._rows = rows
        self._after = min(after, len(rows))

    def __len__(self) -> int:
        return len(self._rows) - self._after

    @overload
    def __getitem__(self, at: int) -> Numbered: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Numbered]: ...
    def __getitem__(self, at: int | slice) -> Numbered | Sequence[Numbered]:
        if isinstance(at, slice):
            return [self[one] for one in range(len(self))[at]]
        number = range(self._after, len(self._rows))[at]
        return Numbered(number, self._rows[number].id, self._rows[number])


def show_timeline(
    machine: Machine, *, after: int, cut: Callable[[Sequence[Numbered]], Sequence[Numbered]]
) -> list[NumberedRow]:
    """Return rows of everything stated, from number `after` on, of which `cut` says which; numbers count rows as now.

    Readings of secrets have a view of their own, for whoever may inspect (P48).
    """
    chosen = cut(_Numbering(machine.statements.in_order.read(), after))
    shown: list[Row] = simplify(find_rows(machine.statements, [one.stated for one in chosen]))
    return [{"number": one.number, **row} for one, row in zip(chosen, shown, strict=True)]


def find_rows(statements: Statements, chosen: Sequence[Stated]) -> list[TimelineRow]:
    """Return these statements as rows, in the same order: each with what was said of it, and who acted in it."""
    acts = list_acts(statements)
    about = {id(row): row for one in chosen for row in (*find_about(one, acts), *_find_acting(statements, one))}
    rows = {row.id: row for row in timeline_of(about.values())}
    return [rows[one.id] for one in chosen]


def _find_acting(statements: Statements, stated: Stated) -> Iterator[Stated]:
    """Yield what says who acted in the page of a statement, each by the copy that stands for it."""
    for row in statements.find_acting(stated.page_digest):
        kept = statements.in_order.find(row.id)
        if kept is not None:
            yield kept
