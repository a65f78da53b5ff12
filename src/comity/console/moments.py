"""Moments that are typed into a page and read from one: always Z. Every form and every query is read here.

Taken are a date-time group, what a browser's own field writes, an ISO instant, a date alone for its beginning, and the
hour alone for the one nearest to now; in letters large or small, with Z or without.
"""

import re
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant, format_iso, parse_instant
from comity.console.fields import Fields

__all__ = ["format_moment", "is_day", "parse_moment", "read_moment"]

_HOUR: Final = re.compile(r"([01][0-9]|2[0-3]):?([0-5][0-9])Z?", re.ASCII)
_DTG: Final = re.compile(r"([0-9]{6})Z? ?([A-Z]{3}) ?([0-9]{2})", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def read_moment(fields: Fields, name: str, *, now: Instant, is_needed: bool = True) -> int:
    """Return a moment that was typed into a field; 0 for none where none is needed.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`.
    """
    text = fields.get(name) if is_needed else fields.find(name)
    if not text:
        return 0
    found = parse_moment(text, now=now)
    if found is None:
        raise UsageError("console.field-malformed", field=name)
    return int(found)


def parse_moment(text: str, *, now: Instant | None) -> Instant | None:
    """Return the instant that was typed; None for nothing, and for what is no instant. Nothing is guessed.

    Without `now` the hour alone is none.
    """
    typed = " ".join(text.split()).upper()
    if not text.isascii():
        return None
    if hour := _HOUR.fullmatch(typed):
        return None if now is None else _find_nearest(int(hour[1]) * HOUR_MS + int(hour[2]) * MINUTE_MS, now)
    if dtg := _DTG.fullmatch(typed):
        typed = f"{dtg[1]}Z {dtg[2]} {dtg[3]}"
    elif not is_day(typed) and not typed.endswith("Z"):
        typed += "Z"
    try:
        return parse_instant(typed)
    except UsageError:
        return None


def is_day(text: str) -> bool:
    """Tell whether a day was typed, and no hour of it."""
    return _DAY.fullmatch(text.strip()) is not None


def format_moment(at: int) -> str:
    """Return what a field of a moment holds."""
    return format_iso(Instant(at))[:19]


def _find_nearest(of_day_ms: int, now: Instant) -> Instant | None:
    nearest = now - now % DAY_MS + of_day_ms
    if nearest > now + DAY_MS // 2:
        nearest -= DAY_MS
    elif nearest < now - DAY_MS // 2:
        nearest += DAY_MS
    return Instant(nearest) if nearest >= 0 else None
