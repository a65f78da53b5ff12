"""Statements of a page of the record, each as it stands now: corrected, withdrawn, and who acted in it."""

from collections.abc import Iterable, Mapping, Sequence

from comity.api.record_index import RecordIndex
from comity.machine.machine import Machine
from comity.machine.statements import Statements
from comity.procedure.correction import EntryCorrected, EntryWithdrawn, Settled, settle
from comity.procedure.own import merge
from comity.procedure.stated import Stated
from comity.procedure.timeline import Row, timeline_of

__all__ = ["Listed", "find_about", "list_acts", "list_rows"]

_Acts = Mapping[bytes, Sequence[Stated]]


class Listed:
    """One statement: `row` as the timeline says it, `settled` with what it says now and what it said at first."""

    __slots__ = ("row", "settled")

    def __init__(self, row: Row, settled: Settled) -> None:
        self.row = row
        self.settled = settled


def list_rows(machine: Machine, index: RecordIndex, chosen: Iterable[Stated]) -> tuple[Listed, ...]:
    """Return these statements in the same order."""
    acts = list_acts(machine.statements)
    return tuple(_list_row(one, acts, index) for one in chosen)


def list_acts(statements: Statements) -> Mapping[bytes, Sequence[Stated]]:
    """Return all corrections and withdrawals, by the statement that each is of; of each the copy that stands for it."""
    acts: dict[bytes, list[Stated]] = {}
    for act in merge(statements.find(EntryCorrected, EntryWithdrawn)).values():
        if isinstance(act.entry, EntryCorrected | EntryWithdrawn):
            acts.setdefault(act.entry.entry, []).append(act)
    return acts


def _list_row(one: Stated, acts: _Acts, index: RecordIndex) -> Listed:
    about = find_about(one, acts)
    row = next(row for row in timeline_of((*about, *index.find_acting(one))) if row.id == one.id)
    settled = next((found for found in settle(about) if found.stated.id == one.id), None)
    return Listed(row, settled if settled is not None else Settled(one, one.entry))


def find_about(one: Stated, acts: _Acts) -> tuple[Stated, ...]:
    """Return a statement with the corrections and withdrawals of it, and of those, to whoever has the same audience."""
    found, queue = {one.id: one}, [one]
    while queue:
        for act in acts.get(queue.pop().id, ()):
            if act.id not in found and act.audience == one.audience:
                found[act.id] = act
                queue.append(act)
    return tuple(found.values())
