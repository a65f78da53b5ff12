"""(a) One statement, from the officer's wish until it is there at every reader; and what the raw way costs.

The floor is the same way without Comity: the author writes a message of the same size through to its disk and puts it
into its own JetStream, over TLS; each reader pulls it through an account of its own and writes it through to its disk.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import NamedTuple

from bench.figure import Figure, Row, percentile, profiled
from bench.homes import CEREMONY, REALM, SUITE, Ways, build_homes, read_home
from bench.peers import Peers, run_peers
from comity.base.names import Audience
from comity.journal.header import Feed
from comity.node.assembly import Assembly, assemble
from comity.node.stream import Stream
from comity.procedure.call import Acknowledged

__all__ = ["PAGE_SIZE_BYTES", "measure_floor", "measure_statements", "start_author", "state_some"]

PAGE_SIZE_BYTES = 700
"""Of a page with one procedural entry and two heads."""
PAUSE_S = 0.01


async def start_author(root: Path, parties: Audience, peers: Peers) -> Assembly:
    """Start the first party's node and wait until the pact is in force everywhere and a statement has gone through."""
    home, accepted = read_home(root / parties[0])
    assembly = assemble(home, accepted, suite=SUITE, ceremony=CEREMONY)
    await assembly.start()
    async with asyncio.timeout(120):
        while not assembly.node.machine.is_in_force:
            await assembly.node.changed.wait()
    await peers.wait_for(0)
    await assembly.node.say(parties, (_entry(0),))
    await peers.wait_for(1)
    await asyncio.sleep(1.5)  # the receipts of the beginning
    return assembly


def _entry(number: int) -> Acknowledged:
    return Acknowledged(number.to_bytes(32, "big"), "duty-officer", "officer-1")


class Took(NamedTuple):
    """How many milliseconds passed until a statement was durable at its author, and until it was there."""

    stored: float
    there: float


async def state_some(assembly: Assembly, parties: Audience, peers: Peers, *, first: int, count: int) -> list[Took]:
    """State so many, one after another; return how long each took."""
    took = []
    for number in range(first, first + count):
        began = time.monotonic_ns()
        await assembly.node.say(parties, (_entry(number),))
        stored = (time.monotonic_ns() - began) / 1e6
        took.append(Took(stored, (await peers.wait_for(number + 1) - began) / 1e6))
        await asyncio.sleep(PAUSE_S)
    return took


async def measure_floor(root: Path, parties: Audience, *, count: int, size_bytes: int, ahead: int = 1) -> list[float]:
    """Return for each message, or for each `ahead` of them at once, how many milliseconds it took to both disks."""
    home, accepted = read_home(root / parties[0])
    ways = Ways(home, accepted)
    server, outbox = ways.make_server(), ways.make_outbox()
    await server.start(ways.list_peers())
    stream = Stream(ways.lineage, REALM, Feed.WARNING, parties)
    file = os.open(accepted.path / "floor", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    took, last = [], await outbox.ensure_stream(stream, parties[1:])
    try:
        async with run_peers(parties[1:], root, "floor", parties[0]) as peers:
            for _ in range(count // ahead + 5):
                began = time.monotonic_ns()
                raws = [os.urandom(size_bytes) for _ in range(ahead)]
                os.write(file, b"".join(raws))
                os.fdatasync(file)
                await asyncio.gather(
                    *(
                        outbox.publish(stream, raw[:32].hex(), raw, expected_last_sequence=last + index)
                        for index, raw in enumerate(raws)
                    )
                )
                last += ahead
                took.append((await peers.wait_for(last) - began) / 1e6)
                if ahead == 1:
                    await asyncio.sleep(PAUSE_S)
    finally:
        await outbox.close()
        await server.stop()
        os.close(file)
    return took[5:]


def measure_statements(root: Path, profile: bytes, *, count: int) -> Figure:
    """Measure figure (a)."""
    figure = Figure(
        "a",
        "A statement, there at both peers",
        f"{count} statements one after another, three nodes and three servers in processes of their own; there = "
        "durable, verified, opened and folded at both readers. Floor: a message of the same size through the own disk "
        "and JetStream to both peers' disks, over the same accounts and TLS.",
    )
    parties = build_homes(root, profile)

    async def run() -> None:
        floor = await measure_floor(root, parties, count=count, size_bytes=PAGE_SIZE_BYTES)
        async with run_peers(parties[1:], root, "node") as peers:
            assembly = await start_author(root, parties, peers)
            try:
                used_before = peers.find_used_ns(parties[0])
                took = await state_some(assembly, parties, peers, first=1, count=count)
                used = peers.find_used_ns(parties[0])
                _add_rows(figure, took, floor)
                for who, party in (("author", parties[0]), ("a reader", parties[1])):
                    used_ms = (used[party] - used_before[party]) / 1e6 / count
                    figure.rows.append(Row(f"processor time, receipts and all, {who}", used_ms, "ms"))
                if figure.misses:
                    with profiled(lambda text: setattr(figure, "profile", text)):
                        await state_some(assembly, parties, peers, first=count + 1, count=count // 4 + 1)
            finally:
                await assembly.stop()

    asyncio.run(run())
    return figure


def _add_rows(figure: Figure, took: list[Took], floor: list[float]) -> None:
    there = [one.there for one in took]
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        measured, raw = percentile(there, share), percentile(floor, share)
        is_met = measured <= 2 * raw if name == "p50" else measured <= 12
        aim = "p50 at most 2 times the floor" if name == "p50" else "p99 at most 12 ms"
        figure.rows.append(Row(f"there, {name}", measured, "ms", raw, aim, is_met))
    figure.rows.append(Row("of that stored at the author, p50", percentile([one.stored for one in took], 0.5), "ms"))
    figure.points["there"] = [(share / 100, percentile(there, share / 100)) for share in range(1, 100)]
    figure.points["floor"] = [(share / 100, percentile(floor, share / 100)) for share in range(1, 100)]
