"""Measures every figure, prints the table and writes the document: `python -m bench [--quick] [--out FOLDER]`.

`--quick` does all of it small, to show that it works; its numbers say nothing. `--only ab` measures some figures.
Progress goes to standard error. A figure that this machine cannot carry is said so in its place, and the rest is
measured and written all the same. Broken off, it writes nothing and leaves no node, server or folder behind.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.audit import measure_audit
from bench.blocks import measure_blocks
from bench.day import measure_day
from bench.exchange import measure_exchange
from bench.feed import measure_delay, measure_feed
from bench.figure import Figure, tell
from bench.growth import measure_growth
from bench.imports import measure_imports
from bench.pact import read_without_offices
from bench.picture import measure_picture
from bench.plots import draw
from bench.release import measure_release
from bench.report import format_table, write_document
from bench.restart import measure_restart
from bench.statements import measure_statements
from comity.base.errors import OutageError


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    statements: int
    imported: int
    audited: int
    audited_single: int
    restarted: int
    rehearsed: tuple[int, ...]
    real: tuple[int, ...]
    grown_statements: int
    grown_imported: int
    decided: int
    compared: int
    cedar: int
    exchanged: int
    pulled: int
    flown: int
    flow_s: float
    delayed: int
    rows: int
    correlated: int


TITLES: Final = {
    "a": "a statement, there at both peers",
    "b": "an import, there at both peers",
    "c": "the audit",
    "d": "starts, and memory",
    "e": "a rehearsed day",
    "g": "growth with the parties",
    "h": "a release decision",
    "i": "exchange with threat-intelligence systems",
    "j": "the warning feed, end to end",
    "k": "from a source to both pictures",
    "l": "blocks of the warning feed",
    "m": "a cycle of the warning picture",
}
FULL = Size(
    400,
    100_000,
    1_000_000,
    20_000,
    100_000,
    (3, 6, 12, 25, 50),
    (3, 4, 6, 8),
    4,
    8_192,
    10_000,
    60_000,
    20_000,
    50_000,
    10_000,
    1_000,
    20.0,
    20_000,
    200_000,
    1_000,
)
QUICK = Size(5, 600, 640, 30, 60, (3, 4), (3,), 1, 300, 200, 6_000, 200, 300, 300, 30, 0.5, 100, 3_000, 60)


def measure(size: Size, folder: Path, only: str) -> Iterator[Figure]:
    """Yield the figures as they are measured."""
    profile = read_without_offices("camp-david")
    steps: dict[str, Callable[[], tuple[Figure, ...]]] = {
        "a": lambda: (measure_statements(folder / "a", profile, count=size.statements),),
        "b": lambda: (measure_imports(folder / "b", profile, count=size.imported),),
        "c": lambda: (measure_audit(entry_count=size.audited, single_count=size.audited_single),),
        "d": lambda: measure_restart(folder / "d", page_count=size.restarted),
        "e": lambda: (measure_day(),),
        "g": lambda: (
            measure_growth(
                folder / "g",
                rehearsed=size.rehearsed,
                real=size.real,
                statement_count=size.grown_statements,
                import_count=size.grown_imported,
            ),
        ),
        "h": lambda: (measure_release(item_count=size.decided, compared_count=size.compared, cedar_count=size.cedar),),
        "i": lambda: (measure_exchange(folder / "i", profile, count=size.pulled, imported=size.exchanged),),
        "j": lambda: (measure_feed(folder / "j", profile, track_count=size.flown, span_s=size.flow_s),),
        "k": lambda: (measure_delay(folder / "k", profile, count=size.delayed),),
        "l": lambda: (measure_blocks(row_count=size.rows),),
        "m": lambda: (measure_picture(track_count=size.correlated),),
    }
    for letter, step in steps.items():
        if letter in only:
            began = time.perf_counter()
            tell(f"({letter}) {TITLES[letter]} …")
            try:
                yield from step()
            except (TimeoutError, OutageError) as error:
                code = error.code if isinstance(error, OutageError) else "time-out"
                method = f"This machine could not carry it in time ({code}): it was not measured."
                yield Figure(letter, TITLES[letter].capitalize(), method)
            tell(f"({letter}) took {time.perf_counter() - began:.0f} s")


def remove(folder: Path) -> None:
    """Remove the homes; a server that was told to end may still be writing its last."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="abcdeghijklm")
    parser.add_argument("--out", type=Path, help="the folder of the documents; without it nothing is written")
    chosen = parser.parse_args()
    # Asked to end in whatever way, it ends as by Ctrl-C: what was started is stopped on the way out.
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts what runs in its background deaf to the first
        signal.signal(number, signal.default_int_handler)
    began = time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="comity-bench-"))
    try:
        size = QUICK if chosen.quick else FULL
        found = {figure.letter: figure for figure in measure(size, folder, chosen.only)}
    finally:
        remove(folder)
    figures = {letter: found[letter] for letter in sorted(found)}
    print(format_table(figures.values()))
    tell(f"all of it took {(time.perf_counter() - began) / 60:.1f} minutes")
    if chosen.out is not None:
        pictures = draw(figures, chosen.out / "pictures")
        write_document(
            figures, chosen.out / "benchmarks.md", pictures, took_s=time.perf_counter() - began, is_quick=chosen.quick
        )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
