"""Same start: a node that starts from its snapshot is the same node as one that starts from the bytes of its store.

At every third start from a snapshot two more machines are made of what the node starts from, one each way. They must
show the same statements in the same standing with the same cuts, the same objects, the same journals; they must lack
the same; and woken at once they must do the same, to the byte.
"""

from collections.abc import Iterator
from typing import ClassVar, Final

from comity.base.instants import Instant
from comity.base.names import Party
from comity.machine.input import Ticked
from comity.machine.machine import Machine
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.checks.same_verdict import find_views
from comity.rehearsal.snapshot import Start

__all__ = ["SameStart"]

SALT: Final = bytes(32)
COMPARED_EVERY: Final = 3
"""Of the starts from a snapshot in a run so many are compared: two more machines cost as much as a start each."""


class SameStart(Check):
    """See the module."""

    name: ClassVar[str] = "same-start"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._start_count = 0

    def on_start(self, party: Party, start: Start, at: Instant) -> None:
        self._start_count += bool(start.vouched)
        if not start.vouched or self._start_count % COMPARED_EVERY != 1:
            return
        station = self.trial.stations[party]
        one, other = station.make_machine(), station.make_machine()
        start.restore(one)
        start.restore(other, is_from_bytes=True)
        for what, shown, again in _list_shown(one, other, at):
            if shown != again:
                self.find(what, party, vouched_count=len(start.vouched))


def _list_shown(one: Machine, other: Machine, at: Instant) -> Iterator[tuple[str, object, object]]:
    """Yield what must be equal, by name; waking them is the last, since it changes them."""
    yield "statements", _list_statements(one), _list_statements(other)
    yield "objects", find_views(one.record), find_views(other.record)
    yield "journals", _list_pages(one), _list_pages(other)
    yield "faults", set(one.statements.faults), set(other.statements.faults)
    yield "waiting", [row[0].digest for row in one.ledger.held()], [row[0].digest for row in other.ledger.held()]
    yield "holes", one.refill.find_holes(), other.refill.find_holes()
    yield "followed", one.find_followed(), other.find_followed()
    yield "effects", repr(one.handle(Ticked(at, SALT))), repr(other.handle(Ticked(at, SALT)))


def _list_statements(machine: Machine) -> list[tuple[object, ...]]:
    rows = machine.statements.all
    return [(row.id, row.standing, dict(row.cut), dict(row.doubts), row.written_at, row.page_digest) for row in rows]


def _list_pages(machine: Machine) -> list[tuple[object, ...]]:
    pages = (page for book in machine.ledger.books() for page in book.pages())
    return [(page.journal, page.digest, machine.ledger.find_standing(page)) for page in pages]
