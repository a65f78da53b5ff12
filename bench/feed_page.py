"""Writes what an hour of the feed held in memory: a table and a plot."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from bench.plots import INK

__all__ = ["Minute", "write_page"]


class Minute(NamedTuple):
    """How it stood at the end of a minute."""

    number: int
    updates: int
    memory_mib: float
    track_count: int
    page_count: int
    refused_count: int


HEAD = """\
# An hour of the warning feed

`make feed-hour` measures this page anew: an author's door, channel and file, a reader's channel, file and picture, in
one process, with the production's cryptography and real files, on a clock of its own. {rate:,} updates a second come
in, of 1,000 aircraft at a time; each is followed for five minutes, then another comes in its place. One report in a
hundred comes twice, one in a hundred five seconds late. The files keep ten minutes here and not a day, so that letting
go of pages is part of it.

**{minutes} minutes, {updates:,} updates, {used:.0f} s of processor time.** From minute {first} to minute {last} the
process went from {before:.1f} to {after:.1f} MiB: {grown:+.1f} MiB. What grows until then are the tracks that are
remembered: a quarter of an hour longer than the pact lets one of their class be silent.

![Memory over the hour](pictures/feed-hour.svg)

| minute | updates | memory | tracks remembered | pages kept | refused |
|---|---|---|---|---|---|
"""
EVERY = 5


def write_page(minutes: Sequence[Minute], folder: Path, *, rate_per_s: int, used_s: float) -> None:
    """Write the page, and its plot beside it."""
    last = minutes[-1]
    first = minutes[min(len(minutes) // 2, len(minutes) - 1)]
    text = HEAD.format(
        rate=rate_per_s, minutes=last.number, updates=last.updates, used=used_s, first=first.number, last=last.number,
        before=first.memory_mib, after=last.memory_mib, grown=last.memory_mib - first.memory_mib,
    )  # fmt: skip
    rows = [
        f"| {one.number} | {one.updates:,} | {one.memory_mib:.1f} MiB | {one.track_count:,} | {one.page_count:,} "
        f"| {one.refused_count:,} |"
        for one in minutes
        if one.number % EVERY == 0 or one is last
    ]
    (folder / "feed-hour.md").write_text(text + "\n".join(rows) + "\n", encoding="utf-8")
    _draw(minutes, folder / "pictures" / "feed-hour.svg")


def _draw(minutes: Sequence[Minute], path: Path) -> None:
    mpl.rcParams.update({"svg.hashsalt": "comity", "svg.fonttype": "none", "font.size": 9})
    canvas = Canvas(figsize=(6, 3))
    axes = canvas.subplots()
    axes.plot([one.number for one in minutes], [one.memory_mib for one in minutes], color=INK[0])
    axes.set_xlabel("minutes of the feed")
    axes.set_ylabel("memory of the process, MiB")
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.savefig(path, metadata={"Date": None}, bbox_inches="tight")
