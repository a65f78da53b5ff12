"""The arc over the turning earth (docs/spec/warning.md, W63, W64), held against an integration of its own equations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from comity.base.errors import UsageError
from comity.warning.ballistic import find_arc, judge_states
from comity.warning.frames import (
    EARTH_RATE_RAD_S,
    GRAVITATION_M3_S2,
    Floats,
    to_place,
    to_point,
    turn_to_earth,
)

SPIN = np.array([0.0, 0.0, EARTH_RATE_RAD_S])
FLIGHTS = {
    "short": ([39.0, 125.0, 0.0], [1_000.0, 100.0, 1_500.0]),
    "flat": ([39.0, 125.0, 0.0], [3_000.0, 200.0, 300.0]),
    "lofted for an hour": ([39.0, 125.0, 0.0], [50.0, 10.0, 7_500.0]),
    "far, over the pole": ([60.0, -170.0, 0.0], [500.0, 5_000.0, 4_000.0]),
    "straight up": ([0.0, 0.0, 0.0], [0.0, 0.0, 1_000.0]),
    "already falling": ([39.0, 125.0, 100_000.0], [0.0, 0.0, -500.0]),
}


def _slope(_: float, state: Floats) -> Floats:
    """Gravity of a point, Coriolis and the rest, in the frame that turns: none of Kepler's formulas."""
    point, velocity = state[:3], state[3:]
    pull = -GRAVITATION_M3_S2 * point / np.linalg.norm(point) ** 3
    return np.concatenate([velocity, pull - 2 * np.cross(SPIN, velocity) - np.cross(SPIN, np.cross(SPIN, point))])


@pytest.mark.parametrize("flight", FLIGHTS)
def test_an_arc_is_what_integrating_it_gives(flight: str) -> None:
    """Every point and velocity on the way, to a millimetre, and the ground at the end."""
    place, local = FLIGHTS[flight]
    point, velocity = to_point(place), turn_to_earth(local, at=place)
    arc = find_arc(point, velocity)
    end_s = float(arc.ends.impact_s)
    after_s = np.linspace(0, end_s, 25)
    start = np.concatenate([point, velocity])
    solved = solve_ivp(_slope, (0, end_s), start, rtol=1e-11, atol=1e-6, t_eval=after_s).y.T
    points, velocities = arc.move(after_s)
    assert np.abs(points - solved[:, :3]).max() < 5e-3
    assert np.abs(velocities - solved[:, 3:]).max() < 5e-6
    assert abs(to_place(solved[-1, :3])[2]) < 5e-3
    assert arc.apogee_m >= to_place(points)[:, 2].max() - 5


@settings(max_examples=40, deadline=None)
@given(
    latitude=st.floats(-89.9, 89.9),
    longitude=st.floats(-180, 179.9),
    height=st.floats(100, 400_000),
    local=st.tuples(*(st.floats(-3_000, 3_000),) * 3),
    after=st.floats(0.01, 0.99),
)
def test_one_arc_has_one_launch_and_one_impact(
    latitude: float, longitude: float, height: float, local: tuple[float, float, float], after: float
) -> None:
    """Whichever of its states it is told from: both ends lie on the ground, and a later state names the same."""
    place = np.array([latitude, longitude, height])
    point, velocity = to_point(place), turn_to_earth(local, at=place)
    if judge_states(point, velocity) != "":
        return
    arc = find_arc(point, velocity)
    moved_s = float(arc.ends.launch_s) + after * float(arc.ends.impact_s - arc.ends.launch_s)
    again = find_arc(*arc.move(moved_s))
    assert np.abs(again.ends.impact - arc.ends.impact).max() < 1.0
    assert np.abs(again.ends.launch - arc.ends.launch).max() < 1.0
    assert np.abs(to_place(np.stack([arc.ends.launch, arc.ends.impact]))[:, 2]).max() < 1e-2


def test_ground_of_another_height_ends_it_there() -> None:
    """A mountain takes the end of the flight away."""
    place = np.array([39.0, 125.0, 0.0])
    point, velocity = to_point(place), turn_to_earth([1_000, 0, 1_500], at=place)
    low, high = find_arc(point, velocity), find_arc(point, velocity, ground_m=1_000.0)
    assert to_place(high.ends.impact)[2] == pytest.approx(1_000, abs=1e-2)
    assert high.ends.impact_s < low.ends.impact_s
    assert high.ends.launch_s > 0


def test_before_its_launch_and_after_its_impact_it_stays_where_it_is() -> None:
    """The clock of an arc stops at its ends: nothing is said of a flight under the ground."""
    place = np.array([39.0, 125.0, 0.0])
    arc = find_arc(to_point(place), turn_to_earth([1_000, 0, 1_500], at=place))
    points = arc.move([-1e6, 1e6])[0]
    assert points[0] == pytest.approx(to_point(place), abs=1e-3)
    assert points[1] == pytest.approx(arc.ends.impact, abs=1e-6)


@pytest.mark.parametrize(
    ("point", "velocity", "code"),
    [
        ([np.nan, 0, 0], [0, 0, 0], "warning.arc-not-a-number"),
        ([6.6e6, 0, 0], [0, np.inf, 0], "warning.arc-not-a-number"),
        ([0, 0, 0], [0, 0, 0], "warning.arc-underground"),
        ([6.3e6, 0, 0], [0, 100, 0], "warning.arc-underground"),
        ([6.6e6, 0, 0], [11_000, 0, 0], "warning.arc-escapes"),
        ([6.6e6, 0, 0], [10_700, 0, 0], "warning.arc-escapes"),  # bound, and 150,000 km high
        ([1e300, 0, 0], [1e300, 0, 0], "warning.arc-escapes"),
        ([7e6, 0, 0], [0, 7_600, 0], "warning.arc-stays-up"),
    ],
)
def test_what_is_on_no_arc_is_refused_with_a_code(point: list[float], velocity: list[float], code: str) -> None:
    """And before anything is computed from it: warnings of numpy would fail this test."""
    assert judge_states(point, velocity) == code
    with pytest.raises(UsageError, match=code):
        find_arc(point, velocity)


def test_of_many_states_the_bad_ones_are_counted() -> None:
    """The first names the code."""
    good = to_point([39.0, 125.0, 50_000.0])
    points = np.stack([good, np.full(3, np.nan), np.zeros(3)])
    assert judge_states(points, np.zeros((3, 3))).tolist() == [
        "",
        "warning.arc-not-a-number",
        "warning.arc-underground",
    ]
    with pytest.raises(UsageError) as caught:
        find_arc(points, np.zeros((3, 3)))
    assert (caught.value.code, caught.value.details) == ("warning.arc-not-a-number", {"count": 2})
