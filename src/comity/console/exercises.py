"""What the pages *Exercises* show: how each stands, both times, who signed, its list as far as this node has it.

Rules (docs/spec/exercise.md, E26, E28)
- A list is shown to who controls: an officer in the role agreed, or whoever holds the realm's own token. Players see
  the clock, who takes part, and how many injects were given.
- The list shown is the one of the digest that was signed, and no other.
"""

from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.exercises import list_deeds
from comity.api.form import parse_id
from comity.base.errors import UsageError
from comity.base.instants import Instant, bound
from comity.base.names import Party
from comity.console.lists import Lists
from comity.console.visit import Visit
from comity.exercise.course import Course, Deed, InjectState, Played, follow
from comity.exercise.msel import Msel
from comity.machine import exercises
from comity.procedure.exercise import ExerciseProposed, ExerciseStarted
from comity.procedure.play import ExerciseState, ExerciseStatus
from comity.procedure.stated import Stated

__all__ = ["CONTROL_ROLE", "Exercise", "Line", "find_exercise", "is_control", "list_shown", "may_write"]

CONTROL_ROLE: Final = "exercise-controller"
"""In which role control acts where nothing else was agreed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One inject: how it goes, and the real time at which it was given or, will be due; 0 for none."""

    course: Course
    real_at: int
    is_open: bool
    """Whether it can still be given or taken out."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise as this party sees it now. `time_ms` is exercise time, None before the start."""

    state: ExerciseState
    proposal: ExerciseProposed
    party: Party
    as_of: Instant
    msel: Msel | None
    lines: tuple[Line, ...]
    is_control: bool
    """Whether who looks may act as control, and so sees the list."""

    @property
    def id(self) -> str:
        """Its id."""
        return self.opened.id.hex()

    @property
    def opened(self) -> Stated:
        """Its proposal as it was stated."""
        assert self.state.opened is not None, "an exercise is shown when its proposal is here"
        return self.state.opened

    @property
    def time_ms(self) -> int | None:
        """What the play clock shows."""
        return self.state.find_now(self.as_of)

    @property
    def shows_at(self) -> Instant:
        """What the exercise's own calendar shows; controllers say how it began and jump it, so it is bounded."""
        started = None if self.state.started is None else self.state.started.entry
        return bound((started.opens_at if isinstance(started, ExerciseStarted) else 0) + (self.time_ms or 0))

    @property
    def has_joined(self) -> bool:
        """Whether our own party takes part."""
        return any(cell.has_joined for cell in self.state.cells if cell.party == self.party)

    @property
    def is_ours(self) -> bool:
        """Whether our own party controls it."""
        return self.party in self.proposal.controllers

    @property
    def waits_for_us(self) -> bool:
        """Whether it waits for our own party's signature."""
        return self.state.status is ExerciseStatus.PROPOSED and not self.has_joined

    @property
    def due_count(self) -> int:
        """How many injects are due now."""
        return sum(line.course.state is InjectState.DUE for line in self.lines)


def is_control(desk: Desk, visit: Visit, role: str) -> bool:
    """Tell whether who is signed in may act in the role that a proposal names, and so read its list."""
    if not visit.officer:
        return True
    officer = desk.node.officers.read().find(visit.officer)
    return officer is not None and role in officer.roles


def may_write(desk: Desk, visit: Visit) -> bool:
    """Tell whether who is signed in may write lists of this party's own: any officer where the pact has no such role.

    What another party named as the role of a proposal opens nothing: see `is_control`.
    """
    if is_control(desk, visit, CONTROL_ROLE):
        return True
    terms = desk.node.machine.versions.find_offices(desk.node.machine.parties)
    has_role = terms is not None and terms.offices.find_role(CONTROL_ROLE) is not None
    return not has_role and desk.node.officers.read().find(visit.officer) is not None


def list_shown(desk: Desk, visit: Visit) -> list[Exercise]:
    """Return every exercise without its list, the latest first."""
    return [_show(desk, state, visit, None) for state in exercises.list_exercises(desk.node.machine)]


def find_exercise(desk: Desk, visit: Visit, lists: Lists, id_: str) -> Exercise:
    """Return one exercise with its list, where the node has it and who looks may read it.

    Raises:
        UsageError: `cli.no-such-object`, `api.malformed`.
    """
    state = exercises.find_exercise(desk.node.machine, parse_id(id_))
    if state is None or state.proposal is None:
        raise UsageError("cli.no-such-object", beginning=id_[:16])
    return _show(desk, state, visit, lists.find(state.proposal.list))


def _show(desk: Desk, state: ExerciseState, visit: Visit, msel: Msel | None) -> Exercise:
    proposal, now = state.proposal, desk.node.now()
    assert proposal is not None, "an exercise is listed when its proposal is here"
    may_read = is_control(desk, visit, proposal.role)
    lines = () if msel is None or not may_read else _follow(desk, state, msel, now)
    return Exercise(state, proposal, desk.node.machine.party, now, msel, lines, may_read)


def _follow(desk: Desk, state: ExerciseState, msel: Msel, now: Instant) -> tuple[Line, ...]:
    time_ms = state.find_now(now)
    played = Played(
        now_ms=-1 if time_ms is None else time_ms,
        is_over=state.status is ExerciseStatus.ENDED,
        fired_ms={number: given.time_ms for number, given in state.fired.items()},
        skipped=frozenset(state.skipped),
        shifts_ms=state.shifts_ms,
    )
    found = list_deeds(desk.node.machine, state.scope.ref)
    deeds = [Deed(row.act, row.party, row.time_ms, row.id) for row in found]
    return tuple(_make_line(state, course, now) for course in follow(msel, played, deeds))


_DECIDED: Final = (InjectState.FIRED, InjectState.SKIPPED, InjectState.NOT_NEEDED)


def _make_line(state: ExerciseState, course: Course, now: Instant) -> Line:
    given = state.fired.get(course.inject.number) or state.skipped.get(course.inject.number)
    if given is not None:
        real_at: int = given.stated.written_at
    elif course.due_ms is not None and course.state not in _DECIDED:
        real_at = _foresee(state, course.due_ms, now)
    else:
        real_at = 0
    return Line(course, real_at, is_open=given is None and state.started is not None)


def _foresee(state: ExerciseState, due_ms: int, now: Instant) -> int:
    """Return when the clock comes to an exercise time if nothing changes; 0 while it stands or was not started."""
    shown_ms = state.find_now(now)
    if shown_ms is None:
        return 0
    if due_ms <= shown_ms:
        return bound(state.find_instant(due_ms) or 0)
    return bound(now + due_ms - shown_ms) if state.status is ExerciseStatus.RUNNING else 0
