"""What a map of 5,000 moving tracks costs: bytes a second, time on the browser's main thread, frames that are skipped.

A watch floor in this process, its warning process stood in for by frames that were written beforehand, one a second, of
ships that sail all over the western Pacific (`kit.scene.make_crowd`); the page *Warning* in Chromium, which draws in
software. The floor is the same page with a tenth of the tracks, in the same run.

    make map-speed TRACKS=5000 LOG=docs/map-speed.md
"""

import argparse
import asyncio
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.figure import tell
from comity.base.instants import SECOND_MS, Instant
from comity.base.names import Party
from comity.node.feed.picture_rows import show_picture
from comity.warning.domain import read_terms
from comity.warning.frame import FrameWriter
from comity.warning.picture import Picture
from comity.warning.rows import Block
from comity.warning.situation import Situation
from kit.browsing import CHROMIUM, open_browser, sign_in
from kit.floor import Floor
from kit.nodes import SUITE, Nodes, accept_all, make_homes
from kit.picture_stage import PictureStage
from kit.scene import make_crowd

__all__ = ["Measured", "describe", "measure"]

PARTY: Final[Party] = "JPN"
SECONDS: Final = 30
SETTLE_MS: Final = 5_000
FLOOR_SHARE: Final = 10
WITHIN_MS: Final = 300_000
SCREEN: Final = {"width": 1280, "height": 900}
_M_OF_DEGREE: Final = 111_320.0
_COUNTERS: Final = """() => { const { chart, table } = window.comityMap; return {
    number: table.number, count: chart.sight.count, laid: chart.laidCount, laid_ms: chart.laidMs,
    drawn: chart.layer.drawnCount, drawn_ms: chart.layer.drawnMs, at_ms: performance.now() }; }"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One map. Times are milliseconds of the page's main thread; `busy_ms` is all that it did, as Chromium counts."""

    track_count: int
    shown_count: int
    whole_bytes: int
    change_bytes: float
    second_count: float
    came_count: int
    laid_count: int
    laid_ms: float
    drawn_count: int
    drawn_ms: float
    busy_ms: float
    script_ms: float

    @property
    def skipped_count(self) -> int:
        """Frames that came and were never laid out, because the next was there already."""
        return max(0, self.came_count - self.laid_count)


class Crowd(PictureStage):
    """A warning process whose picture was folded, and whose frames were written, before anybody looks."""

    def __init__(self, floor: Floor, folder: Path, *, track_count: int, second_count: int) -> None:
        at = floor.nodes[PARTY].now()
        super().__init__(floor, PARTY, [], folder, stands_at=at)
        pact = floor.nodes[PARTY].machine.pact
        block = make_crowd(track_count, at)
        picture, frames = Picture(read_terms(pact)), FrameWriter()
        self.frames: list[bytes] = []
        self._first: Situation | None = None
        for second in range(second_count):
            picture.take(PARTY, _move(block, second), None)
            situation = picture.at(Instant(at + second * SECOND_MS))
            self._first = self._first or situation
            self.frames.append(frames.write(situation))
        assert self._first is not None
        self.rows = show_picture(self._first, pact, digest=self._first.digest(SUITE))

    def fold(self, at: int) -> Situation:
        """Return the first: who asks for rows asks for these."""
        del at
        assert self._first is not None
        return self._first

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        asked: Mapping[str, Any] = msgspec.json.decode(line)
        if asked["do"] == "picture":
            writer.write(msgspec.json.encode(self.rows) + b"\n")
        elif asked["do"] == "frames":
            await self._stream(writer)
        writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        for frame in self.frames:
            if writer.is_closing() or self.is_silent:
                return
            writer.write(frame)
            await writer.drain()
            await asyncio.sleep(1)


def _move(block: Block, second: int) -> Block:
    """Return what the crowd reports so many seconds on."""
    rows = block.rows.copy()
    of_degree = _M_OF_DEGREE * np.cos(np.radians(rows["latitude"] / 1e7))
    rows["number"], rows["at"] = second + 1, rows["at"] + second * SECOND_MS
    rows["latitude"] += np.rint(rows["velocity_north"] / 100 * second / _M_OF_DEGREE * 1e7).astype(np.int32)
    rows["longitude"] += np.rint(rows["velocity_east"] / 100 * second / of_degree * 1e7).astype(np.int32)
    return Block.of_rows(block.class_, rows)


