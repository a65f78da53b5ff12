"""Everything that was stated about a consultation, in order and in words: who said what, when, by which officers.

Each instant stands as a date-time group, on this party's clock and on the clock of who said it. What nodes say by
themselves is told apart from what officers say; what was corrected or taken back stays, and says so.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from comity.api.form import read_words, simplify
from comity.api.row_words import BY_MACHINE, say_officers, say_row
from comity.api.titles import Titles
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.console.statement_acts import find_mending_path, may_take_back
from comity.machine.machine import Machine
from comity.procedure.entry import MarkedText, Marking
from comity.procedure.officer import ActedBy
from comity.procedure.reading import ItemRead
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing
from comity.procedure.timeline import Row, timeline_of

__all__ = ["SHOWN_COUNT", "Event", "Group", "find_chronicle", "group_events"]

SHOWN_COUNT: Final = 60
"""Rows on the consultation's own page, the latest; the page of the timeline has all."""
ACTED_BY: Final = "timeline.acted-by"


@dataclass(frozen=True, slots=True)
class Group:
    """Statements shown together: one of an officer, or those that nodes made by themselves in a row."""

    events: tuple["Event", ...]

    @property
    def by_node(self) -> bool:
        """Whether nodes said it."""
        return self.events[0].by_node


@dataclass(frozen=True, slots=True)
class Event:
    """One statement. `texts` are the marked words in it; `by_node`: its node said it, no officer."""

    id: str
    at: Instant
    party: Party
    says: str
    officers: str
    subject: str
    kind: str
    by_node: bool
    is_corrected: bool
    is_withdrawn: bool
    standing: Standing
    texts: tuple[tuple[Marking, dict[str, str]], ...]
    may_be_taken_back: bool
    correct_at: str
    """Where the form is that corrects it; empty where none would."""

    @property
    def is_doubtful(self) -> bool:
        """Whether it stands in a page that is disputed or disowned."""
        return self.standing is not Standing.GOOD


def find_chronicle(machine: Machine, titles: Titles, scopes: Iterable[Scope]) -> tuple[Event, ...]:
    """Return everything stated about these objects, the latest first, each with the officers who acted in it."""
    held = [
        stated
        for scope in scopes
        for stated in machine.record.list_statements(scope)
        if not isinstance(stated.entry, ItemRead)
    ]
    pages = {stated.page_digest for stated in held}
    acting = (stated for stated in machine.statements.find(ActedBy) if stated.page_digest in pages)
    rows = timeline_of((*held, *acting))
    own = {stated.id: find_mending_path(stated) for stated in held if may_take_back(machine, stated)}
    return tuple(_make_event(row, titles, own) for row in reversed(rows) if row.code != ACTED_BY)


def group_events(events: Iterable[Event]) -> tuple[Group, ...]:
    """Put what nodes said by themselves, one after the other, into one group; everything else stands alone."""
    found: list[Group] = []
    for by_node, run in itertools.groupby(events, key=lambda event: event.by_node):
        rows = tuple(run)
        found += [Group(rows)] if by_node else [Group((row,)) for row in rows]
    return tuple(found)


def _make_event(row: Row, titles: Titles, own: Mapping[Digest, str]) -> Event:
    simple: dict[str, Any] = simplify(row)
    return Event(
        id=row.id.hex(),
        at=row.at,
        party=row.party,
        says=say_row(simple, titles),
        officers=say_officers(simple["acted_by"], titles),
        subject=row.scope.ref.hex(),
        kind=row.scope.kind,
        by_node=row.code in BY_MACHINE,
        is_corrected=row.corrected_by is not None,
        is_withdrawn=row.withdrawn_by is not None,
        standing=row.standing,
        may_be_taken_back=row.id in own and row.withdrawn_by is None,
        correct_at=own.get(row.id, ""),
        texts=tuple(
            (value.marking, read_words(value)) for value in row.arguments.values() if isinstance(value, MarkedText)
        ),
    )
