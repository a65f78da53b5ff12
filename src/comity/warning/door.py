"""The door by which reports of the own party's sensors come in: as rows of a block, flagged, or refused and counted.

Rules (docs/spec/warning.md, W10 to W12)
- Whatever a source sends, what comes out keeps every bound of a block and of its class; nothing raises.
- A source is bounded by itself: in reports a second, in tracks, and in nothing that another source has.
- What is refused is counted with its reason, by source. What is odd but may be true is kept and flagged: a jump may be
  a deception, and a picture that left it out would hide it.
- Numbers of tracks are the author's own, given once: `next_track` is kept by whoever starts the door again.
- The instant comes in. Everything is done over whole batches.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.instants import DAY_MS, Instant
from comity.base.limits import INSTANT_MS_MAX, SENSOR_COUNT_MAX, SOURCE_RATE_PER_S, SOURCE_TRACK_COUNT_MAX
from comity.pact.track import TrackClass
from comity.warning.bounds import Check, find_class_checks, find_estimate_checks, find_row_checks
from comity.warning.bucket import Bucket
from comity.warning.classes import read_bounds
from comity.warning.layout import ESTIMATE, pick
from comity.warning.quantise import find_finite, find_finite_guesses, make_estimates, make_rows
from comity.warning.reports import Reports
from comity.warning.rows import Block, Rows
from comity.warning.succession import follow
from comity.warning.tally import Reason, Tally
from comity.warning.tracks import Tracks

__all__ = ["Door", "DoorRules", "Taken"]

_Mask = npt.NDArray[np.bool_]
_PREFIX: Final = "warning."


@dataclass(frozen=True)
class DoorRules:
    """What the node's operator sets for one source."""

    rate_per_s: int = SOURCE_RATE_PER_S
    burst: int = 2 * SOURCE_RATE_PER_S
    future_ms_max: int = 2_000
    """How far a report's instant may lie after now: clocks differ."""
    past_ms_max: int = 10 * 60 * 1000
    """How far before: what a source holds back for longer is no warning."""
    track_count_max: int = SOURCE_TRACK_COUNT_MAX


@dataclass(frozen=True)
class Taken:
    """What came of one batch: a block in the order of track and instant, and the counts. The block may be empty.

    `begun_ids` are the source's ids of the tracks that began and go on, `begun_numbers` the author's numbers of them.
    """

    block: Block
    tally: Tally
    begun_ids: npt.NDArray[np.uint64]
    begun_numbers: npt.NDArray[np.uint32]


class Door:
    """The door of one author for all its sources."""

    def __init__(self, *, next_track: int = 1) -> None:
        self.next_track = next_track
        """The number that the next new track gets."""
        self.tallies: dict[str, Tally] = {}
        """Counts by source, since the start."""
        self._rules: dict[str, DoorRules] = {}
        self._buckets: dict[str, Bucket] = {}
        self._tracks: dict[tuple[str, str], Tracks] = {}
        self._observed: dict[str, int] = {}

    @property
    def tracks(self) -> Mapping[tuple[str, str], Tracks]:
        """The tracks of each source and class."""
        return self._tracks

    @property
    def observed(self) -> Mapping[str, int]:
        """The number that the next single observation of each class gets."""
        return self._observed

    def restore(self, tracks: Mapping[tuple[str, str], Tracks], observed: Mapping[str, int]) -> None:
        """Go on from what was known before a start (W86)."""
        self._tracks |= tracks
        self._observed |= observed

    def admit_source(self, source: str, rules: DoorRules) -> None:
        """Let a source hand in reports under its own rules; it begins anew if it was admitted before."""
        self._rules[source] = rules
        self._buckets[source] = Bucket(rate_per_s=rules.rate_per_s, burst=rules.burst)
        self.tallies.setdefault(source, Tally())

    def take(self, source: str, row: TrackClass, reports: Reports, now: Instant) -> Taken:
        """Take a batch of reports of one class from a source that was admitted."""
        rules = self._rules[source]
        tally = Tally()
        count = self._buckets[source].take(len(reports.rows), now)
        tally.count(Reason.FLOOD, len(reports.rows) - count)
        places, rows = _sift(reports.rows[:count], row, rules, now, tally, sensor_count=len(reports.sensors))
        tracks = self._tracks.setdefault((source, row.id), Tracks(count_max=rules.track_count_max))
        first_new = self.next_track
        followed = follow(rows, reports.rows["track"][places], tracks, row, now=now, next_track=self.next_track)
        self.next_track = followed.next_track
        assert self.next_track < 2**32, "an author has as many tracks as a row can name"
        for reason, refused in followed.counts.items():
            tally.count(reason, refused)
        rows, places = followed.rows, places[followed.places]
        self._number_observations(row.id, rows)
        estimates = _sift_guesses(reports.guesses, places, count, now, tally)
        tally.taken = len(rows)
        self.tallies[source].add(tally)
        begun = tracks.held[:0] if first_new == self.next_track else tracks.held[tracks.held["number"] >= first_new]
        block = Block(row.id, reports.sensors[:SENSOR_COUNT_MAX], rows, estimates)
        return Taken(block, tally, begun["id"], begun["number"])

    def _number_observations(self, class_: str, rows: Rows) -> None:
        """Count what belongs to no track; such rows stand first."""
        lone = int(np.searchsorted(rows["track"], 0, side="right"))
        first = self._observed.get(class_, 1)
        rows["number"][:lone] = (first + np.arange(lone)) % 2**32
        self._observed[class_] = (first + lone) % 2**32


