"""A party of figures (j) and (k): its warning process as the node runs it, and a source inside that never tires.

`python -m bench.feed_party ROOT PARTY TRACKS RATE WINDOW`: all homes lie below ROOT. TRACKS are reported in turn, as
fast as the window lets through, or not at all where RATE is 0: then it notes when each row was in the picture.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

from bench.flying import AIR, Flown
from bench.homes import SUITE, read_home
from bench.pace import Pace
from comity.base.instants import Instant
from comity.base.names import Party
from comity.node.bell import read_clock
from comity.node.feed.child import TURN_S, FeedChild
from comity.node.feed.frames import FeedState, TellingRow
from comity.node.feed.memory import hold_memory
from comity.node.feed.wiring import make_feed_setup
from comity.warning.effect import Received
from comity.warning.rows import Block
from comity.warning.situation import Situation

__all__ = ["run_party"]

FLIGHT_MS: Final = 600_000
NORTH_PER_MS: Final = 1e7 / 111_195 / 100 / 1000
"""1e-7 degree of latitude in a millisecond, at a centimetre in a second."""


class FeedParty:
    """One party."""

    def __init__(self, root: Path, party: Party, *, track_count: int, pace: Pace) -> None:
        home, accepted = read_home(root / party)
        found = {other: read_home(root / other)[1] for other in accepted.pact.audience}
        self.party, self.pace = party, pace
        self._others = tuple(other for other in found if other != party)
        audience = accepted.pact.audience
        statements = sorted({one for of in found.values() for one in (of.certificate, *of.statements)})
        told = tuple(TellingRow(AIR, other, "bench", "bench", 0, 0, True) for other in self._others)
        followed = tuple((other, audience) for other in self._others)
        ((digest, raw),) = accepted.pacts.items()
        self._state = FeedState(tuple(statements), digest, raw, told, followed, ())
        self._child = FeedChild(make_feed_setup(home, accepted, suite=SUITE), tell=lambda _: None)
        self._flown = Flown(track_count)
        self._number = 0
        self._last_at = Instant(0)
        self.is_noting = False

    async def start(self) -> None:
        """Start the feed."""
        self._note_received = self._child.runner.on_received
        self._child.runner.on_received = self._take
        self._child.picturing.on_situation = self._count
        await self._child.start(self._state)

    async def say_for_ever(self) -> None:
        """Report all tracks, again and again, as fast as they go through."""
        first = self._flown.report(self.party, 0)
        latitude, longitude = first["latitude"].astype(np.float64), first["longitude"].astype(np.float64)
        north, east = first["velocity_north"] * NORTH_PER_MS, first["velocity_east"] * NORTH_PER_MS
        east /= np.cos(np.radians(latitude * 1e-7))
        while True:
            await self.pace.wait_for_room()
            self._number += 1
            now = self._last_at = max(read_clock(), Instant(self._last_at + 1))
            since_ms = now % FLIGHT_MS
            rows = first.copy()
            rows["at"], rows["number"] = now, self._number
            rows["latitude"], rows["longitude"] = latitude + north * since_ms, longitude + east * since_ms
            block = Block.of_rows(AIR, rows, sensors=("radar",))
            self._child._say(block)  # noqa: SLF001 -- as its own sources do, without the lines of JSON
            self.pace.said += len(rows)
            await asyncio.sleep(0)

    def _count(self, situation: Situation) -> None:
        """Count what the process's own picture shows each second."""
        self.pace.more["objects"] = situation.count_objects(AIR)

    def _take(self, received: Received) -> None:
        self._note_received(received)
        for block in received.blocks:
            self.pace.there[received.author] += len(block.rows)
            if self.is_noting:
                now = time.time_ns()
                self.pace.arrivals += [(at, now) for at in np.unique(block.rows["at"]).tolist()]


async def run_party(root: Path, party: Party, *, track_count: int, rate: int, window: int) -> None:
    """Run until whoever started it is gone."""
    pace = Pace(window=window)
    sys.setswitchinterval(TURN_S)
    hold_memory()
    one = FeedParty(root, party, track_count=track_count, pace=pace)
    await one.start()
    work = [pace.follow(), pace.tell_for_ever()]
    if rate:
        work.append(one.say_for_ever())
    one.is_noting = not rate
    await asyncio.gather(*work)


if __name__ == "__main__":
    place, name, *numbers = sys.argv[1:]
    tracks, per_s, ahead = map(int, numbers)
    asyncio.run(run_party(Path(place), name, track_count=tracks, rate=per_s, window=ahead))
