"""When the machine is woken: at the instant it asked for, and every second in any case.

A clock that was set back must not stop a node, so time passes even where the machine asked for nothing.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from comity.base.instants import SECOND_MS, Instant

__all__ = ["Bell", "read_clock"]

TICK_MS: Final = SECOND_MS


def read_clock() -> Instant:
    """Return this host's clock, in milliseconds since 1970."""
    return Instant(time.time_ns() // 1_000_000)


class Bell:
    """Calls `ring`. Made for one event loop."""

    def __init__(self, ring: Callable[[], None], *, now: Callable[[], Instant]) -> None:
        self._ring = ring
        self._now = now
        self._waking: asyncio.TimerHandle | None = None

    def wake(self, at: Instant) -> None:
        """Ring at this instant, which replaces an earlier wish."""
        self.stop()
        delay_ms = max(0, at - self._now())
        self._waking = asyncio.get_running_loop().call_later(delay_ms / 1000, self._ring)

    def stop(self) -> None:
        """Forget the wish."""
        if self._waking is not None:
            self._waking.cancel()

    async def tick(self) -> None:
        """Ring every second, for ever."""
        while True:
            await asyncio.sleep(TICK_MS / 1000)
            self._ring()
