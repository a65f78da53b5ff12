"""Moments as officers type them: one reader for every form and every query."""

import pytest

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant, format_dtg, parse_instant
from comity.console.fields import Fields
from comity.console.moments import format_moment, is_day, parse_moment, read_moment

NOW = parse_instant("2026-11-27T02:10Z")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("180824Z DEC 26", "180824Z DEC 26"),
        ("180824z dec 26", "180824Z DEC 26"),
        ("  180824Dec  26 ", "180824Z DEC 26"),
        ("2026-12-18T08:24Z", "180824Z DEC 26"),
        ("2026-12-18t08:24z", "180824Z DEC 26"),
        ("2026-12-18T08:24", "180824Z DEC 26"),
        ("2026-12-18T08:24:59.123", "180824Z DEC 26"),
        ("2026-12-18", "180000Z DEC 26"),
        ("0214Z", "270214Z NOV 26"),
        ("0214z", "270214Z NOV 26"),
        ("2350", "262350Z NOV 26"),
        ("13:00", "271300Z NOV 26"),
    ],
)
def test_moments_are_read_as_officers_type_them(typed: str, expected: str) -> None:
    """By whatever reads them, in letters large or small; an hour alone is the one nearest to now."""
    fields = Fields([("at", typed)])
    assert format_dtg(Instant(read_moment(fields, "at", now=NOW))) == expected
    found = parse_moment(typed, now=NOW)
    assert found is not None
    assert format_dtg(found) == expected
    assert is_day(typed) is (typed == "2026-12-18")


@pytest.mark.parametrize(
    "typed",
    ["2460", "991199Z DEC 26", "tomorrow", "0214Z JAN", "Z", "2026-13-01T00:00", "1926-11-27", "180824Z \u017fEP 26"],
)
def test_what_is_no_moment_is_refused(typed: str) -> None:
    """With the field that it stands in; nothing is guessed."""
    assert parse_moment(typed, now=NOW) is None
    for is_needed in (True, False):
        with pytest.raises(UsageError, match=r"console\.field-malformed") as caught:
            read_moment(Fields([("at", typed)]), "at", now=NOW, is_needed=is_needed)
        assert caught.value.details == {"field": "at"}


def test_a_moment_may_be_left_out_where_none_is_needed() -> None:
    """None is nought; where one is needed its field is missing. An hour alone wants a now."""
    assert read_moment(Fields([("at", " ")]), "at", now=NOW, is_needed=False) == 0
    with pytest.raises(UsageError, match=r"console\.field-missing"):
        read_moment(Fields(), "at", now=NOW)
    assert [parse_moment(typed, now=None) for typed in ("", " ", "0214Z")] == [None] * 3
    assert parse_moment("0214Z", now=Instant(DAY_MS // 4)) == 134 * MINUTE_MS
    assert parse_moment("2200Z", now=Instant(0)) is None  # it would be before all that there is


def test_a_moment_is_written_as_it_is_read() -> None:
    """To the second, as a browser's own field holds it."""
    at = parse_moment("2026-11-27T02:10:31", now=NOW)
    assert at is not None
    assert format_moment(at) == "2026-11-27T02:10:31"


def test_the_nearest_hour_is_never_half_a_day_away() -> None:
    """Before and after now, by at most twelve hours."""
    for hour in range(24):
        found = parse_moment(f"{hour:02}00Z", now=Instant(NOW + hour * 61 * MINUTE_MS))
        assert found is not None
        assert abs(found - (NOW + hour * 61 * MINUTE_MS)) <= 12 * HOUR_MS
        assert found % DAY_MS == hour * HOUR_MS
