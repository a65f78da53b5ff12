"""What becomes of an act of control, or of a breakout (docs/spec/exercise.md, E17, E33).

One rule for the fold, which gives it what an act's author knew, and for whoever asks before it is said (E29).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from comity.base.names import Party
from comity.procedure.entry import Entry
from comity.procedure.exercise import (
    CONTROL,
    ExerciseJumped,
    ExerciseProposed,
    ExerciseResumed,
    ExerciseStarted,
    InjectFired,
    InjectSkipped,
    InjectsShifted,
    SeatGiven,
    SeatWithdrawn,
)
from comity.procedure.played import Fate, Given, Seat

__all__ = ["Scene", "judge_act"]


class Scene(NamedTuple):
    """An exercise as an act finds it; the two that are asked are of what the act's author knew."""

    proposal: ExerciseProposed
    is_begun: bool
    is_over: bool
    time_ms: int
    """What the clock shows; 0 before the start."""
    fired: Mapping[str, Given]
    skipped: Mapping[str, Given]
    seats: Iterable[Seat]
    has_all: Callable[[], bool]
    """Whether every party had joined."""
    is_held: Callable[[], bool]
    """Whether a pause or a breakout stood."""


def judge_act(entry: Entry, author: Party, scene: Scene) -> Fate:
    """Return what becomes of an act in a scene."""
    if isinstance(entry, CONTROL):
        if author not in scene.proposal.controllers:
            return Fate.NOT_CONTROL
        if entry.role != scene.proposal.role:  # type: ignore[attr-defined]
            return Fate.OTHER_ROLE
    if isinstance(entry, ExerciseStarted):
        return _judge_start(entry, scene)
    if not scene.is_begun and not isinstance(entry, SeatGiven | SeatWithdrawn):
        return Fate.NOT_BEGUN
    if scene.is_over:
        return Fate.OVER
    return _judge_running(entry, scene)


def _judge_start(entry: ExerciseStarted, scene: Scene) -> Fate:
    if scene.is_begun:
        return Fate.ALREADY
    if entry.list != scene.proposal.list:
        return Fate.OTHER_LIST
    return Fate.COUNTS if scene.has_all() else Fate.NOT_AGREED


def _judge_running(entry: Entry, scene: Scene) -> Fate:
    match entry:
        case ExerciseResumed() if not scene.is_held():
            return Fate.NO_PAUSE
        case ExerciseJumped(to_ms=to_ms) if to_ms <= scene.time_ms:
            return Fate.BACKWARDS
        case InjectsShifted(numbers=numbers) if any(_is_decided(scene, number) for number in numbers):
            return Fate.ALREADY
        case InjectFired(number=number) | InjectSkipped(number=number) if _is_decided(scene, number):
            return Fate.ALREADY
        case SeatGiven(seat=seat, key=key) if _has_seat(scene.seats, seat, key):
            return Fate.ALREADY
        case SeatWithdrawn(seat=seat) if not _has_seat(scene.seats, seat):
            return Fate.ALREADY
        case _:
            return Fate.COUNTS


def _is_decided(scene: Scene, number: str) -> bool:
    return number in scene.fired or number in scene.skipped


def _has_seat(seats: Iterable[Seat], seat: str, key: bytes = b"") -> bool:
    """Tell whether somebody plays this seat, or this key was given one before (E33)."""
    return any(one.terms.key == key or (one.terms.seat == seat and one.withdrawn is None) for one in seats)
