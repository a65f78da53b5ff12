"""What one figure came to: rows of a table, points of a plot, and a profile where an aim was missed."""

import cProfile
import io
import pstats
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Figure", "Row", "percentile", "profiled", "tell"]

PROFILE_COUNT: Final = 12
"""Lines of a profile that go into the document."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `floor` is what the same work costs without Comity, measured in the same run."""

    what: str
    measured: float
    unit: str
    floor: float | None = None
    aim: str = ""
    is_met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the floor it is."""
        return None if not self.floor else self.measured / self.floor


@dataclass(slots=True)
class Figure:
    """One letter of the list: its rows, what was done, and the points of its plots by name."""

    letter: str
    title: str
    method: str
    rows: list[Row] = field(default_factory=list)
    points: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    profile: str = ""

    @property
    def misses(self) -> bool:
        """Whether an aim was missed."""
        return any(row.is_met is False for row in self.rows)


def tell(line: str) -> None:
    """Tell whoever waits how far it is."""
    print(line, file=sys.stderr, flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextmanager
def profiled(keep: Callable[[str], None]) -> Iterator[None]:
    """Profile what runs in the block, and keep the lines in which most of the time went by."""
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        yield
    finally:
        profiler.disable()
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).strip_dirs().sort_stats("tottime").print_stats(PROFILE_COUNT)
    lines = text.getvalue().splitlines()
    start = next(i for i, line in enumerate(lines) if "ncalls" in line)
    keep("\n".join(line.rstrip() for line in lines[start:] if line.strip()))
