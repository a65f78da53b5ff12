"""Exercises, as one party's machine holds the record: which there are; none is stated in realm `real` (E11)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from comity.base.errors import UsageError
from comity.base.names import REAL
from comity.machine.input import Say
from comity.procedure import exercise, observation
from comity.procedure.play import ExerciseState

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["check_realm", "list_exercises"]


_ENTRIES: Final = (*exercise.ENTRIES, *observation.ENTRIES)


def check_realm(machine: "Machine", say: Say) -> None:
    """Refuse a statement of an exercise in realm `real` (law 5).

    Raises:
        UsageError: `exercise.real`.
    """
    if machine.setup.pins.realm == REAL and any(isinstance(entry, _ENTRIES) for entry in say.entries):
        raise UsageError("exercise.real")


def list_exercises(machine: "Machine") -> Iterator[ExerciseState]:
    """Yield the exercises whose proposal is here, the latest first; none in realm `real`, whoever stated one there."""
    if machine.setup.pins.realm == REAL:
        return
    states = (machine.record.get_state(scope) for scope in machine.record.list_scopes("exercise"))
    found = [(state.opened.order, state) for state in states if isinstance(state, ExerciseState) and state.opened]
    yield from (state for _, state in sorted(found, key=lambda row: row[0], reverse=True))
