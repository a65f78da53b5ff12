"""The base map: land and borders alone, small, read by the page's own reader and by this one alike."""

from pathlib import Path

from comity.console.assets import Assets
from kit.scripts import run_script

ROOT = Path(__file__).resolve().parents[3]
SIZE_BYTES_MAX = 250_000
Point = tuple[float, float]


class _Reader:
    """Reads the numbers of the file one after the other."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self.at = raw, 0

    def next(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self._raw[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def points(self, units: int) -> list[Point]:
        x = y = 0
        found = []
        for _ in range(self.next()):
            dx, dy = self.next(), self.next()
            x, y = x + (dx >> 1 ^ -(dx & 1)), y + (dy >> 1 ^ -(dy & 1))
            found.append((x / units, y / units))
        return found


def _read(raw: bytes) -> tuple[list[list[list[Point]]], list[list[Point]]]:
    reader = _Reader(raw)
    assert reader.next() == 1
    units = reader.next()
    land = [[reader.points(units) for _ in range(reader.next())] for _ in range(reader.next())]
    borders = [reader.points(units) for _ in range(reader.next())]
    assert reader.at == len(raw), "numbers of land and borders are all there is: no name has a place in it"
    return land, borders


def _load() -> bytes:
    assets = Assets()
    return assets.read(assets.find_path("world.bin"))


def _is_in(ring: list[Point], x: float, y: float) -> bool:
    """Tell whether a ring goes round a point: a ray to the east meets it an odd number of times."""
    sides = zip(ring, ring[1:] + ring[:1], strict=True)
    met = [(ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay) for (ax, ay), (bx, by) in sides]
    return sum(met) % 2 == 1


def _is_land(land: list[list[list[Point]]], longitude: float, latitude: float) -> bool:
    return any(sum(_is_in(ring, longitude, latitude) for ring in polygon) % 2 == 1 for polygon in land)


def test_land_is_where_it_is_and_nothing_has_a_name() -> None:
    """Capitals are on land and the open sea is not; the file ends with its last number, and is small."""
    raw = _load()
    land, borders = _read(raw)
    assert len(raw) < SIZE_BYTES_MAX
    for longitude, latitude in ((127.0, 37.5), (139.3, 36.0), (-77.2, 38.9), (125.7, 39.1), (133.8, -25.0)):
        assert _is_land(land, longitude, latitude), (longitude, latitude)
    for longitude, latitude in ((135.0, 40.0), (123.0, 35.0), (-40.0, 30.0), (170.0, 20.0), (51.0, 42.0)):
        assert not _is_land(land, longitude, latitude), (longitude, latitude)
    for ring in [*(ring for polygon in land for ring in polygon), *borders]:
        assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring)
    assert any(abs(x - 126.7) < 0.5 and abs(y - 37.9) < 0.5 for line in borders for x, y in line)


def test_the_page_reads_what_this_reads() -> None:
    """The reader of the page finds the same land and borders; a file that is cut short is refused."""
    raw = _load()
    land, borders = _read(raw)
    told = run_script(ROOT / "tests/scripts/read_base_map.ts", raw)
    assert told["land"] == [[len(ring) for ring in polygon] for polygon in land]
    assert told["borders"] == [len(line) for line in borders]
    assert told["last"] == list(borders[-1][-1])
    assert told["isCutRefused"] is True
