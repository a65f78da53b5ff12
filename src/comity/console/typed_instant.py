"""Instants as officers type them: a date-time group, an ISO instant, or the hour alone for today's nearest one."""

import re
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant, parse_instant

__all__ = ["read_moment"]

_HOUR: Final = re.compile(r"([01][0-9]|2[0-3]):?([0-5][0-9])Z?", re.ASCII | re.IGNORECASE)
_LOOSE: Final = re.compile(r"(\d{6})Z?\s*([A-Z]{3})\s*(\d{2})", re.ASCII | re.IGNORECASE)


def read_moment(text: str, *, now: Instant) -> Instant:
    """Return the instant that was typed, always UTC; `0914Z` is that hour nearest to now.

    Raises:
        UsageError: `instant.malformed`.
    """
    if hour := _HOUR.fullmatch(text.strip()):
        of_day = int(hour[1]) * HOUR_MS + int(hour[2]) * MINUTE_MS
        nearest = now - now % DAY_MS + of_day
        if nearest > now + DAY_MS // 2:
            nearest -= DAY_MS
        elif nearest < now - DAY_MS // 2:
            nearest += DAY_MS
        if nearest < 0:
            raise UsageError("instant.malformed", text=text[:40])
        return Instant(nearest)
    if loose := _LOOSE.fullmatch(text.strip()):
        return parse_instant(f"{loose[1]}Z {loose[2].upper()} {loose[3]}")
    return parse_instant(text.strip())
