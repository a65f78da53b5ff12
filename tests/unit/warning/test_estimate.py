"""Where and when, and how sure (docs/spec/warning.md, W66, W67)."""

import numpy as np
import pytest

from comity.base.errors import UsageError
from comity.warning.ballistic import find_arc, find_ends
from comity.warning.estimate import find_axes, find_end_estimates
from comity.warning.flaw import Way, find_impact_flaw, find_launch_flaw
from comity.warning.frames import Floats, make_covariance, to_local, to_place, to_point, turn_to_earth, turn_to_local
from comity.warning.retrace import retrace

SAMSOK = np.array([39.1, 125.9, 0.0])
FLIGHTS = {
    "short": (350e3, 90e3, 60.0),
    "flat": (600e3, 50e3, 60.0),
    "far": (3_000e3, 600e3, 200.0),
    "lofted for an hour": (1_000e3, 6_500e3, 300.0),
}


def _covariance(*, size: float = 1.0) -> Floats:
    covariance = np.zeros((6, 6))
    covariance[:3, :3] = make_covariance([300.0, 200.0, 500.0], [0.3, 0.1, -0.2])
    covariance[3:, 3:] = np.eye(3) * 20.0**2
    return covariance * size**2


def _find_way(point: Floats, velocity: Floats, *, is_impact: bool) -> Way:
    arc = find_arc(point, velocity)
    end, after_s = (arc.ends.impact, arc.ends.impact_s) if is_impact else (arc.ends.launch, arc.ends.launch_s)
    speed = turn_to_local(arc.move(after_s)[1], at=to_place(end))
    away_m = np.linalg.norm(end - point)
    return Way(speed, after_s, np.asarray(away_m), arc.apogee_m, to_place(point)[2], np.asarray(arc.ends.apogee_s > 0))


@pytest.mark.parametrize("flight", FLIGHTS)
def test_the_covariance_is_that_of_drawn_states(flight: str) -> None:
    """Of 20,000 states drawn from the given uncertainty, each followed to its ends: place, time and how they hang
    together.
    """
    distance_m, apogee_m, after_s = FLIGHTS[flight]
    point, velocity = retrace(SAMSOK, bearing_deg=60, distance_m=distance_m, apogee_m=apogee_m).move(after_s)
    covariance, place = _covariance(), to_place(point)
    drawn = np.random.default_rng(66).multivariate_normal(np.zeros(6), covariance, 20_000)
    ends = find_ends(point + turn_to_earth(drawn[:, :3], at=place), velocity + turn_to_earth(drawn[:, 3:], at=place))
    launch, impact = find_end_estimates(point, velocity, covariance)
    flaws = (
        find_launch_flaw(_find_way(point, velocity, is_impact=False)),
        find_impact_flaw(_find_way(point, velocity, is_impact=True)),
    )
    gone = ((ends.launch, ends.launch_s), (ends.impact, ends.impact_s))
    for estimate, flaw, (end, end_s) in zip((launch, impact), flaws, gone, strict=True):
        parts = to_local(end, origin=estimate.place)
        parts[:, 2] = end_s - estimate.after_s
        found, said = np.cov(parts.T), estimate.covariance - flaw
        sigma = np.sqrt(np.diag(found))
        assert said / np.outer(sigma, sigma) == pytest.approx(found / np.outer(sigma, sigma), abs=0.04)
        assert np.abs(parts.mean(axis=0) / sigma).max() < 0.04


def test_an_ellipse_says_what_its_covariance_does() -> None:
    """Long axis north-east; bearings of an axis are below 180°."""
    axes = find_axes(np.array([[[5.0, 4.0], [4.0, 5.0]], [[5.0, -4.0], [-4.0, 5.0]], [[1.0, 0.0], [0.0, 9.0]]]))
    assert axes.semi_major_m == pytest.approx([3, 3, 3])
    assert axes.semi_minor_m == pytest.approx([1, 1, 1])
    assert axes.bearing_deg == pytest.approx([45, 135, 0])


def test_what_is_on_no_arc_or_too_vague_has_no_estimate() -> None:
    """And takes nothing from its neighbours: a satellite, something that is no number, a state sure of nothing."""
    point, velocity = retrace(SAMSOK, bearing_deg=60, distance_m=350e3, apogee_m=90e3).move(60.0)
    satellite = to_point([0.0, 0.0, 600e3])
    points = np.stack([point, satellite, np.full(3, np.nan), point])
    velocities = np.stack([velocity, turn_to_earth([7_200, 0, 0], at=[0.0, 0.0, 0.0]), velocity, velocity])
    covariances = np.stack([_covariance(), _covariance(), _covariance(), _covariance(size=400)])
    alone = find_end_estimates(point, velocity, _covariance())
    for estimate, single in zip(find_end_estimates(points, velocities, covariances), alone, strict=True):
        assert np.isnan(estimate.after_s).tolist() == [False, True, True, True]
        assert np.isnan(estimate.covariance[1:]).all()
        assert estimate.place[0] == pytest.approx(single.place)
        assert estimate.covariance[0] == pytest.approx(single.covariance)


@pytest.mark.parametrize("change", [(0, 0, np.nan), (0, 0, -1.0), (0, 1, 9e9), (5, 5, np.inf)])
def test_what_is_no_covariance_is_refused(change: tuple[int, int, float]) -> None:
    """With how many are."""
    point, velocity = retrace(SAMSOK, bearing_deg=60, distance_m=350e3, apogee_m=90e3).move([60.0, 61.0])
    covariances = np.stack([_covariance(), _covariance()])
    covariances[1, change[0], change[1]] = change[2]
    with pytest.raises(UsageError, match="covariance-malformed") as caught:
        find_end_estimates(point, velocity, covariances)
    assert caught.value.details == {"count": 1}


def test_a_flat_arc_says_how_little_it_knows() -> None:
    """The lower it stays in the air the longer the ellipse, along the way and not across."""
    sizes = []
    for apogee_m in (40e3, 90e3, 300e3):
        point, velocity = retrace(SAMSOK, bearing_deg=90, distance_m=600e3, apogee_m=apogee_m).move(80.0)
        flaw = find_impact_flaw(_find_way(point, velocity, is_impact=True))
        sizes.append(np.sqrt([flaw[0, 0], flaw[1, 1]]))
    along, across = np.array(sizes).T
    assert along[0] > 3 * along[1] > 3 * along[2]
    assert (across < 5_000).all()
