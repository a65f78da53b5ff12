"""Areas on the earth: points in whole microdegrees, circles and polygons, and whether two of them touch.

Rules (docs/spec/procedure.md, P26)
- A position is counted from the south pole and from 180 degrees west, because signed bytes hold no negative numbers.
- An edge is straight in latitude and longitude, as in GeoJSON (RFC 7946, 3.1.1), and takes the shorter way round, so
  that a ring may cross the antimeridian; a ring may not go round a pole, nor have an edge of exactly half the globe.
- Inside a ring is even-odd; its edge belongs to it. Touching counts: a deconfliction that errs must err on the safe
  side.
- Plain integers: the answer is exact for polygons and the same on every machine. (A geometry library would work in
  floats on the plane, without antimeridian or metres.)
"""

import enum
import itertools
from collections.abc import Iterator
from typing import Annotated, Final, NamedTuple

import msgspec

from comity.base.limits import AREA_POINT_COUNT_MAX, AREA_RADIUS_M_MAX
from comity.procedure.sphere import Vector, chord, chord_of_arc_m, chord_of_udeg_max, unit_vector

__all__ = ["Area", "Place", "Shape", "do_touch", "place"]

_TURN_UDEG: Final = 360_000_000
_HALF_TURN_UDEG: Final = 180_000_000
_NORTH_UDEG: Final = 90_000_000
_PIECE_UDEG_MIN: Final = 100
"""Eleven metres: pieces of an edge shorter than this, still in doubt, count as touching."""


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A position: microdegrees north of the south pole, and east of 180 degrees west."""

    north_udeg: Annotated[int, msgspec.Meta(ge=0, le=180_000_000)]
    east_udeg: Annotated[int, msgspec.Meta(ge=0, lt=360_000_000)]

    @property
    def latitude_udeg(self) -> int:
        """Signed microdegrees, north positive."""
        return self.north_udeg - _NORTH_UDEG

    @property
    def longitude_udeg(self) -> int:
        """Signed microdegrees, east positive, from -180 degrees on."""
        return self.east_udeg - _HALF_TURN_UDEG

    @property
    def vector(self) -> Vector:
        """The position on the sphere."""
        return unit_vector(latitude_udeg=self.latitude_udeg, longitude_udeg=self.longitude_udeg)


def place(*, latitude_udeg: int, longitude_udeg: int) -> Place:
    """Make a position from signed microdegrees, north and east positive."""
    return Place(latitude_udeg + _NORTH_UDEG, (longitude_udeg + _HALF_TURN_UDEG) % _TURN_UDEG)


class Shape(enum.StrEnum):
    """What an area is."""

    CIRCLE = "circle"
    """One place, and a radius in metres, which may be 0: a point."""
    POLYGON = "polygon"
    """Three or more corners; the last is joined to the first."""


class Area(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A circle or a polygon."""

    shape: Shape
    places: Annotated[tuple[Place, ...], msgspec.Meta(min_length=1, max_length=AREA_POINT_COUNT_MAX)]
    radius_m: Annotated[int, msgspec.Meta(ge=0, le=AREA_RADIUS_M_MAX)]

    def __post_init__(self) -> None:
        if self.shape is Shape.CIRCLE:
            if len(self.places) != 1:
                raise ValueError("a circle has one place")
            return
        if len(self.places) < 3 or self.radius_m:
            raise ValueError("a polygon has three corners or more and no radius")
        easts = [corner.east_udeg for corner in self.places]
        steps = [_shorter_way(b - a) for a, b in itertools.pairwise([*easts, easts[0]])]
        if sum(steps) != 0 or any(abs(step) == _HALF_TURN_UDEG for step in steps):
            raise ValueError("a polygon does not go round a pole")


class _Point(NamedTuple):
    """A corner on the unrolled plane: east may be below 0 or beyond one turn."""

    east: int
    north: int


_Edge = tuple[_Point, _Point]


def do_touch(a: Area, b: Area) -> bool:
    """Tell whether two areas have a point in common."""
    if a.shape is Shape.CIRCLE and b.shape is Shape.CIRCLE:
        reach = chord_of_arc_m(a.radius_m + b.radius_m)
        return chord(a.places[0].vector, b.places[0].vector) <= reach
    if a.shape is Shape.CIRCLE:
        return _do_circle_and_ring_touch(a, b)
    if b.shape is Shape.CIRCLE:
        return _do_circle_and_ring_touch(b, a)
    return _do_rings_touch(a, b)


