"""How the updates of a track follow one another: which came twice, which came late, which cannot have moved so far.

Two neighbours in time are compared by the great circle on a sphere of the earth's mean radius, which is wrong by half a
percent at most, less three times what both sides do not know of where they are. A jump is flagged and becomes what the
next update is compared with: a track that was moved away and stays is flagged once, one that is moved back twice.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.instants import Instant
from comity.pact.track import TrackClass
from comity.warning.layout import Flag, pick
from comity.warning.rows import Rows
from comity.warning.tally import Reason
from comity.warning.tracks import NEVER, RECENT_COUNT, Tracks

__all__ = ["Followed", "follow", "follow_said"]

_Ints = npt.NDArray[np.int64]
_Places = npt.NDArray[np.intp]
_Mask = npt.NDArray[np.bool_]
_Floats = npt.NDArray[np.float64]

EARTH_RADIUS_M: Final = 6_371_009.0
RADIUS_ERROR: Final = 1.005
"""A great circle of that radius is at most this much longer or shorter than the way over the ellipsoid."""
_RADIANS: Final = np.pi / 180 / 10_000_000
_TICK_MS: Final = 2
"""Two instants, each rounded to a millisecond, are at most this much farther apart than they say."""
_SIGMAS: Final = 3
_DROPPED: Final = int(Flag.DROPPED)
_DECEPTION: Final = int(Flag.DECEPTION)
_DM_PER_M: Final = 10


@dataclass(frozen=True)
class Followed:
    """What is left of a batch, in the order of track and instant; `places` are those of its rows in the batch."""

    rows: Rows
    places: _Places
    counts: Counter[Reason]
    next_track: int


@dataclass(frozen=True)
class _Runs:
    """The tracks of a sorted batch: where each begins, to which each row belongs, and its place in what is held."""

    begins: _Places
    of_row: _Places
    held: _Places

    @property
    def ends(self) -> _Places:
        """The last row of each track."""
        return np.append(self.begins[1:], len(self.of_row)) - 1


def follow(
    rows: Rows, ids: npt.NDArray[np.uint64], tracks: Tracks, row: TrackClass, *, now: Instant, next_track: int
) -> Followed:
    """Put rows of a source in their tracks: numbered, flagged where they jump, without those that came twice."""
    order = np.lexsort((rows["at"], ids))
    lone = int(np.searchsorted(ids[order], 0, side="right"))
    counts: Counter[Reason] = Counter()
    observed, order = order[:lone], order[lone:]
    gone_before = Instant(now - row.dropped_after_ms)
    order, next_track = _admit(order, ids, tracks, gone_before=gone_before, next_track=next_track, counts=counts)
    order = _drop_twice(order, rows["at"][order], ids[order], tracks, counts)
    places = np.concatenate((observed, order))
    joined = pick(rows, places)
    if len(order):
        moved = joined[lone:]
        runs = _find_runs(ids[order], tracks)
        counts[Reason.REORDERED] += _count_late(moved, runs, order, tracks)
        jumps = _find_jumps(moved, runs, tracks, row.speed_max_m_s)
        counts[Reason.JUMP] += int(np.count_nonzero(jumps))
        moved["flags"] |= np.where(jumps, _DECEPTION, 0).astype(np.uint16)
        _number(moved, runs, tracks)
        _remember(moved, runs, tracks)
        is_dropped = moved["flags"][runs.ends] & _DROPPED != 0
        tracks.end(ids[order][runs.begins][is_dropped])
    return Followed(joined, places, counts, next_track)


def follow_said(rows: Rows, tracks: Tracks) -> None:
    """Have tracks, as they were kept, go on by rows that were said of them since (W86).

    Numbers of updates rise as they are told (W12): a row counts whose number is higher than the track's.
    """
    by_number = np.argsort(tracks.held["number"])
    numbers = tracks.held["number"][by_number]
    found = np.searchsorted(numbers, rows["track"])
    is_known = found < len(numbers)
    is_known[is_known] = numbers[found[is_known]] == rows["track"][is_known]
    held, said = by_number[found[is_known]], pick(rows, np.flatnonzero(is_known))
    is_new = said["number"] > tracks.held["count"][held]
    held, said = held[is_new], pick(said, np.flatnonzero(is_new))
    if not len(said):
        return
    order = np.lexsort((said["at"], held))
    said, ids = pick(said, order), tracks.held["id"][held[order]]
    runs = _find_runs(ids, tracks)
    tracks.held["count"][runs.held] = np.maximum.reduceat(said["number"], runs.begins)
    _remember(said, runs, tracks)
    tracks.end(ids[runs.begins][said["flags"][runs.ends] & Flag.DROPPED != 0])


def _admit(
    order: _Places,
    ids: npt.NDArray[np.uint64],
    tracks: Tracks,
    *,
    gone_before: Instant,
    next_track: int,
    counts: Counter[Reason],
) -> tuple[_Places, int]:
    """Begin the tracks that are new; leave out the rows of those that found no room."""
    named = np.unique(ids[order])
    new = named[~tracks.find(named)[1]]
    if not len(new):
        return order, next_track
    found = tracks.admit(new, first_number=next_track, gone_before=gone_before)
    kept = tracks.find(ids[order])[1]
    counts[Reason.TRACKS] += int(np.count_nonzero(~kept))
    return order[kept], next_track + int(np.count_nonzero(found))


def _drop_twice(
    order: _Places, at: _Ints, ids: npt.NDArray[np.uint64], tracks: Tracks, counts: Counter[Reason]
) -> _Places:
    """Leave out updates of an instant that the track has an update of already."""
    is_twice = np.zeros(len(order), np.bool_)
    is_twice[1:] = (at[1:] == at[:-1]) & (ids[1:] == ids[:-1])
    recent = tracks.held["recent"][tracks.find(ids)[0]]
    is_twice |= (recent == at[:, None]).any(axis=1)
    counts[Reason.DUPLICATE] += int(np.count_nonzero(is_twice))
    return order[~is_twice]


def _find_runs(ids: npt.NDArray[np.uint64], tracks: Tracks) -> _Runs:
    is_first = np.ones(len(ids), np.bool_)
    is_first[1:] = ids[1:] != ids[:-1]
    begins = np.flatnonzero(is_first)
    return _Runs(begins, np.cumsum(is_first) - 1, tracks.find(ids[begins])[0])


def _count_late(moved: Rows, runs: _Runs, arrived: _Places, tracks: Tracks) -> int:
    """Count updates that came after a later one of their track: in this batch, or before it."""
    # The least arrival from each row to the end of its track; tracks are kept apart by more than any arrival.
    apart = runs.of_row * (int(arrived.max()) + 1)
    least = np.minimum.accumulate((arrived + apart)[::-1])[::-1]
    is_late = (least < arrived + apart) | (moved["at"] < tracks.held["at"][runs.held][runs.of_row])
    return int(np.count_nonzero(is_late))


def _find_jumps(moved: Rows, runs: _Runs, tracks: Tracks, speed_max_m_s: int) -> _Mask:
    """Tell which updates lie farther from their neighbour before than anything of the class moves in that time.

    Most did not move so far along the meridian and the equator together: only for others is the way worked out.
    """
    sigma = np.maximum(moved["sigma_east"], moved["sigma_north"])
    held = tracks.held[runs.held]
    at, latitude, longitude, unsure = (
        _find_before(column, held[name], runs)
        for name, column in (
            ("at", moved["at"]), ("latitude", moved["latitude"]), ("longitude", moved["longitude"]), ("sigma", sigma),
        )
    )  # fmt: skip
    span_ms = np.abs(moved["at"] - at) + _TICK_MS
    permitted_m = speed_max_m_s * span_ms / 1000 + _SIGMAS * (sigma + unsure) / _DM_PER_M
    north, east = (moved["latitude"] - latitude) * _RADIANS, (moved["longitude"] - longitude) * _RADIANS
    found: _Mask = (EARTH_RADIUS_M * (np.abs(north) + np.abs(east)) > permitted_m) & (at != NEVER)
    suspects = np.flatnonzero(found)
    if len(suspects):
        phi = latitude[suspects] * _RADIANS
        way_m = _find_way(phi, north[suspects], east[suspects])
        found[suspects] = way_m > permitted_m[suspects]
    return found


def _find_before(column: npt.NDArray[np.generic], held: npt.NDArray[np.generic], runs: _Runs) -> _Floats:
    """Return of each update its neighbour's value: of the update before it, for a track's first what is held."""
    before = np.empty(len(column), np.float64)
    before[1:] = column[:-1]
    before[runs.begins] = held
    return before


def _find_way(phi: _Floats, north: _Floats, east: _Floats) -> _Floats:
    """Return the way in metres from latitudes, so far north and east, in radians; rather too short than too long."""
    half_north, half_east = np.sin(north / 2), np.sin(east / 2)
    haversine = half_north**2 + np.cos(phi) * np.cos(phi + north) * half_east**2
    way: _Floats = 2 * EARTH_RADIUS_M / RADIUS_ERROR * np.arcsin(np.sqrt(np.clip(haversine, 0.0, 1.0)))
    return way


def _number(moved: Rows, runs: _Runs, tracks: Tracks) -> None:
    """Give each update the track's number, and its own within the track."""
    held = tracks.held
    moved["track"] = held["number"][runs.held][runs.of_row]
    within = np.arange(len(moved)) - runs.begins[runs.of_row]
    moved["number"] = held["count"][runs.held][runs.of_row] + within + 1
    held["count"][runs.held] = moved["number"][runs.ends]


def _remember(moved: Rows, runs: _Runs, tracks: Tracks) -> None:
    """Keep the latest update of each track, and the latest instants."""
    held, ends = tracks.held, runs.ends
    is_later = moved["at"][ends] > held["at"][runs.held]
    places, last = runs.held[is_later], moved[ends[is_later]]
    for name in ("at", "latitude", "longitude"):
        held[name][places] = last[name]
    held["sigma"][places] = np.maximum(last["sigma_east"], last["sigma_north"])
    from_end = ends[runs.of_row] - np.arange(len(moved))
    is_recent = from_end < RECENT_COUNT
    new = np.full((len(ends), RECENT_COUNT), NEVER)
    new[runs.of_row[is_recent], from_end[is_recent]] = moved["at"][is_recent]
    both = np.concatenate((held["recent"][runs.held], new), axis=1)
    held["recent"][runs.held] = np.sort(both, axis=1)[:, -RECENT_COUNT:]
