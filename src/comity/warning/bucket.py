"""How much one source may hand in: a bucket that fills at a steady rate and holds a burst; whole numbers alone."""

from comity.base.instants import Instant

__all__ = ["Bucket"]


class Bucket:
    """Permits for one source. What it is refused costs nothing but the count."""

    def __init__(self, *, rate_per_s: int, burst: int) -> None:
        assert rate_per_s > 0
        assert burst > 0
        self._rate_per_s = rate_per_s
        self._full = burst * 1000
        self._thousandths = self._full
        self._filled_at: Instant | None = None

    def take(self, count: int, now: Instant) -> int:
        """Return how many of these may come in. A clock that ran backwards fills nothing."""
        if self._filled_at is not None and now > self._filled_at:
            filled = self._thousandths + (now - self._filled_at) * self._rate_per_s
            self._thousandths = min(self._full, filled)
        self._filled_at = now
        permitted = min(count, self._thousandths // 1000)
        self._thousandths -= permitted * 1000
        return permitted
