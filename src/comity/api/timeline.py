"""The timeline as JSON values: what was stated, in the order shown, each row with its number."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from comity.api.form import simplify
from comity.api.views.record import NumberedRow, Row
from comity.base.names import Digest
from comity.machine.machine import Machine
from comity.procedure.reading import ItemRead
from comity.procedure.timeline import Row as TimelineRow
from comity.procedure.timeline import timeline_of

__all__ = ["Numbered", "show_timeline"]


class Numbered(NamedTuple):
    """One row before it is shown, with its number."""

    number: int
    id: Digest
    row: TimelineRow


def show_timeline(
    machine: Machine, *, after: int, cut: Callable[[Sequence[Numbered]], Sequence[Numbered]]
) -> list[NumberedRow]:
    """Return rows of everything stated, from number `after` on, of which `cut` says which; numbers count rows as now.

    Readings of secrets have a view of their own, for whoever may inspect (P48).
    """
    rows = timeline_of(one for one in machine.statements.all if not isinstance(one.entry, ItemRead))
    chosen = cut([Numbered(after + at, row.id, row) for at, row in enumerate(rows[after:])])
    shown: list[Row] = simplify([one.row for one in chosen])
    return [{"number": one.number, **row} for one, row in zip(chosen, shown, strict=True)]
