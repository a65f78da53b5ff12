"""Who is given to whom (docs/spec/warning.md, W45 to W47): held against all assignments tried out, and Stone Soup's."""

import datetime as dt
import itertools

import numpy as np
import pytest
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, RandomWalk
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.types.detection import GaussianDetection
from stonesoup.types.state import GaussianState
from stonesoup.types.track import Track
from stonesoup.updater.kalman import KalmanUpdater

from comity.warning.assign import assign, match
from comity.warning.domain import TrackTerms
from comity.warning.gate import GATE, SCALE, Pairs, find_pairs
from comity.warning.layout import Flag
from comity.warning.motion import Ints, States, list_axes, make_states
from comity.warning.rows import Rows
from kit.tracks import make_rows

SHIP = TrackTerms("policy.track.surface", "surface", 40, 600_000, 3_600_000)
NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


def _scatter(seed: int, counts: tuple[int, ...], side_m: float) -> tuple[Rows, Ints]:
    """Reports of as many authors, of 300 m in each direction, strewn over a square of the sea."""
    draw = np.random.default_rng(seed)
    count = sum(counts)
    rows = np.repeat(make_rows({"flags": Flag.ALTITUDE, "velocity_east": 0, "sigma_velocity": 0}), count)
    rows["altitude"], rows["sigma_up"] = 0, 3_000
    for name in ("sigma_east", "sigma_north"):
        rows[name] = 3_000
    rows["latitude"] += draw.integers(0, int(side_m * 90), count, dtype=np.int32)
    rows["longitude"] += draw.integers(0, int(side_m * 115), count, dtype=np.int32)
    return rows, np.repeat(np.arange(len(counts)), counts)


def _pair(rows: Rows, authors: Ints) -> tuple[States, Pairs]:
    states = make_states(rows, SHIP)
    return states, find_pairs(states, authors)


def _measure_each(states: States, authors: Ints) -> dict[tuple[int, int], float]:
    """Squared distances by NumPy's own solver, in earth-fixed axes, one pair at a time."""
    frame = np.array([list(axis) for axis in list_axes(states.axes)]).transpose(2, 0, 1)
    flat = states.covariance[[[0, 3, 4], [3, 1, 5], [4, 5, 2]]].transpose(2, 0, 1)
    full = np.swapaxes(frame, 1, 2) @ flat @ frame
    found = {}
    for one, other in itertools.combinations(range(len(authors)), 2):
        apart = states.point[:, one] - states.point[:, other]
        distance = float(apart @ np.linalg.solve(full[one] + full[other], apart))
        if authors[one] != authors[other] and distance < GATE[1]:
            found[one, other] = distance
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_search_finds_every_pair_in_the_gate(seed: int) -> None:
    """As many as trying all, and as far apart; with a vague report among precise ones, whose gate holds many."""
    rows, authors = _scatter(seed, (20, 20, 20), 9_000)
    rows["sigma_east"][::7], rows["sigma_north"][::11] = 30_000, 90_000
    states, pairs = _pair(rows, authors)
    expected = _measure_each(states, authors)
    found = {
        (int(one), int(other)): distance / SCALE
        for one, other, distance in zip(pairs.first, pairs.second, pairs.distance, strict=True)
    }
    assert len(expected) > 20
    assert found.keys() == expected.keys()
    assert all(found[pair] == pytest.approx(distance, abs=2 / SCALE) for pair, distance in expected.items())


