"""A link is pulled for ten minutes and restored: what the warning feed of three real nodes makes of it.

Three nodes as processes of their own, each fed by a source for as long as it runs. The link between two of them lies
in cables that are cut, both ways, and joined again. Whoever watches at each node notes every row that comes: whose, of
which track, the how manyth, when it held, when it came, whether it was said to be late. Meanwhile each party goes on
saying things in the record.

    make cut-link MINUTES=10 LOG=docs/cut-link.md
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.figure import tell
from comity.base.names import Party
from comity.cli.demo.stage import REALM, Stage
from comity.node.feed.door_socket import SOCKET_FILE, connect
from comity.pact.parse import parse_pact
from comity.pact.track import TrackClass
from kit.command import start_comity
from kit.stage import Teller, lay_cables

__all__ = ["Cut", "describe", "run"]

CLASS: Final = "policy.track.ballistic"
ENDS: Final = ("USA", "KOR")
TRACK_COUNT: Final = 5
EVERY_S: Final = 0.5
STRETCH_S: Final = 30.0
"""How long the link is whole before it is cut, and after all is there again."""
SPEAK_EVERY_S: Final = 20.0
PATIENCE_S: Final = 1_500.0
MINUTE_S: Final = 60.0

RowName = tuple[Party, str, int]
"""Author, track, number of the update."""


@dataclass(slots=True)
class Came:
    """A row as one reader was told it the first time; times in milliseconds."""

    at: int
    came_at: int
    is_late: bool


@dataclass
class Cut:
    """What was seen. `told` are the rows of each author, `came` those that each reader was told, `doubled`
    how many again, by reader and author.
    """

    minutes: float
    told: dict[Party, set[RowName]] = field(default_factory=dict)
    came: dict[Party, dict[RowName, Came]] = field(default_factory=dict)
    doubled: Counter[tuple[Party, Party]] = field(default_factory=Counter)
    status: dict[Party, dict[str, Any]] = field(default_factory=dict)
    said: list[tuple[str, Party, bool]] = field(default_factory=list)
    """Statements made while the link was cut: id, author, whether the far end had it before it was joined again."""
    cut_at: int = 0
    joined_at: int = 0
    caught_up_ms: dict[Party, int] = field(default_factory=dict)
    audit: str = ""
    stale_after_ms: int = 0

    def find_faults(self) -> list[str]:
        """Return what should not be."""
        faults = []
        for reader, came in self.came.items():
            told = {name for author, rows in self.told.items() if author != reader for name in rows}
            if lost := told - came.keys():
                faults.append(f"{reader} lacks {len(lost)} rows")
            if strange := came.keys() - told:
                faults.append(f"{reader} was told {len(strange)} rows that nobody said")
            doubled = sum(count for (to, _), count in self.doubled.items() if to == reader)
            if doubled:
                faults.append(f"{reader} was told {doubled} rows again")
            faults += [f"{reader} shows {name} as if it were not late" for name, row in came.items()
                       if row.came_at - row.at > self.stale_after_ms and not row.is_late]  # fmt: skip
            faults += [f"{reader}'s feed says of {row['author']}: {row}" for row in self.status[reader]["in"]
                       if row["missing"] or row["lost"] or row["is_forked"]]  # fmt: skip
        faults += [f"a statement of {author} did not come round" for _, author, is_there in self.said if not is_there]
        faults += [f"{end} did not catch up" for end in ENDS if end not in self.caught_up_ms]
        return faults if self.audit == "" else [*faults, self.audit]


async def run(folder: Path, *, minutes: float) -> Cut:
    """Play it on homes in a folder."""
    stage = Stage(folder)
    await asyncio.to_thread(stage.build)
    class_ = parse_pact((stage.realm_path("USA") / "pact.toml").read_bytes()).find_track_class(CLASS)
    assert isinstance(class_, TrackClass), "the default pact has it"
    cut = Cut(minutes, stale_after_ms=class_.stale_after_ms)
    with lay_cables(stage, *ENDS) as cables, stage.running():
        await _until(lambda: all((stage.realm_path(party) / SOCKET_FILE).exists() for party in stage.parties))
        async with _feeding(stage, cut):
            await _until(lambda: all(len(cut.came[reader]) > TRACK_COUNT for reader in stage.parties))
            await asyncio.sleep(STRETCH_S)
            for cable in cables:
                await asyncio.to_thread(cable.set_cut, is_cut=True)
            cut.cut_at = _now_ms()
            tell(f"cut for {minutes:g} minutes")
            await _speak(stage, cut, until_s=time.monotonic() + minutes * MINUTE_S)
            cut.joined_at = _now_ms()
            for cable in cables:
                await asyncio.to_thread(cable.set_cut, is_cut=False)
            tell("joined")
            await asyncio.gather(*(_note_caught_up(cut, reader) for reader in ENDS))
            await asyncio.sleep(STRETCH_S)
        await _until(lambda: all(_lacks(cut, reader) == 0 for reader in stage.parties))
        cut.status = {party: await _ask(stage, party) for party in stage.parties}
    done = start_comity("audit", *(stage.home(party) for party in stage.parties), "--realm", REALM, "--open")
    cut.audit = "" if done.returncode == 0 else f"audit: {done.stdout}{done.stderr}"
    return cut


@contextlib.asynccontextmanager
async def _feeding(stage: Stage, cut: Cut) -> AsyncIterator[None]:
    """Have each node fed by a source as long as the block lasts, and watched until all that was fed is everywhere."""
    for party in stage.parties:
        cut.told[party], cut.came[party] = set(), {}
    watching = [asyncio.create_task(_watch(stage, cut, party)) for party in stage.parties]
    await asyncio.sleep(1)
    is_over = asyncio.Event()
    feeding = [asyncio.create_task(_feed(stage, party, place, is_over)) for place, party in enumerate(stage.parties)]
    try:
        yield
        is_over.set()
        await asyncio.gather(*feeding)
        await _until(lambda: all(_lacks(cut, reader) == 0 for reader in stage.parties))
    finally:
        for task in (*feeding, *watching):
            task.cancel()
        await asyncio.gather(*feeding, *watching, return_exceptions=True)


async def _feed(stage: Stage, party: Party, place: int, is_over: asyncio.Event) -> None:
    """Hand in an update of each of a source's tracks, again and again."""
    async with connect(stage.realm_path(party)) as (reader, writer):
        writer.write(json.dumps({"do": "send", "class": CLASS, "source": "radar"}).encode() + b"\n")
        began_s = time.monotonic()
        while not is_over.is_set():
            gone_s = time.monotonic() - began_s
            for track in range(1, TRACK_COUNT + 1):
                line = {
                    "at": _now_ms(), "track": track, "latitude": 36 + place + gone_s / 1_000, "longitude": 128 + track,
                    "altitude": 12_000, "covariance": [[400, 0, 0], [0, 400, 0], [0, 0, 900]],
                }  # fmt: skip
                writer.write(json.dumps(line).encode() + b"\n")
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(is_over.wait(), EVERY_S)
        writer.write_eof()
        await reader.readline()


