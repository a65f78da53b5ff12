"""Areas: whether two touch, on a round earth, over the antimeridian, in whole numbers (docs/spec/procedure.md, P26)."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.procedure.area import Area, Place, Shape, do_touch, place
from comity.procedure.sphere import EARTH_RADIUS_M, ONE, chord, chord_of_arc_m, unit_vector

DEGREE = 1_000_000


def circle(latitude: float, longitude: float, radius_m: int) -> Area:
    """A circle around a place in degrees."""
    return Area(Shape.CIRCLE, (at(latitude, longitude),), radius_m)


def at(latitude: float, longitude: float) -> Place:
    """A place in degrees."""
    return place(latitude_udeg=round(latitude * DEGREE), longitude_udeg=round(longitude * DEGREE))


def ring(*corners: tuple[float, float]) -> Area:
    """A polygon of corners in degrees."""
    return Area(Shape.POLYGON, tuple(at(*corner) for corner in corners), 0)


def box(south: float, west: float, north: float, east: float) -> Area:
    """A box in degrees; east may be less than west: it then crosses the antimeridian."""
    return ring((south, west), (south, east), (north, east), (north, west))


def haversine_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The great-circle distance in metres, in floats: a second way to the same answer."""
    (p, q), (r, s) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    h = math.sin((r - p) / 2) ** 2 + math.cos(p) * math.cos(r) * math.sin((s - q) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, h)))


def test_boxes_that_overlap_share_an_edge_or_a_corner_touch() -> None:
    """Touching counts, one metre apart does not."""
    here = box(36, 130, 38, 132)
    assert do_touch(here, box(37, 131, 39, 133))
    assert do_touch(here, box(36, 132, 38, 134)), "a shared edge"
    assert do_touch(here, box(38, 132, 39, 133)), "a shared corner"
    assert not do_touch(here, box(36, 132.00001, 38, 134))
    assert do_touch(here, box(36.5, 130.5, 37, 131)), "one inside the other"
    assert do_touch(box(36.5, 130.5, 37, 131), here)


def test_boxes_that_cross_without_a_corner_inside_touch() -> None:
    """Two bars of a cross have no corner in each other."""
    assert do_touch(box(36, 130, 37, 140), box(30, 134, 40, 135))


def test_a_ring_over_the_antimeridian_takes_the_shorter_way() -> None:
    """A box from 179 east to 179 west is two degrees wide, not 358."""
    across = box(10, 179, 12, -179)
    assert do_touch(across, box(11, 179.5, 11.5, 179.9))
    assert do_touch(across, box(11, -179.9, 11.5, -179.5))
    assert not do_touch(across, box(11, 0, 11.5, 1))
    assert not do_touch(across, box(11, 170, 11.5, 178.9))
    assert do_touch(across, circle(11, -178.9, 20_000))
    assert not do_touch(across, circle(11, -178, 20_000))


def test_a_dent_is_outside() -> None:
    """A point in the notch of a horseshoe is not in it."""
    horseshoe = ring((0, 0), (10, 0), (10, 2), (2, 2), (2, 8), (10, 8), (10, 10), (0, 10))
    assert not do_touch(horseshoe, circle(6, 5, 1000))
    assert do_touch(horseshoe, circle(1, 5, 0))
    assert do_touch(horseshoe, circle(6, 1, 0))


def test_circles_reach_over_a_pole() -> None:
    """Two places on opposite sides of the pole are near, whatever their longitudes."""
    assert do_touch(circle(89.5, 0, 60_000), circle(89.5, 180, 60_000))
    assert not do_touch(circle(89.5, 0, 50_000), circle(89.5, 180, 50_000))


def test_a_circle_meets_an_edge_anywhere_along_it() -> None:
    """Not only at its corners and its middle, and no farther off than its radius."""
    region = box(36, 130, 38, 132)
    for longitude in (130.013, 130.3, 130.77, 131.9):
        assert do_touch(circle(35.95, longitude, 5_600), region)
        assert not do_touch(circle(35.95, longitude, 5_500), region)