def _sift(
    reports: Rows, row: TrackClass, rules: DoorRules, now: Instant, tally: Tally, *, sensor_count: int
) -> tuple[npt.NDArray[np.intp], Rows]:
    """Return the places of the reports that keep every bound, and their rows; count the others by what they broke."""
    places = np.arange(len(reports))
    at = reports["at"]
    for reason, is_odd in (
        (Reason.NOT_FINITE, ~find_finite(reports)),
        (Reason.FUTURE, at > min(now + rules.future_ms_max, INSTANT_MS_MAX)),
        (Reason.PAST, at < max(now - rules.past_ms_max, 0)),
    ):
        places = _drop(places, is_odd[places], reason, tally)
    rows = make_rows(reports if len(places) == len(reports) else pick(reports, places))
    rows["track"] = reports["track"][places] != 0
    checks: tuple[Check, ...] = (
        *find_row_checks(sensor_count=min(sensor_count, SENSOR_COUNT_MAX)),
        *find_class_checks(read_bounds(row)),
    )
    for code, is_broken in checks:
        broken = is_broken(rows)
        if broken.any():
            places = _drop(places, broken, Reason(code.removeprefix(_PREFIX)), tally)
            rows = pick(rows, np.flatnonzero(~broken))
    return places, rows


def _drop(places: npt.NDArray[np.intp], is_odd: _Mask, reason: Reason, tally: Tally) -> npt.NDArray[np.intp]:
    tally.count(reason, int(np.count_nonzero(is_odd)))
    return places[~is_odd] if is_odd.any() else places


def _sift_guesses(guesses: Rows, places: npt.NDArray[np.intp], report_count: int, now: Instant, tally: Tally) -> Rows:
    """Return the estimates of rows that were let in; of two of one kind for one row the first."""
    if not len(guesses):
        return np.empty(0, ESTIMATE)
    guesses = guesses[guesses["row"] < report_count]
    new = np.full(report_count, -1)
    new[places] = np.arange(len(places))
    guesses = guesses[new[guesses["row"]] >= 0].copy()
    guesses["row"] = new[guesses["row"]]
    is_odd = ~find_finite_guesses(guesses) | (guesses["at"] < now - DAY_MS) | (guesses["at"] > now + DAY_MS)
    estimates = make_estimates(guesses[~is_odd])
    estimates = estimates[np.lexsort((estimates["what"], estimates["row"]))]
    keys = estimates["row"].astype(np.int64) * 256 + estimates["what"]
    is_broken = np.diff(keys, prepend=-1) == 0
    for _, find_broken in find_estimate_checks(row_count=len(places)):
        is_broken |= find_broken(estimates)
    kept: Rows = estimates[~is_broken]
    tally.count(Reason.ESTIMATE, len(guesses) - len(kept))
    return kept
