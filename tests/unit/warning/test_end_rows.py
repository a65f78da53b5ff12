"""Estimates of launch and impact for rows of a block (docs/spec/warning.md, W4, W66)."""

import numpy as np
import pytest

from comity.rehearsal.launch_eye import EYES
from comity.warning.end_rows import estimate_rows
from comity.warning.frames import to_place, turn_to_local
from comity.warning.geodesic import find_line
from comity.warning.layout import ESTIMATE, Flag
from comity.warning.retrace import retrace
from comity.warning.rows import Block, encode_block
from kit.tracks import make_rows

ARC = retrace([39.1, 125.9, 0.0], bearing_deg=60, distance_m=500e3, apogee_m=150e3)


def _state(after_s: float) -> dict[str, int]:
    point, velocity = ARC.move(after_s)
    place = to_place(point)
    east, north, up = (round(float(part) * 100) for part in turn_to_local(velocity, at=place))
    return {
        "at": 1_800_000_000_000 + round(after_s * 1000),
        "latitude": round(float(place[0]) * 1e7),
        "longitude": round(float(place[1]) * 1e7),
        "altitude": round(float(place[2]) * 10),
        "velocity_east": east,
        "velocity_north": north,
        "velocity_up": up,
        "sigma_east": 1_000,
        "sigma_north": 1_000,
        "sigma_up": 2_000,
        "sigma_velocity": 1_000,
        "flags": Flag.ALTITUDE | Flag.VELOCITY,
    }


def test_rows_of_a_flight_name_its_launch_and_its_impact() -> None:
    """Within the wire's rounding and twice the bend of the way; later rows are surer of the impact.

    Falling below 60 km, air has slowed it: its launch is no longer told.
    """
    rows = make_rows(_state(60), _state(120), _state(240), _state(350))
    estimates = estimate_rows(rows)
    assert rows["altitude"][3] < 600_000
    assert estimates["row"].tolist() == [0, 0, 1, 1, 2, 2, 3]
    assert estimates["what"].tolist() == [*[0, 1] * 3, 1]
    for what, end, end_s in ((0, ARC.ends.launch, 0.0), (1, ARC.ends.impact, float(ARC.ends.impact_s))):
        ours, place = estimates[estimates["what"] == what], to_place(end)
        line = find_line(ours["latitude"] / 1e7, ours["longitude"] / 1e7, place[0], place[1])
        assert line.distance_m.max() < 100
        assert ours["at"] == pytest.approx(1_800_000_000_000 + end_s * 1000, abs=200)
    impacts = estimates[estimates["what"] == 1]
    assert (np.diff(impacts["semi_major"].astype(int)) < 0).all()
    encode_block(Block("policy.track.ballistic", (), rows, estimates))


def test_a_row_that_does_not_say_enough_or_is_on_no_arc_has_none() -> None:
    """No velocity, no altitude, too fast to fall, too vague; its neighbours keep theirs."""
    still = {"velocity_east": 0, "velocity_north": 0, "velocity_up": 0, "sigma_velocity": 0}
    rows = make_rows(
        {**_state(60), **still, "flags": Flag.ALTITUDE},
        {**_state(60), "altitude": 0, "flags": Flag.VELOCITY},
        {**_state(60), "velocity_up": 1_900_000},
        {**_state(60), "sigma_velocity": 1_000_000},
        _state(60),
    )
    assert set(estimate_rows(rows)["row"].tolist()) == {4}
    assert estimate_rows(rows[:3]).dtype == ESTIMATE
    assert len(estimate_rows(rows[:0])) == 0


def test_the_eyes_are_those_that_the_page_describes() -> None:
    """Parties in order; a number that changes here changes there."""
    assert [(eye.party, eye.every_s, eye.bias_m, eye.velocity_m_s) for eye in EYES] == [
        ("KOR", 2.0, 200.0, 15.0),
        ("JPN", 4.0, 300.0, 20.0),
        ("USA", 10.0, 500.0, 40.0),
    ]
