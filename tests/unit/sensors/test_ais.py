"""AIS by plug-in (docs/spec/exchange.md, X70)."""

import functools
import math
import operator
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pyais import encode_dict

from comity.base.instants import Instant
from comity.pact.parse import parse_pact
from comity.pact.track import TrackClass
from comity.sensors.registry import open_reader
from comity.warning.door import Door, DoorRules
from comity.warning.reports import ReportLine, encode_line, read_lines
from comity.warning.tally import Reason
from kit.loop import read_profile

DATA = Path(os.environ.get("COMITY_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
SAMPLE = DATA / "tracks" / "pyais_nmea_data_sample.txt"
MINUTE = 1_795_000_020_000
NOW = Instant(MINUTE + 30_500)
SHIP = 431_000_123


def _get_class() -> TrackClass:
    row = parse_pact(read_profile("camp-david")).find_track_class("policy.track.surface")
    assert row is not None
    return row


SHIPS = _get_class()


def _say(kind: int, *, ship: int = SHIP, heard_s: int | None = None, **fields: Any) -> bytes:
    """Return a message as its sentences, each with a tag block where the receiver says when it heard it."""
    given = {"lat": 35.0, "lon": 129.0, "speed": 10.0, "course": 90.0, "second": 30, "accuracy": 1} | fields
    sentences = encode_dict({"msg_type": kind, "mmsi": ship, **given}, talker_id="AI", sentence_type="VDM", seq_id=3)
    mark = b""
    if heard_s is not None:
        tag = f"s:roof,c:{heard_s}".encode()
        mark = b"\\%s*%02X\\" % (tag, functools.reduce(operator.xor, tag))
    return b"".join(mark + sentence.encode() + b"\r\n" for sentence in sentences)


def _read(*raw: bytes) -> tuple[list[ReportLine], Counter[str]]:
    reader = open_reader("ais", SHIPS)
    reports = [report for chunk in raw for report in reader.feed(chunk, NOW)] + reader.finish(NOW)
    return reports, reader.counts


@pytest.mark.parametrize("kind", [1, 2, 3, 18, 19])
def test_a_position_is_a_report(kind: int) -> None:
    """Its track is the MMSI, its instant the second that the ship names, its velocity from course and speed."""
    ((report,), counts) = _read(_say(kind))
    assert counts["reported"] == 1
    assert (report.track, report.at, report.sensor) == (SHIP, MINUTE + 30_000, "")
    assert (report.latitude, report.longitude, report.altitude) == (35.0, 129.0, None)
    assert report.velocity == pytest.approx((10 * 1852 / 3600, 0), abs=1e-9)
    (east, none), (_, north) = report.covariance
    assert (none, north) == (0, east)
    assert east == pytest.approx(100 + (10 * 1852 / 3600) ** 2)


def test_a_long_range_position_is_coarse() -> None:
    """Message 27 has tenths of minutes, whole knots and no second: its instant is the receiver's."""
    ((report,), _) = _read(_say(27, accuracy=0))
    assert report.at == NOW
    assert math.sqrt(report.covariance[0][0]) > 200
    assert report.sigma_velocity == 1


@pytest.mark.parametrize(
    ("fields", "velocity", "sigma_m"),
    [
        ({"speed": 102.3}, None, 10.0),
        ({"course": 360.0}, None, 10.0),
        ({"speed": 0.0, "course": 360.0}, (0.0, 0.0), 10.0),
        ({"speed": 102.3, "accuracy": 0}, None, 50.0),
        ({"speed": 102.3, "second": 60}, None, 10.0),
        ({"speed": 102.3, "second": 61}, None, 2_000.0),
        ({"speed": 102.3, "second": 62}, None, 2_000.0),
    ],
)
def test_what_is_not_available_is_not_known(fields: dict[str, Any], velocity: object, sigma_m: float) -> None:
    """Speed and course each; and a position that was typed in or reckoned is not taken for a fix."""
    ((report,), _) = _read(_say(1, **fields))
    assert report.velocity == velocity
    assert math.sqrt(report.covariance[0][0]) == sigma_m
    assert report.is_coasted == (fields.get("second") == 62)


@pytest.mark.parametrize("fields", [{"lat": 91.0}, {"lon": 181.0}, {"second": 63}])
def test_a_message_without_a_position_is_no_report(fields: dict[str, Any]) -> None:
    """Not available, or the receiver on board does not work."""
    assert _read(_say(1, **fields)) == ([], {"no-position": 1})


@pytest.mark.parametrize(("second", "at_s"), [(30, 30), (29, 29), (31, 30), (32, 30), (33, -27), (0, 0)])
def test_an_instant_is_the_last_of_that_second(second: int, at_s: int) -> None:
    """A second or two ahead is the ship's clock; more is a message that was long under way."""
    ((report,), _) = _read(_say(1, second=second))
    assert report.at == MINUTE + at_s * 1000


def test_the_receivers_instant_goes_before_that_of_the_line() -> None:
    """Of a log that is read much later too; one whose checksum is wrong counts for nothing."""
    line = _say(1, heard_s=1_700_000_000, second=20)
    ((report,), _) = _read(line)
    assert report.at == 1_700_000_000_000  # 13 minutes past, at second 20
    assert _read(line.replace(b"c:17", b"c:16")) == ([], {"checksum": 1})


@pytest.mark.parametrize(
    ("type_", "kind"),
    [(30, "fishing"), (35, "warship"), (51, "coast-guard"), (55, "coast-guard"), (60, "passenger"), (79, "cargo"),
     (89, "tanker"), (90, ""), (0, "")],
)  # fmt: skip
def test_a_type_of_ship_is_a_kind_of_the_class(type_: int, kind: str) -> None:
    """As the ship itself says in message 5, which comes in two parts, or 24; before that none is named."""
    before, after = _say(1), _say(1, second=31)
    (first, second), counts = _read(before, _say(5, ship_type=type_), after)
    assert (first.kind, second.kind, second.confidence) == ("", kind, 50 if kind else 0)
    assert counts == {"reported": 2, "static": 1, "part": 1}
    (report,), _ = _read(_say(24, partno=1, ship_type=type_), before)
    assert report.kind == kind


def test_parts_are_put_together_in_any_order_and_given_up_in_time() -> None:
    """Of two messages under one number the first is incomplete; what is never completed is counted at the end."""
    first, second = _say(5, ship_type=70).splitlines(keepends=True)
    assert _read(second, first)[1] == {"static": 1, "part": 1}
    assert _read(first, first, second)[1] == {"incomplete": 1, "static": 1, "part": 1}
    assert _read(first)[1] == {"incomplete": 1}
    reader = open_reader("ais", SHIPS)
    reader.feed(first, NOW)
    reader.feed(second, Instant(NOW + 30_001))
    reader.finish(NOW)
    assert reader.counts == {"incomplete": 2}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"!AIVDM,1,1,,B,,0*25", "empty"),
        (b"!AIVDM,1,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0*6D", "checksum"),
        (b"!AIVDM,1,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0", "checksum"),
        (b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47", "other"),
        (b"!AIVDM,0,0,,A,1,0*1", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"!AIVDM," + b"1" * 2000, "malformed"),
    ],
)
def test_what_is_no_message_is_counted(line: bytes, code: str) -> None:
    """By what it is instead."""
    assert _read(line + b"\n") == ([], {code: 1})


