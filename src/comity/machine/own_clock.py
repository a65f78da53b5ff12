"""The own clock, as inputs show it. Where it is set back, what was to be done soon is still done soon.

An interval that was begun under the old hand of the clock would otherwise last until the clock has caught up: a day
without receipts after one day back. Instants that the parties agreed on (S-time, slots, days) are not touched.
"""

from typing import Protocol, overload

from comity.base.instants import NEVER, Instant

__all__ = ["OwnClock", "Timed", "set_back"]


class Timed(Protocol):
    """A part of the machine that waits for instants of its own making."""

    def set_back(self, by_ms: int) -> None:
        """Wait for each of them that much less: the clock was set back by so many milliseconds."""


@overload
def set_back(at: Instant, by_ms: int) -> Instant: ...
@overload
def set_back(at: None, by_ms: int) -> None: ...
def set_back(at: Instant | None, by_ms: int) -> Instant | None:
    """Return the instant that is as far from a clock set back by `by_ms` as `at` was before, if it is one."""
    return None if at is None else Instant(max(NEVER, at - by_ms))


class OwnClock:
    """Notices that the clock was set back and tells the parts that wait."""

    def __init__(self, *parts: Timed) -> None:
        self._parts = parts
        self._at = NEVER

    def note(self, at: Instant) -> None:
        """Take note of the instant of an input, before anything else is done with it."""
        if at < self._at:
            for part in self._parts:
                part.set_back(self._at - at)
        self._at = at