def _shorter_way(east_udeg: int) -> int:
    """Bring a difference of longitudes into -180 .. 180 degrees."""
    return (east_udeg + _HALF_TURN_UDEG) % _TURN_UDEG - _HALF_TURN_UDEG


def _unroll(area: Area) -> list[_Point]:
    corners = [_Point(area.places[0].east_udeg, area.places[0].north_udeg)]
    for a, b in itertools.pairwise(area.places):
        corners.append(_Point(corners[-1].east + _shorter_way(b.east_udeg - a.east_udeg), b.north_udeg))
    return corners


def _edges(corners: list[_Point]) -> list[_Edge]:
    return list(zip(corners, [*corners[1:], corners[0]], strict=True))


def _turns(a: list[_Point], b: list[_Point]) -> Iterator[int]:
    """Yield every whole turn by which `b` may be moved east so that it could meet `a`."""
    first = -(-(min(p.east for p in a) - max(p.east for p in b)) // _TURN_UDEG)
    last = (max(p.east for p in a) - min(p.east for p in b)) // _TURN_UDEG
    return (turn * _TURN_UDEG for turn in range(first, last + 1))


def _do_rings_touch(a: Area, b: Area) -> bool:
    ring = _unroll(a)
    for turn in _turns(ring, _unroll(b)):
        other = [_Point(corner.east + turn, corner.north) for corner in _unroll(b)]
        if _is_inside(other[0], ring) or _is_inside(ring[0], other):
            return True
        if any(_do_cross(e, f) for e in _edges(ring) for f in _edges(other)):
            return True
    return False


def _side(a: _Point, b: _Point, c: _Point) -> int:
    """Positive if `c` lies left of the line from `a` to `b`, 0 on it."""
    return (b.east - a.east) * (c.north - a.north) - (b.north - a.north) * (c.east - a.east)


def _is_on(point: _Point, edge: _Edge) -> bool:
    a, b = edge
    return (
        _side(a, b, point) == 0
        and min(a.east, b.east) <= point.east <= max(a.east, b.east)
        and min(a.north, b.north) <= point.north <= max(a.north, b.north)
    )


def _do_cross(e: _Edge, f: _Edge) -> bool:
    if any(_is_on(end, f) for end in e) or any(_is_on(end, e) for end in f):
        return True
    return (_side(*e, f[0]) > 0) != (_side(*e, f[1]) > 0) and (_side(*f, e[0]) > 0) != (_side(*f, e[1]) > 0)


def _is_inside(point: _Point, ring: list[_Point]) -> bool:
    """Even-odd: count the edges crossed by the ray that goes east; half-open in north, so no corner counts twice."""
    inside = False
    for a, b in _edges(ring):
        if _is_on(point, (a, b)):
            return True
        if (a.north > point.north) != (b.north > point.north):
            low, high = (a, b) if a.north < b.north else (b, a)
            inside ^= _side(low, high, point) > 0
    return inside


def _do_circle_and_ring_touch(circle: Area, ring: Area) -> bool:
    centre, corners = circle.places[0], _unroll(ring)
    spot = [_Point(centre.east_udeg, centre.north_udeg)]
    for turn in _turns(corners, spot):
        if _is_inside(_Point(centre.east_udeg + turn, centre.north_udeg), corners):
            return True
    reach = chord_of_arc_m(circle.radius_m)
    return any(_is_near(centre.vector, a, b, reach) for a, b in _edges(corners))


def _is_near(centre: Vector, a: _Point, b: _Point, reach: int) -> bool:
    """Tell whether the edge comes within `reach` of `centre`: halve it until each piece is surely out, or one is in."""
    pieces = [(a, b)]
    while pieces:
        a, b = pieces.pop()
        middle = _Point((a.east + b.east) // 2, (a.north + b.north) // 2)
        away = chord(
            centre, unit_vector(latitude_udeg=middle.north - _NORTH_UDEG, longitude_udeg=middle.east - _HALF_TURN_UDEG)
        )
        if away <= reach:
            return True
        length_udeg = abs(b.east - a.east) + abs(b.north - a.north)
        # No point of the piece is farther from its middle than half its length along the axes, rounded up.
        if away - chord_of_udeg_max(length_udeg // 2 + 2) > reach:
            continue
        if length_udeg <= _PIECE_UDEG_MIN:
            return True
        pieces += [(a, middle), (middle, b)]
    return False