def test_an_mmsi_that_is_none_is_no_track() -> None:
    """Zero would be a single observation."""
    assert _read(_say(1, ship=0)) == ([], {"mmsi": 1})


def test_a_ship_that_says_to_be_elsewhere_is_kept_and_flagged_and_an_impossible_speed_refused() -> None:
    """Forged positions go through the same door as all: the picture shows them, and says that they are odd."""
    raw = _say(1, second=28, speed=8.0) + _say(1, second=29, lat=36.0) + _say(1, ship=SHIP + 1, speed=102.2)
    reports, tally = read_lines(b"".join(map(encode_line, _read(raw)[0])), SHIPS)
    door = Door()
    door.admit_source("ais", DoorRules())
    tally.add(door.take("ais", SHIPS, reports, NOW).tally)
    assert (tally.taken, tally.counts) == (2, {Reason.JUMP: 1, Reason.SPEED: 1})


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"NO TEST DATA at {DATA}: set COMITY_TEST_DATA")
def test_every_sentence_of_a_real_recording_is_counted_once() -> None:
    """898 of them, most of them positions; and the door finds nothing in them that is not finite or not on earth."""
    raw = SAMPLE.read_bytes()
    reports, counts = _read(raw)
    assert counts.total() == len(raw.splitlines()) == 898
    assert counts["reported"] == len(reports) == 758
    lines, tally = read_lines(b"".join(map(encode_line, reports)), SHIPS)
    door = Door()
    door.admit_source("ais", DoorRules())
    tally.add(door.take("ais", SHIPS, lines, NOW).tally)
    assert tally.taken == len({(one.track, one.at) for one in reports}) == 636
    assert set(tally.counts) <= {Reason.DUPLICATE, Reason.JUMP, Reason.REORDERED, Reason.SPEED}
