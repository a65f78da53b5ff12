"""Recorded launches as the noisy reports of three parties: for exercises, for showing, for proving the picture.

Rules (W68; docs/launch-replay.md has all numbers, which were fixed before anything was measured with them)
- Everything is drawn from a seed, the launch's number and the eye's party: the same seed gives the same bytes, and one
  launch more or less changes nothing of the others.
- What a row says of its own uncertainty is what it is: noise, the eye's own bias, the bias that all eyes share and the
  eye's clock together. Errors of one track hang together over time, those of two parties through what they share.
- The flight is the retraced arc unless the caller brings another path.
- A launch without time or distance is not replayed: nobody recorded where it went.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from comity.base.instants import Instant
from comity.rehearsal.launch_eye import EYES, SHARED_BIAS_M, Eye
from comity.warning.bounds import RHO_ONE
from comity.warning.end_rows import estimate_rows, round_degrees
from comity.warning.frames import Floats, to_place, turn_to_earth, turn_to_local
from comity.warning.launches import Launch
from comity.warning.layout import NOT_NAMED, ROW, Flag
from comity.warning.retrace import retrace
from comity.warning.rows import Block, Rows

__all__ = ["Flight", "Path", "Replay", "Report", "Track", "replay", "retrace_launch"]

KINDS: Final = {"HGV": "glide", "SLV": "launcher"}
"""What the table calls otherwise than the class's kinds do; the others agree but for their letters."""

CONFIDENCE: Final = 70
ESTIMATE_EVERY_S: Final = 8.0
ROW_COUNT_MAX: Final = 256
"""Of a block: with estimates some 30 KB."""

_GAP_S: Final = (20.0, 40.0)


