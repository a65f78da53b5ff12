"""The seam for sensors: every plug-in that ships keeps it, the guide's own too; what breaks it is found (X69)."""

import re
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import RemoteError, UsageError
from comity.base.instants import Instant
from comity.pact.parse import parse_pact
from comity.pact.track import TrackClass, TrackDomain
from comity.sensors.ais import Ais
from comity.sensors.contract import check_sensor
from comity.sensors.json_lines import JsonLines
from comity.sensors.lines import LineCutter
from comity.sensors.registry import find_names, get_sensor, open_reader
from comity.warning.reports import ReportLine, encode_line
from kit.loop import read_profile

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "sensors.md"
NOW = Instant(1_795_000_030_500)
PACT = parse_pact(read_profile("camp-david"))
AIS = b"""\
!AIVDM,1,1,,A,33P;Tw0tjBQO22:E7dm66DrB20UP,0*2E
!AIVDM,1,1,,B,,0*25
!AIVDM,1,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0*6C
!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C
!AIVDM,2,2,1,A,88888888880,2*25
"""


def _get_class(domain: str) -> TrackClass:
    row = PACT.find_track_class(f"policy.track.{domain}")
    assert row is not None
    return row


SHIPS = _get_class("surface")
REPORT = ReportLine(at=NOW, latitude=35.0, longitude=129.0, covariance=((900.0, 0.0), (0.0, 900.0)), track=7)


def test_ais_keeps_the_seam() -> None:
    """Cut anywhere, damaged, twice, in floods."""
    check_sensor(Ais(), SHIPS, AIS, now=NOW)


def test_lines_of_json_keep_the_seam() -> None:
    """The smallest plug-in."""
    check_sensor(JsonLines(), SHIPS, encode_line(REPORT) * 2 + b"{}\n", now=NOW)


def test_the_guides_plug_in_keeps_the_seam() -> None:
    """What stands in docs/guide/sensors.md runs as it stands, its own test included."""
    plugin, its_test = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(plugin + its_test, names)
    names["test_the_buoy_keeps_the_seam"](SHIPS)
    reader = names["Buoy"]().open(SHIPS)
    assert [report.track for report in reader.feed(names["SAMPLE"], NOW)] == [7, 8]
    assert reader.counts == {"reported": 2, "malformed": 1}


class _Bad:
    """A plug-in that breaks one rule of the seam."""

    name = "bad"
    domains = frozenset(TrackDomain)

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def open(self, row: TrackClass) -> Any:
        """Return a reader that does."""
        assert row is SHIPS
        return _BadReader(self.fault)


class _BadReader:
    opened = 0

    def __init__(self, fault: str) -> None:
        type(self).opened += 1
        self.fault = fault
        self.counts: Counter[str] = Counter()
        self.lines = LineCutter(size_bytes_max=1_000 if fault != "hoards" else 2**40)

    def feed(self, chunk: bytes, now: Instant) -> list[ReportLine]:
        lines = chunk.splitlines() if self.fault == "cuts" else list(self.lines.cut(chunk))
        if self.fault == "raises" and any(line and b"\0" in line for line in lines):
            raise ValueError
        if self.fault == "refuses" and any(line and b"\0" in line for line in lines):
            raise RemoteError("bytes.malformed")
        self.counts["reported"] += len(lines) * (2 if self.fault == "counts twice" else 1)
        if self.fault == "says what came":
            self.counts.update(str(line)[:8] for line in lines)
        at = Instant(now + self.opened) if self.fault == "has a clock" else now
        return [ReportLine(at=at, latitude=0.0, longitude=0.0, covariance=((1.0, 0.0), (0.0, 1.0)))] * len(lines)

    def finish(self, now: Instant) -> list[ReportLine]:
        return self.feed(b"\n", now)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("cuts", "where a piece ends"),
        ("counts twice", "a report is counted"),
        ("says what came", "a code is a word"),
        ("has a clock", "the same bytes"),
        ("refuses", "raises"),
        ("hoards", "bounded"),
    ],
)
def test_a_plug_in_that_breaks_a_rule_is_found(fault: str, rule: str) -> None:
    """The contract that cannot fail proves nothing."""
    with pytest.raises(AssertionError, match=rule):
        check_sensor(_Bad(fault), SHIPS, b"one\ntwo\n", now=NOW)


def test_a_plug_in_that_raises_is_found() -> None:
    """Whatever else it raises comes out of the check as it is."""
    with pytest.raises(ValueError, match=r"^$"):
        check_sensor(_Bad("raises"), SHIPS, b"one\ntwo\n", now=NOW)


def test_a_line_too_long_is_one_message_and_none_of_it_is_kept() -> None:
    """In whatever pieces it comes; what follows is read as ever."""
    cutter = LineCutter(size_bytes_max=4)
    assert list(cutter.cut(b"abcd\r\n")) == [b"abcd"]
    assert list(cutter.cut(b"abcde\nab")) == [None]
    assert list(cutter.cut(b"cdefgh")) == []
    assert [*cutter.cut(b"ij\n\n x \n"), *cutter.finish()] == [None, b"x"]
    assert [*cutter.cut(b"end"), *cutter.finish()] == [b"end"]


class _Offered:
    def __init__(self, name: str, made: object) -> None:
        self.name, self.made = name, made

    def load(self) -> object:
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


def test_a_plug_in_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The own ones, and what packages offer; a broken one has a code, and an own name is nobody else's."""
    offered = {"bad": _Bad("none"), "ais": _Bad("none"), "gone": ImportError("gone"), "other": _Bad("none")}

    def find(group: str, name: str = "") -> Any:
        assert group == "comity.sensors"
        rows = [_Offered(*row) for row in offered.items() if name in {"", row[0]}]
        return metadata.EntryPoints(rows)  # type: ignore[arg-type]

    monkeypatch.setattr("comity.sensors.registry.metadata.entry_points", find)
    assert find_names() == ("ais", "bad", "gone", "json", "other")
    assert isinstance(get_sensor("ais"), Ais)
    assert get_sensor("bad") is offered["bad"]
    for name, code in (("gone", "sensor.broken"), ("other", "sensor.broken"), ("none", "sensor.unknown")):
        with pytest.raises(UsageError, match=code):
            get_sensor(name)
    with pytest.raises(UsageError, match=r"sensor\.class"):
        open_reader("ais", _get_class("air"))
