"""Alerts out: valid by the published schema, the same at every export, in the languages that the text has."""

import msgspec
import pytest

from comity.api.terms import say_term_in
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.exchange import cap
from comity.exchange.cap_make import Setting, find_identifier, find_sender, make_ack, make_alert
from comity.exchange.cap_read import find_references, parse_alert
from comity.exchange.cap_write import format_alert
from comity.exchange.warned import Message
from comity.pact.parse import parse_pact
from comity.procedure.area import Area, Shape, place
from comity.procedure.entry import MarkedText, Marking, Translation
from comity.procedure.measure import Instrument, Terms
from comity.procedure.national import ActionStage, NationalActionStated
from comity.procedure.threat import Credibility, Reliability, SourceKind, ThreatKind, ThreatReported, ThreatSource
from kit.cap_schema import find_faults
from kit.loop import read_profile
from kit.outside import DATA, NO_DATA, list_files

PACT = parse_pact(read_profile("camp-david"))
LINEAGE = bytes(range(32))
AT = Instant(1_702_855_440_000)  # 2023-12-17T23:24:00Z
OPEN = Marking("JPN", "JPN", "JPN-OPEN", ("public-message",), ())
NARRATIVE = MarkedText(
    OPEN, (Translation("en", "Seen & <heard>"), Translation("ja", "確認"), Translation("ko", "확인"))
)


def _setting(realm: str = "real") -> Setting:
    return Setting(pact=PACT, lineage=LINEAGE, realm=realm, say_event=say_term_in)


def _threat(**given: object) -> ThreatReported:
    source = ThreatSource(SourceKind.OWN_SENSOR, Reliability.A, Credibility.PROBABLY_TRUE)
    made = ThreatReported(ThreatKind.MISSILE_LAUNCH, AT, ("JPN",), (source,), NARRATIVE)
    return msgspec.structs.replace(made, **given)


def _message(number: int, entry: object, *, author: str = "JPN") -> Message:
    return Message(Digest(bytes([number]) * 32), author, Instant(AT + number * 60_000), entry)  # type: ignore[arg-type]


def test_a_threat_becomes_an_alert_in_the_languages_of_its_text() -> None:
    """Valid by the schema; public by the pact's row; the author's own zone; nothing that the report does not say."""
    raw = format_alert(make_alert([_message(1, _threat())], handled_as="KOR-OPEN", setting=_setting()))
    assert find_faults(raw) == []
    alert = parse_alert(raw)
    assert [(block.language, block.event, block.sender_name, block.description) for block in alert.blocks] == [
        ("en", "missile launch", "Japan", "Seen & <heard>"),
        ("ja", say_term_in(ThreatKind.MISSILE_LAUNCH, "ja"), "日本国", "確認"),
        ("ko", say_term_in(ThreatKind.MISSILE_LAUNCH, "ko"), "일본국", "확인"),
    ]
    block = alert.blocks[0]
    assert (block.urgency, block.severity, block.certainty, block.onset, block.areas) == (
        "Unknown", "Unknown", "Likely", "2023-12-18T08:24:00+09:00", (),
    )  # fmt: skip
    assert (alert.status, alert.message_type, alert.scope, alert.restriction) == ("Actual", "Alert", "Public", "")
    assert (alert.sent, alert.note) == ("2023-12-18T08:25:00+09:00", "")
    assert raw == format_alert(make_alert([_message(1, _threat())], handled_as="KOR-OPEN", setting=_setting()))


def test_no_language_is_invented() -> None:
    """One language in, one block out."""
    threat = _threat(narrative=MarkedText(OPEN, (Translation("ko", "확인"),)))
    alert = make_alert([_message(1, threat)], handled_as="", setting=_setting())
    assert [block.language for block in alert.blocks] == ["ko"]


def test_an_exercise_says_so() -> None:
    """Its status is Exercise, and its note names it; it is refused by what imports into realm real."""
    alert = make_alert([_message(1, _threat())], handled_as="", setting=_setting("exercise/fe"))
    assert (alert.status, alert.note) == ("Exercise", "EXERCISE EXERCISE EXERCISE exercise/fe")


@pytest.mark.parametrize(
    "marking",
    [
        Marking("JPN", "JPN", "JPN-HI", ("public-message",), ()),
        Marking("JPN", "JPN", "JPN-OPEN", ("maritime", "public-message"), ()),
        Marking("JPN", "JPN", "JPN-OPEN", (), ()),
        Marking("JPN", "JPN", "JPN-OPEN", ("public-message",), ("REL TO KOR, USA",)),
    ],
)
def test_what_no_row_calls_public_is_restricted_and_says_how(marking: Marking) -> None:
    """Another level, a topic more, none, a caveat: the restriction holds every word of the marking."""
    threat = _threat(narrative=MarkedText(marking, NARRATIVE.translations))
    raw = format_alert(make_alert([_message(1, threat)], handled_as="KOR-III", setting=_setting()))
    assert find_faults(raw) == []
    alert = parse_alert(raw)
    words = (marking.level, *marking.topics, *marking.caveats, "handled as KOR-III")
    assert alert.scope == "Restricted"
    assert [word for word in words if word not in alert.restriction] == []


