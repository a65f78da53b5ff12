"""Cursor on Target: events are read within bounds, and become reports only with a realm, a marking, an uncertainty."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import RemoteError
from comity.base.limits import COT_SIZE_BYTES_MAX
from comity.crypto.production import ProductionSuite
from comity.exchange.cot import Event, format_event, parse_event
from comity.exchange.cot_marking import Standard, check_opex, format_opex
from comity.exchange.cot_reports import CotSource, read_report
from comity.exchange.cot_types import PLACES, find_kind_of, find_type, is_type_of
from comity.pact.parse import parse_pact
from comity.pact.track import TrackClass, TrackDomain
from comity.warning.classes import make_marking
from comity.warning.door import Door, DoorRules
from comity.warning.layout import NOT_NAMED, Flag
from kit.loop import read_profile
from kit.outside import DATA, NO_DATA, list_files

PACT = parse_pact(read_profile("camp-david"))
SUITE = ProductionSuite()
EXERCISE = "exercise/autumn"
EVENT = (
    "<event version='2.0' uid='SHIP-7' type='a-f-S-X-M-C' how='m-g' time='2026-11-27T10:00:00Z'"
    " start='2026-11-27T10:00:00.250Z' stale='2026-11-27T10:05:00Z' access='JPN-CHUI' opex='o'>"
    "<point lat='35.0' lon='130.5' hae='12.5' ce='30' le='5'/><detail><contact callsign='Umi'/>"
    "<track course='90' speed='7.5' eSpeed='0.4'/><remarks>slow &amp; steady</remarks></detail></event>"
)


def get_class(name: str) -> TrackClass:
    """Return a class of the pact."""
    row = PACT.find_track_class(f"policy.track.{name}")
    assert row is not None
    return row


def make_source(name: str = "surface", **changes: float) -> CotSource:
    """Return what is set for a source."""
    row = get_class(name)
    standard = Standard(make_marking(PACT, row, "JPN"), frozenset({"KOR", "USA"}))
    return CotSource(row, standard, **changes)


def find_code(event: Event | str, source: CotSource, realm: str = "real") -> str:
    """Return the code by which an event is refused; empty where it comes in."""
    try:
        read = parse_event(event.encode()) if isinstance(event, str) else event
        read_report(read, source, pact=PACT, realm=realm, suite=SUITE)
    except RemoteError as error:
        return error.code
    return ""


def test_an_event_is_read_and_becomes_a_row() -> None:
    """Place, error, course and kind come through the door of sensors as they were said."""
    event = parse_event(EVENT.encode())
    assert (event.uid, event.callsign, event.remarks) == ("SHIP-7", "Umi", "slow & steady")
    assert event.start - event.time == 250
    reports = read_report(event, make_source(), pact=PACT, realm="real", suite=SUITE)
    door = Door()
    door.admit_source("cot", DoorRules())
    (row,) = door.take("cot", get_class("surface"), reports, event.start).block.rows
    assert (row["at"], row["latitude"], row["longitude"], row["altitude"]) == (
        event.start,
        35 * 10**7,
        1305 * 10**6,
        125,
    )
    assert (row["sigma_east"], row["sigma_north"], row["sigma_up"]) == (300, 300, 50)
    assert (row["velocity_east"], row["velocity_north"], row["sigma_velocity"]) == (750, 0, 40)
    assert get_class("surface").kinds[row["kind"]].id == "cargo"
    assert row["flags"] == Flag.ALTITUDE | Flag.VELOCITY


@pytest.mark.skipif(not DATA.exists(), reason=NO_DATA)
def test_every_event_of_stock_clients_comes_in_or_is_refused() -> None:
    """Those with a place come in once a level and an error are set for their source; chatter of programs never does."""
    files = {path.stem: path.read_bytes() for path in list_files("cot")}
    assert len(files) == 8
    land = msgspec.structs.replace(get_class("surface"), domain=TrackDomain.LAND)
    standard = Standard(make_marking(PACT, get_class("surface"), "JPN"), frozenset(), {"": "JPN-OPEN"})
    source = CotSource(land, standard, ce_m=50.0)
    for name, raw in files.items():
        text = raw.decode()
        if "t-x-takp" not in name:
            assert find_code(text, replace(source, ce_m=None)) == "cot.uncertainty"
            assert find_code(text, replace(source, standard=replace(standard, levels={}))) == "exchange.no-marking"
            assert find_code(text, source, realm=EXERCISE) == "cot.other-realm"
    assert [find_code(raw.decode(), source) for raw in files.values()] == [
        "", "", "", "", "cot.malformed", "cot.malformed", "cot.malformed", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("<event", "<!DOCTYPE event [<!ENTITY a 'b'>]><event", "xml.doctype"),
        ("version='2.0'", "version='1.0'", "cot.malformed"),
        ("uid='SHIP-7'", "uid=''", "cot.malformed"),
        ("uid='SHIP-7'", f"uid='{'x' * 513}'", "cot.malformed"),
        ("lat='35.0'", "lat='NaN'", "cot.malformed"),
        ("lat='35.0'", "lat='90.001'", "cot.malformed"),
        ("lon='130.5'", "lon='-181'", "cot.malformed"),
        ("ce='30'", "ce='-1'", "cot.malformed"),
        ("ce='30'", "ce='inf'", "cot.malformed"),
        ("hae='12.5'", "", "cot.malformed"),
        ("course='90'", "course='361'", "cot.malformed"),
        ("start='2026-11-27T10:00:00.250Z'", "start='yesterday'", "cot.malformed"),
        ("start='2026-11-27T10:00:00.250Z'", "start='1969-12-31T23:59:59Z'", "cot.malformed"),
        ("stale='2026-11-27T10:05:00Z'", "stale='2026-11-27T09:00:00Z'", "cot.malformed"),
        ("<event", f"<event a='{'x' * COT_SIZE_BYTES_MAX}'", "bytes.too-large"),
        ("<detail>", "<detail>" + "<a>" * 40 + "</a>" * 40, "xml.too-much"),
        ("a-f-S-X-M-C", "b-t-f", "cot.no-track"),
        ("a-f-S-X-M-C", "a-f-A-M-F", "cot.other-class"),
        ("ce='30'", "ce='9999999.0'", "cot.uncertainty"),
        ("ce='30'", "ce='999999'", "cot.uncertainty"),
        ("<remarks>", "<__comity form='1'/><remarks>", "cot.echo"),
        ("access='JPN-CHUI'", "", "exchange.no-marking"),
        ("access='JPN-CHUI'", "access='SECRET'", "exchange.marking-unknown"),
        ("access='JPN-CHUI'", "access='JPN-HI'", "cot.above-class"),
        ("opex='o'", "opex='o' caveat='NATIONAL EYES ONLY'", "cot.above-class"),
        ("opex='o'", "opex='o' releasableTo='JPN, KOR'", "cot.above-class"),
        ("opex='o'", "opex='o' releasableTo='JPN,KOR USA'", ""),
        ("opex='o'", "", ""),
        ("opex='o'", "opex='o-northern'", ""),
        ("opex='o'", "opex='e'", "cot.other-realm"),
        ("opex='o'", "opex='s-model'", "cot.other-realm"),
        ("opex='o'", "opex='real'", "cot.other-realm"),
    ],
)  # fmt: skip
def test_what_is_wrong_or_narrower_is_refused(before: str, after: str, code: str) -> None:
    """Each by its code: bounds, realm, echo, class, marking."""
    assert before in EVENT
    assert find_code(EVENT.replace(before, after, 1), make_source()) == code


@pytest.mark.parametrize(
    ("opex", "may_come"),
    [("", False), ("o", False), ("e", True), ("e-", True), ("E-autumn", True), ("s-autumn", True), ("e-spring", False)],
)
def test_an_exercise_takes_in_its_own_alone(opex: str, may_come: bool) -> None:
    """What is real never, what is of an exercise of another name neither."""
    assert (find_code(EVENT.replace("opex='o'", f"opex='{opex}'"), make_source(), EXERCISE) == "") is may_come


@pytest.mark.parametrize("realm", ["real", EXERCISE])
def test_a_realm_reads_what_it_writes(realm: str) -> None:
    """And no other one does."""
    check_opex(format_opex(realm), realm)
    for other in {"real", EXERCISE, "exercise/spring"} - {realm}:
        with pytest.raises(RemoteError, match="opex"):
            check_opex(format_opex(realm), other)


def test_every_kind_of_the_pact_is_written_as_a_type_of_its_class() -> None:
    """A kind of a type of its own is read as that kind; where several share one, none is claimed."""
    for row in PACT.track_classes:
        types = [find_type(row, place) for place in range(len(row.kinds))]
        for place, type_ in enumerate(types):
            assert is_type_of(row, type_)
            is_its_own = types.count(type_) == 1 and type_ != f"a-u-{PLACES[row.domain]}"
            assert find_kind_of(row, type_) == (place if is_its_own else NOT_NAMED)
        assert is_type_of(row, find_type(row, NOT_NAMED))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40).map(str.strip)


@given(words=st.tuples(WORDS, WORDS, WORDS, WORDS, WORDS))
def test_words_of_a_marking_survive(words: tuple[str, ...]) -> None:
    """Whatever stands in them: quotes, angle brackets, other scripts."""
    event = parse_event(EVENT.encode())
    access, opex, caveat, releasable_to, remarks = words
    changed = replace(event, access=access, opex=opex, caveat=caveat, releasable_to=releasable_to, remarks=remarks)
    again = parse_event(format_event(changed))
    tame = [word.translate({0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}) for word in words]
    assert [again.access, again.opex, again.caveat, again.releasable_to, again.remarks] == tame


@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"<event {text}</event>".encode()))
def test_any_bytes_are_refused_with_a_code(raw: bytes) -> None:
    """And nothing else is raised."""
    with pytest.raises(RemoteError):
        parse_event(raw)


def test_what_is_not_said_is_not_known() -> None:
    """No height without its error, no speed without its own; 0 stands for very sure."""
    event = parse_event(EVENT.replace("le='5'", "le='9999999'").replace(" eSpeed='0.4'", "").encode())
    (row,) = read_report(event, make_source(), pact=PACT, realm="real", suite=SUITE).rows
    assert (row["flags"], row["uu"], row["sigma_velocity"]) == (0, 0, 0)
    (row,) = read_report(event, make_source(le_m=9.0, speed_m_s=1.0), pact=PACT, realm="real", suite=SUITE).rows
    assert (row["flags"], row["uu"]) == (Flag.ALTITUDE | Flag.VELOCITY, 81)
    assert np.isclose(row["velocity_east"], 7.5)
