"""The warning feed: blocks of other parties, and reports of the own party's sources."""

from functools import cache

from hypothesis import HealthCheck, given, seed, settings

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.pact.parse import parse_pact
from comity.pact.track import TrackClass
from comity.rehearsal import read_profile
from comity.warning import door as reports_door
from comity.warning.reports import read_lines
from comity.warning.rows import Block, encode_block, find_fault, read_block
from fuzz.change import change_text
from fuzz.door import Door
from kit.tracks import BLOCKS

__all__ = ["DOORS"]

_NOW = Instant(1_795_000_000_000)
_LINE = (
    b'{"track":7,"at":1795000000000,"latitude":39.5,"longitude":127.25,"altitude":1500.0,"velocity":[10.0,-20.0,30.0],'
    b'"sigma_velocity":2.0,"covariance":[[900.0,0.0,9.0],[0.0,400.0,0.0],[9.0,0.0,2500.0]],"kind":"KIND",'
    b'"sensor":"J/FPS-5","launch":{"at":1795000000000,"latitude":39.0,"longitude":127.0,"semi_major_m":4000.0,'
    b'"semi_minor_m":900.0}}'
)


@cache
def _find_blocks() -> tuple[bytes, ...]:
    found: list[bytes] = []

    @seed(7)
    @settings(max_examples=30, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(BLOCKS)
    def keep(block: Block) -> None:
        found.append(encode_block(block))

    keep()
    return tuple(dict.fromkeys(found))


def _read_block(raw: bytes) -> None:
    """A block that is let in could have been written so by ourselves."""
    assert encode_block(read_block(raw)) == raw


@cache
def _get_missiles() -> TrackClass:
    row = parse_pact(read_profile("camp-david")).find_track_class("policy.track.ballistic")
    assert row is not None
    return row


def _list_reports() -> list[bytes]:
    """A line of each kind."""
    return [_LINE.replace(b"KIND", kind.id.encode()) for kind in _get_missiles().kinds]


def _take_reports(raw: bytes) -> None:
    """What comes of lines keeps every bound, and each report is counted once; no report at all is a refusal."""
    row = _get_missiles()
    reports, _ = read_lines(raw, row)
    door = reports_door.Door()
    door.admit_source("radar", reports_door.DoorRules())
    taken = door.take("radar", row, reports, _NOW)
    assert taken.tally.taken + taken.tally.refused == len(reports.rows)
    assert find_fault(taken.block) is None
    if not taken.tally.taken:
        raise RemoteError("warning.malformed", evidence=raw)


DOORS = (
    Door("block", _read_block, _find_blocks),
    Door("reports", _take_reports, _list_reports, change_text),
)
