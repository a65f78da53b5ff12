"""(m) A cycle of the warning picture: a thousand objects in flight, each a live track of three parties.

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
from bench.flying import AIR, SIGMA_M, START, Flown
from comity.base.instants import Instant
from comity.warning.assign import assign
from comity.warning.domain import TrackTerms
from comity.warning.gate import GATE, Look, find_pairs
from comity.warning.motion import Floats, Ints, States, make_states
from comity.warning.picture import Picture
from comity.warning.rows import Block
from comity.warning.situation import Situation

__all__ = ["measure_picture"]

TERMS: Final = TrackTerms(AIR, "air", 1_000, 20_000, 60_000)
CYCLES: Final = 24
WARM: Final = 5
TURN: Final = 5
"""Situations in which each work that is done once in a while is done once: the mean of so many counts."""


def measure_picture(*, track_count: int) -> Figure:
    """Measure figure (m)."""
    figure = Figure(
        "m",
        "A cycle of the warning picture",
        f"{track_count} aircraft over a thousand by two thousand kilometres, each reported once a second by three "
        "parties with 80, 120 and 200 m of deviation. Gate and assignment compare each pair at four instants; a whole "
        "cycle takes the new rows, correlates, fuses by covariance intersection and writes the situation: the "
        f"mean of {TURN} in a row, which is a whole turn of the instants that are compared. "
        "Floor: Stone Soup's GNN with 2-D assignment over a k-d tree of detections, for the same reports at one "
        "instant, all three pairs of parties. Processor time of one core, the best.",
    )
    flight = Flown(track_count)
    tell("    cycles of the picture")
    whole_s = _run(flight, track_count)
    states = [_join([make_states(flight.report(party, second), TERMS) for party in SIGMA_M]) for second in range(4)]
    authors = np.repeat(np.arange(len(SIGMA_M)), track_count)
    gated_s = [_time(lambda: _gate(states, authors)) for _ in range(CYCLES)]
    tell("    Stone Soup's associator")
    floor_s = _time(lambda: _associate_each(states[-1], track_count))
    turns_s = [sum(whole_s[at : at + TURN]) / TURN for at in range(WARM, CYCLES - TURN + 1)]
    gated, whole = 1 / min(gated_s), 1 / min(turns_s)
    figure.rows += [
        Row("gate and assignment of three parties' tracks", gated, "/s", 1 / floor_s, "at least 100 /s", gated >= 100),
        Row("whole cycles, rows in and situation out", whole, "/s", 1 / floor_s, "at least 100 /s", whole >= 100),
    ]
    if figure.misses:
        with profiled(lambda text: setattr(figure, "profile", text)):
            _gate(states, authors)
    return figure


def _gate(states: list[States], authors: Ints) -> None:
    """Compare at four instants, none of which was compared before, and assign."""
    *past, now = states
    assign(find_pairs(now, authors, [Look.of_all(of) for of in reversed(past)]), authors)


def _run(flight: Flown, count: int) -> list[float]:
    """Return what each cycle of a live picture took; its answer is held against what flies."""
    picture, taken_s = Picture({AIR: TERMS}), []
    for second in range(CYCLES):
        at = Instant(START + second * 1_000 + 100)
        blocks = [(party, Block.of_rows(AIR, flight.report(party, second))) for party in SIGMA_M]
        began = time.process_time()
        for party, block in blocks:
            picture.take(party, block, at)
        situation = picture.at(at)
        situation.encode()
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
