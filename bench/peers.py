"""Readers in processes of their own, and when what was stated was there at all of them."""

import asyncio
import bisect
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from comity.base.names import Party

__all__ = ["Peers", "run_peers"]

WITHIN_S = 60.0


@dataclass(slots=True)
class Peers:
    """What each reader told: counts and instants, both ascending, and the processor time that it has used."""

    told: dict[Party, tuple[list[int], list[int]]] = field(default_factory=dict)
    used_ns: dict[Party, int] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, party: Party, stream: asyncio.StreamReader) -> None:
        """Take what a reader tells, until it ends."""
        counts, instants = self.told.setdefault(party, ([], []))
        while line := await stream.readline():
            count, instant, self.used_ns[party] = map(int, line.split())
            counts.append(count)
            instants.append(instant)
            self.news.set()
            self.news = asyncio.Event()

    async def wait_for(self, count: int) -> int:
        """Wait until so many statements are there at every reader; return the instant at which they were."""
        async with asyncio.timeout(WITHIN_S):
            while (instant := self._find(count)) is None:
                await self.news.wait()
        return instant

    def find_used_ns(self, author: Party) -> dict[Party, int]:
        """Return the processor time that this process, the author's, and each reader have used."""
        return {**self.used_ns, author: time.process_time_ns()}

    def _find(self, count: int) -> int | None:
        found = []
        for counts, instants in self.told.values():
            index = bisect.bisect_left(counts, count)
            if index == len(counts):
                return None
            found.append(instants[index])
        return max(found)


@contextlib.asynccontextmanager
async def run_peers(parties: Sequence[Party], root: Path, mode: str, *arguments: str) -> AsyncIterator[Peers]:
    """Run a reader for each party for as long as the block lasts."""
    peers = Peers({party: ([], []) for party in parties})
    running, following = [], []
    try:
        for party in parties:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.peer", mode, str(root / party), *arguments,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                cwd=Path(__file__).parents[1],
            )  # fmt: skip
            assert child.stdout is not None
            running.append(child)
            following.append(asyncio.create_task(peers.follow(party, child.stdout)))
        yield peers
    finally:
        for child in running:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await asyncio.gather(*(child.wait() for child in running))
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
