"""Exercises, read a second time: who agreed, which acts of control count, what the clock shows (E12 to E21).

Written from the clauses. The clock is worked out anew from the acts that count so far whenever it is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from comity.audit.procedures.correction import correct
from comity.audit.procedures.forms_exercise import (
    BreakoutDeclared,
    ExerciseEnded,
    ExerciseJoined,
    ExerciseJumped,
    ExerciseLeft,
    ExercisePaused,
    ExerciseProposed,
    ExerciseResumed,
    ExerciseStarted,
    InjectFired,
    InjectSkipped,
    InjectsShifted,
    SeatGiven,
    SeatWithdrawn,
)
from comity.audit.procedures.forms_observation import HotWashNoted, ImprovementProposed, ObservationNoted
from comity.audit.procedures.said import Knowing, Said, shown_order
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.audit.procedures.view import ObjectView
from comity.base.names import Party

__all__ = ["ExerciseState", "judge_exercise", "view_exercise"]

_OF_CONTROL = (
    ExerciseStarted, ExercisePaused, ExerciseResumed, ExerciseJumped, InjectsShifted, InjectFired, InjectSkipped,
    ExerciseEnded, SeatGiven, SeatWithdrawn,
)  # fmt: skip


@dataclass(slots=True)
class ExerciseState:
    """`counted` are the acts that count, each with the instant at which it was made; `passed` the others, with why."""

    scope: Scope
    opener: Said | None
    answers: dict[Party, Said | None] = field(default_factory=dict)
    counted: list[tuple[Said, int]] = field(default_factory=list)
    passed: list[tuple[Said, str]] = field(default_factory=list)
    notes: list[Said] = field(default_factory=list)

    def list_holds(self) -> list[Said]:
        """E19: pauses and breakouts that no act lifted."""
        return [hold for hold, lifted_by in self._lifted.items() if lifted_by is None]

    _lifted: dict[Said, Said | None] = field(default_factory=dict)

    def lift(self, holds: Iterable[Said], by: Said) -> None:
        """Note that going on lifted these."""
        for hold in holds:
            self._lifted[hold] = by

    def hold(self, said: Said) -> None:
        """Note a pause or breakout."""
        self._lifted[said] = None

    @property
    def has_begun(self) -> bool:
        """Whether a start counts."""
        return any(isinstance(said.entry, ExerciseStarted) for said, _ in self.counted)

    @property
    def is_over(self) -> bool:
        """Whether an end counts."""
        return any(isinstance(said.entry, ExerciseEnded) for said, _ in self.counted)

    def read_clock(self) -> tuple[int, int, bool]:
        """E19, E20: the instant of the last act that moved the clock, what it showed then, and whether it runs on."""
        moved_at, time_ms, runs, standing = 0, 0, False, set[bytes]()
        for said, at in self.counted:
            entry = said.entry
            if isinstance(entry, _STILL):
                continue
            time_ms += at - moved_at if runs else 0
            moved_at = at
            if isinstance(entry, ExercisePaused | BreakoutDeclared):
                standing.add(said.id)
            elif isinstance(entry, ExerciseJumped):
                time_ms = entry.to_ms
            elif isinstance(entry, ExerciseResumed):
                standing -= {hold.id for hold, by in self._lifted.items() if by is said}
            runs = not standing and not isinstance(entry, ExerciseEnded)
        return moved_at, time_ms, runs

    def find_time(self, at: int) -> int:
        """Return what the clock shows at an instant that is not before its last move."""
        moved_at, time_ms, runs = self.read_clock()
        return time_ms + (at - moved_at if runs else 0)

    @property
    def shown(self) -> str:
        """E21."""
        if self.opener is None:
            return "awaiting"
        if self.is_over:
            return "ended"
        if self.has_begun:
            return "paused" if self.list_holds() else "running"
        return "agreed" if all(map(_is_joining, self.answers.values())) else "proposed"


def _is_joining(answer: Said | None) -> bool:
    return answer is not None and not isinstance(answer.entry, ExerciseLeft)


def judge_exercise(scope: Scope, statements: Sequence[Said], *, knowing: Knowing) -> ExerciseState:
    """Judge an exercise from all statements about it."""
    opener = next((said for said in statements if said.id == scope.ref), None)
    if opener is None or not isinstance(opener.entry, ExerciseProposed):
        return ExerciseState(scope, None)
    own = order_own([said for said in statements if said.is_good])
    state = ExerciseState(scope, opener)
    state.answers = {party: _find_answer(opener, own.get(party, ())) for party in scope.audience}
    state.notes = [said for said in correct(statements).statements if said.is_good and isinstance(said.entry, _NOTES)]
    for said in _line_up(own, knowing):
        fate = _find_fate(state, said, own, knowing)
        if fate:
            state.passed.append((said, fate))
            continue
        moves = [at for made, at in state.counted if not isinstance(made.entry, _STILL)]
        state.counted.append((said, max([said.at, *moves[-1:]])))
        if isinstance(said.entry, ExerciseResumed):
            state.lift([hold for hold in state.list_holds() if knowing.knows(said, hold)], said)
        elif isinstance(said.entry, ExercisePaused | BreakoutDeclared):
            state.hold(said)
    return state


_NOTES = (ObservationNoted, HotWashNoted, ImprovementProposed)
"""E43: what was seen of the play."""
_STILL = (InjectFired, InjectSkipped, InjectsShifted, SeatGiven, SeatWithdrawn)
"""E19: what does not move the clock."""


def _find_answer(opener: Said, own: Sequence[Said]) -> Said | None:
    """E12."""
    agreed = opener.entry
    assert isinstance(agreed, ExerciseProposed)
    fitting = [
        said
        for said in own
        if said.id == opener.id
        or isinstance(said.entry, ExerciseLeft)
        or (isinstance(said.entry, ExerciseJoined) and said.entry.list == agreed.list)
    ]
    return fitting[-1] if fitting else None


def _line_up(own: Mapping[Party, Sequence[Said]], knowing: Knowing) -> list[Said]:
    """E16."""
    left = {
        party: [said for said in rows if isinstance(said.entry, (*_OF_CONTROL, BreakoutDeclared))]
        for party, rows in own.items()
    }
    line: list[Said] = []
    while any(left.values()):
        fronts = sorted((rows[0] for rows in left.values() if rows), key=shown_order)
        unknowing = [
            said for said in fronts if not any(knowing.knows(said, other) for other in fronts if other is not said)
        ]
        chosen = (unknowing or fronts)[0]
        left[chosen.author].pop(0)
        line.append(chosen)
    return line


def _find_fate(state: ExerciseState, said: Said, own: Mapping[Party, Sequence[Said]], knowing: Knowing) -> str:
    """E17; nothing where it counts."""
    entry, agreed = said.entry, state.opener.entry if state.opener else None
    assert isinstance(agreed, ExerciseProposed)
    if isinstance(entry, _OF_CONTROL):
        if said.author not in agreed.controllers:
            return "not-control"
        if entry.role != agreed.role:
            return "other-role"
    if isinstance(entry, ExerciseStarted):
        if state.has_begun:
            return "already"
        if entry.list != agreed.list:
            return "other-list"
        assert state.opener is not None
        for party in state.scope.audience:
            known = [one for one in own.get(party, ()) if knowing.knows(said, one)]
            if not _is_joining(_find_answer(state.opener, known)):
                return "not-agreed"
        return ""
    if not state.has_begun and not isinstance(entry, SeatGiven | SeatWithdrawn):
        return "not-begun"
    return "over" if state.is_over else _find_misfit(state, said, knowing)


def _find_misfit(state: ExerciseState, said: Said, knowing: Knowing) -> str:
    """E17, 4."""
    entry = said.entry
    if isinstance(entry, ExerciseResumed):
        return "" if any(knowing.knows(said, hold) for hold in state.list_holds()) else "no-pause"
    if isinstance(entry, ExerciseJumped):
        at = max(said.at, state.read_clock()[0])
        return "" if state.find_time(at) < entry.to_ms else "backwards"
    if isinstance(entry, SeatGiven | SeatWithdrawn):
        return _find_misfit_seat(state, entry)
    named = set(entry.numbers) if isinstance(entry, InjectsShifted) else {getattr(entry, "number", "")}
    decided = {one.entry.number for one, _ in state.counted if isinstance(one.entry, InjectFired | InjectSkipped)}
    return "already" if named & decided else ""


def _find_misfit_seat(state: ExerciseState, entry: SeatGiven | SeatWithdrawn) -> str:
    """E33."""
    said = [one.entry for one, _ in state.counted]
    about = [one for one in said if isinstance(one, SeatGiven | SeatWithdrawn) and one.seat == entry.seat]
    is_held = bool(about) and isinstance(about[-1], SeatGiven)
    if isinstance(entry, SeatWithdrawn):
        return "" if is_held else "already"
    keys = {one.key for one in said if isinstance(one, SeatGiven)}
    return "already" if is_held or entry.key in keys else ""


def view_exercise(state: ExerciseState) -> ObjectView:
    """Cells: party, its last answer. Facts: when the clock last moved, its time, whether it runs; holds; fates.

    Then fired and skipped injects, each with its act; by how much injects are shifted, later and earlier; notes (E44).
    """
    cells = tuple((party, b"" if said is None else said.id) for party, said in sorted(state.answers.items()))
    moved_at, time_ms, runs = state.read_clock()
    counted = [said for said, _ in state.counted]
    shifts: dict[str, list[int]] = {}
    for said in counted:
        if isinstance(said.entry, InjectsShifted):
            for number in said.entry.numbers:
                shifts.setdefault(number, [0, 0])[said.entry.direction == "earlier"] += said.entry.by_ms
    fired = sorted((said.entry.number, said.id) for said in counted if isinstance(said.entry, InjectFired))
    skipped = sorted((said.entry.number, said.id) for said in counted if isinstance(said.entry, InjectSkipped))
    moves = tuple(
        (number, max(0, later - earlier), max(0, earlier - later))
        for number, (later, earlier) in sorted(shifts.items())
        if later != earlier
    )
    fates = sorted([(said.id, "counts") for said in counted] + [(said.id, why) for said, why in state.passed])
    holds = tuple(sorted(hold.id for hold in state.list_holds()))
    notes = tuple(sorted(said.id for said in state.notes))
    facts = (moved_at, time_ms, int(runs), holds, tuple(fates), tuple(fired), tuple(skipped), moves, notes)
    return ObjectView(state.scope, state.shown, cells, facts)
