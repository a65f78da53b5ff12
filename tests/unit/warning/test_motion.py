"""States in metres (docs/spec/warning.md, W41, W44): by plain operations, as right as the library's own."""

import numpy as np
import pytest

from comity.warning import frames
from comity.warning.domain import TrackTerms
from comity.warning.layout import Flag
from comity.warning.linear import turn_covariance
from comity.warning.motion import find_logarithm, find_sine, list_axes, make_states
from comity.warning.rows import Rows
from comity.warning.written import find_place
from kit.tracks import make_rows

MISSILE = TrackTerms("policy.track.ballistic", "missile", 8_000, 15_000, 60_000)
SHIP = TrackTerms("policy.track.surface", "surface", 40, 600_000, 3_600_000)


def _draw(count: int) -> Rows:
    draw = np.random.default_rng(7)
    rows = np.repeat(make_rows({"altitude": 1_000_000}), count)
    rows["latitude"] = draw.integers(-890_000_000, 890_000_000, count)
    rows["longitude"] = draw.integers(-1_800_000_000, 1_800_000_000, count)
    for name in ("velocity_east", "velocity_north", "velocity_up"):
        rows[name] = draw.integers(-500_000, 500_000, count)
    for name in ("sigma_east", "sigma_north", "sigma_up"):
        rows[name] = draw.integers(10, 50_000, count)
    rows["rho_en"], rows["rho_eu"], rows["rho_nu"] = 10_000, -7_000, 3_000
    return rows


def test_sine_and_logarithm_are_right() -> None:
    """To the last places, over the whole circle with its corners, and over every size of a determinant."""
    corners = np.arange(-4, 5) * 450_000_000
    angle = np.concatenate([corners, np.random.default_rng(1).integers(-(10**9) * 18 // 10, 1_800_000_000, 100_000)])
    sine, cosine = find_sine(angle)
    radians = np.radians(angle / 1e7)
    assert np.abs(sine - np.sin(radians)).max() < 1e-15
    assert np.abs(cosine - np.cos(radians)).max() < 1e-15
    value = np.exp(np.linspace(-60, 60, 10_001))
    assert np.abs(find_logarithm(value) - np.log(value)).max() < 3e-14


def test_states_are_those_of_the_frames() -> None:
    """Point, velocity and covariance agree with `frames`, which reckons them in another way."""
    rows = _draw(500)
    states = make_states(rows, MISSILE)
    place = np.stack([rows["latitude"] / 1e7, rows["longitude"] / 1e7, rows["altitude"] / 10], axis=-1)
    assert np.abs(frames.to_point(place).T - states.point).max() < 1e-7
    local = np.stack([rows[f"velocity_{name}"] / 100 for name in ("east", "north", "up")], axis=-1)
    assert np.abs(frames.turn_to_earth(local, at=place).T - states.velocity).max() < 1e-9
    sigma = np.stack([rows[f"sigma_{name}"] / 10 for name in ("east", "north", "up")], axis=-1)
    rho = np.stack([rows[f"rho_{name}"] / 32_767 for name in ("en", "eu", "nu")], axis=-1)
    turned = frames.turn_covariance(frames.make_covariance(sigma, rho), at=place)
    east, north, up = list_axes(states.axes)
    earth = turn_covariance(tuple(zip(east, north, up, strict=True)), states.covariance)  # type: ignore[arg-type]  # 3 × 3
    ours = earth[[[0, 3, 4], [3, 1, 5], [4, 5, 2]]].transpose(2, 0, 1)
    assert np.allclose(turned, ours, rtol=1e-9, atol=1e-5)


def test_a_place_is_found_again_from_far_off() -> None:
    """From a guess of another place altogether, some hundred kilometres away, to the unit of the wire."""
    rows = _draw(500)
    guess = rows.copy()
    guess["latitude"] = np.clip(rows["latitude"].astype(np.int64) + 20_000_000, -890_000_000, 890_000_000)
    guess["longitude"] = np.clip(rows["longitude"].astype(np.int64) - 20_000_000, -1_800_000_000, 1_799_999_999)
    guess["altitude"] = 0
    latitude, longitude, altitude, _ = find_place(make_states(rows, MISSILE).point, guess)
    assert np.array_equal(latitude, rows["latitude"])
    assert np.array_equal(longitude, rows["longitude"])
    assert np.abs(altitude - rows["altitude"] / 10).max() < 0.01


def test_what_is_not_known_is_wide() -> None:
    """Without an altitude a ship is on the sea, a missile anywhere; without a velocity, anything up to the limit."""
    rows = make_rows({"flags": 0, "altitude": 0, "velocity_east": 0, "velocity_north": 0, "sigma_velocity": 0})
    rows["velocity_up"] = 0
    ship, missile = make_states(rows, SHIP), make_states(rows, MISSILE)
    assert np.sqrt(ship.covariance[2]) == pytest.approx(100)
    assert np.sqrt(missile.covariance[2]) == pytest.approx(300_000)
    assert (float(ship.spread[0]), float(missile.spread[0])) == (20.0**2, 4_000.0**2)
    assert ship.knows.tolist() == [0]


def test_a_prediction_moves_on_and_knows_less() -> None:
    """Ten seconds on: ten times the velocity; uncertainty grows by that of the velocity and the domain's push."""
    rows = _draw(20)
    rows["altitude"] = 10_000
    states = make_states(rows, SHIP)
    later = states.predict(int(rows["at"][0]) + 10_000, SHIP)
    assert np.allclose(later.point - states.point, states.velocity * 10)
    grown = states.covariance[:3] + 100 * states.spread + (0.2 * 50) ** 2
    assert np.allclose(later.covariance[:3], grown)
    assert np.array_equal(later.covariance[3:], states.covariance[3:])
    assert np.allclose(later.spread, states.spread + 2.0**2)


def test_what_is_above_the_air_falls() -> None:
    """A missile at 100 km that was thrown straight up loses g a second there; one in the air is not assumed to fall."""
    quiet = {"velocity_east": 0, "velocity_north": 0, "velocity_up": 100_000, "flags": Flag.ALTITUDE | Flag.VELOCITY}
    rows = make_rows({"altitude": 1_000_000, **quiet}, {"altitude": 100_000, **quiet})
    states = make_states(rows, MISSILE)
    later = states.predict(int(rows["at"][0]) + 10_000, MISSILE)
    place = np.array([rows["latitude"][0] / 1e7, rows["longitude"][0] / 1e7, 100_000.0])
    change = frames.turn_to_local((later.velocity - states.velocity)[:, 0], at=place)
    assert change[2] == pytest.approx(-95, abs=0.5)
    assert np.array_equal(later.velocity[:, 1], states.velocity[:, 1])
