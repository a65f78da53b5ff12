"""Exercises on the record: the agreement of all who take part, and what control states while one is played.

Rules (docs/spec/exercise.md, E10 to E13, E33)
- The list of injects is a file that control has. The record holds its digest, and of an inject its number alone.
- All of it is procedural, so that a paused clock is never a matter for the release funnel, and all of it binds.
- What each statement does to the clock is in `play`.
"""

import enum
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.limits import AUDIENCE_COUNT_MAX, INSTANT_MS_MAX
from comity.base.names import Bytes32
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import IdField, PartyField, check_ascending
from comity.procedure.measure import MeasureReason

__all__ = [
    "CONTROL",
    "ENTRIES",
    "BreakoutDeclared",
    "Direction",
    "ExerciseEnded",
    "ExerciseJoined",
    "ExerciseJumped",
    "ExerciseLeft",
    "ExercisePaused",
    "ExerciseProposed",
    "ExerciseResumed",
    "ExerciseStarted",
    "InjectFired",
    "InjectSkipped",
    "InjectsShifted",
    "NumberField",
    "SeatColour",
    "SeatGiven",
    "SeatWithdrawn",
]

NumberField = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,3}){0,2}[a-z]?\Z")]
"""What controllers call an inject (E3)."""


class Direction(enum.StrEnum):
    """Which way injects are shifted."""

    LATER = "later"
    EARLIER = "earlier"


class SeatColour(enum.StrEnum):
    """Whom a role-player's seat plays, by the usual colours (E2)."""

    WHITE = "white"
    RED = "red"
    GREEN = "green"


class _OfExercise(Entry, frozen=True):
    """What all of them share; not a type of its own."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("exercise", "exercise")


class ExerciseProposed(_OfExercise, frozen=True):
    """Its author proposes an exercise by a list, and so takes part: who controls it, in which role."""

    belongs_to: ClassVar[tuple[str, str]] = ("exercise", "")
    name: IdField
    list: Bytes32
    controllers: Annotated[tuple[PartyField, ...], msgspec.Meta(min_length=1, max_length=AUDIENCE_COUNT_MAX)]
    role: IdField

    def __post_init__(self) -> None:
        check_ascending(self.controllers)


class ExerciseJoined(_OfExercise, frozen=True):
    """Its author takes part, by this list."""

    exercise: EntryId
    list: Bytes32


class ExerciseLeft(_OfExercise, frozen=True):
    """Its author does not, or no longer, take part."""

    exercise: EntryId
    reason: MeasureReason


class ExerciseStarted(_OfExercise, frozen=True):
    """STARTEX. `opens_at` is what the clocks of the exercise show at its beginning."""

    exercise: EntryId
    list: Bytes32
    opens_at: InstantField
    role: IdField
    officer: IdField


class ExercisePaused(_OfExercise, frozen=True):
    """The play clock stands."""

    exercise: EntryId
    role: IdField
    officer: IdField


class ExerciseResumed(_OfExercise, frozen=True):
    """It goes on, after each pause and breakout that its author knew of."""

    exercise: EntryId
    role: IdField
    officer: IdField


class ExerciseJumped(_OfExercise, frozen=True):
    """The play clock is set ahead, to so long after the start."""

    exercise: EntryId
    to_ms: InstantField
    role: IdField
    officer: IdField


class InjectsShifted(_OfExercise, frozen=True):
    """These injects come later or earlier by so much; what follows one of them keeps its distance to it."""

    exercise: EntryId
    numbers: Annotated[tuple[NumberField, ...], msgspec.Meta(min_length=1, max_length=64)]
    direction: Direction
    by_ms: Annotated[int, msgspec.Meta(ge=1, le=INSTANT_MS_MAX)]
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        check_ascending(self.numbers)


class InjectFired(_OfExercise, frozen=True):
    """The inject of this number was given, whether or not it was due."""

    exercise: EntryId
    number: NumberField
    role: IdField
    officer: IdField


class InjectSkipped(_OfExercise, frozen=True):
    """The inject of this number will not be given."""

    exercise: EntryId
    number: NumberField
    role: IdField
    officer: IdField


class ExerciseEnded(_OfExercise, frozen=True):
    """ENDEX."""

    exercise: EntryId
    role: IdField
    officer: IdField


class SeatGiven(_OfExercise, frozen=True):
    """Whoever has the secret of this Ed25519 key plays the cell `seat` of the list, until that is withdrawn (E33)."""

    exercise: EntryId
    seat: IdField
    colour: SeatColour
    key: Bytes32
    role: IdField
    officer: IdField


class SeatWithdrawn(_OfExercise, frozen=True):
    """Nobody plays this seat any more."""

    exercise: EntryId
    seat: IdField
    role: IdField
    officer: IdField


class BreakoutDeclared(_OfExercise, frozen=True):
    """NO DUFF: something real has come up at its author. It says nothing of what, and the play clock stands."""

    exercise: EntryId


CONTROL: Final[tuple[type[Entry], ...]] = (
    ExerciseStarted,
    ExercisePaused,
    ExerciseResumed,
    ExerciseJumped,
    InjectsShifted,
    InjectFired,
    InjectSkipped,
    ExerciseEnded,
    SeatGiven,
    SeatWithdrawn,
)
"""What control alone states. Each has `role` and `officer`."""

ENTRIES: tuple[type[Entry], ...] = (ExerciseProposed, ExerciseJoined, ExerciseLeft, *CONTROL, BreakoutDeclared)
