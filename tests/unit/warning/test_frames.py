"""Frames of the earth (docs/spec/warning.md, W60 and W61), held against PROJ."""

import numpy as np
import pyproj
import pytest

from comity.warning.frames import (
    Floats,
    find_local_axes,
    make_covariance,
    to_local,
    to_place,
    to_point,
    turn_covariance,
    turn_to_earth,
    turn_to_local,
    wrap_longitude,
)

PROJ = pyproj.Transformer.from_crs(4979, 4978, always_xy=True)


def _places(count: int = 2_000) -> Floats:
    draw = np.random.default_rng(60)
    latitude_deg = np.degrees(np.arcsin(draw.uniform(-1, 1, count)))
    height_m = 10 ** draw.uniform(0, 8, count) - 1_000
    return np.stack([latitude_deg, draw.uniform(-180, 180, count), height_m], axis=-1)


def test_a_place_becomes_the_point_that_proj_says() -> None:
    """From a kilometre below the ellipsoid to 100,000 km above it, to the micrometre."""
    places = _places()
    points = np.stack(PROJ.transform(places[:, 1], places[:, 0], places[:, 2]), axis=-1)
    assert np.abs(to_point(places) - points).max() < 1e-6


def test_a_point_becomes_the_place_that_it_came_from() -> None:
    """There and back, poles, date line and equator too."""
    corners = np.array([[90, 0, 0], [-90, 0, 5e5], [0, -180, 1], [0, 179.9999999, -999], [45, 0, 1e8]])
    places = np.concatenate([_places(), corners])
    back = to_place(to_point(places))
    assert np.abs(to_point(back) - to_point(places)).max() < 1e-6
    assert np.abs(back[:, [0, 2]] - places[:, [0, 2]]).max(axis=0) == pytest.approx([0, 0], abs=1e-6)


def test_deep_inside_the_earth_a_place_still_leads_back() -> None:
    """An iteration that is off would be off there first."""
    points = np.array([[3e5, 0, 4e5], [1e5, 2e5, -3e5], [0, 0, 6e4], [-7e4, 0, 0]])
    assert np.abs(to_point(to_place(points)) - points).max() < 1e-4


def test_a_longitude_is_wrapped_to_the_interval_of_the_rows() -> None:
    """180° is −180°, and a hair below −180° is not 180°."""
    assert wrap_longitude([180, -180, 540, 359, -1e-17 - 180, 0]).tolist() == [-180, -180, -180, -1, -180, 0]


def test_the_local_axes_are_those_of_proj() -> None:
    """East, north and up of points around Sunan, by PROJ's own topocentric conversion."""
    origin = np.array([39.2, 125.67, 40.0])
    points = to_point(origin + np.array([[0.5, 0.3, 2_000], [-0.2, 1.5, 90_000], [0, 0, 10]]))
    pipeline = "+proj=topocentric +ellps=WGS84 +lat_0=39.2 +lon_0=125.67 +h_0=40"
    expected = np.stack(pyproj.Transformer.from_pipeline(pipeline).transform(*points.T), axis=-1)
    assert np.abs(to_local(points, origin=origin) - expected).max() < 1e-6


def test_a_vector_turned_there_and_back_is_the_same() -> None:
    """And east at the date line is what it is anywhere: along the parallel."""
    places = _places(50)
    vectors = np.random.default_rng(61).normal(size=(50, 3))
    assert np.allclose(turn_to_local(turn_to_earth(vectors, at=places), at=places), vectors, atol=1e-12)
    assert np.allclose(turn_to_earth([1, 0, 0], at=[0, -180, 0]), [0, -1, 0], atol=1e-15)
    assert np.allclose(np.linalg.det(find_local_axes(places)), 1)


def test_a_covariance_is_carried_as_its_samples_are() -> None:
    """The covariance of a million drawn errors, seen from another place, is the one that was turned."""
    here, there = np.array([39.2, 125.67, 0.0]), np.array([36.0, 139.5, 0.0])
    covariance = make_covariance([300.0, 200.0, 900.0], [0.4, -0.3, 0.2])
    draws = np.random.default_rng(62).multivariate_normal(np.zeros(3), covariance, 200_000)
    seen = turn_to_local(turn_to_earth(draws, at=here), at=there)
    turned = turn_covariance(covariance, at=here, to=there)
    assert np.cov(seen.T) == pytest.approx(turned, abs=0.01 * 900**2)
    assert np.linalg.eigvalsh(turned) == pytest.approx(np.linalg.eigvalsh(covariance))
    assert turn_covariance(covariance, at=here) == pytest.approx(
        turn_covariance(turned, at=there), rel=1e-9
    )  # by either way to the earth's own axes


def test_a_covariance_says_its_sigmas_and_correlations() -> None:
    """Of many rows at once."""
    made = make_covariance(np.array([[1.0, 2, 3], [1, 1, 1]]), np.array([[0.5, 0.1, -0.2], [0, 0, 0]]))
    assert made[0] == pytest.approx(np.array([[1, 1, 0.3], [1, 4, -1.2], [0.3, -1.2, 9]]))
    assert (made[1] == np.eye(3)).all()