def test_a_circle_that_holds_a_ring_and_one_that_it_holds_touch() -> None:
    """Containing is touching, either way."""
    assert do_touch(circle(37, 131, 1_000_000), box(36.9, 130.9, 37.1, 131.1))
    assert do_touch(circle(37, 131, 10), box(30, 120, 40, 140))


@pytest.mark.parametrize(
    ("shape", "corners", "radius_m"),
    [
        (Shape.CIRCLE, [(0, 0), (1, 1)], 5),
        (Shape.POLYGON, [(0, 0), (1, 1)], 0),
        (Shape.POLYGON, [(0, 0), (1, 1), (0, 1)], 5),
        (Shape.POLYGON, [(80, 0), (80, 120), (80, -120)], 0),
        (Shape.POLYGON, [(0, 0), (1, 180), (0, 90)], 0),
    ],
)
def test_what_is_no_area_is_refused(shape: Shape, corners: list[tuple[float, float]], radius_m: int) -> None:
    """Two centres, two corners, a ring with a radius, a ring round a pole, an edge of half the globe."""
    with pytest.raises(ValueError, match=r"circle|polygon"):
        Area(shape, tuple(at(*corner) for corner in corners), radius_m)


LATITUDE = st.integers(-89, 89)
LONGITUDE = st.integers(-180, 179)


@given(LATITUDE, LONGITUDE, LATITUDE, LONGITUDE)
def test_chords_agree_with_haversine(a: int, b: int, c: int, d: int) -> None:
    """Whole-number chords give great-circle distances to within two metres in a hundred kilometres."""
    far_m = haversine_m((a, b), (c, d))
    ends = (unit_vector(latitude_udeg=p * DEGREE, longitude_udeg=q * DEGREE) for p, q in ((a, b), (c, d)))
    assert math.isclose(chord(*ends) / ONE, 2 * math.sin(far_m / EARTH_RADIUS_M / 2), abs_tol=1e-9)
    assert math.isclose(chord_of_arc_m(round(far_m)) / ONE, 2 * math.sin(far_m / EARTH_RADIUS_M / 2), abs_tol=2e-7)


@given(LATITUDE, LONGITUDE, st.integers(0, 1_500_000), LATITUDE, LONGITUDE, st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_circle_and_ring_agree_with_many_points_of_its_edge(  # noqa: PLR0917 -- Hypothesis passes by position
    latitude: int, longitude: int, radius_m: int, south: int, west: int, size: int
) -> None:
    """They touch if a point of the edge is clearly within the radius, and not if all are clearly beyond it."""
    north = min(90, south + size)
    edge: list[tuple[float, float]] = []
    edge += [(south + (north - south) * i / 50, west + w) for i in range(51) for w in (0, size)]
    edge += [(n, west + size * i / 50) for i in range(51) for n in (south, north)]
    nearest_m = min(haversine_m((latitude, longitude), point) for point in edge)
    is_inside = south <= latitude <= north and (longitude - west) % 360 <= size
    east = (west + size + 180) % 360 - 180
    touch = do_touch(circle(latitude, longitude, radius_m), box(south, west, north, east))
    if is_inside or nearest_m < radius_m - 1:
        assert touch
    if not is_inside and nearest_m > radius_m + 60_000:
        assert not touch


BOXES = st.tuples(LATITUDE, LONGITUDE, st.integers(1, 40), st.integers(1, 100))


@given(BOXES, BOXES)
def test_boxes_agree_with_intervals(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> None:
    """Boxes touch where their latitudes and their longitudes, modulo a turn, do; and touching goes both ways."""

    def make(south: int, west: int, high: int, wide: int) -> Area:
        return box(south, west, min(90, south + high), (west + wide + 180) % 360 - 180)

    in_latitude = a[0] <= min(90, b[0] + b[2]) and b[0] <= min(90, a[0] + a[2])
    in_longitude = (b[1] - a[1]) % 360 <= a[3] or (a[1] - b[1]) % 360 <= b[3]
    assert do_touch(make(*a), make(*b)) == (in_latitude and in_longitude)
    assert do_touch(make(*a), make(*b)) == do_touch(make(*b), make(*a))
