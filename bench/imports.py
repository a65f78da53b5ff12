"""(b) An import: how many entries a second are there at both readers, and how long somebody's words wait meanwhile.

The floor moves messages of the size of an import's page through the same disks, servers and links, and puts nothing
into them: as many at once as an import is ahead of its store.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from bench.figure import Figure, Row, percentile, profiled
from bench.homes import build_homes
from bench.peers import run_peers
from bench.statements import measure_floor, start_author
from comity.machine.outgoing import BULK_ENTRY_COUNT
from comity.node.imports import AHEAD_COUNT
from comity.procedure.call import Acknowledged
from comity.procedure.position import Position, PositionStated

__all__ = ["make_entries", "measure_imports"]

CALL = bytes(32)
PER_CALL: Final = 64
"""Entries about one object: an import is of many objects, and each is folded anew when something of it comes."""


def make_entries(count: int) -> list[Acknowledged]:
    """Return so many acknowledgements, of a new call every `PER_CALL`."""
    return [
        Acknowledged((1 + number // PER_CALL).to_bytes(32, "big"), "duty-officer", f"officer-{number % 1000}")
        for number in range(count)
    ]


def measure_imports(root: Path, profile: bytes, *, count: int) -> Figure:
    """Measure figure (b)."""
    figure = Figure(
        "b",
        "An import, there at both peers",
        f"{count} entries by `Node.import_entries`, in pages of {BULK_ENTRY_COUNT}; meanwhile a statement of words "
        "every 50 ms. Floor: messages of the size of such a page, "
        f"{AHEAD_COUNT} at once, through the same disks, servers and links, with nothing in them to verify.",
    )
    parties = build_homes(root, profile)
    page_size_bytes = BULK_ENTRY_COUNT * 75

    async def run() -> None:
        messages = max(8, count // BULK_ENTRY_COUNT)
        floor = await measure_floor(root, parties, count=messages, size_bytes=page_size_bytes, ahead=AHEAD_COUNT)
        floor_per_s = AHEAD_COUNT * BULK_ENTRY_COUNT * len(floor) / (sum(floor) / 1000)
        async with run_peers(parties[1:], root, "node") as peers:
            assembly = await start_author(root, parties, peers)
            node, waits = assembly.node, []

            async def speak() -> None:
                while True:
                    began = time.monotonic_ns()
                    await node.say(parties, (PositionStated(CALL, CALL, Position.SUPPORT, 0),))
                    waits.append((time.monotonic_ns() - began) / 1e6)
                    await asyncio.sleep(0.05)

            try:
                warm = BULK_ENTRY_COUNT
                await node.import_entries(parties, make_entries(warm))
                await peers.wait_for(1 + warm)
                entries = make_entries(count)
                speaking = asyncio.create_task(speak())
                used_before = peers.find_used_ns(parties[0])
                began = time.monotonic_ns()
                await node.import_entries(parties, entries)
                there_s = (await peers.wait_for(1 + warm + count) - began) / 1e9
                speaking.cancel()
                await asyncio.gather(speaking, return_exceptions=True)
                per_s = count / there_s
                figure.rows.append(
                    Row("entries there at both", per_s, "/s", floor_per_s, "at least 50,000 /s", per_s >= 50_000)
                )
                used = peers.find_used_ns(parties[0])
                used_s = {party: (used[party] - used_before[party]) / 1e9 for party in used}
                for who, party in (("author", parties[0]), ("a reader", parties[1])):
                    per_used_s = count / used_s[party]
                    figure.rows.append(Row(f"entries in a second of processor time, {who}", per_used_s, "/s"))
                at_most_per_s = (os.cpu_count() or 1) * count / sum(used_s.values())
                figure.rows.append(Row("entries in a second of all cores, the three nodes", at_most_per_s, "/s"))
                figure.rows.append(Row("words stored meanwhile, p50", percentile(waits, 0.5), "ms"))
                figure.rows.append(Row("words stored meanwhile, p99", percentile(waits, 0.99), "ms"))
                if figure.misses:
                    with profiled(lambda text: setattr(figure, "profile", text)):
                        await node.import_entries(parties, make_entries(max(BULK_ENTRY_COUNT, count // 4)))
            finally:
                await assembly.stop()

    asyncio.run(run())
    return figure
