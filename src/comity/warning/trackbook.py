"""The rows of one track class that can still matter to a picture, and which of them stand at an instant.

Rules
- What is kept is a function of the set of rows alone: of each track the first, the last of each of the latest cycles,
  and the last before these. Thinning what was thinned and more gives what thinning all at once gives (W42), so that a
  picture kept live for months and one made anew from the archive hold the same rows.
- Of two rows of one track and instant the higher number stands, then what is told in full, then the greater bytes.
- A row that lies ahead of the instant asked for waits. A track that is silent for its class's horizon is
  forgotten; what it says later is a new life of it.
- When a row came is kept beside it, the earliest if it came more than once, and decides nothing.
- Not here: where anything is (`motion`), whose it is together with what (`correlate`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.columns import concatenate
from comity.warning.domain import TrackTerms
from comity.warning.estimated import name_tracks
from comity.warning.layout import ROW
from comity.warning.motion import Ints
from comity.warning.words import Words

__all__ = ["CYCLE_COUNT", "KEPT", "Kept", "Standing", "TrackBook"]

CYCLE_COUNT: Final = 3
"""Ends of cycles before now at which tracks are compared."""

AHEAD_COUNT_MAX: Final = 100_000
"""Rows that may wait for their instant: whoever's clock is so far ahead that more do has those nearest to now kept."""

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
Bools = npt.NDArray[np.bool_]

_NAME: Final = np.dtype([("author", "<i8"), ("track", "<u8")])


@dataclass(frozen=True, slots=True)
class Standing:
    """The tracks of a class at an instant, in the order of author and track.

    `last` and `first` are of `KEPT`, one for each track. `looks` are the instants of the ends of the last cycles, the
    latest first, each with the rows that stood then and whether there was one.
    """

    author: Ints
    last: Kept
    first: Kept
    looks: list[tuple[int, Kept, Bools]]


