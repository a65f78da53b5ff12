"""How far the own clock stands from what other parties' pages say.

An offset is (our clock at arrival) - (the author's clock in the page): our skew less his, plus the way. The smallest of
the last few from one party is nearest to the truth, for only the way can lengthen it. Where every party heard of
disagrees with us, the clock in doubt is ours; with only one other party nobody can say whose it is, so it counts too.
"""

from collections import deque
from typing import Final

from comity.base.instants import HOUR_MS, Instant
from comity.base.names import Party
from comity.machine.own_clock import set_back

__all__ = ["ClockWatch"]

SAMPLE_COUNT: Final = 16
SAMPLE_AGE_MS_MAX: Final = HOUR_MS


class ClockWatch:
    """The last offsets from each other party."""

    def __init__(self) -> None:
        self._samples: dict[Party, deque[tuple[Instant, int]]] = {}

    def note(self, author: Party, *, written_at: int, at: Instant) -> None:
        """Take note of a page that has just arrived."""
        self._samples.setdefault(author, deque(maxlen=SAMPLE_COUNT)).append((at, at - written_at))

    def set_back(self, by_ms: int) -> None:
        """Read the samples as if they had been taken by the clock as it is now: it was set back."""
        for samples in self._samples.values():
            moved = [(set_back(when, by_ms), offset - by_ms) for when, offset in samples]
            samples.clear()
            samples.extend(moved)

    def find_doubt_ms(self, at: Instant) -> int:
        """Return by how many milliseconds at least the own clock differs from that of every party heard of lately."""
        return min(map(abs, self.find_offsets_ms(at).values()), default=0)

    def find_offsets_ms(self, at: Instant) -> dict[Party, int]:
        """Return the nearest offset of each party heard of lately; above zero, its clock is behind ours, or far."""
        recent = {
            party: [offset for when, offset in samples if at - when <= SAMPLE_AGE_MS_MAX]
            for party, samples in self._samples.items()
        }
        return {party: min(offsets) for party, offsets in sorted(recent.items()) if offsets}
