"""The feed goes by its node's clock (docs/spec/warning.md, W77)."""

import itertools

from comity.base.instants import HOUR_MS, Instant
from comity.node.feed.clock import AheadMeter, FeedClock

NOW = 1_795_000_000_000


def test_the_process_reads_what_its_node_reads() -> None:
    """An hour ahead at the node is an hour ahead in the feed, and follows when the node's clock is set."""
    skew_ms = HOUR_MS
    host = lambda: Instant(NOW)  # noqa: E731 -- a clock that stands
    meter, clock = AheadMeter(lambda: Instant(NOW + skew_ms), host=host), FeedClock(host=host)
    clock.ahead_ms = meter.measure()
    assert clock() == NOW + HOUR_MS
    skew_ms = -HOUR_MS
    clock.ahead_ms = meter.measure()
    assert clock() == NOW - HOUR_MS


def test_a_slow_look_changes_nothing_that_may_still_be_so() -> None:
    """While the host's clock goes on between two readings the same is said again: no state is sent for that."""
    ticks = itertools.count(NOW, 3)
    meter = AheadMeter(lambda: Instant(next(ticks) + 500), host=lambda: Instant(next(ticks)))
    assert len({meter.measure() for _ in range(20)}) == 1
