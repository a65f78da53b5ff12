"""The launch that the demo plays is the one in the launch table, and nothing about it is invented."""

import csv
import os
from pathlib import Path

import pytest

from comity.base.instants import parse_instant
from comity.cli.demo.script import LAUNCH

DATA = Path(os.environ.get("COMITY_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
TABLE = DATA / "launches" / "launches.csv"


@pytest.mark.skipif(not TABLE.exists(), reason=f"NO TEST DATA at {DATA}: set COMITY_TEST_DATA")
def test_the_launch_of_the_demo_is_a_row_of_the_table() -> None:
    """Date, UTC minute, missile, apogee, distance and bearing are those of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["missile_name"] == LAUNCH.missile]
    row = next(row for row in rows if parse_instant(f"{row['date']}T{row['time'][:5]}Z") == LAUNCH.at)
    assert (int(row["apogee_km"]), int(row["distance_km"]), int(row["bearing_deg"])) == (
        LAUNCH.apogee_km,
        LAUNCH.distance_km,
        LAUNCH.bearing_deg,
    )
    assert LAUNCH.site in row["facility_name"]
