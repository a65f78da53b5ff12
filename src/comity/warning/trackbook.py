"""The rows of one track class that can still matter to a picture, and which of them stand at an instant.

Rules
- What is kept is a function of the set of rows alone: of each track the first, the last of each of the latest cycles,
  and the last before these. Thinning what was thinned and more gives what thinning all at once gives (W42), so that a
  picture kept live for months and one made anew from the archive hold the same rows.
- Of two rows of one track and instant the higher number stands, then what is told in full, then the greater bytes.
- A track that is silent for its class's horizon is forgotten; what it says later is a new life of it.
- When a row came is kept beside it, the earliest if it came more than once, and decides nothing.
- Not here: what waits for its instant (`arrivals`), where anything is (`motion`), whose it is together with what
  (`correlate`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.arrivals import KEPT, Arrivals, Arrived, Kept
from comity.warning.columns import concatenate
from comity.warning.domain import TrackTerms
from comity.warning.motion import Ints
from comity.warning.words import Words

__all__ = ["CYCLE_COUNT", "Standing", "TrackBook"]

CYCLE_COUNT: Final = 3
"""Ends of cycles before now at which tracks are compared."""

Bools = npt.NDArray[np.bool_]

_NAME: Final = np.dtype([("author", "<i8"), ("track", "<u8")])


@dataclass(frozen=True, slots=True)
class Standing:
    """The tracks of a class at an instant, in the order of author and track.

    `last` and `first` are of `KEPT`, one for each track. `looks` are the instants of the ends of the last cycles, the
    latest first, each with the places in `kept` of the rows that stood then and whether there was one.
    """

    author: Ints
    last: Kept
    first: Kept
    kept: Kept
    looks: list[tuple[int, Ints, Bools]]


class TrackBook:
    """The rows of one class. Instants asked for never go back."""

    def __init__(self, terms: TrackTerms, words: Words) -> None:
        self.terms = terms
        self._words = words
        self._arrivals = Arrivals(cycle_ms=terms.cycle_ms)
        self._kept: Kept = np.empty(0, KEPT)
        self._slot: Ints = np.empty(0, np.int64)
        self._at: Ints = np.empty(0, np.int64)
        """Slot and instant of what is kept, once more as columns."""
        self._names: npt.NDArray[np.void] = np.empty(0, _NAME)
        """Of each slot, in the order in which they came."""
        self._known: dict[int, tuple[npt.NDArray[np.uint64], Ints]] = {}
        """Of each author the names of tracks, sorted, and their slots."""

    @property
    def track_count(self) -> int:
        """How many tracks are remembered."""
        return len(self._names)

    def take(self, block: Arrived) -> None:
        """Take a block that came."""
        self._arrivals.put(block)

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
            looks.append((until, place, at[place] < until))
        return Standing(authors[order], self._kept.take(ends), self._kept.take(starts), self._kept, looks)

    def _merge(self, instant: int) -> None:
        """Take up what waits and is not ahead, and let go of what can matter no more."""
        if self._arrivals.is_empty and not len(self._slot):
            return  # of most classes nothing is in the picture, and they are asked each second
        fresh = self._arrivals.draw(instant, self._give_slots)
        held = concatenate([self._kept, fresh], KEPT)
        slot = np.concatenate([self._slot, fresh["slot"]])
        at = np.concatenate([self._at, fresh["row"]["at"]])
        order = _sort(held, slot, at, self._words) if len(fresh) else np.arange(len(held))
        order = order[_find_this_life(slot[order], at[order], (self._slot, self._at), self._find_limits())]
        order = order[
            _thin(slot[order], at[order] // self.terms.cycle_ms, instant // self.terms.cycle_ms - CYCLE_COUNT)
        ]
        self._kept, self._slot, self._at = held.take(order), slot[order], at[order]
        self._forget(instant)

    def _give_slots(self, authors: Ints, names: npt.NDArray[np.uint64]) -> Ints:
        """Return the slot of the track of each row; what no track was is a new one."""
        given = np.empty(len(names), np.int64)
        for author in np.flatnonzero(np.bincount(authors)).tolist():
            mine = np.flatnonzero(authors == author)
            known, slots = self._known.get(author, (np.empty(0, np.uint64), np.empty(0, np.int64)))
            wanted = names[mine]
            place = np.searchsorted(known, wanted)
            is_new = np.ones(len(mine), np.bool_)
            inside = place < len(known)
            is_new[inside] = known[place[inside]] != wanted[inside]
            if is_new.any():
                new = np.unique(wanted[is_new])
                at = np.searchsorted(known, new)
                slots = np.insert(slots, at, np.arange(len(new)) + len(self._names))
                known = np.insert(known, at, new)
                self._known[author] = known, slots
                added = np.empty(len(new), _NAME)
                added["author"], added["track"] = author, new
                self._names = np.concatenate([self._names, added])
                place = np.searchsorted(known, wanted)
            given[mine] = slots[place]
        return given

    def _find_limits(self) -> Ints:
        """Return for how long each slot's track may be silent until its life ends."""
        is_single = self._names["track"] < 1 << 32
        return np.where(is_single, self.terms.dropped_after_ms, self.terms.horizon_ms)

    def _forget(self, instant: int) -> None:
        """Let go of tracks that are silent for long, and of single observations as soon as nothing shows them."""
        ends = np.flatnonzero(np.diff(self._slot, append=-1))
        silent = instant - self._at[ends]
        is_kept = np.zeros(len(self._names), np.bool_)
        is_kept[self._slot[ends]] = silent <= self._find_limits()[self._slot[ends]]
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


def _find_this_life(slot: Ints, at: Ints, known: tuple[Ints, Ints], limits_ms: Ints) -> Ints:
    """Return the places of what does not lie more than its slot's limit before the next row of its track.

    Between the first and the last row that were `known` before, by slot and instant, nothing was: what lay there has
    only been thinned.
    """
    gaps = np.flatnonzero((slot[1:] == slot[:-1]) & (at[1:] - at[:-1] > limits_ms[slot[1:]]))
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
