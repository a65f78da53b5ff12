"""How long the server takes for each page of the console, and each list of the API, over a long record.

One node in this process with a record of three watch floors, its console and its API asked without a socket, each in
three ways: *first*, after the start; *changed*, each time right after a message of another party came in; *again*, with
nothing changed since. The floor is the same page over a record of a hundredth of the length, in the same run: a page
that is near it does not grow with the record.

    make page-speed ENTRIES=100000 LOG=docs/page-speed.md
"""

import argparse
import asyncio
import os
import platform
import re
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx

from bench.figure import profiled, tell
from bench.floor_history import FloorHistory
from bench.history import CEREMONY, REALM, SUITE, make_parties
from bench.pact import read_without_offices
from bench.restart import find_resident_mb
from comity.api.app import make_app
from comity.api.desk import Desk
from comity.api.first_look import look_first
from comity.api.paging import BOUNDED, PAGED
from comity.base.names import Digest, Party
from comity.console.app import make_console
from comity.console.origins import Origins
from comity.machine.machine import Machine
from comity.node.items import Items
from comity.node.memory_outbox import MemoryLink, MemoryOutbox
from comity.node.node import Node
from comity.node.post import Post
from comity.node.store import Store
from comity.node.stream import Reader
from kit.floor_pages import PAGES

__all__ = ["Asked", "describe", "measure"]

PARTY: Final[Party] = "JPN"
OTHER: Final[Party] = "KOR"
TOKEN: Final = "a-token-of-this-run"  # noqa: S105 -- of nobody
PORT: Final = 8765
TIMES: Final = 5
AIM_MS: Final = 100.0
PROFILED_COUNT: Final = 3
FLOOR_SHARE: Final = 100
DAY_COUNT: Final = 1_500
"""Entries of a day: fewer do not hold all that the pages show."""


@dataclass(slots=True)
class Asked:
    """How long one page took, in milliseconds, and how large its answer is."""

    name: str
    path: str
    first_ms: float = 0.0
    changed_ms: list[float] = field(default_factory=list)
    again_ms: list[float] = field(default_factory=list)
    size_bytes: int = 0
    floor_ms: float = 0.0
    profile: str = ""

    @property
    def ms(self) -> float:
        """The middle one of those after a change: what an officer waits."""
        return statistics.median(self.changed_ms)


@dataclass(slots=True)
class Measured:
    """All pages over one record. `grew_mb`: what the process grew by while they were asked."""

    entry_count: int
    page_count: int
    built_s: float
    started_s: float
    looked_s: float
    record_mb: float
    grew_mb: float
    asked: list[Asked]
    left_out: list[str]
    """Pages about what the record has none of: they are not asked for."""


NOT_SERVED: Final = "warning.not-running"
"""The node that is measured has no warning process beside it; a page that asks one says so."""


