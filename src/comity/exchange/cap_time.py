"""Times and positions as public warnings write them: an offset from UTC, degrees in decimal.

CAP has no `Z`: UTC is written `-00:00` (CAP 1.2, 3.3.2). Instants are whole seconds there.
"""

import datetime as dt
import re
from typing import Final

from comity.base.instants import Instant, to_datetime

__all__ = ["find_coordinate_udeg", "find_instant", "format_degrees", "format_time"]

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:([-+])(\d\d):(\d\d)|(Z))", re.ASCII)
_DECIMAL: Final = re.compile(r"([-+]?)(\d{1,3})(?:\.(\d{0,15}))?", re.ASCII)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def find_instant(text: str, *, with_z: bool = True) -> Instant | None:
    """Return the instant that a date and time with an offset names; None for anything else, and before 1970.

    `with_z` lets `Z` stand for UTC. Fractions of a second are passed over.
    """
    match = _TIME.fullmatch(text)
    if match is None or (match[5] and not with_z):
        return None
    offset = dt.timedelta(hours=int(match[3] or 0), minutes=int(match[4] or 0))
    if offset > dt.timedelta(hours=14) or int(match[4] or 0) > 59:
        return None
    try:
        local = dt.datetime.fromisoformat(match[1]).replace(tzinfo=dt.UTC)
        when = local + offset if match[2] == "-" else local - offset
    except (ValueError, OverflowError):
        return None
    return Instant((when - _EPOCH) // dt.timedelta(milliseconds=1)) if when >= _EPOCH else None


def format_time(at: Instant, *, offset_minutes: int = 0) -> str:
    """Write an instant with an offset, to the second; UTC as `-00:00`."""
    local = to_datetime(at) + dt.timedelta(minutes=offset_minutes)
    sign = "+" if offset_minutes > 0 else "-"
    hours, minutes = divmod(abs(offset_minutes), 60)
    return f"{local:%Y-%m-%dT%H:%M:%S}{sign}{hours:02}:{minutes:02}"


def find_coordinate_udeg(text: str, *, degrees_max: int) -> int | None:
    """Return signed microdegrees of a decimal number of degrees, rounded to the nearest; None if it is not one."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    digits = (match[3] or "").ljust(7, "0")
    udeg = int(match[2]) * 1_000_000 + int(digits[:6]) + (int(digits[6]) >= 5)
    return (-udeg if match[1] == "-" else udeg) if udeg <= degrees_max * 1_000_000 else None


def format_degrees(udeg: int) -> str:
    """Write signed microdegrees as decimal degrees, with no more places than it needs but one."""
    whole, part = divmod(abs(udeg), 1_000_000)
    places = f"{part:06}".rstrip("0") or "0"
    return f"{'-' if udeg < 0 else ''}{whole}.{places}"
