"""Shortest lines along the WGS-84 ellipsoid: where one leads, how long it is and which way it points.

Many at once, by Vincenty's series, which are right to a tenth of a millimetre. Between two places that lie almost
opposite each other the inverse series does not settle; those few go one by one to `geographiclib` (Karney's
algorithm), so that every pair of places has an answer (W62). All angles in degrees, bearings clockwise from north in
0 ≤ β < 360. Not here: heights; a line runs on the ellipsoid.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from geographiclib.geodesic import Geodesic

from comity.warning.frames import FLATTENING, SEMI_MAJOR_M, SEMI_MINOR_M, Floats, wrap_longitude

__all__ = ["End", "Line", "find_end", "find_line"]

_ROUNDS: Final = 40
_SETTLED_RAD: Final = 1e-12


class Line(NamedTuple):
    """A shortest line between two places: its length, and the bearing of travel at each end."""

    distance_m: Floats
    bearing_deg: Floats
    bearing_end_deg: Floats


class End(NamedTuple):
    """Where a line leads, and the bearing of travel there."""

    latitude_deg: Floats
    longitude_deg: Floats
    bearing_deg: Floats


def find_end(
    latitude_deg: npt.ArrayLike, longitude_deg: npt.ArrayLike, *, bearing_deg: npt.ArrayLike, distance_m: npt.ArrayLike
) -> End:
    """Return where a line of this bearing and length leads (Vincenty's direct series)."""
    latitude, longitude_deg, bearing, distance_m = np.broadcast_arrays(
        np.radians(latitude_deg), np.asarray(longitude_deg, np.float64), np.radians(bearing_deg), distance_m
    )
    sin_u, cos_u = _reduce(latitude)
    sin_b, cos_b = np.sin(bearing), np.cos(bearing)
    sine = cos_u * sin_b  # of the bearing at the equator
    squared = 1 - sine**2
    start = np.arctan2(sin_u, cos_u * cos_b)
    scale, wobble = _find_series(squared)
    plain = distance_m / (SEMI_MINOR_M * scale)
    arc = plain
    for _ in range(_ROUNDS):
        turned = plain + _find_turn(arc, np.cos(2 * start + arc), wobble)
        settled = bool(np.all(np.abs(turned - arc) < _SETTLED_RAD))
        arc = turned
        if settled:
            break
    middle = np.cos(2 * start + arc)
    sin_a, cos_a = np.sin(arc), np.cos(arc)
    north = sin_u * cos_a + cos_u * sin_a * cos_b
    inward = sin_u * sin_a - cos_u * cos_a * cos_b
    latitude_end = np.arctan2(north, (1 - FLATTENING) * np.hypot(sine, inward))
    turn = np.arctan2(sin_a * sin_b, cos_u * cos_a - sin_u * sin_a * cos_b)
    lag = _find_lag(squared, sine, arc, middle)
    bearing_end = np.arctan2(sine, -inward)
    return End(
        np.degrees(latitude_end),
        wrap_longitude(longitude_deg + np.degrees(turn - lag)),
        np.mod(np.degrees(bearing_end), 360),
    )


def find_line(
    latitude_deg: npt.ArrayLike,
    longitude_deg: npt.ArrayLike,
    to_latitude_deg: npt.ArrayLike,
    to_longitude_deg: npt.ArrayLike,
) -> Line:
    """Return the shortest line from one place to another; of two equal places length 0 and bearing 0."""
    start_deg, from_deg, end_deg, to_deg = np.broadcast_arrays(
        *(np.asarray(angle, np.float64) for angle in (latitude_deg, longitude_deg, to_latitude_deg, to_longitude_deg))
    )
    across = np.radians(wrap_longitude(to_deg - from_deg))
    sin_1, cos_1 = _reduce(np.radians(start_deg))
    sin_2, cos_2 = _reduce(np.radians(end_deg))
    turn = across
    for _ in range(_ROUNDS):
        arc, middle, squared, sine = _measure(turn, sin_1, cos_1, sin_2, cos_2)
        turned = across + _find_lag(squared, sine, arc, middle)
        moved = np.abs(turned - turn)
        turn = turned
        if bool(np.all(moved < _SETTLED_RAD)):
            break
    scale, wobble = _find_series(squared)
    distance_m = SEMI_MINOR_M * scale * (arc - _find_turn(arc, middle, wobble))
    sin_t, cos_t = np.sin(turn), np.cos(turn)
    bearing = np.arctan2(cos_2 * sin_t, cos_1 * sin_2 - sin_1 * cos_2 * cos_t)
    bearing_end = np.arctan2(cos_1 * sin_t, cos_1 * sin_2 * cos_t - sin_1 * cos_2)
    line = Line(distance_m, np.mod(np.degrees(bearing), 360), np.mod(np.degrees(bearing_end), 360))
    restless = ~((moved < _SETTLED_RAD) & (np.abs(turn) < np.pi))
    return _ask_library(line, restless, start_deg, from_deg, end_deg, to_deg) if restless.any() else line


def _reduce(latitude: Floats) -> tuple[Floats, Floats]:
    """Sine and cosine of the reduced latitude."""
    up, across = (1 - FLATTENING) * np.sin(latitude), np.cos(latitude)
    length = np.hypot(up, across)
    return up / length, across / length


def _measure(
    turn: Floats, sin_1: Floats, cos_1: Floats, sin_2: Floats, cos_2: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the arc on the sphere, the cosine of its doubled middle, the bearing's cosine² and sine at the equator."""
    sin_t, cos_t = np.sin(turn), np.cos(turn)
    sin_a = np.hypot(cos_2 * sin_t, cos_1 * sin_2 - sin_1 * cos_2 * cos_t)
    cos_a = sin_1 * sin_2 + cos_1 * cos_2 * cos_t
    sine = np.divide(cos_1 * cos_2 * sin_t, sin_a, out=np.zeros_like(sin_a), where=sin_a > 0)
    squared = 1 - sine**2
    part = np.divide(2 * sin_1 * sin_2, squared, out=np.zeros_like(sin_a), where=squared > 0)
    middle = np.where(squared > 0, cos_a - part, 0.0)  # along the equator
    return np.arctan2(sin_a, cos_a), middle, squared, sine


def _find_series(squared: Floats) -> tuple[Floats, Floats]:
    """Vincenty's A and B."""
    u = squared * (SEMI_MAJOR_M**2 - SEMI_MINOR_M**2) / SEMI_MINOR_M**2
    scale = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    return scale, u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))


