"""Local time by the pact's own rules, the same on every host.

The standard library's `zoneinfo` reads the host's tables, so two parties could disagree on a local hour; the rules
are therefore pact data. Local time is for reading only: nothing is decided by it but where a local year ends.
"""

import calendar
import datetime as dt
import functools
from typing import Final

from comity.base.instants import DAY_MS, MINUTE_MS, Instant, to_datetime
from comity.base.limits import INSTANT_MS_MAX
from comity.pact.signatory import Daylight, Turn, TurnClock, Weekday, ZoneRules

__all__ = ["format_local", "local_offset_ms", "year_end_at"]

_WEEKDAYS: Final = tuple(Weekday)
_EPOCH_DAY: Final = dt.date(1970, 1, 1).toordinal()


def local_offset_ms(rules: ZoneRules, instant: Instant) -> int:
    """Return what to add to `instant` to get the local clock, in milliseconds (negative west of Greenwich)."""
    era = _find_daylight(rules, instant)
    return (rules.offset_minutes if era is None else era.offset_minutes) * MINUTE_MS


def format_local(rules: ZoneRules, instant: Instant) -> str:
    """Format as `2023-12-18 08:24 JST`, in minutes, with the letters of the rules."""
    era = _find_daylight(rules, instant)
    local = _shift(instant, local_offset_ms(rules, instant))
    letters = rules.letters if era is None else era.letters
    return f"{local.year:04}-{local.month:02}-{local.day:02} {local.hour:02}:{local.minute:02} {letters}"


def year_end_at(rules: ZoneRules, year: int) -> Instant:
    """Return the instant at which `year` ends on the local clock, which is the first that is no longer in it."""
    standard = _day_ms(dt.date(year + 1, 1, 1)) - rules.offset_minutes * MINUTE_MS
    shift = local_offset_ms(rules, Instant(standard)) - rules.offset_minutes * MINUTE_MS
    return Instant(standard - shift)


def _find_daylight(rules: ZoneRules, instant: Instant) -> Daylight | None:
    """Return the era whose daylight time holds at `instant`. The year is that of the local standard clock."""
    year = _shift(instant, rules.offset_minutes * MINUTE_MS).year
    for era in rules.daylight:
        if era.from_year <= year <= era.until_year:
            starts = _turn_ms(era.starts, year, rules.offset_minutes)
            ends = _turn_ms(era.ends, year, era.offset_minutes)
            # South of the equator the year begins and ends in daylight time.
            inside = starts <= instant < ends if starts < ends else not ends <= instant < starts
            return era if inside else None
    return None


def _shift(instant: Instant, offset_ms: int) -> dt.datetime:
    """The local clock; it stops with the calendar at the end of the year 9999, and may show 1969."""
    latest_ms = min(offset_ms, INSTANT_MS_MAX - instant)
    return to_datetime(instant) + dt.timedelta(milliseconds=latest_ms)


@functools.lru_cache(maxsize=1024)
def _turn_ms(turn: Turn, year: int, wall_offset_minutes: int) -> int:
    """Milliseconds UTC at which clocks change; `wall_offset_minutes` is in force just before."""
    offset = 0 if turn.clock is TurnClock.UTC else wall_offset_minutes
    return _day_ms(_find_day(turn, year)) + (turn.at_minutes - offset) * MINUTE_MS


def _find_day(turn: Turn, year: int) -> dt.date:
    weekday = _WEEKDAYS.index(turn.weekday)
    if turn.nth > 0:
        first = dt.date(year, turn.month, 1)
        return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (turn.nth - 1))
    last = dt.date(year, turn.month, calendar.monthrange(year, turn.month)[1])
    return last - dt.timedelta(days=(last.weekday() - weekday) % 7)


def _day_ms(day: dt.date) -> int:
    return (day.toordinal() - _EPOCH_DAY) * DAY_MS
