"""Whether two areas touch (P26): polygons exactly in whole microdegrees, circles on the sphere.

A polygon lies on the plane of longitude and latitude and repeats with every turn round the globe. What is measured in
metres is measured along great circles; of a circle and a polygon it is decided to within six metres, as P26 lets it.
"""

import math
from collections.abc import Iterator
from typing import Final

from comity.audit.procedures.area import TURN, Area, step_east

__all__ = ["do_touch"]

RADIUS_M: Final = 6_371_009
PIECE_MIN: Final = 50
"""Microdegrees, five and a half metres: an edge is not cut any finer."""
_POLE: Final = 90_000_000
_DEGREE: Final = 1_000_000
Spot = tuple[int, int]
"""North and east as P26 has them; east may lie beyond one turn, so that a ring has no seam."""
Edge = tuple[Spot, Spot]


def do_touch(one: Area, other: Area) -> bool:
    """Tell whether two areas have a point in common."""
    if one.shape == other.shape == "circle":
        return _measure_m(one.places[0], other.places[0]) <= one.radius_m + other.radius_m
    if one.shape == other.shape:
        return _do_rings_touch(_unroll(one), _unroll(other))
    circle, polygon = (one, other) if one.shape == "circle" else (other, one)
    ring, centre = _unroll(polygon), circle.places[0]
    if any(_holds(ring, spot) for spot in _repeat([centre], ring)):
        return True
    return any(_is_within(edge, centre, circle.radius_m) for edge in _list_edges(ring))


def _unroll(polygon: Area) -> list[Spot]:
    """Return the corners without a seam: each at the shorter way from the one before."""
    ring = [polygon.places[0]]
    for north, east in polygon.places[1:]:
        ring.append((north, ring[-1][1] + step_east(ring[-1][1] % TURN, east)))
    return ring


def _list_edges(ring: list[Spot]) -> list[Edge]:
    return [(ring[index - 1], ring[index]) for index in range(len(ring))]


def _repeat(spots: list[Spot], ring: list[Spot]) -> Iterator[Spot]:
    """Yield spots at every turn at which they may lie in or on a ring; a ring spans less than 64 turns."""
    low, high = min(east for _, east in ring), max(east for _, east in ring)
    for north, east in spots:
        for turn in range((low - east) // TURN, (high - east) // TURN + 1):
            yield north, east + turn * TURN


def _do_rings_touch(one: list[Spot], other: list[Spot]) -> bool:
    low, high = (pick(east for _, east in one) for pick in (min, max))
    first, last = (pick(east for _, east in other) for pick in (min, max))
    for turn in range((low - last) // TURN, (high - first) // TURN + 1):
        moved = [(north, east + turn * TURN) for north, east in other]
        if _holds(one, moved[0]) or _holds(moved, one[0]):
            return True
        if any(_do_meet(a, b) for a in _list_edges(one) for b in _list_edges(moved)):
            return True
    return False


def _turn(a: Spot, b: Spot, c: Spot) -> int:
    """Twice the signed area of a triangle: 0 where its corners are in one line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _lies_on(edge: Edge, spot: Spot) -> bool:
    (a, b), (north, east) = edge, spot
    in_box = min(a[0], b[0]) <= north <= max(a[0], b[0]) and min(a[1], b[1]) <= east <= max(a[1], b[1])
    return in_box and _turn(a, b, spot) == 0


def _do_meet(one: Edge, other: Edge) -> bool:
    """Tell whether two edges have a point in common, ends included."""
    if any(_lies_on(one, end) for end in other) or any(_lies_on(other, end) for end in one):
        return True
    parts = [_turn(*one, end) for end in other], [_turn(*other, end) for end in one]
    return all(min(sides) < 0 < max(sides) for sides in parts)


def _holds(ring: list[Spot], spot: Spot) -> bool:
    """Even-odd, the edge included: how often does a ray to the north pole leave the ring?"""
    north, east = spot
    is_in = False
    for edge in _list_edges(ring):
        if _lies_on(edge, spot):
            return True
        west_end, east_end = sorted(edge, key=lambda end: end[1])
        if west_end[1] <= east < east_end[1]:
            # Above the spot, if the spot lies to the right of the way east.
            rise = (east_end[0] - west_end[0]) * (east - west_end[1])
            is_in ^= (north - west_end[0]) * (east_end[1] - west_end[1]) < rise
    return is_in


def _is_within(edge: Edge, centre: Spot, radius_m: int) -> bool:
    """Tell whether an edge comes within a radius: it is cut in halves until each is sure."""
    waiting = [edge]
    while waiting:
        a, b = waiting.pop()
        middle = ((a[0] + b[0]) // 2, (a[1] + b[1]) // 2)
        span = abs(b[0] - a[0]) + abs(b[1] - a[1])
        away_m = _measure_m(middle, centre)
        if away_m <= radius_m:
            return True
        if away_m - RADIUS_M * math.radians((span / 2 + 2) / _DEGREE) > radius_m:
            continue
        if span <= PIECE_MIN:
            return True
        waiting += [(a, middle), (middle, b)]
    return False


def _measure_m(a: Spot, b: Spot) -> float:
    """Return the great-circle distance (haversine)."""
    north, other = (math.radians((spot[0] - _POLE) / _DEGREE) for spot in (a, b))
    apart = math.radians((b[1] - a[1]) / _DEGREE)
    root = math.sin((other - north) / 2) ** 2 + math.cos(north) * math.cos(other) * math.sin(apart / 2) ** 2
    return 2 * RADIUS_M * math.asin(min(1.0, math.sqrt(root)))
