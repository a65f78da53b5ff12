"""Sines, cosines and distances on the sphere in whole numbers.

Why not floats: two nodes must reach the same verdict (law 3), and `sin` and `cos` of the C library differ between
systems in the last digit. Here everything is an integer: angles in microdegrees, lengths as parts of the earth's
radius (`ONE`). Distances are *chords* (straight through the earth): they obey the triangle inequality and need no
inverse function.
"""

from functools import lru_cache
from math import isqrt
from typing import Final, NamedTuple

__all__ = ["EARTH_RADIUS_M", "ONE", "Vector", "chord", "chord_of_arc_m", "chord_of_udeg_max", "unit_vector"]

ONE: Final = 10**12
"""The earth's radius; one part is six micrometres."""

EARTH_RADIUS_M: Final = 6_371_009
"""Mean radius in metres (IUGG)."""

_PI: Final = 3_141_592_653_590
_QUARTER_UDEG: Final = 90_000_000
_HALF_UDEG: Final = 180_000_000


class Vector(NamedTuple):
    """A point of the sphere as three coordinates in parts of the radius."""

    x: int
    y: int
    z: int


def unit_vector(*, latitude_udeg: int, longitude_udeg: int) -> Vector:
    """Return the point at signed latitude and longitude, both in microdegrees."""
    across = _cosine(latitude_udeg)
    return Vector(
        across * _cosine(longitude_udeg) // ONE,
        across * _sine(longitude_udeg) // ONE,
        _sine(latitude_udeg),
    )


def chord(a: Vector, b: Vector) -> int:
    """Return the straight distance of two points, rounded down."""
    return isqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2)


def chord_of_arc_m(arc_m: int) -> int:
    """Return the chord over an arc of the given metres; from half the earth's girth on it is the diameter."""
    half = arc_m * ONE // (2 * EARTH_RADIUS_M)
    return 2 * ONE if half >= _PI // 2 else 2 * _sine_of(half)


def chord_of_udeg_max(udeg: int) -> int:
    """Return a length that no chord over an arc of so many microdegrees exceeds: the arc itself, rounded up."""
    return udeg * _PI // _HALF_UDEG + 1


def _cosine(udeg: int) -> int:
    return _sine(udeg + _QUARTER_UDEG)


@lru_cache(maxsize=4096)
def _sine(udeg: int) -> int:
    """Bring the angle to the first quadrant, where the series is short."""
    udeg %= 4 * _QUARTER_UDEG
    sign = 1 if udeg < _HALF_UDEG else -1
    udeg %= _HALF_UDEG
    udeg = min(udeg, _HALF_UDEG - udeg)
    return sign * _sine_of(udeg * _PI // _HALF_UDEG)


def _sine_of(angle: int) -> int:
    """Sum the Taylor series of the sine for 0 .. pi/2, in parts of ONE."""
    term = total = angle
    square = angle * angle // ONE
    step = 1
    while term:
        term = -term * square // ONE // ((step + 1) * (step + 2))
        total += term
        step += 2
        if term == -1:  # floor division of a negative number ends at -1, not at 0
            break
    return total
