"""The change of the watch as the page shows it: what is open now, what changed since the last one, who has the watch.

Rules
- What is open is what the draft of the API names (`api.handover`); here each is said as a sentence and led to.
- New is what the last handover did not name; over is what it named and is open no more. Both are this party's own view.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.handover import ShiftView, draft_shift, list_shifts
from comity.api.pact_view import judge_duties
from comity.api.titles import Titles
from comity.base.names import Digest
from comity.console.corrected import find_standing
from comity.console.shown import say_entry
from comity.procedure.duty import Duty
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageSent
from comity.procedure.phrase import PhraseSent
from comity.procedure.shift import ShiftStatus

__all__ = [
    "KINDS",
    "Handover",
    "Named",
    "find_clause_title",
    "find_handover",
    "find_path",
    "list_named",
]

KINDS: Final = ("calls", "messages", "texts", "tests")
"""What a handover names, in the order in which it is shown."""
SHIFT_COUNT: Final = 20
CLOCK_COUNT: Final = 100
"""Clocks of this party that are shown: the latest."""


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that a handover names: as it reads now, when it was stated, and the page where it is looked at."""

    id: str
    says: str
    at: int
    path: str
    is_new: bool
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Handover:
    """All of it. `waiting` is a handover that nobody has taken yet, `last` the latest that was taken."""

    open: dict[str, tuple[Named, ...]]
    over: tuple[Named, ...]
    clocks: tuple[Duty, ...]
    clock_count: int
    left_out_count: int
    waiting: ShiftView | None
    last: ShiftView | None
    shifts: tuple[ShiftView, ...]

    @property
    def open_count(self) -> int:
        """How many things are open."""
        return sum(map(len, self.open.values()))


def find_handover(desk: Desk, titles: Titles) -> Handover:
    """Return how the watch stands now."""
    machine, now = desk.node.machine, desk.node.now()
    draft, shifts = draft_shift(machine, now), tuple(list_shifts(machine))
    before = _list_ids(shifts[0].handed_over["entry"]) if shifts else frozenset()
    named = _list_ids({kind: getattr(draft, kind) for kind in KINDS})
    own = (duty for duty in judge_duties(machine, now, is_running=True) if duty.party == machine.party)
    clocks = list(own)
    return Handover(
        open={kind: tuple(list_named(desk, titles, getattr(draft, kind), before=before, has_before=bool(shifts)))
              for kind in KINDS},
        over=tuple(list_named(desk, titles, sorted(before - named), before=before, has_before=False)),
        clocks=tuple(sorted(heapq.nsmallest(CLOCK_COUNT, clocks, key=_order_latest), key=_order)),
        clock_count=len(clocks),
        left_out_count=draft.left_out_count,
        waiting=next((row for row in shifts[:1] if row.status == ShiftStatus.HANDED_OVER.value), None),
        last=next((row for row in shifts if row.status == ShiftStatus.RELIEVED.value), None),
        shifts=shifts[:SHIFT_COUNT],
    )  # fmt: skip


def _order(duty: Duty) -> tuple[int, str, bytes]:
    return duty.due_at, duty.kind.value, duty.subject


def _order_latest(duty: Duty) -> tuple[int, str, bytes]:
    return -duty.due_at, duty.kind.value, duty.subject


def _list_ids(named: object) -> frozenset[str]:
    assert isinstance(named, dict), "a statement's fields stand by their names"
    return frozenset(id_ for kind in KINDS for id_ in named[kind])


def list_named(
    desk: Desk, titles: Titles, ids: Iterable[str], *, before: frozenset[str] = frozenset(), has_before: bool = False
) -> Iterator[Named]:
    """Yield what is named, the latest first; what is not here is named by its id alone."""
    found = []
    for id_ in ids:
        stated = desk.node.machine.record.find_statement(Digest(bytes.fromhex(id_)))
        is_new = has_before and id_ not in before
        if stated is None:
            found.append(Named(id_, id_[:16], 0, "", is_new))
            continue
        standing = find_standing(desk.node.machine, stated.id)
        entry = stated.entry if standing is None else standing.stated.entry
        is_gone = standing is not None and standing.withdrawn_by is not None
        says = say_entry(entry, stated.author, titles)
        found.append(Named(id_, says, stated.written_at, find_path(entry, id_), is_new, is_gone))
    yield from sorted(found, key=lambda named: (-named.at, named.id))


def find_clause_title(titles: Titles, clause: str) -> str:
    """Return the title of what a clause speaks of; empty where the pact has none."""
    named = (titles.title_of(kind, clause) for kind in ("commitment", "channel", "exercise", "agreement", "indicator"))
    return next((title for title in named if title != clause), "")


def find_path(entry: Entry, id_: str) -> str:
    """Return the page on which a statement is looked at; empty where it has none."""
    if isinstance(entry, MessageSent | PhraseSent):
        return f"/hotline/on/{entry.channel}#m-{id_[:16]}"
    kind = entry.belongs_to[0]
    return f"/consultations/{id_}" if kind == "consultation" else ""
