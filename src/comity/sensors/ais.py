"""The plug-in `ais`: what ships say of themselves (ITU-R M.1371), as reports of a class at sea (X70).

Rules
- A track is an MMSI, as the source's own id; the node gives it a number of its own. It is never a sensor's name.
- Kind and place are the ship's own word. What a message says not to know is not known; rates of turn are not read.
- An instant is the receiver's (tag block), else that at which the line came, brought to the second that the ship named.
- Uncertainty is never less than the standard promises: numbers below, and how far the ship moves in what its instant
  may be wrong by.
"""

import math
from collections import Counter, OrderedDict
from typing import Any, Final

from comity.base.instants import SECOND_MS, Instant
from comity.pact.track import TrackClass, TrackDomain
from comity.sensors.ais_sentences import Heard, Sentences
from comity.sensors.lines import LineCutter
from comity.sensors.seam import REPORTED, SensorReader
from comity.warning.reports import ReportLine

__all__ = ["Ais"]

LINE_SIZE_BYTES_MAX: Final = 1_024
SHIP_COUNT_MAX: Final = 50_000
"""Ships whose type is remembered; who was not heard of for longest goes first."""

SIGMA_ACCURATE_M: Final = 10.0
"""Where the ship says that its position is better than 10 metres."""
SIGMA_M: Final = 50.0
"""Where it does not: nothing better than that is promised."""
SIGMA_LONG_RANGE_M: Final = 200.0
"""Of message 27, which gives tenths of a minute: half a cell is 93 metres."""
SIGMA_MANUAL_M: Final = 2_000.0
"""Where the position was typed in, or is reckoned from an old one."""
SIGMA_SPEED_M_S: Final = 0.5
SIGMA_SPEED_LONG_RANGE_M_S: Final = 1.0
SIGMA_AT_S: Final = 1.0
"""Of an instant to the second."""
SIGMA_AT_UNSAID_S: Final = 10.0
"""Of one that the ship does not name: how long a message may have been under way."""
CONFIDENCE: Final = 50
"""In a kind, per cent: ships call themselves what they like."""

_KNOT_M_S: Final = 1852 / 3600
_SECOND_MANUAL, _SECOND_RECKONED, _SECOND_BROKEN = 61, 62, 63
_LONG_RANGE: Final = 27
_PLACED: Final = frozenset({1, 2, 3, 18, 19, _LONG_RANGE})
_STATIC: Final = frozenset({5, 24})
_TYPE_OF: Final = frozenset({5, 19, 24})
_KINDS: Final = {
    30: "fishing",
    35: "warship",
    51: "coast-guard",
    55: "coast-guard",
    **dict.fromkeys(range(60, 70), "passenger"),
    **dict.fromkeys(range(70, 80), "cargo"),
    **dict.fromkeys(range(80, 90), "tanker"),
}


class Ais:
    """The plug-in."""

    name = "ais"
    domains = frozenset({TrackDomain.SURFACE})

    def open(self, row: TrackClass) -> SensorReader:
        """Return a reader of sentences; a kind is named where the class has it."""
        return _Reader(frozenset(kind.id for kind in row.kinds))


