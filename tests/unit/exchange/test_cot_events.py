"""The picture as events of Cursor on Target: exact both ways, with every marking, side by side where it must be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.exchange.cot import UNKNOWN_M, format_event, parse_event
from comity.exchange.cot_events import Reader, make_event, make_events
from comity.exchange.cot_marking import make_own_marking
from comity.exchange.cot_own import Told, read_told
from comity.exchange.own_marking import OwnMarking
from comity.pact.parse import parse_pact
from comity.warning.classes import make_marking
from comity.warning.domain import read_terms
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.picture import make_situation
from comity.warning.rows import Block, encode_block
from comity.warning.situation import Situation
from kit.loop import read_profile
from kit.tracks import BLOCKS, make_rows

PACT = parse_pact(read_profile("camp-david"))
CLASS = "policy.track.ballistic"
LINEAGE = "ab" * 32
AT = 1_795_000_000_000


def find_marking(class_: str, author: str) -> OwnMarking:
    """Return how a class is marked, for a reader in Seoul."""
    row = PACT.find_track_class(class_)
    assert row is not None
    return make_own_marking(
        make_marking(PACT, row, author), pact=PACT, lineage=LINEAGE, realm="exercise/autumn", reader="KOR"
    )


READER = Reader(PACT, "exercise/autumn", find_marking)
ROW = next(row for row in PACT.track_classes if row.id == CLASS)


def tell(block: Block, author: str = "JPN") -> Told:
    """Return one row as it is told."""
    kind = int(block.rows[0]["kind"])
    name = "" if kind == NOT_NAMED else ROW.kinds[kind].id
    return Told(author, block, name, is_estimate=False, markings=(find_marking(CLASS, author),))


def show(*blocks: tuple[str, Block], at: int = AT + 1_000) -> Situation:
    """Return the situation of these blocks."""
    return make_situation(read_terms(PACT), blocks, Instant(at))


@settings(deadline=None)
@given(block=BLOCKS, place=st.integers(0, 7))
def test_a_row_survives_the_way_out_and_in(block: Block, place: int) -> None:
    """Every number, both ends, the coarsening, the sensor, the marking: the same entry of the feed comes back."""
    rows = block.rows[[place % len(block.rows)]].copy()
    rows["kind"] = np.where(rows["kind"] == NOT_NAMED, NOT_NAMED, rows["kind"] % len(ROW.kinds))
    ends = block.estimates[block.estimates["row"] == place % len(block.rows)].copy()
    ends["row"] = 0
    sensors = () if rows["sensor"][0] == NOT_NAMED else (block.sensors[rows["sensor"][0]],)
    rows["sensor"] = 0 if sensors else NOT_NAMED
    told = tell(Block(CLASS, sensors, rows, ends, block.coarsening))
    event = make_event(told, ROW, READER, at=Instant(AT))
    again = read_told(parse_event(format_event(event)))
    assert encode_block(again.block) == encode_block(told.block)
    assert (again.author, again.kind, again.markings) == (told.author, told.kind, told.markings)


def test_what_clients_read_of_it() -> None:
    """One radius that is never too small, the course, the realm in the name, a marking in the reader's own scheme."""
    rows = make_rows({"sigma_east": 300, "sigma_north": 400, "rho_en": 16_000, "kind": 0, "confidence": 80})
    event = make_event(tell(Block.of_rows(CLASS, rows)), ROW, READER, at=Instant(AT))
    read = parse_event(format_event(event))
    covariance = np.array([[30.0**2, 16_000 / 32_767 * 30 * 40], [16_000 / 32_767 * 30 * 40, 40.0**2]])
    longest = float(np.sqrt(np.linalg.eigvalsh(covariance)[-1]))
    assert read.place.ce_m is not None
    assert longest <= read.place.ce_m < longest + 0.11
    assert (read.place.hae_m, read.place.le_m) == (10_000.0, 90.0)
    assert read.course is not None
    assert (read.course.course, read.course.speed_m_s) == (90.0, 100.0)
    assert (read.type, read.how, read.callsign) == ("a-u-A-W-M-S-S", "m-p", "EXERCISE JPN-0042")
    assert (read.access, read.opex, read.releasable_to) == ("KOR-III", "e-autumn", "JPN, KOR")
    assert "EXERCISE EXERCISE EXERCISE" in read.remarks
    assert "JPN-HI" in read.remarks
    assert read.stale - read.start == ROW.stale_after_ms


