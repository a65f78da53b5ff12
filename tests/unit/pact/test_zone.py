"""Local time by the pact's own rules, at known edges."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.instants import HOUR_MS, Instant, parse_instant
from comity.base.limits import INSTANT_MS_MAX
from comity.pact.model import Pact
from comity.pact.signatory import ZoneRules
from comity.pact.zone import format_local, local_offset_ms, year_end_at


def _zone(pact: Pact, party: str) -> ZoneRules:
    found = pact.find_party(party)
    assert found is not None
    return found.zone


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2023-12-17T23:24Z", "2023-12-17 18:24 EST"),
        ("2024-03-10T06:59Z", "2024-03-10 01:59 EST"),
        ("2024-03-10T07:00Z", "2024-03-10 03:00 EDT"),
        ("2024-11-03T05:59Z", "2024-11-03 01:59 EDT"),
        ("2024-11-03T06:00Z", "2024-11-03 01:00 EST"),
        ("2026-03-08T07:00Z", "2026-03-08 03:00 EDT"),
        ("2026-11-01T06:00Z", "2026-11-01 01:00 EST"),
        ("2027-01-01T04:59Z", "2026-12-31 23:59 EST"),
    ],
)
def test_washington_around_its_changes_of_clock(camp_david: Pact, utc: str, local: str) -> None:
    """Second Sunday of March and first of November, at two by the wall clock."""
    assert format_local(_zone(camp_david, "USA"), parse_instant(utc)) == local


def test_the_launch_falls_on_the_next_day_in_seoul_and_tokyo(camp_david: Pact) -> None:
    """17 December 2023, 23:24 UTC is the morning of the 18th for two of the parties."""
    at = parse_instant("2023-12-17T23:24Z")
    assert format_local(_zone(camp_david, "JPN"), at) == "2023-12-18 08:24 JST"
    assert format_local(_zone(camp_david, "KOR"), at) == "2023-12-18 08:24 KST"


@pytest.mark.parametrize(
    ("party", "host_zone"), [("USA", "America/New_York"), ("PORT-B", "Europe/Brussels"), ("PORT-D", "Australia/Sydney")]
)
def test_the_rules_agree_with_the_zone_tables(camp_david: Pact, harbour: Pact, party: str, host_zone: str) -> None:
    """Hour by hour from 2009 to 2030, the pact's rules give what the public tables give: north, by UTC, and south."""
    try:
        table = zoneinfo.ZoneInfo(host_zone)
    except zoneinfo.ZoneInfoNotFoundError:  # pragma: no cover
        pytest.skip("this host has no time-zone tables to compare with")
    rules = _zone(camp_david if party == "USA" else harbour, party)
    first, last = parse_instant("2009-01-01"), parse_instant("2030-01-01")
    for at in range(first, last, HOUR_MS):
        if at % (24 * HOUR_MS) == 0 or dt.datetime.fromtimestamp(at / 1000, dt.UTC).month in (3, 4, 10, 11):
            offset = dt.datetime.fromtimestamp(at / 1000, table).utcoffset()
            assert offset is not None
            assert local_offset_ms(rules, Instant(at)) == offset / dt.timedelta(milliseconds=1)


@given(st.integers(0, INSTANT_MS_MAX))
def test_every_instant_has_a_local_time(camp_david: Pact, harbour: Pact, at: int) -> None:
    """From the first to the last instant there is, no zone raises."""
    for party in (*camp_david.parties, *harbour.parties):
        assert format_local(party.zone, Instant(at))


def test_the_last_instant_has_a_local_time_east_of_greenwich(camp_david: Pact) -> None:
    """The calendar ends with the year 9999; the local clock stops there and does not raise."""
    assert format_local(_zone(camp_david, "JPN"), Instant(INSTANT_MS_MAX)) == "9999-12-31 23:59 JST"


def test_a_year_ends_by_the_local_clock(camp_david: Pact, harbour: Pact) -> None:
    """Washington's year ends five hours after UTC's, Tokyo's nine before; in the south it ends in daylight time."""
    assert year_end_at(_zone(camp_david, "USA"), 2024) == parse_instant("2025-01-01T05:00Z")
    assert year_end_at(_zone(camp_david, "JPN"), 2024) == parse_instant("2024-12-31T15:00Z")
    assert year_end_at(_zone(harbour, "PORT-D"), 2024) == parse_instant("2024-12-31T13:00Z")
