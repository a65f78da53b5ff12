"""Areas as GeoJSON (RFC 7946), out and in (docs/spec/exchange.md, X38, X39).

Rules
- Longitude first, degrees, WGS 84; outer rings run counter-clockwise and end where they began.
- A ring across the antimeridian is cut there into two polygons, as the RFC asks; coming in, it may be cut or not.
- GeoJSON has no circle: a point with `radius_m` among the properties, both ways.
- Coming in: one ring for each polygon, at most as many corners and areas as an entry holds; nothing is simplified.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from comity.base.errors import UsageError
from comity.base.limits import AREA_POINT_COUNT_MAX, AREA_RADIUS_M_MAX, GEOJSON_SIZE_BYTES_MAX
from comity.exchange.cap_time import find_coordinate_udeg
from comity.procedure.area import Area, Shape, place

__all__ = ["GEOJSON_MEDIA", "Feature", "format_collection", "parse_areas"]

GEOJSON_MEDIA: Final = "application/geo+json"
AREA_COUNT_MAX: Final = 8
"""Areas of one measure."""
_TURN: Final = 360_000_000
_EDGE: Final = 180_000_000
_EXPONENT: Final = re.compile(r"-?[0-9](\.[0-9]{1,17})?[eE]-?[0-9]{1,2}", re.ASCII)
_Point = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Feature:
    """One area with what is said of it."""

    id: str
    area: Area
    properties: Mapping[str, object]


def format_collection(features: Iterable[Feature]) -> bytes:
    """Return a FeatureCollection; the same features give the same bytes."""
    rows = [_format_feature(feature) for feature in features]
    return json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False).encode() + b"\n"


def parse_areas(raw: bytes) -> tuple[Area, ...]:
    """Return the areas of a FeatureCollection, a Feature or a geometry: polygons, multipolygons, points.

    Raises:
        UsageError: `geojson.malformed` with what is wrong: size, form, geometry, ring, coordinates, radius, count.
    """
    if len(raw) > GEOJSON_SIZE_BYTES_MAX:
        raise _refuse("size")
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise _refuse("form") from error
    areas = tuple(_list_areas(value))
    if not 1 <= len(areas) <= AREA_COUNT_MAX:
        raise _refuse("count")
    return areas


def _format_feature(feature: Feature) -> dict[str, object]:
    area, properties = feature.area, dict(feature.properties)
    if area.shape is Shape.CIRCLE:
        only = area.places[0]
        properties["radius_m"] = area.radius_m
        geometry: dict[str, object] = {
            "type": "Point",
            "coordinates": [only.longitude_udeg / 1e6, only.latitude_udeg / 1e6],
        }
    else:
        rings = _cut(_unroll(area))
        shown = [[_show_ring(ring)] for ring in rings]
        is_whole = len(shown) == 1
        geometry = {
            "type": "Polygon" if is_whole else "MultiPolygon",
            "coordinates": shown[0] if is_whole else shown,
        }
    return {"type": "Feature", "id": feature.id, "geometry": geometry, "properties": properties}


def _unroll(area: Area) -> list[_Point]:
    """Return the corners with longitudes that go on past 180 degrees instead of leaping."""
    corners = [(Fraction(area.places[0].longitude_udeg), Fraction(area.places[0].latitude_udeg))]
    for corner in area.places[1:]:
        step = (corner.longitude_udeg - corners[-1][0] + _EDGE) % _TURN - _EDGE
        corners.append((corners[-1][0] + step, Fraction(corner.latitude_udeg)))
    return corners


def _cut(ring: list[_Point]) -> list[list[_Point]]:
    """Cut a ring at every antimeridian that it crosses, and bring each piece into -180 .. 180 degrees."""
    least, most = min(east for east, _ in ring), max(east for east, _ in ring)
    pieces = []
    for turn in range(-2, 3):
        low, high = turn * _TURN - _EDGE, turn * _TURN + _EDGE
        if least >= high or most <= low:
            continue
        piece = _clip(_clip(ring, Fraction(low), 1), Fraction(high), -1)
        if len(piece) >= 3:
            pieces.append([(east - turn * _TURN, north) for east, north in piece])
    return pieces


def _clip(ring: list[_Point], edge: Fraction, sign: int) -> list[_Point]:
    """Return the part of a ring on one side of a meridian (Sutherland and Hodgman)."""
    kept: list[_Point] = []
    for (east, north), (east_next, north_next) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        is_in, is_next_in = sign * (east - edge) >= 0, sign * (east_next - edge) >= 0
        if is_in:
            kept.append((east, north))
        if is_in != is_next_in:
            part = (edge - east) / (east_next - east)
            kept.append((edge, north + part * (north_next - north)))
    return [point for at, point in enumerate(kept) if point != kept[at - 1]]


def _show_ring(ring: Sequence[_Point]) -> list[list[float]]:
    """Return a closed ring, counter-clockwise."""
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], *ring[:1]], strict=True))
    turned = list(ring) if doubled >= 0 else list(reversed(ring))
    return [[round(east) / 1e6, round(north) / 1e6] for east, north in [*turned, turned[0]]]


def _list_areas(value: Any, properties: Any = None) -> Iterable[Area]:
    if not isinstance(value, dict):
        raise _refuse("form")
    kind = value.get("type")
    if kind == "FeatureCollection":
        features = value.get("features")
        if not isinstance(features, list) or len(features) > AREA_COUNT_MAX:
            raise _refuse("count")
        for feature in features:
            if not isinstance(feature, dict) or feature.get("type") != "Feature":
                raise _refuse("form")
            yield from _list_areas(feature)
    elif kind == "Feature":
        inner = value.get("geometry")
        if not isinstance(inner, dict) or inner.get("type") in ("Feature", "FeatureCollection"):
            raise _refuse("geometry")
        yield from _list_areas(inner, value.get("properties"))
    elif kind == "Point":
        yield _read_circle(value.get("coordinates"), properties)
    elif kind == "Polygon":
        yield _read_polygon(value.get("coordinates"))
    elif kind == "MultiPolygon":
        parts = value.get("coordinates")
        if not isinstance(parts, list) or len(parts) > AREA_COUNT_MAX:
            raise _refuse("count")
        yield from (_read_polygon(part) for part in parts)
    else:
        raise _refuse("geometry")


def _read_circle(coordinates: Any, properties: Any) -> Area:
    radius = properties.get("radius_m", "0") if isinstance(properties, dict) else "0"
    if not isinstance(radius, str) or not radius.isascii() or not radius.isdigit() or len(radius) > 7:
        raise _refuse("radius")
    if int(radius) > AREA_RADIUS_M_MAX:
        raise _refuse("radius")
    return Area(Shape.CIRCLE, (place(**_read_position(coordinates)),), int(radius))


def _read_polygon(rings: Any) -> Area:
    if not isinstance(rings, list) or len(rings) != 1 or not isinstance(rings[0], list):
        raise _refuse("ring")
    ring = rings[0]
    if not 4 <= len(ring) <= AREA_POINT_COUNT_MAX + 1 or ring[0] != ring[-1]:
        raise _refuse("ring")
    corners = tuple(place(**_read_position(position)) for position in ring[:-1])
    try:
        return Area(Shape.POLYGON, corners, 0)
    except ValueError as error:
        raise _refuse("ring") from error


def _read_position(position: Any) -> dict[str, int]:
    if not isinstance(position, list) or not 2 <= len(position) <= 3:
        raise _refuse("coordinates")
    if any(not isinstance(number, str) for number in position):
        raise _refuse("coordinates")
    longitude = find_coordinate_udeg(_write_out(position[0]), degrees_max=180)
    latitude = find_coordinate_udeg(_write_out(position[1]), degrees_max=90)
    if longitude is None or latitude is None:
        raise _refuse("coordinates")
    return {"latitude_udeg": latitude, "longitude_udeg": longitude}


def _write_out(number: str) -> str:
    """Return a number without its exponent, as programs write what is very small; a large one is no degree anyway."""
    return format(Decimal(number), "f") if _EXPONENT.fullmatch(number) else number


def _refuse(rule: str) -> UsageError:
    return UsageError("geojson.malformed", rule=rule)
