"""The warning process goes by its node's clock, which may be another than the host's (docs/spec/warning.md, W77).

The node says by how much its own is ahead; so a clock that was set wrong in an exercise, or one that a test turns, is
wrong in the feed by the same.
"""

from collections.abc import Callable

from comity.base.instants import Instant
from comity.node.bell import read_clock

__all__ = ["AheadMeter", "FeedClock"]


class AheadMeter:
    """Measures by how much a node's clock is ahead of the host's; what is said does not move for a measure's sake."""

    def __init__(self, now: Callable[[], Instant], *, host: Callable[[], Instant] = read_clock) -> None:
        self._now = now
        self._host = host
        self._ahead_ms = 0

    def measure(self) -> int:
        """Return milliseconds: the same as before while that may still be so, however long a look takes."""
        before, now, after = self._host(), self._now(), self._host()
        if not now - after <= self._ahead_ms <= now - before:
            self._ahead_ms = now - after
        return self._ahead_ms


class FeedClock:
    """The node's clock in another process of the same host."""

    def __init__(self, *, host: Callable[[], Instant] = read_clock) -> None:
        self.ahead_ms = 0
        self._host = host

    def __call__(self) -> Instant:
        """Return the instant."""
        return Instant(self._host() + self.ahead_ms)
