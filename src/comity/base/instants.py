"""Instants: integer milliseconds since 1970-01-01T00:00Z, and their two written forms.

There is no "now" here: time comes in as an argument (law 4). Local time needs the pact's own time-zone rules, because
hosts' tables differ; see `pact.zone`.
"""

import datetime as dt
import re
from typing import Final, NewType

from comity.base.errors import UsageError
from comity.base.limits import INSTANT_MS_MAX

__all__ = [
    "DAY_MS", "HOUR_MS", "MINUTE_MS", "NEVER", "SECOND_MS", "Instant",
    "bound", "format_dtg", "format_iso", "parse_instant", "to_datetime",
]  # fmt: skip

Instant = NewType("Instant", int)
"""Milliseconds UTC, 0 .. INSTANT_MS_MAX."""

NEVER: Final = Instant(0)
"""An instant before all that Comity knows of."""

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DTG: Final = re.compile(r"(\d{2})(\d{2})(\d{2})Z ([A-Z]{3}) (\d{2})", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{3}))?)?Z)?", re.ASCII)


def bound(instant_ms: int) -> Instant:
    """Return an instant that was worked out from what others said, no later than any that can be written."""
    return Instant(min(instant_ms, INSTANT_MS_MAX))


def to_datetime(instant: Instant) -> dt.datetime:
    """Return the instant as an aware UTC datetime."""
    assert 0 <= instant <= INSTANT_MS_MAX
    return _EPOCH + dt.timedelta(milliseconds=instant)


def format_dtg(instant: Instant) -> str:
    """Format as a date-time group, `DDHHMMZ MON YY`: minutes, always UTC, always the same letters."""
    when = to_datetime(instant)
    return f"{when.day:02}{when.hour:02}{when.minute:02}Z {_MONTHS[when.month - 1]} {when.year % 100:02}"


def format_iso(instant: Instant) -> str:
    """Format as `YYYY-MM-DDTHH:MM:SS.mmmZ` (RFC 3339)."""
    when = to_datetime(instant)
    return when.strftime("%Y-%m-%dT%H:%M:%S") + f".{when.microsecond // 1000:03}Z"


def parse_instant(text: str) -> Instant:
    """Parse `2026-11-23`, `2026-11-23T14:30Z`, `…:05Z`, `…:05.250Z` or `261430Z NOV 26` (taken as 20YY).

    Raises:
        UsageError: `instant.malformed`, naming what was read.
    """
    if iso := _ISO.fullmatch(text):
        year, month, day, hour, minute, second, millisecond = (int(group or 0) for group in iso.groups())
    elif (dtg := _DTG.fullmatch(text)) and dtg[4] in _MONTHS:
        day, hour, minute, second, millisecond = int(dtg[1]), int(dtg[2]), int(dtg[3]), 0, 0
        month, year = _MONTHS.index(dtg[4]) + 1, 2000 + int(dtg[5])
    else:
        raise UsageError("instant.malformed", text=text[:40])
    try:
        when = dt.datetime(year, month, day, hour, minute, second, millisecond * 1000, tzinfo=dt.UTC)
    except ValueError as error:
        raise UsageError("instant.malformed", text=text[:40]) from error
    if when < _EPOCH:
        raise UsageError("instant.malformed", text=text[:40])
    return Instant((when - _EPOCH) // dt.timedelta(milliseconds=1))
