"""Writes what was measured: one table for the screen, and the document with the same table, the plots and the profiles.

Figures are ratios to floors of the same run; what they are in seconds is true of one machine on one day.
"""

import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.figure import Figure, Row

__all__ = ["format_table", "write_document"]

PEERS: Final = """\
## What the neighbours measure

On a machine of the same class and with clients of the same kind, measured apart from the run above and kept here as a
scale: three federated Synapse homeservers show a message to both others after 50 ms (SQLite) to 95 ms (PostgreSQL) at
p50 and 70 to 120 ms at p99, at about 20 messages a second; three Prosody servers, which neither write through to a
disk nor seal, after 1.5 ms at p50 and 2.9 ms at p99. SQLite in WAL mode with full synchronisation commits a hash chain
about 6,000 times a second, one record to a transaction. taky relays 7,600 events a second to each of three clients.
"""
INTRO: Final = """\
# Benchmarks

`make bench` measures everything on this page in one run and writes it. Every figure stands beside a *floor* measured
in the same run: what the same work costs without Comity, or the least that it could. The ratio is the figure; the
milliseconds are one machine's. No test asserts a time (a test runs all of it small, to see that every figure is
there).
"""


def format_value(value: float) -> str:
    """Return a number with three digits that matter."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _cells(figure: Figure, row: Row) -> tuple[str, ...]:
    floor = "" if row.floor is None else f"{format_value(row.floor)} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    met = {True: "yes", False: "**no**", None: ""}[row.is_met]
    return (figure.letter, row.what, f"{format_value(row.measured)} {row.unit}", floor, ratio, row.aim, met)


HEAD: Final = ("", "what", "measured", "floor", "ratio", "aim", "met")


def format_table(figures: Iterable[Figure]) -> str:
    """Return the table as Markdown, which reads well on a screen too."""
    rows = [HEAD, *(_cells(figure, row) for figure in figures for row in figure.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def describe_machine() -> str:
    """Say what it ran on, without naming it."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory_gib:.0f} GiB of memory, {platform.system()}, Python "
        f"{platform.python_version()}; a virtual machine that shares its cores and its disk with others. All parties, "
        "all servers and the readers of the figures run on it together."
    )


def write_document(
    figures: dict[str, Figure], path: Path, pictures: list[str], *, took_s: float, is_quick: bool
) -> None:
    """Write the document."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    parts = [INTRO, f"Run of {day}, {took_s / 60:.0f} minutes. Machine: {describe_machine()}\n"]
    if is_quick:
        parts.append("**A quick run, which only shows that every figure is measured: its numbers say nothing.**\n")
    parts.append(format_table(figures.values()) + "\n")
    for figure in figures.values():
        parts.append(f"## ({figure.letter}) {figure.title}\n\n{figure.method}\n")
        wanted = {"a": "bench-statement.svg", "g": "bench-growth.svg"}.get(figure.letter)
        if wanted in pictures:
            parts.append(f"![({figure.letter}) {figure.title}](pictures/{wanted})\n")
        if figure.letter in REASONS:
            parts.append(REASONS[figure.letter] + "\n")
        if figure.profile:
            parts.append(f"Aim missed; most of the time went by here:\n\n```text\n{figure.profile}\n```\n")
    parts.append(PEERS)
    path.write_text("\n".join(parts), encoding="utf-8")


REASONS: Final = {
    "a": (
        "The way is the floor's, with more to do at each place, one place after another: the author judges, seals and "
        "signs, and commits before anything leaves; each reader verifies and opens, commits, and folds. The rows of "
        "processor time say how much that is, with all that follows (every reader signs for it, and that page comes "
        "back). The rest is waiting: for a commit of SQLite where the floor writes one block, and for a core."
    ),
    "b": (
        "Two readers and an author share the cores of one machine: each entry is encoded, judged by the release "
        "funnel, hashed and folded at the author, and hashed, decoded and folded at each reader. The row of all cores "
        "is what that comes to if they did nothing else, so that no waiting less can go beyond it here; and three "
        "servers run beside them. In life each has a machine of its own, and then the rows of processor time are what "
        "bounds it. Words wait for one page of the import at most (decision 0017)."
    ),
    "d": (
        "A snapshot saves the signature, the seal and the parsing; chains, names, standings and folds are worked out "
        "anew at every start (decision 0016)."
    ),
    "g": (
        "Every reader signs for a statement in a page of its own, to all; receipts name no receipts, and the next "
        "words do (decision 0031). So the pages for one statement grow with the square of the parties, and a third "
        "power is left in the list of readers that stands in every header. A pact of three or four does not notice; "
        "one of fifty should give most statements smaller audiences."
    ),
    "h": (
        "What the rules made of a marking is kept, in bounds, and looked up (decision 0034); consents and states are "
        "looked at anew each time. The last row is the rules themselves, with nothing kept. Cedar works its policies "
        "out for every request: two thirds of its time by its own count, and the rest builds the request."
    ),
}