class _Reader:
    def __init__(self, kinds: frozenset[str]) -> None:
        self.counts: Counter[str] = Counter()
        self._kinds = kinds
        self._lines = LineCutter(size_bytes_max=LINE_SIZE_BYTES_MAX)
        self._sentences = Sentences()
        self._types: OrderedDict[int, int] = OrderedDict()

    def feed(self, chunk: bytes, now: Instant) -> list[ReportLine]:
        reports: list[ReportLine] = []
        for line in self._lines.cut(chunk):
            self._take(line, now, reports)
        return reports

    def finish(self, now: Instant) -> list[ReportLine]:
        reports: list[ReportLine] = []
        for line in self._lines.finish():
            self._take(line, now, reports)
        for heard in self._sentences.finish():
            self.counts[heard.code] += heard.line_count
        return reports

    def _take(self, line: bytes | None, now: Instant, reports: list[ReportLine]) -> None:
        if line is None:
            self.counts["malformed"] += 1
            return
        for heard in self._sentences.take(line, now):
            code, report = self._read(heard, now)
            self.counts[code] += heard.line_count
            if report is not None:
                reports.append(report)

    def _read(self, heard: Heard, now: Instant) -> tuple[str, ReportLine | None]:
        """Return a report, or the code of what a message is instead."""
        message = heard.message
        if message is None:
            return heard.code, None
        kind, ship = int(message.msg_type), message.mmsi
        if ship is None or not 0 < int(ship) < 1_000_000_000:
            return "mmsi", None
        if kind in _TYPE_OF:
            self._note_type(int(ship), getattr(message, "ship_type", None))
        if kind in _STATIC:
            return "static", None
        if kind not in _PLACED:
            return "other", None
        return self._place(message, int(ship), now if heard.heard_at is None else heard.heard_at)

    def _note_type(self, ship: int, type_: int | None) -> None:
        if type_:
            self._types[ship] = int(type_)
            self._types.move_to_end(ship)
            if len(self._types) > SHIP_COUNT_MAX:
                self._types.popitem(last=False)

    def _place(self, message: Any, ship: int, heard_at: Instant) -> tuple[str, ReportLine | None]:
        latitude, longitude = message.lat, message.lon
        if latitude is None or longitude is None:
            return "malformed", None
        second = getattr(message, "second", None)
        if latitude == 91 or longitude == 181 or second == _SECOND_BROKEN:
            return "no-position", None
        is_long = int(message.msg_type) == _LONG_RANGE
        velocity = _find_velocity(message, is_long=is_long)
        named = second if second is not None and second < 60 else None
        drift_m = math.hypot(*(velocity or (0.0, 0.0))) * (SIGMA_AT_UNSAID_S if named is None else SIGMA_AT_S)
        variance = _find_sigma(message, second, is_long=is_long) ** 2 + drift_m**2
        name = _KINDS.get(self._types.get(ship, 0), "")
        name = name if name in self._kinds else ""
        return REPORTED, ReportLine(
            at=heard_at if named is None else _find_at(heard_at, named),
            latitude=latitude,
            longitude=longitude,
            covariance=((variance, 0.0), (0.0, variance)),
            track=ship,
            velocity=velocity,
            sigma_velocity=0.0 if velocity is None else (SIGMA_SPEED_LONG_RANGE_M_S if is_long else SIGMA_SPEED_M_S),
            kind=name,
            confidence=CONFIDENCE if name else 0,
            is_coasted=second == _SECOND_RECKONED,
        )


def _find_sigma(message: Any, second: int | None, *, is_long: bool) -> float:
    if second in {_SECOND_MANUAL, _SECOND_RECKONED}:
        return SIGMA_MANUAL_M
    if is_long:
        return SIGMA_LONG_RANGE_M
    return SIGMA_ACCURATE_M if message.accuracy else SIGMA_M


def _find_velocity(message: Any, *, is_long: bool) -> tuple[float, float] | None:
    """Return east and north; None where speed or course is not known. A ship that lies still needs no course."""
    speed, course = message.speed, message.course
    if speed is None or speed >= (63 if is_long else 102.3):
        return None
    if speed == 0:
        return (0.0, 0.0)
    if course is None or course >= 360:
        return None
    angle = math.radians(course)
    return (speed * _KNOT_M_S * math.sin(angle), speed * _KNOT_M_S * math.cos(angle))


def _find_at(heard_at: Instant, second: int) -> int:
    """Return the last instant up to `heard_at` that has this second; one or two seconds ahead is the ship's clock."""
    heard_s = heard_at // SECOND_MS
    age_s = (heard_s - second) % 60
    return (heard_s - (0 if age_s >= 58 else age_s)) * SECOND_MS
