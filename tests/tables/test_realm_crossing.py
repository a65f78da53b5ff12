"""Every door between an exercise and realm `real` is tried in both directions: each attempt is refused by its code.

There are three doors, and none lets content through (DESIGN, section 6). What is tried here is all else.
"""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import pytest

from comity.api.desk import Desk
from comity.base.errors import ComityError, RemoteError
from comity.base.instants import Instant
from comity.base.names import REAL, Digest, Realm
from comity.cli import inject_doors
from comity.exchange.cap_marking import check_status
from comity.exchange.cap_read import parse_alert
from comity.exchange.cot_marking import check_opex, format_opex
from comity.exchange.injected import Given, make_inject_alert, make_inject_bundle
from comity.exchange.marker import Marker, Signs, Wish
from comity.exchange.own_marking import OwnMarking
from comity.exchange.stix_import import sort_bundle
from comity.journal.bundle import BundleHead, write_bundle
from comity.journal.header import Feed
from comity.machine.exercises import check_realm
from comity.node.handover import read_handover
from comity.node.stream import Stream
from comity.pact.parse import parse_pact
from comity.procedure.consent import Consent, check_consent, sign_consent
from comity.procedure.entry import Entry
from comity.procedure.exercise import BreakoutDeclared, SeatColour, SeatGiven
from comity.procedure.role_play import InjectTold, make_unsigned
from comity.rehearsal import read_profile
from comity.rehearsal.standin import StandInSuite
from kit.stating import words
from kit.world import LINEAGE, World

PLAY: Final = "exercise/spring"
SUITE: Final = StandInSuite()
GIVEN: Final = Given("ab" * 32, "1", "red", {"en": "A launch."}, Instant(1_700_000_000_000))


def _carry_bundle(of: Realm, into: Realm) -> None:
    raw = write_bundle(SUITE, BundleHead(1, LINEAGE, of, "JPN", Instant(1)), pacts=(), pages=())
    pins = SimpleNamespace(realm=into, lineage=LINEAGE)
    desk: Any = SimpleNamespace(_suite=SUITE, _machine=SimpleNamespace(setup=SimpleNamespace(pins=pins)))
    asyncio.run(Desk.take_bundle(desk, raw))


def _hand_over(of: Realm, into: Realm) -> None:
    raw = write_bundle(SUITE, BundleHead(1, LINEAGE, of, "JPN", Instant(1)), pacts=(), pages=())
    read_handover(raw, realm=into, suite=SUITE)


def _carry_page(of: Realm, into: Realm, feed: Feed = Feed.RECORD) -> None:
    here, there = World(realm=of), World(realm=into)
    here.meet()
    there.meet()
    author = here.parties["JPN"]
    raw, *_ = author.open_epoch(author.journal("KOR", "USA", feed=feed))
    (judged,) = there.parties["USA"].take(raw)
    if judged.code:
        raise RemoteError(judged.code)


def _carry_feed(of: Realm, into: Realm) -> None:
    _carry_page(of, into, Feed.WARNING)


def _alert(of: Realm, into: Realm) -> None:
    raw = make_inject_alert(GIVEN)
    check_status(parse_alert(raw if of != REAL else raw.replace(b"<status>Exercise", b"<status>Actual")), into)


def _event(of: Realm, into: Realm) -> None:
    check_opex(format_opex(of), into)


def _make_marker(realm: Realm) -> Marker:
    pact = parse_pact(read_profile("camp-david"))
    return Marker(pact, party="USA", lineage=LINEAGE.hex(), realm=realm, wish=Wish(("cyber",), "USA-U"))


def _marked_object(of: Realm, into: Realm) -> None:
    own = OwnMarking(lineage=LINEAGE.hex(), realm=of, originator="USA", scheme="USA", level="USA-U", topics=("cyber",),
                     caveats=())  # fmt: skip
    found = _make_marker(into).mark(Signs(own=frozenset({own})))
    if isinstance(found, str):
        raise RemoteError(found)