async def _watch(stage: Stage, cut: Cut, reader: Party) -> None:
    """Note every row that a reader's node tells, its own as told, others' as come."""
    async with connect(stage.realm_path(reader)) as (stream, writer):
        writer.write(b'{"do": "watch"}\n')
        while line := await stream.readline():
            row = json.loads(line)
            name = (row["author"], row["track"], row["number"])
            if row["author"] == reader:
                cut.told[reader].add(name)
            elif name in cut.came[reader]:
                cut.doubled[reader, row["author"]] += 1
            else:
                cut.came[reader][name] = Came(row["at"], row["came_at"], row["is_late"])
    tell(f"the watch at {reader} was cut off")


async def _speak(stage: Stage, cut: Cut, *, until_s: float) -> None:
    """Have the ends state something to all again and again; note whether it came to the other end round the cut."""
    teller, turn = Teller(stage), 0
    while time.monotonic() < until_s - SPEAK_EVERY_S:
        author = ENDS[turn % 2]
        far = ENDS[(turn + 1) % 2]
        turn += 1
        id_ = await asyncio.to_thread(teller.insist, author)
        waited_s = time.monotonic() + SPEAK_EVERY_S
        is_there = False
        while not is_there and time.monotonic() < min(until_s, waited_s):
            is_there = await asyncio.to_thread(teller.is_at, far, id_)
            await asyncio.sleep(0.2)
        cut.said.append((id_, author, is_there))
        await asyncio.sleep(max(0.0, min(until_s, waited_s) - time.monotonic()))
    await asyncio.sleep(max(0.0, until_s - time.monotonic()))


