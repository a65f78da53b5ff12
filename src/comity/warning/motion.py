"""Rows as states to reckon with: metres in the earth-fixed frame, and where each is a moment later.

Rules
- Every number here comes from the four operations, the square root and whole numbers, element by element, each rounded
  as IEEE 754 demands (W41). Sine, cosine and logarithm are series of these: a library's own differ between processors
  in the last bit, and two nodes would show two pictures. So no `numpy.sin`, no `@`, no `einsum`, no power, no `sum`.
- What a row does not know is said by a wide deviation: of altitude as its domain allows, of velocity as its class does.
- Axes lie first, `(3, n)`: each operation runs over a column.
- Not here: frames for people and for the arc (`frames`), which are right to more digits and not the same everywhere.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.domain import TrackTerms
from comity.warning.frames import EARTH_RATE_RAD_S, ECCENTRICITY_SQUARED, GRAVITATION_M3_S2, SEMI_MAJOR_M
from comity.warning.layout import Flag
from comity.warning.linear import Floats, Turn

__all__ = ["Floats", "Ints", "States", "find_axes", "find_logarithm", "find_sine", "make_states", "to_point"]

Ints = npt.NDArray[np.int64]

QUARTER: Final = 900_000_000
"""A right angle in 1e-7 degree."""

_TO_RADIANS: Final = 3.141592653589793 / 180 / 10_000_000
_LN_2: Final = 0.6931471805599453
_ROOT_HALF: Final = 0.7071067811865476
_FREE_FLIGHT_M: Final = 30_000.0
"""Above it the air slows nothing down that is under way: what moves there falls (W44)."""
_LEAST_SHARE: Final = 1e-12
"""No direction is taken to be known more than a million times better than another: doubles tell no more apart."""
_SINE: Final = (
    -1 / 1_307_674_368_000,
    1 / 6_227_020_800,
    -1 / 39_916_800,
    1 / 362_880,
    -1 / 5_040,
    1 / 120,
    -1 / 6,
    1.0,
)
_COSINE: Final = (
    1 / 20_922_789_888_000,
    -1 / 87_178_291_200,
    1 / 479_001_600,
    -1 / 3_628_800,
    1 / 40_320,
    -1 / 720,
    1 / 24,
    -1 / 2,
    1.0,
)
_LOGARITHM: Final = (1 / 19, 1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1.0)


@dataclass(frozen=True, slots=True)
class States:
    """Where things are, how they move, and how well that is known.

    `point` and `velocity` are earth-fixed, `(3, n)`, m and m/s. `covariance` is `(6, n)`, m², in east, north and up at
    the place of the row: there what is not known of an altitude stays in one number. `axes` are the sines and cosines
    of that place. `spread` is the variance of each component of velocity, m²/s². `knows` has bit 4 for an altitude, 8
    for a velocity.
    """

    at: Ints
    point: Floats
    velocity: Floats
    axes: Floats
    covariance: Floats
    spread: Floats
    knows: Ints
    is_falling: npt.NDArray[np.bool_]

    def take(self, index: npt.NDArray[np.integer]) -> "States":
        """Return the states at these places."""
        return States(
            self.at.take(index),
            self.point.take(index, axis=1),
            self.velocity.take(index, axis=1),
            self.axes.take(index, axis=1),
            self.covariance.take(index, axis=1),
            self.spread.take(index),
            self.knows.take(index),
            self.is_falling.take(index),
        )

    def put(self, index: npt.NDArray[np.integer], other: "States") -> None:
        """Put other states at these places of one's own."""
        self.point[:, index], self.velocity[:, index] = other.point, other.velocity
        self.covariance[:, index], self.spread[index] = other.covariance, other.spread
        self.axes[:, index] = other.axes
        self.knows[index], self.is_falling[index] = other.knows, other.is_falling

    def predict(self, at: Ints | int, terms: TrackTerms) -> "States":
        """Return where these are at an instant that is not before any of them (W44).

        On with the same velocity, or falling; an unknown acceleration of the domain's size grows what is not known.
        """
        seconds = (at - self.at) * 0.001
        half_square = seconds * seconds * 0.5
        point, velocity = self.point + self.velocity * seconds, self.velocity
        if self.is_falling.any():
            fall = np.where(self.is_falling, _find_fall(self.point, self.velocity), 0.0)
            point, velocity = point + fall * half_square, velocity + fall * seconds
        pushed_m, pushed_m_s = terms.acceleration_m_s2 * half_square, terms.acceleration_m_s2 * seconds
        covariance = self.covariance.copy()
        covariance[:3] += seconds * seconds * self.spread + pushed_m * pushed_m
        spread = self.spread + pushed_m_s * pushed_m_s
        reached = np.broadcast_to(np.asarray(at, np.int64), self.at.shape)
        return States(reached, point, velocity, self.axes, covariance, spread, self.knows, self.is_falling)


