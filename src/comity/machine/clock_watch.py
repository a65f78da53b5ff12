"""How far the own clock stands from what other parties' pages say.

An offset is (our clock at arrival) - (the author's clock in the page): our skew less his, plus the way. The smallest of
the last few from one party is nearest to the truth, for only the way can lengthen it. Where every party heard of
disagrees with us, the clock in doubt is ours; with only one other party nobody can say whose it is, so it counts too.

A page that was written before the link came up, or that was asked for, may have waited: it raises doubt, which makes a
node careful, and is no ground to tell an operator that a clock is wrong. One from the future is.
"""

from collections import deque
from typing import Final, NamedTuple

from comity.base.instants import HOUR_MS, NEVER, Instant
from comity.base.names import Party
from comity.journal.header import Page
from comity.machine.input import Arrived, LinkChanged
from comity.machine.own_clock import set_back

__all__ = ["ClockWatch"]

SAMPLE_COUNT: Final = 16
SAMPLE_AGE_MS_MAX: Final = HOUR_MS


class _Sample(NamedTuple):
    """One page: when it came, how far its clock was behind ours, and whether that is surely not the way's doing."""

    at: Instant
    offset_ms: int
    is_sure: bool


class ClockWatch:
    """The last offsets from each other party."""

    def __init__(self) -> None:
        self._samples: dict[Party, deque[_Sample]] = {}
        self._up_since: dict[Party, Instant] = {}

    def take_link(self, changed: LinkChanged) -> None:
        """Note since when pages of a party come as they are written."""
        if changed.is_up:
            self._up_since[changed.party] = changed.at

    def take(self, page: Page, arrived: Arrived) -> None:
        """Take note of a page that came with this arrival, or was set free by it."""
        header, has_waited = page.header, not arrived.delivery or page.raw != arrived.raw
        self.note(header.journal.author, written_at=header.written_at, at=arrived.at, has_waited=has_waited)

    def note(self, author: Party, *, written_at: int, at: Instant, has_waited: bool = False) -> None:
        """Take note of a page by what its author's clock said, and ours when it was there."""
        has_waited |= written_at < self._up_since.get(author, NEVER)
        sample = _Sample(at, at - written_at, is_sure=written_at >= at or not has_waited)
        self._samples.setdefault(author, deque(maxlen=SAMPLE_COUNT)).append(sample)

    def set_back(self, by_ms: int) -> None:
        """Read the samples as if they had been taken by the clock as it is now: it was set back."""
        for samples in self._samples.values():
            moved = [_Sample(set_back(when, by_ms), offset - by_ms, is_sure) for when, offset, is_sure in samples]
            samples.clear()
            samples.extend(moved)
        self._up_since = {party: set_back(at, by_ms) for party, at in self._up_since.items()}

    def find_doubt_ms(self, at: Instant) -> int:
        """Return by how much at least the own clock may differ from that of every party heard of lately."""
        return min(map(abs, self._find_nearest_ms(at, sure_alone=False).values()), default=0)

    def find_offsets_ms(self, at: Instant) -> dict[Party, int]:
        """Return the nearest sure offset of each party heard of lately; above zero, its clock is behind ours."""
        return self._find_nearest_ms(at, sure_alone=True)

    def _find_nearest_ms(self, at: Instant, *, sure_alone: bool) -> dict[Party, int]:
        recent = {
            party: [
                sample.offset_ms
                for sample in samples
                if at - sample.at <= SAMPLE_AGE_MS_MAX and (sample.is_sure or not sure_alone)
            ]
            for party, samples in self._samples.items()
        }
        return {party: min(offsets) for party, offsets in sorted(recent.items()) if offsets}