def _consent(of: Realm, into: Realm) -> None:
    secret = b"\x01" * 32
    consent = Consent(LINEAGE, of, "JPN", b"\x02" * 32, "USA", "KOR", 1, 2)
    key = SUITE.public_of_signing(secret)
    check_consent(SUITE, sign_consent(SUITE, consent, secret=secret), keys_of=lambda _: (key,), lineage=LINEAGE,
                  realm=into)  # fmt: skip


DOORS: Final[tuple[tuple[Callable[[Realm, Realm], None], str], ...]] = (
    (_carry_bundle, "bundle.other-realm-here"),
    (_hand_over, "bundle.other-realm-here"),
    (_carry_page, "page.other-realm"),
    (_carry_feed, "page.other-realm"),
    (_alert, "cap.other-realm"),
    (_event, "cot.other-realm"),
    (_marked_object, "exchange.other-realm"),
    (_consent, "consent.other-pact"),
)


@pytest.mark.parametrize(("of", "into"), [(PLAY, REAL), (REAL, PLAY)])
@pytest.mark.parametrize(("door", "code"), DOORS, ids=lambda one: getattr(one, "__name__", one))
def test_nothing_of_one_realm_comes_into_the_other(
    door: Callable[[Realm, Realm], None], code: str, of: Realm, into: Realm
) -> None:
    """By bundle, page, feed, CAP, CoT, STIX or consent: the code says so."""
    with pytest.raises(ComityError) as caught:
        door(of, into)
    assert caught.value.code == code


STATED: Final[tuple[Entry, ...]] = (
    BreakoutDeclared(b"\x01" * 32),
    SeatGiven(b"\x01" * 32, "red", SeatColour.RED, b"\x02" * 32, "exercise-controller", "ctl-1"),
    InjectTold(b"\x01" * 32, "1", "red", words(), "exercise-controller", "ctl-1"),
    make_unsigned(b"\x01" * 32, "red", ("KOR",), said_at=1, number="1", body=words()),
)


@pytest.mark.parametrize("entry", STATED, ids=lambda entry: type(entry).__name__)
def test_no_node_of_realm_real_says_anything_of_an_exercise(entry: Entry) -> None:
    """By command or API, which are one door."""
    machine: Any = SimpleNamespace(setup=SimpleNamespace(pins=SimpleNamespace(realm=REAL)))
    say: Any = SimpleNamespace(entries=(entry,))
    with pytest.raises(ComityError) as caught:
        check_realm(machine, say)
    assert caught.value.code == "exercise.real"


def test_an_injects_bundle_is_not_taken_in_realm_real_by_taxii_or_file() -> None:
    """It has no marking of ours; its labels say what it is, in letters of any size. In an exercise it comes in."""
    for raw in (make_inject_bundle(GIVEN), make_inject_bundle(GIVEN).replace(b'"role-play"', b'"Role-Play"')):
        refused = sort_bundle(raw, _make_marker(REAL)).refused
        assert [one.code for one in refused] == ["exchange.other-realm"] * 2
    assert sort_bundle(make_inject_bundle(GIVEN), _make_marker(PLAY)).refused == []


def test_controls_program_puts_nothing_into_realm_real() -> None:
    """Whatever node it was pointed at."""
    desk: Any = SimpleNamespace(client=SimpleNamespace(get=lambda _: {"realm": REAL}))
    inject: Any = SimpleNamespace(number="1")
    doors: Any = None
    for step in (inject_doors.put_in, inject_doors.tell):
        with pytest.raises(ComityError) as caught:
            step(desk, doors, {}, inject)
        assert caught.value.code == "exercise.real"


def test_streams_of_two_realms_share_no_name_and_no_account() -> None:
    """So there is nothing to be pulled from by whoever has the other realm's keys."""
    play, real = (Stream(Digest(LINEAGE), realm, Feed.WARNING, ("JPN", "USA")) for realm in (PLAY, REAL))
    assert play.name != real.name
    assert play.reader("USA").tag != real.reader("USA").tag
