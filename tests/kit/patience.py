"""How long a test waits for what must come: long, since the machine may be slow, and no longer once it is there."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

__all__ = ["PATIENCE_S", "until", "wait"]

PATIENCE_S: Final = 120.0
POLL_S: Final = 0.02


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, as seen from outside."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 -- a test looks on from outside
            await asyncio.sleep(POLL_S)


def wait(holds: Callable[[], bool]) -> None:
    """Wait until something holds, where no loop runs."""
    until_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until_s, "this did not come to hold in time"
        time.sleep(POLL_S)