def test_what_is_not_known_is_said_so() -> None:
    """No height, no course: the clients' own number, and no element."""
    rows = make_rows({"flags": 0, "altitude": 0, "velocity_east": 0, "sigma_velocity": 0})
    raw = format_event(make_event(tell(Block.of_rows(CLASS, rows)), ROW, READER, at=Instant(AT)))
    assert f'hae="{UNKNOWN_M}"'.encode() in raw
    assert b"<track" not in raw
    assert parse_event(raw).place.hae_m is None


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b'lat="39.1000000"', b'lat="39.2000000"', "cot.altered"),
        (b'hae="10000.0"', b'hae="9999999.0"', "cot.altered"),
        (b'how="m-p"', b'how="m-g"', "cot.altered"),
        (b'opex="e-autumn"', b'opex="o"', "cot.altered"),
        (b' opex="e-autumn"', b"", "cot.altered"),
        (b'sigma_east="300"', b'sigma_east="0"', "cot.malformed"),
        (b'sigma_east="300"', b'sigma_east="99999999999"', "cot.malformed"),
        (b'sigma_east="300"', b'sigma_east="3e2"', "cot.malformed"),
        (b'form="1"', b'form="2"', "cot.malformed"),
        (b"<marking>", b"<marking>x", "cot.malformed"),
        (b"__comity", b"__other", "cot.malformed"),
    ],
)
def test_a_changed_event_is_none_of_ours(before: bytes, after: bytes, code: str) -> None:
    """A point moved, a realm taken away, a number that no row has."""
    raw = format_event(make_event(tell(Block.of_rows(CLASS, make_rows({}))), ROW, READER, at=Instant(AT)))
    assert before in raw
    with pytest.raises(RemoteError) as caught:
        read_told(parse_event(raw.replace(before, after)))
    assert caught.value.code == code


def test_an_estimate_is_one_event_with_the_markings_of_all_it_rests_on() -> None:
    """Fused of two parties' reports: both authors, both markings, the strictest level."""
    one, two = (Block.of_rows(CLASS, make_rows({"track": track, "at": AT})) for track in (7, 9))
    (event,) = make_events(show(("JPN", one), ("USA", two)), READER)
    read = parse_event(format_event(event))
    told = read_told(read)
    assert (read.how, told.is_estimate, read.releasable_to) == ("m-f", True, "JPN, KOR, USA")
    assert [marking.originator for marking in told.markings] == ["JPN", "USA"]
    assert (read.start, read.callsign) == (AT + 1_000, "EXERCISE JPN-0007")


def test_what_contradicts_itself_stands_side_by_side() -> None:
    """Two events, each as its author reported it, and both say that there is another."""
    one = Block.of_rows(CLASS, make_rows({"track": 7, "at": AT, "kind": 0, "confidence": 90}))
    two = Block.of_rows(CLASS, make_rows({"track": 9, "at": AT, "latitude": 391_018_500, "kind": 1, "confidence": 90}))
    situation = show(("JPN", one), ("USA", two), at=AT)
    assert len(situation.objects) == 1, "they are one object"
    assert not situation.objects[0]["is_estimated"]
    events = list(make_events(situation, READER))
    assert [event.uid.rpartition("/")[2] for event in events] == ["JPN-0007", "USA-0009"]
    assert all("contradict each other about where it is" in event.remarks for event in events)
    assert [event.releasable_to for event in events] == ["JPN, KOR", "KOR, USA"]


def test_what_is_dropped_is_stale_at_once() -> None:
    """So that it goes from the client's screen."""
    flags = Flag.ALTITUDE | Flag.VELOCITY | Flag.DROPPED
    (event,) = make_events(show(("JPN", Block.of_rows(CLASS, make_rows({"flags": flags, "at": AT})))), READER)
    assert event.stale == event.start
    assert "dropped" in event.remarks


def test_an_event_of_ours_is_read_back_in_its_own_realm_alone() -> None:
    """The marking says exercise: no `opex` makes it real."""
    event = make_event(tell(Block.of_rows(CLASS, make_rows({}))), ROW, READER, at=Instant(AT))
    with pytest.raises(RemoteError, match="changed since"):
        read_told(replace(event, opex="o"))