class Path(Protocol):
    """Where something is, at any second after its launch."""

    def move(self, after_s: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return earth-fixed points and velocities."""
        ...


@dataclass(frozen=True, slots=True)
class Flight:
    """A path from `since_s` (before it nobody reports it) to the impact `until_s` after the launch."""

    path: Path
    until_s: float
    since_s: float = 0.0


class Track(NamedTuple):
    """What one party reports of one launch."""

    party: str
    track: int
    launch: int
    """The launch's number in its table."""
    rows: Rows


class Report(NamedTuple):
    """A block, and when its author tells it."""

    told_at: Instant
    party: str
    block: Block


@dataclass(frozen=True)
class Replay:
    """Reports in the order in which they are told, and which track is of which launch."""

    reports: tuple[Report, ...]
    tracks: tuple[Track, ...]

    @property
    def launches(self) -> Mapping[tuple[str, int], int]:
        """The launch of each track, by party and number: what a picture is held against."""
        return {(track.party, track.track): track.launch for track in self.tracks}


def retrace_launch(launch: Launch) -> Flight:
    """Return the flight of a launch that `is_retraceable`, over its arc."""
    assert launch.is_retraceable, "nobody recorded where it went"
    arc = retrace(
        [launch.latitude_deg, launch.longitude_deg, 0.0],
        bearing_deg=launch.bearing_deg or 0.0,
        distance_m=(launch.distance_km or 0.0) * 1_000,
        apogee_m=np.nan if launch.apogee_km is None else launch.apogee_km * 1_000,
    )
    return Flight(arc, float(arc.ends.impact_s))


def replay(
    launches: Sequence[Launch],
    *,
    seed: int,
    class_: str,
    kinds: Sequence[str] = (),
    eyes: Sequence[Eye] = EYES,
    flights: Mapping[int, Flight] | None = None,
) -> Replay:
    """Return what the eyes report of all launches that can be retraced.

    `class_` is the track class's clause and `kinds` are its kinds. `flights` replaces the retraced arcs by number of
    the launch; what is not in it is not replayed.
    """
    told = [launch for launch in launches if launch.is_retraceable and (flights is None or launch.number in flights)]
    tracks: list[Track] = []
    counts = dict.fromkeys((eye.party for eye in eyes), 0)
    for launch in sorted(told, key=lambda launch: (launch.at or 0, launch.number)):
        flight = retrace_launch(launch) if flights is None else flights[launch.number]
        shared_m = _draw(seed, launch, "").normal(0, SHARED_BIAS_M, 3)
        kind = KINDS.get(launch.missile_type, launch.missile_type.lower())
        for eye in eyes:
            rows = _report(eye, launch, flight, shared_m, _draw(seed, launch, eye.party))
            if len(rows):
                counts[eye.party] += 1
                rows["track"] = counts[eye.party]
                rows["kind"] = kinds.index(kind) if kind in kinds else NOT_NAMED
                rows["confidence"] = CONFIDENCE if kind in kinds else 0
                tracks.append(Track(eye.party, counts[eye.party], launch.number, rows))
    reports = [
        report for eye in eyes for report in _tell(eye, class_, [t.rows for t in tracks if t.party == eye.party])
    ]
    return Replay(tuple(sorted(reports, key=lambda report: (report.told_at, report.party))), tuple(tracks))


def _draw(seed: int, launch: Launch, party: str) -> np.random.Generator:
    """A stream of its own for each launch and party."""
    return np.random.Generator(
        np.random.Philox(np.random.SeedSequence([seed, launch.number, zlib.crc32(party.encode())]))
    )


def _report(eye: Eye, launch: Launch, flight: Flight, shared_m: Floats, draw: np.random.Generator) -> Rows:
    """Return the rows of one eye about one launch: drawn in one fixed order, whatever of it is seen."""
    bias_m, clock_s = draw.normal(0, eye.bias_m, 3), draw.normal(0, eye.clock_s)
    delay_s, gap_s, gap_share = draw.uniform(*eye.delay_s), draw.uniform(*_GAP_S), draw.uniform()
    is_gapped = draw.uniform() < eye.gap
    step_s = np.arange(flight.since_s, flight.until_s, 1.0)
    seen = eye.sees(points := flight.path.move(step_s)[0], to_place(points)[..., 2])
    if not seen.any():
        return np.empty(0, ROW)
    begin_s, end_s = step_s[seen][0] + delay_s, step_s[seen][-1]
    at_s = np.arange(begin_s, end_s, eye.every_s)
    noise = draw.normal(size=(len(at_s), 6))
    is_kept = draw.uniform(size=len(at_s)) >= eye.lost
    gap_at_s = begin_s + gap_share * (end_s - begin_s)
    is_kept &= ~(is_gapped & (at_s > gap_at_s) & (at_s < gap_at_s + gap_s))
    point, velocity = flight.path.move(at_s)
    place = to_place(point)
    is_kept &= eye.sees(point, place[..., 2])
    off_m = shared_m + bias_m + noise[:, :3] * eye.noise_m
    reported = to_place(point + turn_to_earth(off_m, at=place))
    speed = turn_to_local(velocity, at=place) + noise[:, 3:] * eye.velocity_m_s
    rows = _round(eye, reported, speed)
    rows["at"] = np.rint((at_s + clock_s) * 1000) + (launch.at or 0)
    rows = rows[is_kept]
    rows["number"] = np.arange(1, len(rows) + 1)
    rows["flags"][-1:] |= np.uint16(Flag.DROPPED)
    return rows


def _round(eye: Eye, place: Floats, speed: Floats) -> Rows:
    """Return rows of states, with the uncertainty that the eye has, its clock's along the way."""
    rows = np.zeros(len(place), ROW)
    variance = np.array(eye.noise_m) ** 2 + eye.bias_m**2 + SHARED_BIAS_M**2
    covariance = np.eye(3) * variance + eye.clock_s**2 * speed[:, :, None] * speed[:, None, :]
    sigma = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    rows["latitude"], rows["longitude"] = round_degrees(place)
    rows["altitude"] = np.rint(place[:, 2] * 10)
    for index, axis in enumerate(("east", "north", "up")):
        rows[f"velocity_{axis}"] = np.rint(speed[:, index] * 100)
        rows[f"sigma_{axis}"] = np.rint(sigma[:, index] * 10)
    for pair, one, other in (("en", 0, 1), ("eu", 0, 2), ("nu", 1, 2)):
        rows[f"rho_{pair}"] = np.rint(covariance[:, one, other] / sigma[:, one] / sigma[:, other] * RHO_ONE)
    rows["sigma_velocity"] = round(eye.velocity_m_s * 100)
    rows["flags"] = Flag.ALTITUDE | Flag.VELOCITY
    return rows


def _tell(eye: Eye, class_: str, tracks: Sequence[Rows]) -> list[Report]:
    """Cut an eye's rows into blocks: what was measured within one of its rounds is told together."""
    if not tracks:
        return []
    rows = np.concatenate(tracks)
    rows = rows[np.lexsort((rows["track"], rows["at"]))]
    rows["sensor"] = 0
    estimates = _estimate(eye, rows)
    rounds = rows["at"] // round(eye.every_s * 1000)
    bounds = np.flatnonzero(np.diff(rounds)) + 1
    reports = []
    for start, end in zip([0, *bounds.tolist()], [*bounds.tolist(), len(rows)], strict=True):
        for first in range(start, end, ROW_COUNT_MAX):
            last = min(first + ROW_COUNT_MAX, end)
            own = estimates[(estimates["row"] >= first) & (estimates["row"] < last)]
            own["row"] -= first
            block = Block(class_, (eye.sensor,), rows[first:last], own)
            reports.append(Report(Instant(int(rows["at"][last - 1]) + round(eye.told_s * 1000)), eye.party, block))
    return reports


def _estimate(eye: Eye, rows: Rows) -> Rows:
    """Return estimates of every few rows of each track, its first among them, naming rows by their place."""
    some = np.flatnonzero((rows["number"] - 1) % max(1, round(ESTIMATE_EVERY_S / eye.every_s)) == 0)
    estimates = estimate_rows(rows[some])
    estimates["row"] = some[estimates["row"]]
    return estimates
