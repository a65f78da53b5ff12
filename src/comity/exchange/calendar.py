"""A calendar of duties and meetings for one reader, as iCalendar (RFC 5545; docs/spec/exchange.md, X41, X42).

Rules
- A date keeps its UID while it moves, is met or is cancelled: a reader's calendar holds one event and not three.
- Instants are UTC; the local time of the party concerned stands in the description, by the pact's own rules.
- An exercise says so in every summary and in the calendar's name (law 5).
- What is cancelled is sent as CANCELLED, never left out: a reader that was away would keep it for good.

Folding and escaping are `icalendar`'s; what goes in is decided by whoever calls.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from icalendar import Calendar, Event

from comity.base.instants import Instant, to_datetime
from comity.base.names import REAL, Realm

__all__ = ["CALENDAR_MEDIA", "Date", "DateStatus", "format_calendar"]

CALENDAR_MEDIA: Final = "text/calendar"
_MARK: Final = "EXERCISE"


class DateStatus(enum.Enum):
    """What an event is to a calendar."""

    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """One event. `uid` is stable and names nothing that its reader may not know. `stated_at` dates what it rests on."""

    uid: str
    starts_at: Instant
    ends_at: Instant
    stated_at: Instant
    summary: str
    description: str
    categories: tuple[str, ...]
    status: DateStatus = DateStatus.CONFIRMED
    sequence: int = 0
    """0 as first stated, 1 once met, moved or cancelled."""


def format_calendar(dates: Iterable[Date], *, name: str, realm: Realm) -> bytes:
    """Return the calendar, its events by time; the same dates give the same bytes."""
    is_real = realm == REAL
    calendar = Calendar()
    calendar.add("prodid", "-//Comity//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name if is_real else f"{_MARK} {realm}: {name}")
    for date in sorted(dates, key=lambda date: (date.starts_at, date.uid)):
        calendar.add_component(_make_event(date, realm))
    return bytes(calendar.to_ical())


def _make_event(date: Date, realm: Realm) -> Event:
    is_real = realm == REAL
    event = Event()
    event.add("uid", date.uid)
    event.add("dtstamp", to_datetime(date.stated_at).replace(microsecond=0))
    event.add("dtstart", to_datetime(date.starts_at).replace(microsecond=0))
    if date.ends_at > date.starts_at:
        event.add("dtend", to_datetime(date.ends_at).replace(microsecond=0))
    event.add("summary", date.summary if is_real else f"{_MARK} {realm}: {date.summary}")
    event.add("description", date.description)
    event.add("categories", list(date.categories) if is_real else [_MARK, *date.categories])
    event.add("status", date.status.value)
    event.add("sequence", date.sequence)
    event.add("transp", "TRANSPARENT")
    return event
