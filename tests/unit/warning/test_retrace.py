"""Flights retraced from what was written down (docs/spec/warning.md, W65)."""

from importlib.resources import files

import numpy as np
import pytest

from comity.base.errors import UsageError
from comity.warning.facts import FACTS_PACKAGE, LAUNCHES
from comity.warning.frames import to_place
from comity.warning.geodesic import find_line
from comity.warning.launches import Launch, read_launches
from comity.warning.retrace import find_usual_apogee, retrace

SUNAN = np.array([39.2, 125.67, 0.0])


def _flown() -> list[Launch]:
    raw = (files(FACTS_PACKAGE) / LAUNCHES).read_bytes()
    return [launch for launch in read_launches(raw) if launch.distance_km and launch.bearing_deg is not None]


def test_every_flight_that_ships_is_met_in_range_bearing_and_apogee() -> None:
    """All 260 that have a distance: short, flat, lofted to 7,687 km and far. 216 of them have an apogee."""
    flown = _flown()
    place = np.array([[launch.latitude_deg, launch.longitude_deg, 0.0] for launch in flown])
    distance_m = np.array([(launch.distance_km or 0) * 1e3 for launch in flown])
    bearing_deg = np.array([launch.bearing_deg or 0 for launch in flown])
    apogee_m = np.array([np.nan if launch.apogee_km is None else launch.apogee_km * 1e3 for launch in flown])
    arc = retrace(place, bearing_deg=bearing_deg, distance_m=distance_m, apogee_m=apogee_m)
    impact = to_place(arc.ends.impact)
    line = find_line(place[:, 0], place[:, 1], impact[:, 0], impact[:, 1])
    known = ~np.isnan(apogee_m)
    assert (len(flown), known.sum()) == (260, 216)
    assert np.abs(line.distance_m - distance_m).max() < 0.05
    assert np.abs((line.bearing_deg - bearing_deg + 180) % 360 - 180).max() < 1e-5
    assert np.abs(arc.apogee_m - apogee_m)[known].max() < 0.05
    usual = find_usual_apogee(distance_m, radius_m=np.linalg.norm(arc.point, axis=-1))
    assert arc.apogee_m[~known] == pytest.approx(usual[~known], abs=0.05)


def test_the_usual_apogee_is_that_of_least_speed() -> None:
    """Higher or lower, the throw has to be faster."""
    usual = float(find_usual_apogee(900_000, radius_m=np.linalg.norm([6_369_000])))
    apogees = usual * np.array([0.8, 1.0, 1.25])
    arc = retrace(SUNAN, bearing_deg=0, distance_m=900_000, apogee_m=apogees)
    speeds = np.linalg.norm(arc.velocity, axis=-1)
    assert speeds.argmin() == 1
    assert usual == pytest.approx(900_000 / 4, rel=0.05)  # over a flat earth a quarter of the range


def test_the_earth_turns_below_a_lofted_flight() -> None:
    """An hour up, aimed where the record says: thrown there over an earth that stands still it would fall far west."""
    arc = retrace(SUNAN, bearing_deg=61, distance_m=1_002_000, apogee_m=6_518_000)
    assert 4_200 < float(arc.ends.impact_s) < 4_400
    slow = retrace(SUNAN, bearing_deg=241, distance_m=1_002_000, apogee_m=6_518_000)
    assert np.linalg.norm(arc.velocity) != pytest.approx(np.linalg.norm(slow.velocity), rel=1e-3)


@pytest.mark.parametrize(
    ("place", "bearing", "distance", "apogee", "code"),
    [
        ([39, 125, 0], 60, 0, 1e5, "warning.flight-malformed"),
        ([39, 125, 0], 60, 2.1e7, 1e5, "warning.flight-malformed"),
        ([39, 125, 0], 60, np.nan, 1e5, "warning.flight-malformed"),
        ([39, 125, 0], np.inf, 1e5, 1e5, "warning.flight-malformed"),
        ([91, 125, 0], 60, 1e5, 1e5, "warning.flight-malformed"),
        ([39, 125, 2_000], 60, 1e5, 1_500, "warning.flight-malformed"),
        ([39, 125, 0], 60, 1e5, 2e8, "warning.flight-malformed"),
        ([39, 125, 0], 60, 8e6, 4_000, "warning.flight-unreachable"),
    ],
)
def test_a_record_that_no_arc_meets_is_refused(
    place: list[float], bearing: float, distance: float, apogee: float, code: str
) -> None:
    """With a code, and without a warning of numpy's."""
    with pytest.raises(UsageError, match=code):
        retrace(place, bearing_deg=bearing, distance_m=distance, apogee_m=apogee)