def test_corrections_are_updates_and_an_end_is_a_cancel() -> None:
    """Each refers to all before it by sender, identifier and time; a cancel has no text to be taken for news."""
    chain = [_message(1, _threat()), _message(2, _threat(kind=ThreatKind.OTHER)), _message(3, None)]
    first, second, third = (make_alert(chain[:n], handled_as="", setting=_setting()) for n in (1, 2, 3))
    assert [alert.message_type for alert in (first, second, third)] == ["Alert", "Update", "Cancel"]
    assert (second.references, third.references) == (first.reference, f"{first.reference} {second.reference}")
    assert (second.blocks[0].event, third.blocks) == ("other threat", ())
    for alert in (first, second, third):
        raw = format_alert(alert)
        assert find_faults(raw) == []
        assert len(find_references(parse_alert(raw))) == (alert.references.count(" ") + 1 if alert.references else 0)


def test_areas_are_written_latitude_first() -> None:
    """A circle in kilometres, a polygon closed; by the schema and by the reader."""
    ring = Area(Shape.POLYGON, tuple(place(latitude_udeg=a, longitude_udeg=b) for a, b in (
        (33_000_000, 128_500_000), (34_250_000, 128_500_000), (34_250_000, -179_999_999))), 0)  # fmt: skip
    circle = Area(Shape.CIRCLE, (place(latitude_udeg=-5_000_000, longitude_udeg=0),), 12_345)
    terms = Terms(Instrument.PATROL, "unit-1", (ring, circle), AT, Instant(AT + 3_600_000), Instant(0), (), (),
                  NARRATIVE, ())  # fmt: skip
    entry = NationalActionStated((), ActionStage.INTENDED, terms)
    raw = format_alert(make_alert([_message(1, entry)], handled_as="", setting=_setting()))
    assert find_faults(raw) == []
    block = parse_alert(raw).blocks[0]
    assert block.areas[0].polygons == ("33.0,128.5 34.25,128.5 34.25,-179.999999 33.0,128.5",)
    assert block.areas[1].circles == ("-5.0,0.0 12.345",)
    assert (block.categories, block.event, block.expires) == (("Security",), "patrol", "2023-12-18T09:24:00+09:00")


def test_every_kind_of_threat_and_instrument_is_written_in_three_languages() -> None:
    """No kind without a category or a name."""
    for kind in ThreatKind:
        raw = format_alert(make_alert([_message(1, _threat(kind=kind))], handled_as="", setting=_setting()))
        assert find_faults(raw) == []
    for instrument in Instrument:
        terms = Terms(instrument, "unit-1", (), AT, Instant(AT + 1), Instant(0), (), (), NARRATIVE, ())
        entry = NationalActionStated((), ActionStage.DONE, terms)
        assert find_faults(format_alert(make_alert([_message(1, entry)], handled_as="", setting=_setting()))) == []


@pytest.mark.parametrize(("scope", "restriction", "addresses"), [
    ("Public", "", ""), ("Restricted", "Coast guards only", ""), ("Private", "", "a b")])  # fmt: skip
def test_an_acknowledgement_refers_to_what_it_answers(scope: str, restriction: str, addresses: str) -> None:
    """With its scope and restriction; a private one is answered to its sender."""
    got = cap.Alert(identifier="a", sender="s", sent="2026-11-26T10:00:00-00:00", status="Test", message_type="Alert",
                    scope=scope, restriction=restriction, addresses=addresses)  # fmt: skip
    ack = make_ack(got, by="KOR", at=AT, lineage=LINEAGE, pact=PACT)
    assert find_faults(format_alert(ack)) == []
    read = parse_alert(format_alert(ack))
    assert (read.message_type, read.status, read.references) == ("Ack", "Test", "s,a,2026-11-26T10:00:00-00:00")
    assert (read.scope, read.restriction, read.addresses) == (scope, restriction, "s" if scope == "Private" else "")


@pytest.mark.skipif(not DATA.exists(), reason=NO_DATA)
def test_what_others_wrote_reads_back_the_same() -> None:
    """Every sample of CAP 1.2, read, written and read again: nothing of it is lost, its restriction least of all."""
    count = 0
    for path in list_files("cap/samples"):
        if path.name in ("canada_errors.cap", "invalid.cap", "noaa_errors.cap", "xee.cap"):
            continue
        alert = parse_alert(path.read_bytes())
        # A signature does not survive being written anew: that is why the original bytes are what is kept.
        written = format_alert(alert)
        again = parse_alert(written)
        same = {
            name: getattr(alert, name) == getattr(again, name) for name in ("reference", "blocks", "codes", "scope")
        }
        assert set(same.values()) == {True}, (path.name, same)
        if alert.version == "1.2":
            assert find_faults(written) == [], path.name
        count += 1
    assert count == 12


def test_names_are_stable() -> None:
    """A sender by lineage and party, an identifier by the statement; no space, comma, angle or ampersand."""
    assert find_sender(LINEAGE, "JPN") == "urn:comity:000102030405060708090a0b0c0d0e0f:JPN"
    assert find_identifier(b"\xab" * 32) == "ab" * 16
