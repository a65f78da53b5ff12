"""Parties of a figure in processes of their own, each told how far the others are, so that nobody runs ahead."""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Crowd", "Spell", "read_used_s", "run_crowd"]

WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Spell:
    """What went through in a spell of time: updates there at everybody else, seconds, processor seconds of all.

    `beside_s` are the processor seconds of what is between the parties alone.
    """

    updates: int
    took_s: float
    used_s: float
    beside_s: float


class Crowd:
    """What each party told last."""

    def __init__(self, running: Mapping[str, asyncio.subprocess.Process]) -> None:
        self.told: dict[str, dict[str, Any]] = {party: {"there": {}} for party in running}
        self.arrivals: dict[str, list[tuple[int, int]]] = {party: [] for party in running}
        self._running = running

    def count(self, author: str) -> int:
        """Return how many of a party's updates are there at everybody else."""
        return min(int(one["there"].get(author, 0)) for party, one in self.told.items() if party != author)

    async def follow(self, party: str, stream: asyncio.StreamReader) -> None:
        """Take what a party tells, and tell the others how far they are."""
        while line := await stream.readline():
            self.told[party] = json.loads(line)
            self.arrivals[party] += [(int(at), int(seen)) for at, seen in self.told[party].get("arrivals", ())]
            for author, child in self._running.items():
                assert child.stdin is not None
                with contextlib.suppress(ConnectionError):
                    child.stdin.write(b"%d\n" % self.count(author))

    async def wait(self) -> None:
        """Wait until something of everybody is there at everybody."""
        async with asyncio.timeout(WITHIN_S):
            while not all(self.count(party) for party in self._running):  # noqa: ASYNC110 -- told by lines
                await asyncio.sleep(0.05)

    async def measure(self, span_s: float, beside: Sequence[int] = ()) -> Spell:
        """Look on for so long; `beside` are other processes whose work counts."""
        pids = [*(child.pid for child in self._running.values()), *beside]
        updates, began = self._count_all(), time.monotonic()
        used, used_beside = sum(map(read_used_s, pids)), sum(map(read_used_s, beside))
        await asyncio.sleep(span_s)
        return Spell(
            self._count_all() - updates,
            time.monotonic() - began,
            max(sum(map(read_used_s, pids)) - used, 0.01),
            sum(map(read_used_s, beside)) - used_beside,
        )

    def _count_all(self) -> int:
        return sum(map(self.count, self._running))


def read_used_s(pid: int) -> float:
    """Return the processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def run_crowd(commands: Mapping[str, Sequence[str]], *, path: str = "") -> AsyncIterator[Crowd]:
    """Run a module with words for each party for as long as the block lasts."""
    running: dict[str, asyncio.subprocess.Process] = {}
    following: list[asyncio.Task[None]] = []
    environment = {**os.environ, "PYTHONPATH": path} if path else None
    try:
        for party, words in commands.items():
            running[party] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL, cwd=Path(__file__).parents[1], env=environment, limit=1 << 24,
            )  # fmt: skip
        crowd = Crowd(running)
        for party, child in running.items():
            assert child.stdout is not None
            following.append(asyncio.create_task(crowd.follow(party, child.stdout)))
        yield crowd
    finally:
        for child in running.values():
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        for child in running.values():
            await child.wait()
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
