"""Reports as lines of JSON (docs/spec/warning.md, W10): what a line says, and what is no line."""

import json
from dataclasses import replace
from typing import Any

from comity.pact.parse import parse_pact
from comity.pact.track import TrackClass
from comity.warning.door import Door, DoorRules, Taken
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.reports import read_lines
from comity.warning.tally import Reason
from kit.loop import read_profile
from kit.reports import NOW

FOUND = parse_pact(read_profile("camp-david")).find_track_class("policy.track.ballistic")
assert FOUND is not None
MISSILES: TrackClass = FOUND
LINE: dict[str, Any] = {
    "at": NOW,
    "latitude": 39.5,
    "longitude": 127.25,
    "covariance": [[900.0, 300.0], [300.0, 400.0]],
}
GUESS = {"at": NOW, "latitude": 39.0, "longitude": 127.0, "semi_major_m": 4000.0, "semi_minor_m": 900.0}


def _take(*lines: dict[str, Any] | bytes) -> Taken:
    """Read lines and take them in; the counts are those of both."""
    raw = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    reports, tally = read_lines(raw, MISSILES)
    door = Door()
    door.admit_source("radar", DoorRules())
    taken = door.take("radar", MISSILES, reports, NOW)
    tally.add(taken.tally)
    return replace(taken, tally=tally)


def test_a_line_says_what_is_known() -> None:
    """Without altitude and velocity nothing is known of them; a kind and a sensor by name; a matrix of two by two."""
    row = _take(LINE).block.rows[0]
    assert (row["latitude"], row["longitude"], row["flags"], row["track"]) == (395_000_000, 1_272_500_000, 0, 0)
    assert (row["sigma_east"], row["sigma_north"], row["kind"], row["sensor"]) == (300, 200, NOT_NAMED, NOT_NAMED)
    full = {
        **LINE, "track": 7, "altitude": 1500.0, "velocity": [10.0, -20.0, 30.0], "sigma_velocity": 2.0,
        "covariance": [[900.0, 0.0, 9.0], [0.0, 400.0, 0.0], [9.0, 0.0, 2500.0]], "kind": "slbm", "confidence": 70,
        "sensor": "J/FPS-5", "is_coasted": True, "is_dropped": True, "is_deception": True, "launch": GUESS,
        "impact": {**GUESS, "sigma_at_ms": 9000.0, "bearing": 90.0},
    }  # fmt: skip
    block = _take(full, {**full, "track": 8, "sensor": "SPY-7", "velocity": [1.0, 2.0]}).block
    one, other = block.rows
    assert (block.sensors, one["sensor"], other["sensor"]) == (("J/FPS-5", "SPY-7"), 0, 1)
    assert (one["flags"], one["kind"], one["confidence"]) == (sum(Flag), 4, 70)
    assert (one["velocity_north"], one["velocity_up"], other["velocity_up"]) == (-2_000, 3_000, 0)
    assert (one["altitude"], one["sigma_up"], one["rho_eu"]) == (15_000, 500, 197)
    assert list(block.estimates["what"]) == [0, 1, 0, 1]
    assert (block.estimates["sigma_at"][1], block.estimates["bearing"][1]) == (9_000, 9_000)


def test_what_is_no_line_is_counted_and_costs_no_other_line() -> None:
    """No JSON, another field, a missing one, too long, too deep, no number of JSON, an instant too far."""
    odd: list[dict[str, Any] | bytes] = [
        b"{", b"[]", b"\xff", b'{"at": NaN}', b"[" * 3_000, {**LINE, "colour": 1}, {"at": NOW},
        {**LINE, "at": 2**53 + 1}, {**LINE, "at": 1.5}, {**LINE, "velocity": [1.0]}, {**LINE, "covariance": [[1.0]]},
        {**LINE, "sensor": "a\u202eb"}, {**LINE, "kind": "x" * 49}, b" " * 5_000 + json.dumps(LINE).encode(),
    ]  # fmt: skip
    taken = _take(*odd, b"", b"  ", LINE)
    assert (taken.tally.taken, taken.tally.counts) == (1, {Reason.MALFORMED: len(odd)})


def test_what_a_line_says_wrongly_the_door_counts() -> None:
    """A matrix that is not symmetric or lacks the altitude's row, a kind that the class does not have, infinity."""
    taken = _take(
        {**LINE, "covariance": [[900.0, 300.0], [301.0, 400.0]]},
        {**LINE, "covariance": [[900.0, 300.0], [300.0]]},
        {**LINE, "altitude": 5.0},
        {**LINE, "kind": "kite"},
        {**LINE, "altitude": 2e7, "covariance": [[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]]},
        {**LINE, "launch": {**GUESS, "at": 2**80}},
    )
    expected = {Reason.NOT_FINITE: 3, Reason.KIND: 1, Reason.ALTITUDE: 1, Reason.ESTIMATE: 1}
    assert (taken.tally.taken, taken.tally.counts) == (1, expected)


def test_sensors_beyond_what_a_block_names_are_refused() -> None:
    """Sixty-four of them; the reports of the next are counted."""
    taken = _take(*({**LINE, "track": 1 + number, "sensor": f"S{number}"} for number in range(70)))
    assert (len(taken.block.sensors), taken.tally.taken, taken.tally.counts) == (64, 64, {Reason.SENSOR: 6})
