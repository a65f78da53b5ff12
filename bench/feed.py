"""(j) The warning feed end to end, as much as goes through; (k) how long an update takes at a thousand a second.

Three parties' warning processes, each with its picture, and three JetStream servers, all on this machine. The floors of
(j) carry single updates, one message each, with nothing sealed, signed, kept or folded.
"""

import asyncio
import contextlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.crowd import Spell, run_crowd
from bench.feed_floor import PARTIES
from bench.figure import Figure, Row, percentile, tell
from bench.flying import AIR
from bench.homes import Ways, build_homes, read_home
from bench.statements import measure_floor
from comity.base.names import Party
from comity.node.feed.door_socket import connect
from comity.node.home import find_free_port
from comity.node.server import find_server_program

__all__ = ["measure_delay", "measure_feed"]

WINDOW: Final = 60_000
"""Updates of a party that may be on their way at once."""
FLOOR_WINDOW: Final = 2_000
TAKY_WINDOW: Final = 400
"""It copies all that waits for a client with each write: where more is on its way, that is most of what it does."""
PAGE_SIZE_BYTES: Final = 700
"""Of a page with a few updates."""
UPDATES_PER_S: Final = 1_000
PEERS: Final = Path(sys.prefix) / "peers"
"""Where `make bench` puts the floors that are no dependency."""


@contextlib.asynccontextmanager
async def _run_servers(root: Path, parties: Sequence[Party]) -> AsyncIterator[list[int]]:
    servers = []
    try:
        for party in parties:
            ways = Ways(*read_home(root / party))
            servers.append(ways.make_server())
            await servers[-1].start(ways.list_peers())
        yield [server.pid for server in servers if server.pid is not None]
    finally:
        for server in servers:
            await server.stop()


async def _run_product(root: Path, parties: Sequence[Party], *, tracks: int, span_s: float) -> Spell:
    words = {party: ("bench.feed_party", str(root), party, str(tracks), "1", str(WINDOW)) for party in parties}
    async with _run_servers(root, parties) as pids, run_crowd(words) as crowd:
        await crowd.wait()
        await asyncio.sleep(span_s / 5)
        return await crowd.measure(span_s, pids)


async def _run_floor(way: str, span_s: float, folder: Path) -> Spell:
    port = find_free_port("127.0.0.1")
    window = TAKY_WINDOW if way == "taky" else FLOOR_WINDOW
    words = {party: ("bench.feed_floor", way, party, str(port), str(window)) for party in PARTIES}
    path = os.pathsep.join(filter(None, (str(PEERS), os.environ.get("PYTHONPATH", ""))))
    async with _run_relay(way, port, folder, path) as pids, run_crowd(words, path=path) as crowd:
        await crowd.wait()
        return await crowd.measure(span_s, pids)