class Floor:
    """One node with a long record, and what asks it."""

    def __init__(self, folder: Path, *, entry_count: int) -> None:
        began = time.perf_counter()
        parties = make_parties(read_without_offices("camp-david"))
        self.history = FloorHistory(parties, party=PARTY, entry_count=entry_count)
        folder.mkdir(parents=True)
        store, batch, self.page_count = Store(folder / "store.db", party=PARTY), [], 0
        for page in self.history.write():
            batch.append(page)
            self.page_count += 1
            if len(batch) == 1000:
                store.commit(batch, (), at=self.history.now)
                batch = []
        store.commit(batch, (), at=self.history.now)
        for digest in store.find_unpublished():
            store.set_out(digest)
        self.built_s = time.perf_counter() - began
        before_mb, began = find_resident_mb(), time.perf_counter()
        machine, lineage = Machine(parties.setups[PARTY]), Digest(parties.pins.lineage)
        links = {other: MemoryLink(MemoryOutbox(), Reader(lineage, REALM, PARTY)) for other in parties.names
                 if other != PARTY}  # fmt: skip
        for link in links.values():
            link.is_cut = True
        post = Post(MemoryOutbox(), links, store, party=PARTY, lineage=lineage, realm=REALM)
        self.node = Node(machine, store, post, ceremony=CEREMONY, clock=lambda: self.history.now)
        self._before_mb, self._began = before_mb, began
        self._pact_raw = parties.pact_raw
        self.record_mb = self.started_s = self.looked_s = 0.0
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def start(self) -> None:
        """Fold the record, and sit down at it."""
        await self.node.start()
        self.started_s = time.perf_counter() - self._began
        self.record_mb = find_resident_mb() - self._before_mb
        items = Items(self.node, self.node.shelf, ceremony=CEREMONY)
        desk = Desk(self.node, items, pact_raw=self._pact_raw, suite=SUITE)
        origins = Origins(PARTY, PORT)
        self._clients = {
            "console": _open(make_console(desk, token=TOKEN, origins=origins), origins.first),
            "api": _open(make_app(desk, token=TOKEN), "http://node.test"),
        }
        self._clients["api"].headers["Authorization"] = f"Bearer {TOKEN}"
        await self._sign_in(origins.first)
        began = time.perf_counter()
        await look_first(desk)
        self.looked_s = time.perf_counter() - began

    async def _sign_in(self, origin: str) -> None:
        client = self._clients["console"]
        page = await client.get("/sign-in")
        fields = dict(re.findall(r'<input type="hidden" name="(form|next)" value="([^"]*)"', page.text))
        answer = await client.post("/sign-in", data={**fields, "token": TOKEN}, headers={"Origin": origin})
        assert answer.status_code == 303, "it has signed in"

    def change(self) -> None:
        """Have a message of another party come in."""
        assert self.node.take_bytes(self.history.send_one(OTHER).raw)

    async def ask(self, path: str) -> tuple[float, int]:
        """Ask for a page; return how many milliseconds it took, and its size."""
        client = self._clients["api" if path.startswith("/v1/") else "console"]
        began = time.process_time()
        answer = await client.get(path)
        took_ms = (time.process_time() - began) * 1000
        has_answer = answer.status_code in (200, 404) or NOT_SERVED in answer.text
        assert has_answer, f"{path}: {answer.status_code} {answer.text[:400]}"
        return took_ms, len(answer.content)

    async def stop(self) -> None:
        """Stop the node."""
        for client in self._clients.values():
            await client.aclose()
        await self.node.stop()

    def list_asked(self) -> tuple[list[Asked], list[str]]:
        """Return every page of the console and every list of the API, with the ids of this record in their paths.

        Beside them the pages about what this record has none of.
        """
        named = {name: id_.hex() for name, id_ in self.history.named.items()}
        ids = named | {name: named[type_] for name, type_ in _NAMES.items()}
        console: list[Asked] = []
        left_out: list[str] = []
        for page in PAGES:
            try:
                path = page.path(ids)
            except KeyError:
                left_out.append(page.name)
                continue
            if not page.is_entrance:
                console.append(Asked(page.name, path))
        inner = {name: ids[key] for name, key in _IN_PATHS.items()}
        inner["indicator"] = "policy.indicator.chip-lead-time"
        api: list[Asked] = []
        for path in (*PAGED, *BOUNDED):
            try:
                api.append(Asked(path, path.format(**inner)))
            except KeyError:
                left_out.append(path)
        return [*console, *api], left_out


_NAMES: Final = {
    "talk": "ConsultationCalled",
    "call": "ConsultationCalled",
    "threat": "ThreatReported",
    "text": "TextOpened",
    "measure": "MeasureOffered",
    "said": "MessageSent",
    "flash": "MessageSent",
    "phrase": "PhraseSent",
    "met": "MeetingHeld",
    "recall": "RecallRequested",
    "explained": "PositionExplained",
}
"""What the makers of `kit.floor_pages` call what the paths of their pages need."""
_IN_PATHS: Final = {"item": "item", "text": "text", "entry": "threat"}


def _open(app: Any, origin: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=origin, timeout=600)


@asynccontextmanager
async def _at_floor(folder: Path, *, entry_count: int) -> AsyncIterator[Floor]:
    floor = Floor(folder, entry_count=entry_count)
    try:
        await floor.start()
        yield floor
    finally:
        await floor.stop()


async def measure(folder: Path, *, entry_count: int, times: int = TIMES, only: str = "") -> Measured:
    """Ask for every page over a record of so many entries; `only` those whose name has this in it."""
    tell(f"writing a record of {entry_count} entries …")
    async with _at_floor(folder, entry_count=entry_count) as floor:
        tell(f"written in {floor.built_s:.0f} s, started in {floor.started_s:.0f} s")
        listed, left_out = floor.list_asked()
        asked = [one for one in listed if only in one.name]
        before_mb = find_resident_mb()
        for one in asked:
            one.first_ms, one.size_bytes = await floor.ask(one.path)
            tell(f"  {one.name}: {one.first_ms:.0f} ms")
        for _ in range(times):
            for one in asked:
                floor.change()
                one.changed_ms.append((await floor.ask(one.path))[0])
                one.again_ms.append((await floor.ask(one.path))[0])
        grew_mb = find_resident_mb() - before_mb
        for one in sorted(asked, key=lambda one: -one.ms)[:PROFILED_COUNT]:
            floor.change()
            with profiled(lambda text, one=one: setattr(one, "profile", text)):  # type: ignore[misc]
                await floor.ask(one.path)
        return Measured(floor.history.entry_count, floor.page_count, floor.built_s, floor.started_s, floor.looked_s,
                        floor.record_mb,
                        grew_mb, asked, left_out)  # fmt: skip


