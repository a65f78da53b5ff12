"""Areas of the pact (docs/spec/warning.md, W13): inside as P26 has it, and how probably."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.pact.area import WarningArea
from comity.pact.parse import parse_pact
from comity.pact.terms import Confidence, Words
from comity.procedure.area import Area, Shape, do_touch, place
from comity.warning.areas import Ring, find_probability
from kit.loop import read_profile


def _make_area(*corners: tuple[float, float]) -> WarningArea:
    """An area of corners in degrees, east and north."""
    polygon = tuple((round(east * 1e6), round(north * 1e6)) for east, north in corners)
    words = Words(en="Area")
    return WarningArea(id="policy.area", title=words, polygon=polygon, sources=("s",), confidence=Confidence.OK)


_CORNERS = st.lists(
    st.tuples(st.integers(170_000_000, 190_000_000), st.integers(-10_000_000, 10_000_000)),
    min_size=3, max_size=7, unique=True,
)  # fmt: skip
_GRID = st.integers(-10, 10).map(lambda step: step * 1_000_000)


@given(_CORNERS | st.lists(st.tuples(_GRID, _GRID), min_size=3, max_size=7, unique=True), st.data())
def test_inside_is_what_the_record_calls_inside(corners: list[tuple[int, int]], data: st.DataObject) -> None:
    """Any ring, crossing itself or the antimeridian, against the exact one of deconfliction: its edge too."""
    ring = [((east + 180_000_000) % 360_000_000 - 180_000_000, north) for east, north in corners]
    exact = Area(Shape.POLYGON, tuple(place(latitude_udeg=north, longitude_udeg=east) for east, north in ring), 0)
    east, north = data.draw(st.sampled_from(corners) | _CORNERS.map(lambda found: found[0]) | st.tuples(_GRID, _GRID))
    east = (east + 180_000_000) % 360_000_000 - 180_000_000
    point = Area(Shape.CIRCLE, (place(latitude_udeg=north, longitude_udeg=east),), 0)
    area = _make_area(*((one / 1e6, other / 1e6) for one, other in ring))
    assert Ring(area).holds(north * 10, east * 10)[0] == do_touch(point, exact)


def _find(area: WarningArea, *, at: tuple[float, float], major_m: float, minor_m: float, bearing: float = 0) -> float:
    return find_probability(
        Ring(area),
        latitude=round(at[1] * 1e7),
        longitude=round(at[0] * 1e7),
        semi_major_dm=round(major_m * 10),
        semi_minor_dm=round(minor_m * 10),
        bearing=round(bearing * 100),
    )


BOX = _make_area((130, 30), (140, 30), (140, 40), (130, 40))


@pytest.mark.parametrize(
    ("east", "major_m", "expected"),
    [(135, 1_000, 1.0), (100, 1_000, 0.0), (140, 10_000, 0.5), (140, 100_000, 0.5), (139.9, 9_541.5, 0.8413)],
)
def test_how_probably_it_lies_inside(east: float, major_m: float, expected: float) -> None:
    """Well inside, far off, on the edge, and one deviation from it: as the normal distribution says, to a percent."""
    found = _find(BOX, at=(east, 35.0), major_m=major_m, minor_m=major_m)
    assert found == pytest.approx(expected, abs=0.02)


def test_the_ellipse_lies_along_its_bearing() -> None:
    """Long from south to north it stays east of the edge; long from west to east half of it is across."""
    at = (140.2, 35.0)
    assert _find(BOX, at=at, major_m=100_000, minor_m=1_000, bearing=0.0) == 0
    across = _find(BOX, at=at, major_m=100_000, minor_m=1_000, bearing=90.0)
    away = (0.2 * 111_320 * math.cos(math.radians(35))) / 100_000
    assert across == pytest.approx(0.5 * math.erfc(away / math.sqrt(2)), abs=0.02)


def test_an_area_across_the_antimeridian_is_one_area() -> None:
    """West and east of it, and an ellipse over it."""
    area = _make_area((175, -10), (-175, -10), (-175, 10), (175, 10))
    assert list(Ring(area).holds([0, 0, 0], [1_760_000_000, -1_760_000_000, 1_700_000_000])) == [True, True, False]
    assert _find(area, at=(180.0 - 360.0, 0.0), major_m=50_000, minor_m=50_000) == 1


def test_the_shipped_areas_hold_what_they_are_for() -> None:
    """Capitals and towns lie in the ring of their party, and in no other."""
    pact = parse_pact(read_profile("camp-david"))
    rings = {area.id.rpartition(".")[2]: Ring(area) for area in pact.warning_areas}
    towns = {
        "japan": ((139.69, 35.69), (141.35, 43.06), (130.40, 33.59), (145.58, 43.33)),
        "okinawa": ((127.68, 26.21), (124.16, 24.34)),
        "korea": ((126.98, 37.57), (129.07, 35.18), (126.53, 33.50)),
        "marianas": ((144.75, 13.47), (145.73, 15.19)),
        "peninsula-north": ((125.75, 39.02), (129.78, 41.80)),
    }
    for name, found in towns.items():
        for east, north in found:
            held = {of for of, ring in rings.items() if ring.holds(round(north * 1e7), round(east * 1e7))[0]}
            assert held == {name}, f"{east} {north}"