@contextlib.asynccontextmanager
async def _run_relay(way: str, port: int, folder: Path, path: str) -> AsyncIterator[list[int]]:
    """Run what a floor goes through, if it goes through anything."""
    commands = {"nats": (str(find_server_program()), "-a", "127.0.0.1", "-p", str(port))}
    if way == "taky":
        place = folder / "taky"
        place.mkdir(parents=True)
        settings = f"[taky]\nhostname=localhost\nbind_ip=127.0.0.1\nroot_dir={place}\n[cot_server]\nport={port}\n"
        (place / "taky.conf").write_text(f"{settings}[ssl]\nenabled=false\n", encoding="utf-8")
        commands["taky"] = (sys.executable, "-m", "taky.cot", "-c", str(place / "taky.conf"))
    if way not in commands:
        yield []
        return
    child = await asyncio.create_subprocess_exec(
        *commands[way], stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    try:
        await _wait_for(port)
        yield [child.pid]
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _wait_for(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)


def _is_installed(module: str) -> bool:
    return (PEERS / module).is_dir() or importlib.util.find_spec(module) is not None


def measure_feed(root: Path, profile: bytes, *, track_count: int, span_s: float) -> Figure:
    """Measure figure (j)."""
    load = os.getloadavg()[0]
    figure = Figure(
        "j",
        "The warning feed, end to end",
        f"Three warning processes as a node runs them, a JetStream server each, all on this machine; each party "
        f"reports {track_count} aircraft, {len(PARTIES) * track_count} tracks in all, as fast as they go through. An "
        "update counts once it is verified, opened and in what both peers' pictures are folded from; all of it is "
        "kept, and every party makes a situation of it each second. Beside it, as clients in Python, one message an "
        "update, nothing sealed, signed, kept or folded: NATS core with 200 bytes, Eclipse Zenoh with 200 bytes, the "
        "relay taky with an event of Cursor on Target. "
        f"Load of the machine before: {load:.1f}.",
    )
    parties = build_homes(root, profile)
    tell("    the feed")
    spell = asyncio.run(_run_product(root, parties, tracks=track_count, span_s=span_s))
    rate, per_s = spell.updates / spell.took_s, spell.updates / spell.used_s
    floors: dict[str, Spell] = {}
    for way, name in (("nats", "NATS core"), ("zenoh", "Eclipse Zenoh"), ("taky", "taky")):
        tell(f"    {name}")
        if way == "nats" or _is_installed(way):
            with contextlib.suppress(TimeoutError):
                floors[name] = asyncio.run(_run_floor(way, span_s / 2, root))
        if name not in floors:
            figure.method += f" {name} is not there on this machine, or did not start: it was not measured."
    figure.method += _tell_shares(spell, floors)
    what = "updates folded at both peers, three parties together"
    figure.rows.append(Row(what, rate, "/s", None, "at least 500,000 /s", rate >= 500_000))
    for name, floor in floors.items():
        figure.rows.append(Row(f"the same, beside {name}", rate, "/s", floor.updates / floor.took_s))
        what = f"updates in a second of processor time of all, beside {name}"
        figure.rows.append(Row(what, per_s, "/s", floor.updates / floor.used_s))
    return figure


def _tell_shares(spell: Spell, floors: Mapping[str, Spell]) -> str:
    """Tell who used the processor: beside others each process has a share of it, and a relay is one process."""
    text = (
        f" Of the feed's {spell.used_s / spell.took_s:.2f} cores the three servers used "
        f"{spell.beside_s / spell.took_s:.2f}."
    )
    relay = floors.get("taky")
    if relay is not None and relay.beside_s:
        text += (
            f" taky is one process: it had {relay.beside_s / relay.took_s:.2f} of a core, and relayed "
            f"{relay.updates / relay.beside_s:,.0f} events for each second of that."
        )
    return text


async def _run_delay(root: Path, parties: Sequence[Party], count: int) -> list[float]:
    words = {party: ("bench.feed_party", str(root), party, "100", "0", "1") for party in parties}
    author, *readers = parties
    folder = read_home(root / author)[1].path
    sent: dict[int, int] = {}
    async with _run_servers(root, parties), run_crowd(words) as crowd:
        async with asyncio.timeout(60):
            while not all(one.get("used_ns") for one in crowd.told.values()):  # noqa: ASYNC110 -- told by lines
                await asyncio.sleep(0.05)
        async with connect(folder) as (_, writer):
            writer.write(json.dumps({"do": "send", "class": AIR, "source": "radar"}).encode() + b"\n")
            await _hand_over(writer, count, sent)
            async with asyncio.timeout(60):
                while any(len(crowd.arrivals[party]) < count for party in readers):  # noqa: ASYNC110 -- as above
                    await asyncio.sleep(0.05)
    there = [dict(crowd.arrivals[party]) for party in readers]
    return [(max(one[at] for one in there) - began) / 1e6 for at, began in list(sent.items())[count // 5 :]]


async def _hand_over(writer: asyncio.StreamWriter, count: int, sent: dict[int, int]) -> None:
    """Hand over a line each millisecond, each with an instant of its own, by which it is known again."""
    first = time.time_ns()
    for number in range(count):
        due = first + number * (1_000_000_000 // UPDATES_PER_S)
        await asyncio.sleep(max(0, due - time.time_ns()) / 1e9)
        line = {
            "at": first // 1_000_000 + number, "track": 1 + number % 100, "latitude": 35 + number % 100 * 0.01,
            "longitude": 130.0, "altitude": 9_000, "covariance": [[400, 0, 0], [0, 400, 0], [0, 0, 900]],
        }  # fmt: skip
        sent[first // 1_000_000 + number] = time.time_ns()
        writer.write(json.dumps(line).encode() + b"\n")
    await writer.drain()


def measure_delay(root: Path, profile: bytes, *, count: int) -> Figure:
    """Measure figure (k)."""
    load = os.getloadavg()[0]
    figure = Figure(
        "k",
        "An update from its source to what both peers' pictures are folded from",
        f"{count} lines of JSON handed to the socket of a party's warning process, {UPDATES_PER_S} a second, of 100 "
        "aircraft; there = verified, opened and in what the picture of both peers is folded from, the slower of the "
        "two; they fold once a second, which is not counted, and keep the page within 20 ms more. The first fifth, in "
        "which keys are handed over, is left out. Floor: a message of "
        f"{PAGE_SIZE_BYTES} bytes through the own disk and JetStream to both peers' disks, one after another. Load of "
        f"the machine before: {load:.1f}.",
    )
    parties = build_homes(root / "feed", profile)
    took = asyncio.run(_run_delay(root / "feed", parties, count))
    tell("    the floor")
    parties = build_homes(root / "floor", profile)
    floor = asyncio.run(measure_floor(root / "floor", parties, count=max(count // 10, 10), size_bytes=PAGE_SIZE_BYTES))
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        measured, aim = percentile(took, share), "p99 under 50 ms" if name == "p99" else ""
        is_met = measured < 50 if aim else None
        figure.rows.append(Row(f"in both pictures, {name}", measured, "ms", percentile(floor, share), aim, is_met))
    return figure