def describe(measured: Measured, floor: Measured) -> str:
    """Return the page of it."""
    floors = {one.name: one.ms for one in floor.asked}
    console = [one for one in measured.asked if not one.path.startswith("/v1/")]
    lists = [one for one in measured.asked if one.path.startswith("/v1/")]
    slow = sorted(measured.asked, key=lambda one: -one.ms)[:PROFILED_COUNT]
    machine = (
        f"Machine: {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}; when it was "
        f"measured, {os.getloadavg()[1]:.1f} processes wanted its cores. The record was written in "
        f"{measured.built_s:.0f} s and folded at the start in {measured.started_s:.0f} s; it takes "
        f"{measured.record_mb:.0f} MiB of memory. What a node goes through then by itself "
        f"took {measured.looked_s:.0f} s more, and all that was asked {measured.grew_mb:.0f} MiB."
    )
    parts = [
        INTRO.format(entries=measured.entry_count, pages=measured.page_count, fewer=floor.entry_count),
        machine,
        f"Under {AIM_MS:.0f} ms after a change: {_count(console)} pages, {_count(lists)} answers of the API."
        + (f" Not asked, for the record has none of it: {', '.join(measured.left_out)}." if measured.left_out else ""),
        f"## Pages of the console\n\n{_draw_table(console, floors)}",
        f"## Views of the API\n\n{_draw_table(lists, floors)}",
        "## Where the time of the slowest goes",
        *(f"`{_shorten(one.path)}`, once more after a change:\n\n```text\n{one.profile}\n```" for one in slow),
    ]
    return "\n\n".join(parts) + "\n"


INTRO: Final = """\
# How fast each page is over a long record

What the server takes for each page of the console and each list of the API over a record of {entries:,} entries in
{pages:,} pages: line tests with their answers, messages with what was read and acknowledged, consultations with
positions, texts under silence and measures, items given and asked back, indicators, voice calls, meetings, changes of
the watch. One node in one process, asked without a socket; milliseconds of processor time, which other work on the
machine lengthens only by the caches that it takes. `make page-speed` measures it anew.

*First* is once, after the start and after what a node goes through then by itself, beside other work: folds, the order
of the record, its index (`comity.api.first_look`). *Changed* is right after a message of another party came in, the
middle one and the longest of five. *Again* is with nothing changed since. The *floor* is *changed* over a record of
{fewer:,} entries, in the same run: the ratio to it is what the length of the record costs."""


def _count(asked: Sequence[Asked]) -> str:
    return f"{sum(one.ms < AIM_MS for one in asked)} of {len(asked)}"


def _draw_table(asked: Sequence[Asked], floors: Mapping[str, float]) -> str:
    head = ("", "path", "first", "changed", "longest", "again", "floor", "ratio", "KiB")
    rows = [
        ("" if one.ms < AIM_MS else "**slow**", f"`{_shorten(one.path)}`", f"{one.first_ms:.0f}", f"{one.ms:.1f}",
         f"{max(one.changed_ms):.1f}", f"{statistics.median(one.again_ms):.1f}", f"{floors[one.name]:.1f}",
         f"{one.ms / floors[one.name]:.1f}", f"{one.size_bytes / 1024:.0f}")
        for one in asked
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
             for row in (head, *rows)]  # fmt: skip
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _shorten(path: str) -> str:
    """Write an id by its beginning."""
    return re.sub(r"[0-9a-f]{64}", lambda found: f"{found[0][:4]}…", path)


def main() -> None:
    """Measure, print, and write the page."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--count", type=int, default=100_000)
    given.add_argument("--only", default="")
    given.add_argument("--log", type=Path)
    chosen = given.parse_args()
    with TemporaryDirectory(prefix="comity-page-speed-") as name:
        folder = Path(name)
        few = asyncio.run(
            measure(folder / "few", entry_count=max(DAY_COUNT, chosen.count // FLOOR_SHARE), only=chosen.only)
        )
        many = asyncio.run(measure(folder / "many", entry_count=chosen.count, only=chosen.only))
    text = describe(many, few)
    print(text)
    if chosen.log is not None:
        chosen.log.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
