"""Blocks that came since a picture was last asked for, and what of them can matter: a flood costs a look at columns.

Rules
- Of each track the first and the last row of each cycle are taken up. What lies between two rows of one cycle is the
  last of none and ends no life of a track, so it is never looked at: the picture is the same as if it were (W42).
- Single observations are all taken up: each may be the last for as long as they are shown.
- A row that lies ahead of the instant asked for waits.
- Not here: which of what is taken up stays (`trackbook`).
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from comity.warning.columns import concatenate, write_field
from comity.warning.estimated import name_tracks
from comity.warning.layout import NOT_NAMED, ROW
from comity.warning.motion import Ints

__all__ = ["KEPT", "Arrivals", "Arrived", "Kept"]

AHEAD_COUNT_MAX: Final = 100_000
"""Rows that may wait for their instant: whoever's clock is so far ahead that more do has those nearest to now kept."""

GROUP_COUNT_MAX: Final = 1 << 20
"""Tracks and cycles that are looked at as a table; where instants are scattered wider, every row is taken up."""

KEPT: Final[np.dtype[np.void]] = np.dtype(
    [
        ("row", ROW),
        ("author", "<i8"),
        ("slot", "<i8"),
        ("received", "<i8"),
        ("told", "<i8"),
        ("seen", "<i8"),
        ("serial", "<i8"),
    ]
)
"""A row, whose it is, the place of its track, when it came, under which coarsening, what saw it, the how manyth it is.

Author, slot, coarsening and sensor are numbers of this picture's own, in the order in which they came up; the row's own
sensor, which is a place in its block, is 0. By its serial a row is known again, and nothing is decided."""

Kept = npt.NDArray[np.void]

GiveSlots = Callable[[Ints, npt.NDArray[np.uint64]], Ints]
"""Returns the place of each track, by authors' numbers and names of tracks."""


class Arrived(NamedTuple):
    """A block as it came. `seen` are the numbers of its sensors, and then 0."""

    rows: npt.NDArray[np.void]
    author: int
    received: int | None
    told: int
    seen: Ints

    def make(self, places: Ints, serial: int) -> Kept:
        """Return some of its rows as they are kept."""
        picked = self.rows.take(places)
        rows = np.empty(len(places), KEPT)
        write_field(rows, "row", picked)
        rows["author"], rows["slot"], rows["told"] = self.author, -1, self.told
        rows["received"] = picked["at"] if self.received is None else self.received
        sensor = picked["sensor"]
        rows["seen"] = self.seen[np.where(sensor == NOT_NAMED, len(self.seen) - 1, sensor)]
        rows["row"]["sensor"] = 0
        rows["serial"] = serial + places
        return rows


class Arrivals:
    """What waits, of one class."""

    def __init__(self, *, cycle_ms: int) -> None:
        self._cycle_ms = cycle_ms
        self._blocks: list[Arrived] = []
        self._ahead: Kept = np.empty(0, KEPT)
        self._taken_count = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._blocks and not len(self._ahead)

    def put(self, block: Arrived) -> None:
        """Let a block wait."""
        self._blocks.append(block)

    def draw(self, instant: int, give_slots: GiveSlots) -> Kept:
        """Return what is not ahead of an instant and can matter, each row with its slot."""
        waited = np.flatnonzero(self._ahead["row"]["at"] <= instant)
        due, blocks = self._ahead.take(waited), self._blocks
        due["slot"] = give_slots(due["author"].copy(), name_tracks(due["row"]))
        if not blocks and not len(waited):
            return due
        self._ahead = np.delete(self._ahead, waited)
        self._blocks = []
        fresh = [due, *self._draw_blocks(blocks, instant, give_slots)]
        return concatenate(fresh, KEPT)

    def _draw_blocks(self, blocks: list[Arrived], instant: int, give_slots: GiveSlots) -> Iterator[Kept]:
        """Yield of each block what can matter, and let wait what is ahead."""
        at = np.concatenate([_NONE, *(block.rows["at"] for block in blocks)])
        track = np.concatenate([_NO_NAMES, *(name_tracks(block.rows) for block in blocks)])
        sizes = [len(block.rows) for block in blocks]
        author = np.repeat(np.array([block.author for block in blocks], np.int64), sizes)
        is_due = at <= instant
        due = np.flatnonzero(is_due)
        slot = np.full(len(at), -1)
        slot[due] = give_slots(author[due], track[due])
        is_single = track[due] < 1 << 32
        kept = due[is_single | _find_ends(slot[due], at[due] // self._cycle_ms, at[due])]
        yield from self._make(blocks, kept, slot)
        if len(due) < len(at):
            ahead = [self._ahead, *self._make(blocks, np.flatnonzero(~is_due), slot)]
            self._ahead = _keep_nearest(concatenate(ahead, KEPT))
        self._taken_count += len(at)

    def _make(self, blocks: list[Arrived], places: Ints, slot: Ints) -> Iterator[Kept]:
        """Yield the rows at these places, which ascend, of all blocks laid end to end."""
        start = 0
        for block in blocks:
            low, high = np.searchsorted(places, (start, start + len(block.rows)))
            if high > low:
                rows = block.make(places[low:high] - start, self._taken_count + start)
                rows["slot"] = slot[places[low:high]]
                yield rows
            start += len(block.rows)


def _find_ends(slot: Ints, cycle: Ints, at: Ints) -> npt.NDArray[np.bool_]:
    """Tell what has the first or the last instant of its track and cycle: of equals all."""
    everything = np.ones(len(slot), np.bool_)
    if not len(slot):
        return everything
    cycle = cycle - cycle.min()
    span = int(cycle.max()) + 1
    count = (int(slot.max()) + 1) * span
    if count > min(GROUP_COUNT_MAX, len(slot)):
        return everything
    group = slot * span + cycle
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(first, group, at)
    np.maximum.at(last, group, at)
    found: npt.NDArray[np.bool_] = (at == first[group]) | (at == last[group])
    return found


def _keep_nearest(ahead: Kept) -> Kept:
    """Return those that are soonest to be looked at, as many as there is room for."""
    if len(ahead) <= AHEAD_COUNT_MAX:
        return ahead
    row = ahead["row"]
    order = np.lexsort((row["number"], row["track"], ahead["author"], row["at"]))
    return ahead.take(order[:AHEAD_COUNT_MAX])


_NONE: Final = np.empty(0, np.int64)
_NO_NAMES: Final = np.empty(0, np.uint64)