async def _note_caught_up(cut: Cut, reader: Party) -> None:
    """Note how long it took until all that the other end had said before the link was joined is there."""
    (author,) = (end for end in ENDS if end != reader)
    owed = set(cut.told[author])
    if await _until(lambda: owed <= cut.came[reader].keys()):
        cut.caught_up_ms[reader] = _now_ms() - cut.joined_at


def _lacks(cut: Cut, reader: Party) -> int:
    told = sum(len(rows) for author, rows in cut.told.items() if author != reader)
    return told - len(cut.came[reader])


async def _ask(stage: Stage, party: Party) -> dict[str, Any]:
    async with connect(stage.realm_path(party)) as (reader, writer):
        writer.write(b'{"do": "status"}\n')
        found: dict[str, Any] = json.loads(await reader.readline())
        return found


async def _until(holds: Any) -> bool:
    """Wait until something holds, or no longer than there is patience; tell whether it does."""
    until_s = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < until_s:  # noqa: ASYNC110 -- a state of many parts
        await asyncio.sleep(0.1)
    return bool(holds())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


INTRO: Final = """\
# A link pulled for {minutes:g} minutes

`make cut-link` runs three nodes as processes of their own on one machine. A source at each hands in {rate:g} track
updates a second for as long as they run, and whoever watches at each node notes every row that comes. The link between
{one} and {other} is cut both ways for {minutes:g} minutes and joined again; {third} reaches both all the while. A page
of the warning feed is not carried round by a third party (each pulls it from its author), a statement of the record is.

*Late* is what the receiving node itself marks as such: it was stale when it came, older than {stale:g} s, as the
pact's class has it."""


def describe(cut: Cut) -> str:
    """Return the page."""
    (third,) = (party for party in cut.told if party not in ENDS)
    intro = INTRO.format(minutes=cut.minutes, rate=TRACK_COUNT / EVERY_S, one=ENDS[0], other=ENDS[1], third=third,
                         stale=cut.stale_after_ms / 1_000)  # fmt: skip
    head = "| to | from | rows told | came on time | came late, marked late | longest delay | doubled | lost |"
    rows = [
        _draw_row(cut, reader, author) for reader in sorted(cut.came) for author in sorted(cut.told.keys() - {reader})
    ]
    lines = [head, "|---|---|---:|---:|---:|---:|---:|---:|", *rows]
    there = sum(is_there for *_, is_there in cut.said)
    caught = " and ".join(f"{reader} after {ms / 1_000:.1f} s" for reader, ms in sorted(cut.caught_up_ms.items()))
    faults = [f"FAULT: {fault}" for fault in cut.find_faults()[:20]]
    end = "FAILED" if faults else "Late rows say that they are late; nothing came twice, nothing was lost."
    rest = f"""\
Once the link was joined, all that the other end had said meanwhile was there: {caught}.

While it was cut, {there} of {len(cut.said)} statements of the record that its two ends made to all came to the other
end by way of {third}. After it no page of the feed was missing, lost or forked at any node, and `comity audit` of all
three records together {"found nothing" if not cut.audit else "FOUND SOMETHING"}.

Machine: {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}. In the last quarter of an
hour {os.getloadavg()[2]:.0f} processes wanted these cores."""
    return "\n\n".join([intro, "\n".join(lines), rest, *faults, end]) + "\n"


def _draw_row(cut: Cut, reader: Party, author: Party) -> str:
    came = {name: row for name, row in cut.came[reader].items() if name[0] == author}
    late = sum(row.is_late for row in came.values())
    longest_s = max((row.came_at - row.at for row in came.values()), default=0) / 1_000
    doubled = cut.doubled[reader, author]
    cells = (reader, author, f"{len(cut.told[author]):,}", f"{len(came) - late:,}", f"{late:,}", f"{longest_s:,.1f} s",
             str(doubled), str(len(cut.told[author] - came.keys())))  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Run, print, and write the page; the exit status is 1 if anything did not hold."""
    given = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    given.add_argument("--minutes", type=float, default=10.0)
    given.add_argument("--log", type=Path)
    chosen = given.parse_args()
    with TemporaryDirectory(prefix="comity-cut-link-") as folder:
        cut = asyncio.run(run(Path(folder) / "homes", minutes=chosen.minutes))
    text = describe(cut)
    print(text)
    if chosen.log is not None:
        chosen.log.write_text(text, encoding="utf-8")
    return 1 if cut.find_faults() else 0


if __name__ == "__main__":
    sys.exit(main())