class TrackBook:
    """The rows of one class. Instants asked for never go back."""

    def __init__(self, terms: TrackTerms, words: Words) -> None:
        self.terms = terms
        self._words = words
        self._waiting: list[Kept] = []
        self._kept: Kept = np.empty(0, KEPT)
        self._slot: Ints = np.empty(0, np.int64)
        self._at: Ints = np.empty(0, np.int64)
        """Slot and instant of what is kept, once more as columns."""
        self._taken_count = 0
        self._names: npt.NDArray[np.void] = np.empty(0, _NAME)
        """Of each slot, in the order in which they came."""
        self._known: dict[int, tuple[npt.NDArray[np.uint64], Ints]] = {}
        """Of each author the names of tracks, sorted, and their slots."""

    @property
    def track_count(self) -> int:
        """How many tracks are remembered."""
        return len(self._names)

    def take(self, rows: Kept) -> None:
        """Take rows of `KEPT`, whose slots are still to be given."""
        rows["serial"] = np.arange(len(rows)) + self._taken_count
        self._taken_count += len(rows)
        self._waiting.append(rows)

    def settle(self, instant: int) -> tuple[Ints, npt.NDArray[np.uint64]]:
        """Let go of what can matter no more, without looking; return author and track of each that is remembered."""
        self._merge(instant)
        return self._names["author"], self._names["track"]

    def stand(self, instant: int, ranks: Ints) -> Standing:
        """Return the tracks at an instant. `ranks` gives each author's number its place among the names."""
        self._merge(instant)
        ends = np.flatnonzero(np.diff(self._slot, append=-1))
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])[: len(ends)]
        names = self._names.take(self._slot[ends])
        authors = ranks[names["author"]]
        order = np.lexsort((names["track"], authors))
        ends, starts = ends[order], starts[order]
        at, looks = self._at, []
        place = ends
        for back in range(CYCLE_COUNT):
            until = (instant // self.terms.cycle_ms - back) * self.terms.cycle_ms
            place = _step_back(place, starts, at, until)
            looks.append((until, self._kept.take(place), at[place] < until))
        return Standing(authors[order], self._kept.take(ends), self._kept.take(starts), looks)

    def _merge(self, instant: int) -> None:
        """Take up what waits and is not ahead, and let go of what can matter no more."""
        fresh = concatenate([*self._waiting, np.empty(0, KEPT)], KEPT)
        at = fresh["row"]["at"].astype(np.int64)
        ahead = np.flatnonzero(at > instant)
        self._waiting = []
        if len(ahead):
            row = fresh["row"][ahead]
            order = np.lexsort((row["number"], row["track"], fresh["author"][ahead], row["at"]))
            self._waiting = [fresh[ahead[order[:AHEAD_COUNT_MAX]]]]
            fresh = fresh[at <= instant]
            at = at[at <= instant]
        slot = self._give_slots(fresh)
        held = concatenate([self._kept, fresh], KEPT)
        slot, at = np.concatenate([self._slot, slot]), np.concatenate([self._at, at])
        order = _sort(held, slot, at, self._words) if len(fresh) else np.arange(len(held))
        order = order[_find_this_life(slot[order], at[order], (self._slot, self._at), self.terms.horizon_ms)]
        order = order[
            _thin(slot[order], at[order] // self.terms.cycle_ms, instant // self.terms.cycle_ms - CYCLE_COUNT)
        ]
        self._kept, self._slot, self._at = held.take(order), slot[order], at[order]
        self._forget(instant)

    def _give_slots(self, fresh: Kept) -> Ints:
        """Give each row the slot of its track; what no track was is a new one."""
        names, given = name_tracks(fresh["row"]), np.empty(len(fresh), np.int64)
        for author in np.unique(fresh["author"]).tolist():
            mine = np.flatnonzero(fresh["author"] == author)
            known, slots = self._known.get(author, (np.empty(0, np.uint64), np.empty(0, np.int64)))
            new = np.setdiff1d(names[mine], known)
            if len(new):
                place = np.searchsorted(known, new)
                slots = np.insert(slots, place, np.arange(len(new)) + len(self._names))
                known = np.insert(known, place, new)
                self._known[author] = known, slots
                added = np.empty(len(new), _NAME)
                added["author"], added["track"] = author, new
                self._names = np.concatenate([self._names, added])
            given[mine] = slots[np.searchsorted(known, names[mine])]
        fresh["slot"] = given
        return given

    def _forget(self, instant: int) -> None:
        """Let go of tracks that are silent for long, and of single observations as soon as nothing shows them."""
        ends = np.flatnonzero(np.diff(self._slot, append=-1))
        silent = instant - self._at[ends]
        is_single = self._names["track"][self._slot[ends]] < 1 << 32
        limit = np.where(is_single, self.terms.dropped_after_ms, self.terms.horizon_ms)
        is_kept = np.zeros(len(self._names), np.bool_)
        is_kept[self._slot[ends]] = silent <= limit
        if is_kept.all():
            return
        renumbered = np.cumsum(is_kept) - 1
        stays = is_kept[self._slot]
        self._kept, self._slot, self._at = self._kept[stays], renumbered[self._slot[stays]], self._at[stays]
        self._kept["slot"] = self._slot
        self._names = self._names[is_kept]
        for author, (known, slots) in list(self._known.items()):
            stays = is_kept[slots]
            self._known[author] = known[stays], renumbered[slots[stays]]


def _step_back(place: Ints, starts: Ints, at: Ints, until: int) -> Ints:
    """Return the last of each track's rows before an instant, or its first; a track has a handful of rows."""
    while True:
        is_early = (at[place] >= until) & (place > starts)
        if not is_early.any():
            return place
        place = place - is_early


def _sort(held: Kept, slot: Ints, at: Ints, words: Words) -> Ints:
    """Return the order by slot, instant, number; what stands of equals comes last."""
    base = int(at.min())
    span = int(at.max()) - base + 1
    if span * (int(slot.max()) + 1) < 1 << 62:
        order = np.argsort(slot * span + (at - base), kind="stable")
    else:
        order = np.lexsort((at, slot))
    slot, at = slot[order], at[order]
    tied = np.flatnonzero((slot[1:] == slot[:-1]) & (at[1:] == at[:-1]))
    if len(tied):
        runs = np.split(tied, np.flatnonzero(np.diff(tied) > 1) + 1)
        for run in runs:
            start, end = int(run[0]), int(run[-1]) + 2
            order[start:end] = _settle(held, order[start:end], words)
    return order


def _settle(held: Kept, tied: Ints, words: Words) -> Ints:
    """Return rows of one track and instant in order: of copies, the one that came first is the last."""
    rows = held[tied]
    keys = [words.rank_row(row["row"], int(row["told"]), int(row["seen"])) for row in rows]
    received = rows["received"].tolist()
    return tied[sorted(range(len(tied)), key=lambda place: (keys[place], -received[place]))]


def _find_this_life(slot: Ints, at: Ints, known: tuple[Ints, Ints], horizon_ms: int) -> Ints:
    """Return the places of what does not lie more than the horizon before the next row of its track.

    Between the first and the last row that were `known` before, by slot and instant, nothing was: what lay there has
    only been thinned.
    """
    gaps = np.flatnonzero((slot[1:] == slot[:-1]) & (at[1:] - at[:-1] > horizon_ms))
    if not len(gaps):
        return np.arange(len(slot))
    count = int(slot.max()) + 1
    since, until = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    until[known[0]] = known[1]
    since[known[0][::-1]] = known[1][::-1]
    is_known = (at[gaps] >= since[slot[gaps]]) & (at[gaps + 1] <= until[slot[gaps]])
    cut = np.zeros(count, np.int64)
    np.maximum.at(cut, slot[gaps[~is_known]], gaps[~is_known] + 1)
    return np.flatnonzero(np.arange(len(slot)) >= cut[slot])


def _thin(slot: Ints, cycle: Ints, oldest: int) -> Ints:
    """Return the places of each track's first row, the last of each cycle from the oldest on, and the last before."""
    cycle = np.maximum(cycle, oldest - 1)
    is_new_slot = slot[1:] != slot[:-1]
    is_kept = np.ones(len(slot), np.bool_)
    is_kept[:-1] = is_new_slot | (cycle[1:] != cycle[:-1])
    is_kept[1:] |= is_new_slot
    is_kept[:1] = True
    return np.flatnonzero(is_kept)
