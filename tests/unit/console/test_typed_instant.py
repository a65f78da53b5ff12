"""Instants as officers type them."""

import pytest

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant, format_dtg, parse_instant
from comity.console.typed_instant import read_moment

NOW = parse_instant("2026-11-27T02:10Z")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("180824Z DEC 26", "180824Z DEC 26"),
        ("180824z dec 26", "180824Z DEC 26"),
        ("2026-12-18T08:24Z", "180824Z DEC 26"),
        ("0214Z", "270214Z NOV 26"),
        ("2350", "262350Z NOV 26"),
        ("13:00", "271300Z NOV 26"),
    ],
)
def test_instants_are_read_as_officers_type_them(typed: str, expected: str) -> None:
    """An hour alone is the one nearest to now, whichever day that is."""
    assert format_dtg(read_moment(typed, now=NOW)) == expected


@pytest.mark.parametrize("typed", ["", "2460", "991199Z DEC 26", "tomorrow", "0214Z JAN"])
def test_what_is_no_instant_is_refused(typed: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UsageError, match=r"instant\.malformed"):
        read_moment(typed, now=NOW)


def test_the_nearest_hour_is_never_half_a_day_away() -> None:
    """Before and after now, by at most twelve hours."""
    for hour in range(24):
        found = read_moment(f"{hour:02}00Z", now=Instant(NOW + hour * 61 * MINUTE_MS))
        assert abs(found - (NOW + hour * 61 * MINUTE_MS)) <= 12 * HOUR_MS
        assert found % DAY_MS == hour * HOUR_MS
