"""What the three parties report in tests and pictures of the warning page: recorded launches, invented ships and
aircraft, each as its own party's sensors would see it; drawn from a seed, so that it is the same each time.

Launches are real ones moved to the scene's instant; ships and aircraft are nobody's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.pact.model import Pact
from comity.rehearsal.launch_replay import replay
from comity.warning.launches import read_launches
from comity.warning.layout import NOT_NAMED, ROW, Flag
from comity.warning.rows import Block

__all__ = ["AIR", "LAUNCHES", "SHIPS", "Told", "make_crowd", "make_scene"]

BALLISTIC: Final = "policy.track.ballistic"
AIR: Final = "policy.track.air"
SHIPS: Final = "policy.track.surface"
CYBER: Final = "policy.track.cyber"
LAUNCHES: Final = Path(__file__).resolve().parents[2] / "src" / "comity" / "warning" / "facts" / "launches.csv"
SEED: Final = 6
FLOWN: Final[Mapping[str, float]] = {
    "2024-10-30": 9.0,
    "2025-01-06": 5.2,
    "2026-03-14": 3.1,
    "2026-01-03": 3.4,
}
"""Launches of these days, and how many minutes before the scene's instant they left."""
SHIP_BOXES: Final = ((34.2, 128.0, 35.2, 130.6), (35.6, 130.5, 39.2, 136.5), (31.0, 124.5, 36.5, 126.0),
                     (32.6, 131.8, 34.0, 139.5), (30.0, 127.0, 32.5, 130.0))  # fmt: skip
_M_OF_DEGREE: Final = 111_320.0
Columns = Mapping[str, npt.NDArray[np.float64]]


class Told(NamedTuple):
    """A block, by whom, and when it was told."""

    at: int
    author: str
    block: Block


class Seen(NamedTuple):
    """What one sensor saw of one thing."""

    author: str
    class_: str
    sensor: str
    rows: npt.NDArray[np.void]


def make_scene(pact: Pact, at: int, *, ahead_min: int = 20) -> list[Told]:
    """Return all that is reported until `ahead_min` minutes after the scene's instant, in order."""
    draw = np.random.Generator(np.random.Philox(SEED))
    found = [*_fly_launches(pact, at), *_tell([*_sail(draw, at, ahead_min), *_fly(draw, at, ahead_min), *_strike(at)])]
    return sorted(found, key=lambda told: told.at)


def _fly_launches(pact: Pact, at: int) -> Iterator[Told]:
    row = pact.find_track_class(BALLISTIC)
    assert row is not None, "the pact shares launches"
    for day, minutes in FLOWN.items():
        of_day = [one for one in read_launches(LAUNCHES.read_bytes()) if one.date == day and one.is_retraceable]
        first = min(one.at or 0 for one in of_day)
        moved = [replace(one, at=Instant(at - round(minutes * MINUTE_MS) + ((one.at or 0) - first))) for one in of_day]
        flown = replay(moved, seed=SEED, class_=BALLISTIC, kinds=[kind.id for kind in row.kinds])
        shift = 100 * list(FLOWN).index(day)
        for report in flown.reports:
            rows = report.block.rows.copy()
            rows["track"] += shift
            yield Told(report.told_at, report.party, replace(report.block, rows=rows))


def _sail(draw: np.random.Generator, at: int, ahead_min: int) -> Iterator[Seen]:
    """Ships: some seen by two parties, one that fell silent, one whose kind is disputed."""
    for number in range(64):
        south, west, north, east = SHIP_BOXES[number % len(SHIP_BOXES)]
        latitude, longitude = draw.uniform(south, north), draw.uniform(west, east)
        course, speed = draw.uniform(0, 2 * np.pi), draw.uniform(2, 10)
        kind = int(draw.choice([0, 1, 2, 2, 2, 3, 3, 4, 5]))
        seen_by = ("JPN", "KOR") if number % 5 == 0 else ("KOR",) if longitude < 129 else ("JPN",)
        last_min = -18 if number % 13 == 7 else ahead_min
        for author in seen_by:
            says = (kind + 3) % 6 if number == 10 and author == "KOR" else kind
            yield _move(author, SHIPS, 1_000 + number, at, first_min=-50, last_min=last_min, every_s=60,
                             latitude=latitude, longitude=longitude, course=course, speed=speed, kind=says,
                             sigma_m=120 if author == "JPN" else 260, altitude_m=None,
                             sensor="AIS" if author == "JPN" else "coast")  # fmt: skip


