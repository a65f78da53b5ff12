"""What was written down about real launches: the table that ships, or one of its form.

Rules
- What is not known is None, never zero and never a guess: `unknown`, `na` and an empty cell alike. A minute counts only
  with its day.
- Numbers are bounded. A table that breaks a bound or the form is refused whole, with its line.
- Not here: how what is missing is treated where a flight is wanted (`retrace`, `replay`).
"""

import csv
import re
from dataclasses import dataclass
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import Instant, parse_instant

__all__ = ["Launch", "read_launches"]

SIZE_BYTES_MAX: Final = 1024 * 1024
MALFORMED: Final = "warning.launches-malformed"

_COLUMNS: Final = (
    *("date", "time", "series", "missile", "missile_name", "missile_type", "facility", "facility_name"),
    *("facility_lat", "facility_lon", "landing", "apogee_km", "distance_km", "bearing_deg", "outcome", "salvo"),
)
_ABSENT: Final = {"", "unknown", "na"}
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,12})?")
_DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_TIME: Final = re.compile(r"([0-9]{2}:[0-9]{2}) \(UTC\)")


@dataclass(frozen=True, slots=True)
class Launch:
    """One line of the table. `number` is its place, from 1; `at` the minute of the launch, where it is recorded."""

    number: int
    date: str
    at: Instant | None
    missile: str
    missile_type: str
    site: str
    latitude_deg: float
    longitude_deg: float
    apogee_km: float | None
    distance_km: float | None
    bearing_deg: float | None
    outcome: str

    @property
    def is_retraceable(self) -> bool:
        """Whether enough is recorded for an arc: when, how far and which way. An apogee may be lacking (W65)."""
        return self.at is not None and self.distance_km is not None and self.bearing_deg is not None


def read_launches(raw: bytes) -> tuple[Launch, ...]:
    """Return the launches of a table, in its order. Lines that begin with `#` say where it is from.

    Raises `UsageError` `warning.launches-malformed` with the line.
    """
    if len(raw) > SIZE_BYTES_MAX:
        raise UsageError(MALFORMED, line=0)
    try:
        lines = raw.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(MALFORMED, line=raw[: error.start].count(b"\n") + 1) from error
    numbered = [(line, text) for line, text in enumerate(lines, 1) if not text.startswith("#")]
    if not numbered or tuple(numbered[0][1].split(",")) != _COLUMNS:
        raise UsageError(MALFORMED, line=numbered[0][0] if numbered else 0)
    return tuple(_read(number, line, text) for number, (line, text) in enumerate(numbered[1:], 1))


def _read(number: int, line: int, text: str) -> Launch:
    try:
        cells = next(csv.reader([text], strict=True))
        row = dict(zip(_COLUMNS, cells, strict=True))
        place = [_find_number(row[name], bound) for name, bound in (("facility_lat", 90), ("facility_lon", 180))]
        _check(is_good=_DATE.fullmatch(row["date"]) is not None and None not in place)
        return Launch(
            number,
            row["date"],
            _find_minute(row["date"], row["time"]),
            row["missile_name"],
            row["missile_type"],
            row["facility_name"],
            place[0] or 0.0,
            place[1] or 0.0,
            _find_number(row["apogee_km"], 100_000),
            _find_number(row["distance_km"], 20_000),
            _find_number(row["bearing_deg"], 360),
            row["outcome"],
        )
    except (csv.Error, StopIteration, ValueError, UsageError) as error:
        raise UsageError(MALFORMED, line=line) from error


def _find_minute(date: str, time: str) -> Instant | None:
    if time in _ABSENT or len(date) < len("2023-12-17"):
        return None
    minute = _TIME.fullmatch(time)
    return parse_instant(f"{date}T{minute[1] if minute else 'none'}Z")


def _find_number(text: str, bound: float) -> float | None:
    """Return a number, None where there is none; one that is out of bounds is as bad as none at all."""
    if text in _ABSENT:
        return None
    _check(is_good=_NUMBER.fullmatch(text) is not None and abs(float(text)) <= bound)
    return float(text)


def _check(*, is_good: bool) -> None:
    if not is_good:
        raise UsageError(MALFORMED)
