"""How many reports of a source were let in, flagged or refused, and why: codes and counts, nothing of the reports.

Needs no arrays, so that a screen which shows counts loads none.
"""

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

__all__ = ["FLAGGED", "Reason", "Tally"]


class Reason(enum.StrEnum):
    """Why a report was refused or flagged (docs/spec/warning.md, W10 to W12). A row refused is counted once."""

    FLOOD = "flood"
    """More than this source may report in the time."""
    MALFORMED = "malformed"
    """Not of the form of a report."""
    NOT_FINITE = "not-finite"
    """Not a number, or infinite, where something is known."""
    FUTURE = "future"
    PAST = "past"
    POSITION = "position"
    FLAGS = "flags"
    ALTITUDE = "altitude"
    SPEED = "speed"
    UNCERTAINTY = "uncertainty"
    """A covariance that is not positive definite, or a deviation out of bounds."""
    KIND = "kind"
    SENSOR = "sensor"
    DUPLICATE = "duplicate"
    """The same instant of the same track again."""
    TRACKS = "tracks"
    """A new track, where this source has as many as it may."""
    ESTIMATE = "estimate"
    """An estimate of launch or impact that is none; its report is kept."""
    JUMP = "jump"
    """Farther from the update before than anything of its class moves: kept, and flagged."""
    REORDERED = "reordered"
    """An update that comes after a later one of its track: kept."""


FLAGGED: Final = frozenset({Reason.JUMP, Reason.REORDERED})
"""Reasons under which a report is kept."""


@dataclass(slots=True)
class Tally:
    """Counts of one batch, or of a source since the start."""

    taken: int = 0
    counts: Counter[Reason] = field(default_factory=Counter)

    def count(self, reason: Reason, count: int) -> None:
        """Add to one count."""
        if count:
            self.counts[reason] += count

    def add(self, other: "Tally") -> None:
        """Add the counts of another batch."""
        self.taken += other.taken
        self.counts.update(other.counts)

    @property
    def refused(self) -> int:
        """Reports that were not let in. An estimate alone is none."""
        kept = FLAGGED | {Reason.ESTIMATE}
        return sum(count for reason, count in self.counts.items() if reason not in kept)
