"""What a party of figures (j) and (k) and whoever watches it say to each other, by lines on the party's own pipes.

Out: a line of JSON every so often, with how many updates of each author are there, and what the party has used.
In: a line with how many of the party's own updates are there at everybody else. It is never more than a window ahead
of that: what is measured is what goes through, and nothing piles up.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

__all__ = ["Pace"]

TELL_S: Final = 0.05


class Pace:
    """One party's side."""

    def __init__(self, *, window: int) -> None:
        self._window = window
        self.there: Counter[str] = Counter()
        """Updates that are there, by author."""
        self.said = 0
        self.arrivals: list[tuple[int, int]] = []
        """Told once each: the instant of an update, and when it was there, in ns."""
        self.more: dict[str, object] = {}
        """What else is told."""
        self._confirmed = 0
        self._stirred = asyncio.Event()

    async def call(self, send: Callable[[], object]) -> None:
        """Send single updates until they are heard everywhere: before somebody is there, what is sent is lost."""
        while not self._confirmed:
            send()
            await asyncio.sleep(TELL_S)

    async def wait_for_room(self) -> None:
        """Wait until no more than the window is on its way."""
        while self.said - self._confirmed >= self._window:
            self._stirred.clear()
            await self._stirred.wait()

    async def follow(self) -> None:
        """Hear how far the others are, until nobody is there to tell it: then this process ends."""
        stream = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), sys.stdin)
        while line := await stream.readline():
            self._confirmed = max(self._confirmed, int(line))
            self._stirred.set()
        os._exit(0)

    async def tell_for_ever(self) -> None:
        """Tell how it stands."""
        while True:
            self.tell()
            await asyncio.sleep(TELL_S)

    def tell(self) -> None:
        """Tell how it stands now."""
        arrivals, self.arrivals = self.arrivals, []
        told = {"there": self.there, "arrivals": arrivals, "used_ns": time.process_time_ns(), **self.more}
        os.write(1, json.dumps(told).encode() + b"\n")