def _find_turn(arc: Floats, middle: Floats, wobble: Floats) -> Floats:
    """Vincenty's Δσ."""
    sin_a, cos_a = np.sin(arc), np.cos(arc)
    third = wobble / 6 * middle * (-3 + 4 * sin_a**2) * (-3 + 4 * middle**2)
    turn: Floats = wobble * sin_a * (middle + wobble / 4 * (cos_a * (-1 + 2 * middle**2) - third))
    return turn


def _find_lag(squared: Floats, sine: Floats, arc: Floats, middle: Floats) -> Floats:
    """By how much the longitude on the sphere leads that on the ellipsoid."""
    c = FLATTENING / 16 * squared * (4 + FLATTENING * (4 - 3 * squared))
    sin_a, cos_a = np.sin(arc), np.cos(arc)
    return (1 - c) * FLATTENING * sine * (arc + c * sin_a * (middle + c * cos_a * (-1 + 2 * middle**2)))


def _ask_library(line: Line, restless: npt.NDArray[np.bool_], *angles_deg: Floats) -> Line:
    """Replace the lines that the series did not settle."""
    answered = Line(*(np.atleast_1d(np.array(part)) for part in line))
    angles = [np.atleast_1d(angle) for angle in angles_deg]
    for index in zip(*np.nonzero(np.atleast_1d(restless)), strict=True):
        found = Geodesic.WGS84.Inverse(*(float(angle[index]) for angle in angles))
        answered.distance_m[index] = found["s12"]
        answered.bearing_deg[index] = found["azi1"] % 360
        answered.bearing_end_deg[index] = found["azi2"] % 360
    return Line(*(part.reshape(np.shape(restless)) for part in answered))