def measure(browser: Browser, floor: Floor, folder: Path, *, track_count: int, second_count: int = SECONDS) -> Measured:
    """Open the page over so many tracks and look on for so many seconds."""
    tell(f"writing {second_count + 60} frames of {track_count} tracks …")
    with Crowd(floor, folder, track_count=track_count, second_count=second_count + 60) as crowd:
        context = open_browser(browser, floor.origins[PARTY], locale="en-US", viewport=SCREEN)
        context.set_default_timeout(WITHIN_MS)
        page = context.new_page()
        sign_in(page)
        page.goto("/warning")
        page.locator("#map[data-laid][data-ends]").wait_for()
        page.wait_for_timeout(SETTLE_MS)
        session = context.new_cdp_session(page)
        session.send("Performance.enable")
        before, was = _count(page), _read(session)
        page.wait_for_timeout(1_000 * second_count)
        after, now = _count(page), _read(session)
        crowd.is_silent = True
        context.close()
        changes = [len(frame) for frame in crowd.frames[1:]]
    gone = {name: after[name] - before[name] for name in after}
    return Measured(
        track_count, int(after["count"]), len(crowd.frames[0]), statistics.mean(changes), gone["at_ms"] / 1_000,
        int(gone["number"]), int(gone["laid"]), gone["laid_ms"], int(gone["drawn"]), gone["drawn_ms"],
        (now["TaskDuration"] - was["TaskDuration"]) * 1_000, (now["ScriptDuration"] - was["ScriptDuration"]) * 1_000,
    )  # fmt: skip


def _count(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate(_COUNTERS)
    return found


def _read(session: CDPSession) -> dict[str, float]:
    return {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}


INTRO: Final = """\
# What a map of many moving tracks costs

The page *Warning* in Chromium, {tracks:,} ships that all move, a frame a second as the node sends them (binary
columns, docs/spec/warning.md, W39), for {seconds:.0f} seconds. **Chromium draws in software here**: there is no
graphics processor, so what one would draw is done on the machine's cores, and *drawing* is longer than on a
desk. The floor is the same page with a tenth of the tracks, in the same run. `make map-speed` measures it anew.

*Laying out* is taking what came into arrays for drawing, once a frame; *drawing* is the map's own layer, as often as
the page paints. *Main thread* is all that the page did, by Chromium's own count. A frame is *skipped* where the next
had come before it was laid out: the map then shows the newer one."""


def describe(measured: Sequence[Measured]) -> str:
    """Return the page of it."""
    machine = (
        f"Machine: {os.cpu_count()} cores ({platform.machine()}); when it was measured, {os.getloadavg()[1]:.1f} "
        "processes wanted its cores, browser and node among them."
    )
    head = ("tracks", "shown", "first frame, KiB", "KiB a second", "frames came", "skipped", "laying out, ms a frame",
            "drawing, ms each", "drawn a second", "main thread, ms a second", "of it script")  # fmt: skip
    rows = [
        (f"{one.track_count:,}", f"{one.shown_count:,}", f"{one.whole_bytes / 1024:.0f}",
         f"{one.change_bytes * one.came_count / one.second_count / 1024:.0f}", f"{one.came_count}",
         f"{one.skipped_count}", f"{one.laid_ms / max(1, one.laid_count):.1f}",
         f"{one.drawn_ms / max(1, one.drawn_count):.1f}", f"{one.drawn_count / one.second_count:.1f}",
         f"{one.busy_ms / one.second_count:.0f}", f"{one.script_ms / one.second_count:.0f}")
        for one in measured
    ]  # fmt: skip
    lines = ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]
    intro = INTRO.format(tracks=measured[-1].track_count, seconds=measured[-1].second_count)
    return "\n\n".join((intro, machine, "\n".join(lines))) + "\n"


def main() -> None:
    """Measure, print, and write the page."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--count", type=int, default=5_000)
    given.add_argument("--seconds", type=int, default=SECONDS)
    given.add_argument("--log", type=Path)
    chosen = given.parse_args()
    with TemporaryDirectory(prefix="comity-map-speed-") as name, sync_playwright() as playwright:
        place = Path(name)
        accepted = accept_all(make_homes(place / "homes"), has_offices=True)
        with Floor(Nodes(accepted, place / "stores")) as floor:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM))
            found = [
                measure(browser, floor, place / f"of-{count}", track_count=count, second_count=chosen.seconds)
                for count in (max(1, chosen.count // FLOOR_SHARE), chosen.count)
            ]
            browser.close()
    text = describe(found)
    print(text)
    if chosen.log is not None:
        chosen.log.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