def _fly(draw: np.random.Generator, at: int, ahead_min: int) -> Iterator[Seen]:
    """Aircraft: patrols, bombers off the coast, airliners."""
    for number in range(26):
        latitude, longitude = draw.uniform(31.5, 41.0), draw.uniform(125.5, 143.0)
        kind = int(draw.choice([0, 0, 1, 2, 3, 4, 4, 4, 6]))
        author = "KOR" if longitude < 130 else "JPN" if number % 4 else "USA"
        yield _move(author, AIR, 2_000 + number, at, first_min=-14, last_min=ahead_min, every_s=10,
                         latitude=latitude, longitude=longitude, course=draw.uniform(0, 2 * np.pi),
                         speed=draw.uniform(140, 250), kind=kind, sigma_m=400, altitude_m=draw.uniform(4_000, 11_000),
                         sensor="J/FPS-5" if author == "JPN" else "radar")  # fmt: skip


def _strike(at: int) -> Iterator[Seen]:
    """Incidents, at the place of what they strike."""
    for number, (author, latitude, longitude, kind) in enumerate(
        (("JPN", 35.68, 139.76, 0), ("KOR", 37.56, 126.97, 1), ("USA", 13.45, 144.78, 2))
    ):
        yield _move(author, CYBER, 3_000 + number, at, first_min=-20, last_min=-2, every_s=360, latitude=latitude,
                         longitude=longitude, course=0, speed=0, kind=kind, sigma_m=5_000, altitude_m=None,
                         sensor="CSIRT")  # fmt: skip


def _move(
    author: str, class_: str, track: int, at: int, *, first_min: int, last_min: int, every_s: int, latitude: float,
    longitude: float, course: float, speed: float, kind: int, sigma_m: float, altitude_m: float | None, sensor: str,
) -> Seen:  # fmt: skip
    """Return reports of one thing that goes straight on, each with an error of its own."""
    after_s = np.arange(first_min * 60, last_min * 60, every_s, dtype=np.float64)
    draw = np.random.Generator(np.random.Philox([track, ord(author[0])]))
    noise = draw.normal(0, 0.5, (2, len(after_s)))
    rows = np.zeros(len(after_s), ROW)
    north, east = speed * np.cos(course), speed * np.sin(course)
    of_degree = _M_OF_DEGREE * np.cos(np.radians(latitude))
    rows["track"], rows["number"] = track, np.arange(1, len(rows) + 1)
    rows["at"] = at + after_s * SECOND_MS
    rows["latitude"] = np.rint((latitude + (north * after_s + noise[0] * sigma_m) / _M_OF_DEGREE) * 1e7)
    rows["longitude"] = np.rint((longitude + (east * after_s + noise[1] * sigma_m) / of_degree) * 1e7)
    rows["velocity_east"], rows["velocity_north"], rows["sigma_velocity"] = round(east * 100), round(north * 100), 150
    rows["sigma_east"] = rows["sigma_north"] = round(sigma_m * 10)
    rows["sigma_up"], rows["flags"], rows["kind"], rows["confidence"] = 3_000, Flag.VELOCITY, kind, 80
    if altitude_m is not None:
        rows["altitude"], rows["flags"] = round(altitude_m * 10), Flag.VELOCITY | Flag.ALTITUDE
    return Seen(author, class_, sensor, rows)


def _tell(seen: Iterable[Seen]) -> Iterator[Told]:
    """Yield what sensors saw as their parties tell it: every ten seconds what came since."""
    of: dict[tuple[str, str, str], list[npt.NDArray[np.void]]] = {}
    for one in seen:
        of.setdefault((one.author, one.class_, one.sensor), []).append(one.rows)
    for (author, class_, sensor), parts in of.items():
        rows = np.concatenate(parts)
        rows = rows[np.lexsort((rows["track"], rows["at"]))]
        bounds = np.flatnonzero(np.diff(rows["at"] // (10 * SECOND_MS))) + 1
        for part in np.split(rows, bounds):
            yield Told(int(part["at"].max()) + 1_500, author, Block.of_rows(class_, part, sensors=(sensor,)))


def make_crowd(count: int, at: int, *, seed: int = SEED) -> Block:
    """Return one report each of many ships that sail all over the western Pacific: for measuring."""
    draw = np.random.Generator(np.random.Philox(seed))
    rows = np.zeros(count, ROW)
    rows["track"], rows["number"], rows["at"] = np.arange(1, count + 1), 1, at
    rows["latitude"] = np.rint(draw.uniform(5, 50, count) * 1e7)
    rows["longitude"] = np.rint(draw.uniform(115, 170, count) * 1e7)
    rows["velocity_east"], rows["velocity_north"] = draw.integers(-1_200, 1_200, (2, count))
    rows["sigma_velocity"], rows["sigma_east"], rows["sigma_north"], rows["sigma_up"] = 100, 500, 900, 900
    rows["rho_en"] = draw.integers(-15_000, 15_000, count)
    rows["flags"], rows["kind"], rows["confidence"], rows["sensor"] = (
        Flag.VELOCITY,
        draw.integers(0, 6, count),
        80,
        NOT_NAMED,
    )
    return Block.of_rows(SHIPS, rows)
