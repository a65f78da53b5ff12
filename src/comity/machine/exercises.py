"""Exercises, as one party's machine holds the record: which there are; none is stated in realm `real` (E11)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import REAL, Party
from comity.machine.input import Say
from comity.procedure import exercise, observation, role_play
from comity.procedure.entry import Entry
from comity.procedure.fate import Scene, judge_act
from comity.procedure.play import ExerciseState, ExerciseStatus, Fate

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["OF_PLAY", "check_realm", "find_exercise", "foresee_fate", "list_exercises"]

OF_PLAY: Final = (*exercise.ENTRIES, *observation.ENTRIES, *role_play.ENTRIES)
"""What is of the play itself: none of it is stated in realm `real` (E11), and none is a deed (E24)."""


def check_realm(machine: "Machine", say: Say) -> None:
    """Refuse a statement of an exercise in realm `real` (law 5).

    Raises:
        UsageError: `exercise.real`.
    """
    if machine.setup.pins.realm == REAL and any(isinstance(entry, OF_PLAY) for entry in say.entries):
        raise UsageError("exercise.real")


def list_exercises(machine: "Machine") -> Iterator[ExerciseState]:
    """Yield the exercises whose proposal is here, the latest first; none in realm `real`, whoever stated one there."""
    if machine.setup.pins.realm == REAL:
        return
    states = (machine.record.get_state(scope) for scope in machine.record.list_scopes("exercise"))
    found = [(state.opened.order, state) for state in states if isinstance(state, ExerciseState) and state.opened]
    yield from (state for _, state in sorted(found, key=lambda row: row[0], reverse=True))


def find_exercise(machine: "Machine", exercise_id: bytes) -> ExerciseState | None:
    """Return an exercise by its id; None where its proposal is not here."""
    return next((state for state in list_exercises(machine) if state.scope.ref == exercise_id), None)


def foresee_fate(state: ExerciseState, entry: Entry, *, author: Party, as_of: Instant) -> Fate:
    """Return what would become of an act of control or a breakout, said now by who knows what is here (E29)."""
    proposal = state.proposal
    assert proposal is not None, "an exercise is played once its proposal is here"
    scene = Scene(
        proposal,
        is_begun=state.started is not None,
        is_over=state.status is ExerciseStatus.ENDED,
        time_ms=state.find_now(as_of) or 0,
        fired=state.fired,
        skipped=state.skipped,
        seats=state.seats,
        has_all=lambda: all(cell.has_joined for cell in state.cells),
        is_held=lambda: bool(state.holds),
    )
    return judge_act(entry, author, scene)
