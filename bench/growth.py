"""(g) How it grows with the parties: (a), (b) and the bytes on the wire, on virtual time and by real nodes.

On virtual time all machines are real and links are free, so that the time is what all machines together compute. The
bytes are those of every page that went from an outbox to a reader, receipts included, for each statement to all.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.figure import Figure, Row, percentile, tell
from bench.homes import build_homes
from bench.imports import make_entries
from bench.pact import make_profile
from bench.peers import run_peers
from bench.statements import start_author, state_some
from comity.base.errors import OutageError
from comity.base.garbage import collecting_rarely
from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Party
from comity.journal.header import Feed
from comity.procedure.call import Acknowledged
from comity.procedure.registry import encode_entry
from comity.rehearsal import camp_david
from comity.rehearsal.chance import CALM
from comity.rehearsal.log import Log
from comity.rehearsal.play import Play
from comity.rehearsal.stage import Stage, build_stage

__all__ = ["measure_growth"]

SPACING_MS: Final = 20 * SECOND_MS
"""Between two statements: each is signed for before the next."""
WARM_MS: Final = 3 * MINUTE_MS
ENTRIES: Final = 1024
"""In one import on virtual time."""


class _Deaf:
    """Watches nothing: the checkers of a rehearsal are not what is measured."""

    def on_effect(self, party: Party, effect: object) -> None:
        """Let it pass."""

    def on_said(self, party: Party, command: int, audience: object, entries: object, by: object) -> None:
        """Let it pass."""

    def on_durable(self, party: Party, pages: object) -> None:
        """Let it pass."""

    def on_arrived(self, party: Party, raw: bytes, delivery: int) -> None:
        """Let it pass."""

    def on_start(self, party: Party, start: object, at: int) -> None:
        """Let it pass."""

    def on_epoch_key(self, journal: bytes, epoch: int, key: bytes) -> None:
        """Let it pass."""

    def on_stopped(self, party: Party, where: str) -> None:
        """Stop everything."""
        raise AssertionError(party, where)


def _count_bytes(stage: Stage) -> int:
    """Return the bytes that have gone from outboxes to their readers."""
    return sum(
        sum(map(len, stream.raws)) * len(stream.consumers)
        for outbox in stage.post.outboxes.values()
        for stream in outbox.streams.values()
    )


def _play(party_count: int, statement_count: int) -> Mapping[str, float]:
    """Play statements and one import among so many; return bytes and milliseconds for each."""
    play = Play("growth", 0, lambda *_: None, opens_at=Instant(camp_david.LAUNCHED_AT), has_faults=False)
    cast = play.make_cast(make_profile(party_count))
    stage = build_stage(cast, seed=0, rates=CALM, log=Log(), observer=_Deaf())
    everyone, author = cast.parties, stage.stations[cast.parties[0]]
    found: dict[str, float] = {}
    with collecting_rarely():
        stage.open()
        stage.agenda.run(Instant(stage.now + WARM_MS))
        author.say(1, everyone, (_entry(0),))
        stage.agenda.run(Instant(stage.now + SPACING_MS))
        before, began = _count_bytes(stage), time.process_time()
        for number in range(1, statement_count + 1):
            author.say(1 + number, everyone, (_entry(number),))
            stage.agenda.run(Instant(stage.now + SPACING_MS))
        found["ms"] = (time.process_time() - began) * 1000 / statement_count
        found["bytes"] = (_count_bytes(stage) - before) / statement_count
        before, began = _count_bytes(stage), time.process_time()
        author.machine.pen.queue(Feed.BULK, everyone, [_raw(number) for number in range(ENTRIES)], 0)
        author.say(0, everyone, (_entry(0),))
        stage.agenda.run(Instant(stage.now + 3 * SPACING_MS))
        found["bulk ms"] = (time.process_time() - began) * 1000 / ENTRIES
        found["bulk bytes"] = (_count_bytes(stage) - before) / ENTRIES
    there = [len(station.machine.statements.find(Acknowledged)) for station in stage.stations.values()]
    assert set(there) == {statement_count + 2 + ENTRIES}, "everything is there at every reader"
    return found


def _entry(number: int) -> Acknowledged:
    return Acknowledged(number.to_bytes(32, "big"), "duty-officer", "officer-1")


def _raw(number: int) -> bytes:
    return encode_entry(Acknowledged(bytes(32), "duty-officer", f"officer-{number % 1000}"))


def measure_growth(
    root: Path, *, rehearsed: Sequence[int], real: Sequence[int], statement_count: int, import_count: int
) -> Figure:
    """Measure figure (g)."""
    figure = Figure(
        "g",
        "Growth with the parties",
        "An invented pact of so many ports. Rehearsed: all machines on one core, stand-in cryptography, "
        f"{statement_count} statements and an import of {ENTRIES} entries, until all readers have signed for them. "
        "Real: a node and a server of each party in processes of their own, all on this one machine.",
    )
    for count in rehearsed:
        tell(f"    {count} parties, rehearsed")
        found = _play(count, statement_count)
        who = f"{count} parties rehearsed"
        figure.rows.append(Row(f"{who}: a statement, all machines together", found["ms"], "ms"))
        figure.rows.append(Row(f"{who}: a statement on the wire", found["bytes"] / 1024, "KiB"))
        figure.rows.append(Row(f"{who}: an entry of an import on the wire", found["bulk bytes"], "B"))
        for name, value in found.items():
            figure.points.setdefault(name, []).append((count, value))
    for count in real:
        tell(f"    {count} parties, real nodes")
        try:
            p50, per_s = asyncio.run(_run_real(root / str(count), count, statement_count, import_count))
        except (TimeoutError, OutageError):
            figure.method += f" {count} nodes were more than this machine could carry in time."
            break
        figure.rows.append(Row(f"{count} parties, real nodes: a statement there at all, p50", p50, "ms"))
        figure.rows.append(Row(f"{count} parties, real nodes: entries of an import there at all", per_s, "/s"))
        figure.points.setdefault("real ms", []).append((count, p50))
        figure.points.setdefault("real /s", []).append((count, per_s))
    return figure


async def _run_real(root: Path, count: int, statement_count: int, import_count: int) -> tuple[float, float]:
    parties = build_homes(root, make_profile(count))
    async with run_peers(parties[1:], root, "node") as peers:
        assembly = await start_author(root, parties, peers)
        try:
            said = await state_some(assembly, parties, peers, first=1, count=statement_count)
            took = [one.there for one in said]
            before = 1 + statement_count
            began = time.monotonic_ns()
            await assembly.node.import_entries(parties, make_entries(import_count))
            there_s = (await peers.wait_for(before + import_count) - began) / 1e9
        finally:
            await assembly.stop()
    return percentile(took, 0.5), import_count / there_s
