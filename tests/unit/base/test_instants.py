"""Instants and their two written forms."""

import pytest

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, Instant, format_dtg, format_iso, parse_instant, to_datetime
from comity.base.limits import INSTANT_MS_MAX

LAUNCH = Instant(1_702_855_440_000)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-12-17T23:24Z", LAUNCH),
        ("2023-12-17T23:24:00Z", LAUNCH),
        ("2023-12-17T23:24:00.250Z", LAUNCH + 250),
        ("172324Z DEC 23", LAUNCH),
        ("1970-01-01", 0),
        ("1970-01-02", DAY_MS),
        ("9999-12-31T23:59:59.999Z", INSTANT_MS_MAX),
    ],
)
def test_each_written_form_is_read(text: str, instant: int) -> None:
    """A date alone is its first millisecond, UTC; a date-time group is of this century."""
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2023-12-17T23:24", "2023-13-01", "2023-02-30", "1969-12-31", "172324Z DEZ 23", "322324Z DEC 23",
     "172324I DEC 23", "2023-12-17T24:00Z", " 2023-12-17", "२०२३-12-17", "0000-01-01"],
)  # fmt: skip
def test_anything_else_is_refused_by_code(text: str) -> None:
    """Local time is not guessed, other digits are not read, days that never were are named."""
    with pytest.raises(UsageError, match=r"instant\.malformed"):
        parse_instant(text)


def test_a_long_text_is_cut_in_the_error() -> None:
    """What was read is named, but an error is no place to send a page back."""
    with pytest.raises(UsageError) as caught:
        parse_instant("x" * 1000)
    assert caught.value.details == {"text": "x" * 40}


def test_both_forms_are_written_in_utc() -> None:
    """The date-time group drops seconds; RFC 3339 keeps milliseconds."""
    assert format_dtg(Instant(LAUNCH + 59_999)) == "172324Z DEC 23"
    assert format_iso(Instant(LAUNCH + 59_999)) == "2023-12-17T23:24:59.999Z"
    assert parse_instant(format_iso(Instant(LAUNCH + 1))) == LAUNCH + 1


def test_an_instant_outside_its_range_is_our_own_bug() -> None:
    """The format refuses it at the door; past the door it cannot be."""
    with pytest.raises(AssertionError):
        to_datetime(Instant(INSTANT_MS_MAX + 1))