def _try_all(pairs: Pairs, rows: list[int], columns: list[int]) -> int:
    """The greatest gain of any one-to-one choice, by trying them out."""
    gains = {
        (int(one), int(other)): int(gate - distance)
        for one, other, gate, distance in zip(pairs.first, pairs.second, pairs.gate, pairs.distance, strict=True)
    }
    best = 0
    for size in range(min(len(rows), len(columns)) + 1):
        for some in itertools.combinations(rows, size):
            for others in itertools.permutations(columns, size):
                best = max(best, sum(gains.get(pair, -(10**9)) for pair in zip(some, others, strict=True)))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_no_other_assignment_gains_more(seed: int) -> None:
    """Of equally sure reports, crowded into one cluster: what is asserted is what trying all choices finds best."""
    rows, authors = _scatter(seed, (4, 5), 2_200)
    _, pairs = _pair(rows, authors)
    chosen = match(pairs, authors, len(rows)).asserted
    assert len(np.unique(pairs.first[chosen])) == len(np.unique(pairs.second[chosen])) == len(chosen)
    spared = int((pairs.width.max() - pairs.width)[chosen].sum())
    gained = int((pairs.gate - pairs.distance)[chosen].sum())
    assert gained == pytest.approx(_try_all(pairs, list(range(4)), list(range(4, 9))), abs=spared + SCALE // 50)


@pytest.mark.parametrize("seed", range(6))
def test_stone_soup_assigns_alike(seed: int) -> None:
    """Its global nearest neighbour on the same reports, one author's as tracks and the other's as detections."""
    rows, authors = _scatter(seed, (25, 25), 16_000)
    noise = np.random.default_rng(seed).normal(0, 300, (2, 25))
    rows["latitude"][25:] = rows["latitude"][:25] + noise[0] * 90
    rows["longitude"][25:] = rows["longitude"][:25] + noise[1] * 115
    rows["sigma_velocity"], rows["flags"] = 1, Flag.ALTITUDE | Flag.VELOCITY  # alike in all: nothing to tell apart
    states, pairs = _pair(rows, authors)
    pairs = pairs.take(pairs.distance < int(GATE[1] * SCALE))
    chosen = match(pairs, authors, len(rows)).asserted
    ours = {(int(pairs.first[i]), int(pairs.second[i])) for i in chosen}
    east, north, up = (sum(a * b for a, b in zip(axis, states.point, strict=True)) for axis in _axes_of_first(states))
    place = np.stack([east, north, up], axis=-1)
    spread = np.diag([300.0**2] * 3)
    still = CombinedLinearGaussianTransitionModel([RandomWalk(0)] * 3)
    whole = LinearGaussian(3, (0, 1, 2), spread)
    gate = float(np.sqrt(GATE[1]))
    hypothesiser = DistanceHypothesiser(
        KalmanPredictor(still), KalmanUpdater(whole), Mahalanobis(), missed_distance=gate
    )
    tracks = {Track([GaussianState(place[i], spread, NOW)], id=str(i)) for i in np.flatnonzero(authors == 0)}
    seen = {
        GaussianDetection(place[i], spread, NOW, measurement_model=whole, metadata={"of": int(i)})
        for i in np.flatnonzero(authors == 1)
    }
    found = GNNWith2DAssignment(hypothesiser).associate(tracks, seen, NOW)
    theirs = {(int(track.id), one.measurement.metadata["of"]) for track, one in found.items() if one}
    assert len(theirs) > 20
    # It makes the sum of distances least, and we that of their squares: in a crowd they may differ.
    assert len(ours ^ theirs) <= 4
    alone = {pair for pair in theirs if _is_alone(pair, pairs)}
    assert len(alone) > 4
    assert alone <= ours


def _axes_of_first(states: States) -> list[list[float]]:
    return [[float(part[0]) for part in axis] for axis in list_axes(states.axes)]


def _is_alone(pair: tuple[int, int], pairs: Pairs) -> bool:
    return int(((pairs.first == pair[0]) | (pairs.second == pair[1])).sum()) == 1


def _group(rows: Rows, authors: Ints) -> tuple[list[list[int]], list[bool]]:
    _, pairs = _pair(rows, authors)
    groups = assign(pairs, authors)
    found = [np.flatnonzero(groups.of_track == group).tolist() for group in range(len(groups.is_salvo))]
    return found, groups.is_salvo.tolist()


def _place(*metres: int) -> Rows:
    """Reports of 100 m in each direction, so far north of a place."""
    rows = np.repeat(make_rows({"flags": Flag.ALTITUDE | Flag.VELOCITY, "sigma_velocity": 2_000}), len(metres))
    rows["latitude"] += np.array(metres, np.int32) * 90
    for name in ("sigma_east", "sigma_north", "sigma_up"):
        rows[name] = 1_000
    return rows


def test_three_authors_make_one_object_of_each() -> None:
    """Two ships a kilometre apart, each seen by three: two objects of three reports."""
    rows, authors = _place(0, 1_000, 50, 1_100, -40, 950), np.array([0, 0, 1, 1, 2, 2])
    assert _group(rows, authors) == ([[0, 2, 4], [1, 3, 5]], [False, False])


def test_what_cannot_be_told_apart_is_a_salvo() -> None:
    """Two at one place, seen by two authors each: exchanged they fit as well, so that none is given to any."""
    rows, authors = _place(0, 60, 20, 30), np.array([0, 0, 1, 1])
    assert _group(rows, authors) == ([[0, 1, 2, 3]], [True])


def test_one_report_between_two_is_given_to_none() -> None:
    """Whoever sees one where another sees two, midway between them, may mean either."""
    assert _group(_place(0, 300, 150), np.array([0, 0, 1])) == ([[0, 1, 2]], [True])
    # Nearer to one by a margin, it is that one's.
    assert _group(_place(0, 600, 60), np.array([0, 0, 1])) == ([[0, 2], [1]], [False, False])


def test_a_vague_report_does_not_join_what_is_apart() -> None:
    """A is not where C is; B's wide gate holds both. It goes with the nearer, and A and C stay two."""
    rows = _place(0, 900, 400)
    rows["sigma_north"][1] = 12_000
    rows = rows[[0, 1, 2]]
    rows["latitude"][2] = rows["latitude"][0] + 2_000 * 90
    assert _group(rows, np.array([0, 1, 2])) == ([[0, 1], [2]], [False, False])


def test_two_of_one_author_are_two() -> None:
    """Though they lie on each other: an author who says two means two, and without another's word they stand so."""
    assert _group(_place(0, 0), np.array([0, 0])) == ([[0], [1]], [False, False])


@pytest.mark.parametrize(("one", "other"), [(600, 400), (3_000, 2_000)])
def test_a_crowd_is_a_salvo_without_a_look_at_each(one: int, other: int) -> None:
    """More than a matching is worth, and more than anybody could compare: one salvo; elsewhere all is as ever."""
    rows, authors = _place(*[0] * (one + other), 90_000, 90_040), np.repeat([0, 1, 0, 1], [one, other, 1, 1])
    groups, is_salvo = _group(rows, authors)
    assert [(len(group), of) for group, of in zip(groups, is_salvo, strict=True)] == [(one + other, True), (2, False)]


def test_a_crowd_of_one_author_is_no_crowd() -> None:
    """A harbour full of ships that one party reports, and one that another does: each stands alone but that."""
    rows = _place(*range(0, 3_000 * 1_500, 1_500), 1_540)
    authors = np.repeat([0, 1], [3_000, 1])
    groups, is_salvo = _group(rows, authors)
    assert (len(groups), any(is_salvo)) == (3_000, False)
    assert [1, 3_000] in groups
