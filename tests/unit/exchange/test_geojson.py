"""Areas as GeoJSON: longitude first, rings counter-clockwise, cut at the antimeridian; and in again."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import UsageError
from comity.exchange.geojson import Feature, format_collection, parse_areas
from comity.procedure.area import Area, Shape, place


def _ring(*points: tuple[float, float]) -> Area:
    """By longitude and latitude in degrees."""
    corners = (place(latitude_udeg=round(b * 1e6), longitude_udeg=round(a * 1e6)) for a, b in points)
    return Area(Shape.POLYGON, tuple(corners), 0)


def _write(*areas: Area) -> list[dict[str, Any]]:
    raw = format_collection(Feature(str(number), area, {"of": "test"}) for number, area in enumerate(areas))
    collection = json.loads(raw)
    assert collection["type"] == "FeatureCollection"
    features: list[dict[str, Any]] = collection["features"]
    return features


def _double_area(ring: list[list[float]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def test_either_way_round_comes_out_counter_clockwise_and_closed() -> None:
    """RFC 7946, 3.1.6; the first position is repeated at the end; longitude stands first."""
    points = ((128.5, 33.0), (129.25, 33.0), (129.25, 34.0))
    for area in (_ring(*points), _ring(*reversed(points))):
        (feature,) = _write(area)
        (ring,) = feature["geometry"]["coordinates"]
        assert feature["geometry"]["type"] == "Polygon"
        assert (ring[0], len(ring)) == (ring[-1], 4)
        assert _double_area(ring) > 0
        assert [129.25, 34.0] in ring


def test_a_ring_across_the_antimeridian_is_cut_there() -> None:
    """RFC 7946, 3.1.9: two polygons that meet at 180 degrees and have the same area together."""
    (feature,) = _write(_ring((179.0, 10.0), (-178.0, 10.0), (-178.0, 12.0), (179.0, 12.0)))
    assert feature["geometry"]["type"] == "MultiPolygon"
    rings = [part[0] for part in feature["geometry"]["coordinates"]]
    assert sorted(min(lon for lon, _ in ring) for ring in rings) == [-180.0, 179.0]
    assert sorted(max(lon for lon, _ in ring) for ring in rings) == [-178.0, 180.0]
    assert sum(_double_area(ring) for ring in rings) == pytest.approx(2 * 3 * 2)
    assert all(_double_area(ring) > 0 for ring in rings)


def test_a_circle_is_a_point_with_a_radius() -> None:
    """Both ways; no radius is a point."""
    circle = Area(Shape.CIRCLE, (place(latitude_udeg=38_500_000, longitude_udeg=135_000_000),), 60_000)
    (feature,) = _write(circle)
    assert (feature["geometry"], feature["properties"]) == (
        {"type": "Point", "coordinates": [135.0, 38.5]},
        {"of": "test", "radius_m": 60_000},
    )
    assert parse_areas(json.dumps(feature).encode()) == (circle,)


@given(st.lists(st.tuples(st.integers(-60, 60), st.integers(-80, 80)), min_size=3, max_size=12, unique=True))
def test_what_is_written_reads_back(points: list[tuple[int, int]]) -> None:
    """A ring that is not cut has the same corners in the same round."""
    area = _ring(*((lon + 0.123456, lat - 0.000001) for lon, lat in points))
    raw = format_collection([Feature("a", area, {})])
    (again,) = parse_areas(raw)
    assert set(again.places) == set(area.places)


def _circle(radius: str) -> bytes:
    geometry = b'"geometry": {"type": "Point", "coordinates": [1, 1]}'
    return b'{"type": "Feature", "properties": {"radius_m": %s}, %s}' % (radius.encode(), geometry)


def _polygon(ring: Any) -> bytes:
    return json.dumps({"type": "Polygon", "coordinates": [ring]}).encode()


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "form"),
        (b"[" * 50_000, "form"),
        (b'{"type": "Polygon"', "form"),
        (b" " * 1_048_577, "size"),
        (b"[]", "form"),
        (b'{"type": "LineString", "coordinates": [[0, 0], [1, 1]]}', "geometry"),
        (b'{"type": "Feature", "geometry": null}', "geometry"),
        (b'{"type": "Feature", "geometry": {"type": "Feature"}}', "geometry"),
        (b'{"type": "FeatureCollection", "features": []}', "count"),
        (b'{"type": "FeatureCollection", "features": 1}', "count"),
        (b'{"type": "FeatureCollection", "features": [1]}', "form"),
        (b'{"type": "MultiPolygon", "coordinates": {}}', "count"),
        (_polygon([[0, 0], [1, 0], [0, 0]]), "ring"),
        (_polygon([[0, 0], [1, 0], [1, 1], [0, 1]]), "ring"),
        (_polygon([[n / 100, n % 7] for n in range(129)] + [[0, 0]]), "ring"),
        (_polygon([[0, 80], [120, 80], [-120, 80], [0, 80]]), "ring"),
        (b'{"type": "Polygon", "coordinates": [[[0,0],[9,0],[9,9],[0,0]], [[1,1],[2,1],[2,2],[1,1]]]}', "ring"),
        (_polygon([[0, 0], [181, 0], [1, 1], [0, 0]]), "coordinates"),
        (_polygon([[0, 0], [1, 91], [1, 1], [0, 0]]), "coordinates"),
        (b'{"type": "Point", "coordinates": [1e999, 0]}', "coordinates"),
        (b'{"type": "Point", "coordinates": [NaN, 0]}', "coordinates"),
        (b'{"type": "Point", "coordinates": [true, 0]}', "coordinates"),
        (b'{"type": "Point", "coordinates": [1]}', "coordinates"),
        (_circle("-1"), "radius"),
        (_circle("2000001"), "radius"),
        (_circle("1.5"), "radius"),
    ],
)  # fmt: skip
def test_what_is_no_area_is_refused(raw: bytes, rule: str) -> None:
    """Depth, size, holes, open rings, a ring round the pole, degrees out of bounds, exponents, radii."""
    with pytest.raises(UsageError) as caught:
        parse_areas(raw)
    assert (caught.value.code, caught.value.details["rule"]) == ("geojson.malformed", rule)
