"""Lines along the ellipsoid (docs/spec/warning.md, W62), held against PROJ."""

import numpy as np
import pyproj
import pytest

from comity.warning.frames import Floats
from comity.warning.geodesic import find_end, find_line

PROJ = pyproj.Geod(ellps="WGS84")


def _places(count: int, seed: int) -> tuple[Floats, Floats]:
    draw = np.random.default_rng(seed)
    return np.degrees(np.arcsin(draw.uniform(-1, 1, count))), draw.uniform(-180, 180, count)


def _apart(one: Floats, other: Floats) -> Floats:
    return np.abs((one - other + 180) % 360 - 180)


def test_a_line_leads_where_proj_says() -> None:
    """Any start, any bearing, up to three quarters round the earth."""
    draw = np.random.default_rng(63)
    latitude, longitude = _places(2_000, 64)
    bearing, distance = draw.uniform(0, 360, 2_000), draw.uniform(0, 3e7, 2_000)
    to_longitude, to_latitude, back = PROJ.fwd(longitude, latitude, bearing, distance)
    end = find_end(latitude, longitude, bearing_deg=bearing, distance_m=distance)
    shrink = np.cos(np.radians(to_latitude))
    assert np.abs(end.latitude_deg - to_latitude).max() < 1e-9
    assert (_apart(end.longitude_deg, to_longitude) * shrink).max() < 1e-8
    assert (_apart(end.bearing_deg, back + 180) * shrink).max() < 1e-8


def test_a_line_between_two_places_is_the_one_that_proj_finds() -> None:
    """Places that lie almost opposite each other among them, where the series does not settle."""
    latitude, longitude = _places(2_000, 65)
    to_latitude, to_longitude = _places(2_000, 66)
    near = np.random.default_rng(67).uniform(-0.4, 0.4, (2, 40))
    to_latitude[:40], to_longitude[:40] = -latitude[:40] + near[0], longitude[:40] + 180 + near[1]
    bearing, back, distance = PROJ.inv(longitude, latitude, to_longitude, to_latitude)
    line = find_line(latitude, longitude, to_latitude, to_longitude)
    assert np.abs(line.distance_m - distance).max() < 1e-3
    assert _apart(line.bearing_deg, bearing).max() < 1e-6
    assert _apart(line.bearing_end_deg, back + 180).max() < 1e-6


def test_one_line_to_many_places_and_one_alone() -> None:
    """Shapes broadcast as numpy's do; a single pair gives single numbers."""
    line = find_line(39.2, 125.67, [39.2, 40.0], [125.67, 130.0])
    assert line.distance_m.shape == (2,)
    assert line.distance_m[0] == 0
    assert find_line(0, 0, 0, 90).distance_m == pytest.approx(10_018_754.171, abs=1e-3)
    assert find_line(0, 0, 0, 180).distance_m == pytest.approx(20_003_931.4586, abs=1e-3)  # over a pole, not along


def test_what_is_no_number_gives_no_number() -> None:
    """One such place in a list spoils no other."""
    line = find_line([np.nan, 39.2], 125.67, 40.0, 130.0)
    assert np.isnan(line.distance_m[0])
    assert line.distance_m[1] == pytest.approx(PROJ.inv(125.67, 39.2, 130.0, 40.0)[2], abs=1e-3)
