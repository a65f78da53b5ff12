"""(k) A cycle of the warning picture: a thousand objects in flight, each a live track of three parties.

Measured is what a cycle does with three thousand tracks: gate and assignment alone, and all of it, from new rows to a
situation. The floor is Stone Soup's global nearest neighbour over a tree of detections on the same reports, one party's
as tracks and another's as detections, for each of the three pairs of parties; hypotheses and assignment, without
fusing. In processor time of one core, the best of several, in one run.
"""

import datetime as dt
import itertools
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, RandomWalk
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.types.detection import GaussianDetection
from stonesoup.types.state import GaussianState
from stonesoup.types.track import Track
from stonesoup.updater.kalman import KalmanUpdater

from bench.figure import Figure, Row, profiled, tell
from comity.base.instants import Instant
from comity.warning.assign import assign
from comity.warning.domain import TrackTerms
from comity.warning.gate import GATE, find_pairs
from comity.warning.layout import ROW, Flag
from comity.warning.motion import Floats, States, make_states
from comity.warning.picture import Picture
from comity.warning.rows import Block, Rows
from comity.warning.situation import Situation

__all__ = ["measure_picture"]

AIR: Final = "policy.track.air"
TERMS: Final = TrackTerms(AIR, "air", 1_000, 20_000, 60_000)
START: Final = 1_795_000_000_000
SIGMA_M: Final = {"JPN": 80.0, "KOR": 120.0, "USA": 200.0}
CYCLES: Final = 24
WARM: Final = 6


def measure_picture(*, track_count: int) -> Figure:
    """Measure figure (k)."""
    figure = Figure(
        "k",
        "A cycle of the warning picture",
        f"{track_count} aircraft over a thousand by two thousand kilometres, each reported once a second by three "
        "parties with 80, 120 and 200 m of deviation. Gate and assignment compare each pair at four instants; a whole "
        "cycle takes the new rows, correlates, fuses by covariance intersection and sets the situation down. "
        "Floor: Stone Soup's GNN with 2-D assignment over a k-d tree of detections, for the same reports at one "
        "instant, all three pairs of parties. Processor time of one core, the best of several cycles.",
    )
    flight = Flown(track_count)
    tell("    cycles of the picture")
    whole_s = _run(flight, track_count)
    states = [_join([make_states(flight.report(party, second), TERMS) for party in SIGMA_M]) for second in range(4)]
    authors = np.repeat(np.arange(len(SIGMA_M)), track_count)
    looks = [(of, np.ones(len(authors), np.bool_)) for of in reversed(states)]
    gated_s = [_time(lambda: assign(find_pairs(looks, authors), authors)) for _ in range(CYCLES)]
    tell("    Stone Soup's associator")
    floor_s = _time(lambda: _associate_each(states[-1], track_count))
    gated, whole = 1 / min(gated_s), 1 / min(whole_s[WARM:])
    figure.rows += [
        Row("gate and assignment of three parties' tracks", gated, "/s", 1 / floor_s, "at least 100 /s", gated >= 100),
        Row("whole cycles, rows in and situation out", whole, "/s", 1 / floor_s),
    ]
    if figure.misses:
        with profiled(lambda text: setattr(figure, "profile", text)):
            assign(find_pairs(looks, authors), authors)
    return figure


def _run(flight: "Flown", count: int) -> list[float]:
    """Return what each cycle of a live picture took; its answer is held against what flies."""
    picture, taken_s = Picture({AIR: TERMS}), []
    for second in range(CYCLES):
        at = Instant(START + second * 1_000 + 100)
        for party in SIGMA_M:
            picture.take(party, Block.of_rows(AIR, flight.report(party, second)), at)
        began = time.process_time()
        situation = picture.at(at)
        taken_s.append(time.process_time() - began)
    _check(situation, count)
    return taken_s


def _time(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _check(situation: Situation, count: int) -> None:
    """What is fast and wrong is no figure: every object has its three reports."""
    assert situation.count_objects(AIR) == count
    assert (situation.objects["member_count"] == len(SIGMA_M)).all()


class Flown:
    """Aircraft on straight courses, and what each party reports of them."""

    def __init__(self, count: int) -> None:
        self._draw = np.random.default_rng(2026)
        self._count = count
        self._place = self._draw.uniform((30, 124, 1_000), (42, 146, 12_000), (count, 3))
        self._speed = self._draw.normal(0, 150, (count, 2))

    def report(self, party: str, second: int) -> Rows:
        """Return a row of each aircraft at that second."""
        rows, sigma = np.zeros(self._count, ROW), SIGMA_M[party]
        off = self._draw.normal(0, sigma, (self._count, 3))
        north, east = self._speed[:, 1] * second + off[:, 1], self._speed[:, 0] * second + off[:, 0]
        rows["track"], rows["number"], rows["at"] = np.arange(self._count) + 1, second + 1, START + second * 1_000
        rows["latitude"] = np.rint((self._place[:, 0] + north / 111_000) * 1e7)
        across = 111_000 * np.cos(np.radians(self._place[:, 0]))
        rows["longitude"] = np.rint((self._place[:, 1] + east / across) * 1e7)
        rows["altitude"] = np.rint((self._place[:, 2] + off[:, 2]) * 10)
        for index, way in enumerate(("east", "north")):
            rows[f"velocity_{way}"] = np.rint((self._speed[:, index] + self._draw.normal(0, 5, self._count)) * 100)
        for way in ("east", "north", "up"):
            rows[f"sigma_{way}"] = round(sigma * 10)
        rows["sigma_velocity"], rows["flags"] = 500, Flag.ALTITUDE | Flag.VELOCITY
        return rows


def _join(states: list[States]) -> States:
    """Return states of all parties, one after the other."""
    return States(
        *(np.concatenate([getattr(of, name) for of in states], axis=-1) for name in States.__dataclass_fields__)
    )


def _associate_each(states: States, count: int) -> None:
    """Associate each two parties' reports at one instant."""
    now = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
    for one, other in itertools.combinations(range(len(SIGMA_M)), 2):
        found = _associate(states, (one * count, other * count), count, now)
        assert found > count * 0.95, "Stone Soup found the same pairs"


def _associate(states: States, starts: tuple[int, int], count: int, now: dt.datetime) -> int:
    sigmas = list(SIGMA_M.values())
    own, theirs = (np.diag([sigmas[start // count] ** 2] * 3) for start in starts)
    whole = LinearGaussian(3, (0, 1, 2), theirs)
    still = CombinedLinearGaussianTransitionModel([RandomWalk(0)] * 3)
    predictor, updater = KalmanPredictor(still), KalmanUpdater(whole)
    hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=float(np.sqrt(GATE[1])))
    associator = DetectionKDTreeGNN2D(hypothesiser, predictor, updater, number_of_neighbours=3)
    tracks = {Track([GaussianState(_place(states, starts[0] + i), own, now)]) for i in range(count)}
    seen = {
        GaussianDetection(_place(states, starts[1] + i), theirs, now, measurement_model=whole) for i in range(count)
    }
    return sum(bool(one) for one in associator.associate(tracks, seen, now).values())


def _place(states: States, index: int) -> Floats:
    return states.point[:, index].copy()