def make_states(rows: npt.NDArray[np.void], terms: TrackTerms) -> States:
    """Return the states that rows of one class report."""
    has_altitude = (rows["flags"] & Flag.ALTITUDE) != 0
    has_velocity = (rows["flags"] & Flag.VELOCITY) != 0
    altitude = np.where(has_altitude, rows["altitude"] * 0.1, terms.altitude_m)
    axes = find_axes(rows["latitude"].astype(np.int64), rows["longitude"].astype(np.int64))
    sigma_east, sigma_north = rows["sigma_east"] * 0.1, rows["sigma_north"] * 0.1
    sigma_up = np.where(has_altitude, rows["sigma_up"] * 0.1, terms.altitude_sigma_m)
    tilt = np.where(has_altitude, 1 / 32_767, 0.0)
    covariance = np.stack(
        [
            sigma_east * sigma_east,
            sigma_north * sigma_north,
            sigma_up * sigma_up,
            sigma_east * sigma_north * (rows["rho_en"] * (1 / 32_767)),
            sigma_east * sigma_up * (rows["rho_eu"] * tilt),
            sigma_north * sigma_up * (rows["rho_nu"] * tilt),
        ]
    )
    covariance[:3] += (covariance[0] + covariance[1] + covariance[2]) * _LEAST_SHARE
    moved = np.where(has_velocity, 0.01, 0.0)
    velocity = turn_out(
        axes, rows["velocity_east"] * moved, rows["velocity_north"] * moved, rows["velocity_up"] * moved
    )
    sigma_velocity = np.where(has_velocity, rows["sigma_velocity"] * 0.01, terms.speed_sigma_m_s)
    return States(
        rows["at"].astype(np.int64),
        to_point(axes, altitude),
        velocity,
        axes,
        covariance,
        sigma_velocity * sigma_velocity,
        np.where(has_altitude, 4, 0) + np.where(has_velocity, 8, 0),
        has_altitude & has_velocity & (altitude > _FREE_FLIGHT_M) & terms.may_fall,
    )


def find_axes(latitude: Ints, longitude: Ints) -> Floats:
    """Return the sines and cosines of places in 1e-7 degree, `(4, n)`: of latitude, of longitude."""
    return np.stack([*find_sine(latitude), *find_sine(longitude)])


def find_sine(angle: Ints) -> tuple[Floats, Floats]:
    """Return sine and cosine of angles in 1e-7 degree, right to two units in the last place."""
    turns = (angle + QUARTER // 2) // QUARTER
    rest = (angle - turns * QUARTER) * _TO_RADIANS
    square = rest * rest
    sine, cosine = rest * _sum_series(_SINE, square), _sum_series(_COSINE, square)
    is_crossed, is_negative = (turns & 1) != 0, (turns & 2) != 0
    first, second = np.where(is_crossed, cosine, sine), np.where(is_crossed, -sine, cosine)
    return np.where(is_negative, -first, first), np.where(is_negative, -second, second)


def find_logarithm(value: Floats) -> Floats:
    """Return the natural logarithm of what is over 0."""
    fraction, exponent = np.frexp(value)
    is_small = fraction < _ROOT_HALF
    fraction = np.where(is_small, fraction * 2, fraction)
    ratio = (fraction - 1) / (fraction + 1)
    logarithm: Floats = 2 * ratio * _sum_series(_LOGARITHM, ratio * ratio) + (exponent - is_small) * _LN_2
    return logarithm


def to_point(axes: Floats, altitude_m: Floats) -> Floats:
    """Return the earth-fixed points `(3, n)` of places."""
    sin_lat, cos_lat, sin_lon, cos_lon = axes
    normal_m = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_SQUARED * sin_lat * sin_lat)
    across_m = (normal_m + altitude_m) * cos_lat
    return np.stack(
        [across_m * cos_lon, across_m * sin_lon, (normal_m * (1 - ECCENTRICITY_SQUARED) + altitude_m) * sin_lat]
    )


def turn_out(axes: Floats, east: Floats, north: Floats, up: Floats) -> Floats:
    """Turn vectors in east, north, up into earth-fixed ones, `(3, n)`."""
    sin_lat, cos_lat, sin_lon, cos_lon = axes
    outward = cos_lat * up - sin_lat * north
    return np.stack(
        [cos_lon * outward - sin_lon * east, sin_lon * outward + cos_lon * east, cos_lat * north + sin_lat * up]
    )


def turn_in(axes: Floats, vector: Floats) -> Floats:
    """Turn earth-fixed vectors into east, north, up, `(3, n)`."""
    sin_lat, cos_lat, sin_lon, cos_lon = axes
    x, y, z = vector
    outward = cos_lon * x + sin_lon * y
    return np.stack([cos_lon * y - sin_lon * x, cos_lat * z - sin_lat * outward, cos_lat * outward + sin_lat * z])


def list_axes(axes: Floats) -> Turn:
    """Return east, north and up, each by its earth-fixed components."""
    sin_lat, cos_lat, sin_lon, cos_lon = axes
    east = (-sin_lon, cos_lon, np.zeros_like(sin_lon))
    return east, (-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat), (cos_lat * cos_lon, cos_lat * sin_lon, sin_lat)


def _sum_series(coefficients: tuple[float, ...], of: Floats) -> Floats:
    """Sum a series, the highest power first."""
    total: Floats = np.full_like(of, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * of + coefficient
    return total


def _find_fall(point: Floats, velocity: Floats) -> Floats:
    """Return the acceleration of what falls freely over a turning, round earth, in the frame that turns with it."""
    x, y, z = point
    square = x * x + y * y + z * z
    pull = -GRAVITATION_M3_S2 / (square * np.sqrt(square))
    outward = pull + EARTH_RATE_RAD_S * EARTH_RATE_RAD_S
    twice = 2 * EARTH_RATE_RAD_S
    return np.stack([x * outward + twice * velocity[1], y * outward - twice * velocity[0], z * pull])
