"""An exercise as the fold of its play leaves it: who takes part, each act and its fate, the clock, injects, seats.

What the clock shows is asked for an instant (docs/spec/exercise.md, E20). How it comes to be stands in `play`.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.exercise import ExerciseProposed, SeatGiven
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = ["Act", "ExerciseCell", "ExerciseState", "ExerciseStatus", "Fate", "Given", "Seat", "Span"]


class ExerciseStatus(enum.StrEnum):
    """Where an exercise stands."""

    AWAITING = "awaiting"
    PROPOSED = "proposed"
    AGREED = "agreed"
    """Every party has signed the list, who controls, and in which role; it has not begun."""
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class Fate(enum.StrEnum):
    """What became of an act of control, or of a breakout (E17)."""

    COUNTS = "counts"
    NOT_CONTROL = "not-control"
    """Its author does not control this exercise."""
    OTHER_ROLE = "other-role"
    OTHER_LIST = "other-list"
    NOT_AGREED = "not-agreed"
    """Its author did not know of every party's signature."""
    NOT_BEGUN = "not-begun"
    OVER = "over"
    ALREADY = "already"
    """It had begun; the inject was given, or was not to be given; the seat had somebody, or nobody."""
    NO_PAUSE = "no-pause"
    """Nothing that its author knew of held the clock."""
    BACKWARDS = "backwards"


@dataclass(frozen=True, slots=True)
class ExerciseCell:
    """One party's last word on whether it takes part; None before it says anything."""

    party: Party
    answer: Stated | None
    has_joined: bool


@dataclass(frozen=True, slots=True)
class Act:
    """One act in the order in which they count, and what the clock showed."""

    stated: Stated
    fate: Fate
    time_ms: int


@dataclass(frozen=True, slots=True)
class Span:
    """From this instant the clock showed `time_ms`, and ran on from there or stood."""

    from_at: Instant
    time_ms: int
    is_running: bool


@dataclass(frozen=True, slots=True)
class Given:
    """An inject that was given, or is not to be given: by which act, at which exercise time."""

    number: str
    stated: Stated
    time_ms: int


@dataclass(frozen=True, slots=True)
class Seat:
    """One key that plays a cell (E33), and what took it back, if anything did."""

    given: Stated
    withdrawn: Stated | None = None

    @property
    def terms(self) -> SeatGiven:
        """Which cell, of which colour, by which key."""
        assert isinstance(self.given.entry, SeatGiven), "a seat is given by this"
        return self.given.entry


@dataclass(frozen=True, slots=True)
class ExerciseState:
    """An exercise. `opened` is None while it is not here; `holds` are the pauses and breakouts that stand."""

    scope: Scope
    opened: Stated | None
    status: ExerciseStatus
    cells: tuple[ExerciseCell, ...] = ()
    started: Stated | None = None
    acts: tuple[Act, ...] = ()
    holds: tuple[Stated, ...] = ()
    spans: tuple[Span, ...] = ()
    fired: Mapping[str, Given] = field(default_factory=dict)
    skipped: Mapping[str, Given] = field(default_factory=dict)
    shifts_ms: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Stated, ...] = ()
    """Observations, notes of the hot wash, improvements proposed, as they read now (E44)."""
    seats: tuple[Seat, ...] = ()
    """Every key that was given a seat, in order; those taken back too."""

    @property
    def proposal(self) -> ExerciseProposed | None:
        """What was proposed."""
        entry = None if self.opened is None else self.opened.entry
        return entry if isinstance(entry, ExerciseProposed) else None

    @property
    def ended_at(self) -> Instant | None:
        """When it ended; None while it is not over."""
        return self.spans[-1].from_at if self.status is ExerciseStatus.ENDED else None

    def find_time(self, at: Instant) -> int | None:
        """Return the exercise time at an instant, in ms since the start; None before it (E20)."""
        span = next((span for span in reversed(self.spans) if span.from_at <= at), None)
        return None if span is None else span.time_ms + (at - span.from_at if span.is_running else 0)

    def find_played(self, at: Instant) -> int | None:
        """Return the exercise time at an instant of the play, its end included; None before it and after it (E24)."""
        return None if self.ended_at is not None and at > self.ended_at else self.find_time(at)

    def find_now(self, as_of: Instant) -> int | None:
        """Return the exercise time as the clock stands, also where its last act was written by a clock ahead."""
        last = self.spans[-1] if self.spans else None
        return None if last is None else self.find_time(max(as_of, last.from_at))

    def find_instant(self, time_ms: int) -> Instant | None:
        """Return when the clock first showed so much or more; None where it does not by the way it stands."""
        for span, after in zip(self.spans, (*self.spans[1:], None), strict=True):
            if time_ms <= span.time_ms:
                return span.from_at
            at = Instant(span.from_at + time_ms - span.time_ms)
            if span.is_running and (after is None or at < after.from_at):
                return at
        return None
