"""Exercises: the entries of E11 and E33 to E35."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.procedures.forms import At, Entry, Name, Parties, Signature, Text, ascends
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Bytes32

__all__ = [
    "BreakoutDeclared", "ExerciseEnded", "ExerciseJoined", "ExerciseJumped", "ExerciseLeft", "ExercisePaused",
    "ExerciseProposed", "ExerciseResumed", "ExerciseStarted", "InjectFired", "InjectSkipped", "InjectTold",
    "InjectsShifted", "SeatGiven", "SeatSpoke", "SeatWithdrawn",
]  # fmt: skip

Number = Annotated[str, Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,3}){0,2}[a-z]?\Z")]


class ExerciseProposed(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    name: Name
    list: Bytes32
    controllers: Annotated[Parties, Meta(min_length=1)]
    role: Name

    def is_sound(self) -> bool:
        return ascends(self.controllers)


class ExerciseJoined(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    list: Bytes32


class ExerciseLeft(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    reason: Literal["not-able", "not-needed", "collides", "no-instructions", "national-decision"]


class ExerciseStarted(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    list: Bytes32
    opens_at: At
    role: Name
    officer: Name


class ExercisePaused(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    role: Name
    officer: Name


class ExerciseResumed(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    role: Name
    officer: Name


class ExerciseJumped(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    to_ms: At
    role: Name
    officer: Name


class InjectsShifted(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    numbers: Annotated[tuple[Number, ...], Meta(min_length=1, max_length=64)]
    direction: Literal["later", "earlier"]
    by_ms: Annotated[int, Meta(ge=1, le=INSTANT_MS_MAX)]
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        return ascends(self.numbers)


class InjectFired(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    number: Number
    role: Name
    officer: Name


class InjectSkipped(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    number: Number
    role: Name
    officer: Name


class ExerciseEnded(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    role: Name
    officer: Name


class BreakoutDeclared(Entry, frozen=True):
    """E11."""

    binds: ClassVar[bool] = True
    exercise: Bytes32


class SeatGiven(Entry, frozen=True):
    """E33."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    seat: Name
    colour: Literal["white", "red", "green"]
    key: Bytes32
    role: Name
    officer: Name


class SeatWithdrawn(Entry, frozen=True):
    """E33."""

    binds: ClassVar[bool] = True
    exercise: Bytes32
    seat: Name
    role: Name
    officer: Name


class SeatSpoke(Entry, frozen=True):
    """E34."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    exercise: Bytes32
    seat: Name
    to: Parties
    said_at: At
    number: Annotated[tuple[Number, ...], Meta(max_length=1)]
    body: Text
    signature: Signature

    def is_sound(self) -> bool:
        return ascends(self.to) and self.body.is_sound()


class InjectTold(Entry, frozen=True):
    """E35."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    exercise: Bytes32
    number: Number
    seat: Name
    body: Text
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        return self.body.is_sound()
