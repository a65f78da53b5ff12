"""Calendars: one event a date, in UTC, an exercise plainly so, what is cancelled sent as cancelled; valid iCalendar."""

from typing import Any

from icalendar import Calendar

from comity.base.instants import Instant
from comity.exchange.calendar import Date, DateStatus, format_calendar

AT = Instant(1_764_151_200_000)  # 2025-11-26T10:00:00Z


def _date(**given: Any) -> Date:
    fields: dict[str, Any] = {
        "uid": "a@x.comity", "starts_at": AT, "ends_at": Instant(AT + 3_600_000), "stated_at": Instant(AT - 1),
        "summary": "A; b, c\\d 協議", "description": "JPN: 19:00 JST\nUSA: 05:00 EST" + "é" * 80,
        "categories": ("consultation",),
    }  # fmt: skip
    return Date(**{**fields, **given})


def test_what_is_written_reads_back() -> None:
    """Escapes, folded lines of many bytes, instants in UTC, the same bytes each time."""
    raw = format_calendar([_date(uid="b@x.comity"), _date()], name="Pact", realm="real")
    assert raw == format_calendar([_date(), _date(uid="b@x.comity")], name="Pact", realm="real")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert b"DTSTART:20251126T100000Z" in raw
    calendar: Any = Calendar.from_ical(raw)
    first, second = calendar.walk("VEVENT")
    assert (str(first["uid"]), str(second["uid"])) == ("a@x.comity", "b@x.comity")
    assert str(first["summary"]) == "A; b, c\\d 協議"
    assert str(first["description"]).startswith("JPN: 19:00 JST\nUSA: 05:00 EST")
    assert (first.decoded("dtend") - first.decoded("dtstart")).total_seconds() == 3600
    assert (str(first["status"]), int(first["sequence"]), str(calendar["method"])) == ("CONFIRMED", 0, "PUBLISH")


def test_an_exercise_says_so_in_every_line_that_is_shown() -> None:
    """In the calendar's name, in each summary, in each event's categories."""
    calendar: Any = Calendar.from_ical(format_calendar([_date()], name="Pact", realm="exercise/fe"))
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["x-wr-calname"]) == "EXERCISE exercise/fe: Pact"
    assert str(event["summary"]).startswith("EXERCISE exercise/fe: ")
    assert "EXERCISE" in [str(category) for category in event["categories"].cats]
    real: Any = Calendar.from_ical(format_calendar([_date()], name="Pact", realm="real"))
    assert b"EXERCISE" not in real.to_ical()


def test_what_is_cancelled_is_sent() -> None:
    """With the uid that it had; a moment without an end has none."""
    moved = _date(status=DateStatus.CANCELLED, sequence=1, ends_at=AT)
    calendar: Any = Calendar.from_ical(format_calendar([moved], name="Pact", realm="real"))
    (event,) = calendar.walk("VEVENT")
    assert (str(event["uid"]), str(event["status"]), int(event["sequence"])) == ("a@x.comity", "CANCELLED", 1)
    assert "dtend" not in event
