"""The table of launches that ships, and doors for others of its form."""

import os
from importlib.resources import files
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.base.instants import parse_instant
from comity.warning.facts import FACTS_PACKAGE, LAUNCHES
from comity.warning.launches import read_launches

RAW = (files(FACTS_PACKAGE) / LAUNCHES).read_bytes()
HEAD = RAW.splitlines()[2] + b"\n"
ROW = b"2023-12-17,23:24 (UTC),,hwasong-18,Hwasong-18,ICBM,s,Samsok,39.12655,125.96453,sea,6518,1002,61,success,\n"
DATA = Path(os.environ.get("COMITY_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))


def test_the_table_says_how_much_is_known() -> None:
    """Of 339 launches, and of the 86 since Camp David."""
    launches = read_launches(RAW)
    since = [launch for launch in launches if launch.date >= "2023-08-18"]
    counts = [
        (
            len(some),
            sum(launch.at is not None for launch in some),
            sum(launch.apogee_km is not None for launch in some),
            sum(launch.distance_km is not None for launch in some),
            sum(launch.is_retraceable for launch in some),
        )
        for some in (launches, since)
    ]
    assert counts == [(339, 255, 230, 260, 225), (86, 85, 64, 81, 81)]


@pytest.mark.skipif(not DATA.exists(), reason=f"NO TEST DATA at {DATA}: set COMITY_TEST_DATA")
def test_what_ships_is_the_table_as_it_came() -> None:
    """Two lines say where it is from; nothing else was added, left out or rounded."""
    shared = (DATA / "launches" / "launches.csv").read_bytes().replace(b"\r", b"")
    assert RAW.split(b"\n", 2)[2] == shared


def test_a_row_is_read_as_it_stands() -> None:
    """A minute is UTC; what is not known is None."""
    (launch,) = read_launches(HEAD + ROW)
    assert (launch.number, launch.at) == (1, parse_instant("2023-12-17T23:24Z"))
    assert (launch.apogee_km, launch.distance_km, launch.bearing_deg) == (6518, 1002, 61)
    vague = ROW.replace(b"23:24 (UTC)", b"unknown").replace(b"6518,1002,61", b"na,unknown,")
    (launch,) = read_launches(b"# where it is from\n" + HEAD + vague)
    assert (launch.at, launch.apogee_km, launch.distance_km, launch.bearing_deg) == (None, None, None, None)
    (month,) = read_launches(HEAD + ROW.replace(b"2023-12-17", b"2023-12"))
    assert month.at is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"23:24 (UTC)", b"23:24"),
        (b"23:24 (UTC)", b"25:24 (UTC)"),
        (b"2023-12-17", b"2023-13-40"),
        (b"2023-12-17", b"yesterday"),
        (b"39.12655", b"unknown"),
        (b"39.12655", b"91"),
        (b"6518", b"nan"),
        (b"6518", b"1e9"),
        (b"6518", b"999999"),
        (b"1002,61,", b"1002,"),
        (b"success,", b"success,,,"),
        (b"Samsok", b'"Samsok'),
        (b"Samsok", b"\xff"),
    ],
)
def test_a_row_that_is_none_refuses_the_table(old: bytes, new: bytes) -> None:
    """With its line."""
    assert old in ROW
    with pytest.raises(UsageError, match="launches-malformed") as caught:
        read_launches(HEAD + ROW + ROW.replace(old, new))
    assert caught.value.details["line"] == 3


def test_what_is_no_table_is_refused() -> None:
    """Empty, of other columns, or too large to be one."""
    for raw in (b"", b"# only words\n", b"a,b\n1,2\n", HEAD + ROW * 20_000):
        with pytest.raises(UsageError, match="launches-malformed"):
            read_launches(raw)
