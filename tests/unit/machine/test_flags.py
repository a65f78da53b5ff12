"""Judging what came as its author had to judge it (docs/spec/release.md, R10), by one machine among others."""

from collections.abc import Sequence

import pytest

from comity.base.names import Audience, Party
from comity.journal.header import Feed, parse_page
from comity.machine.effect import Alarm
from comity.machine.input import Arrived, Ticked
from comity.machine.machine import Machine
from comity.procedure.call import ConsultationCalled
from comity.procedure.consent import Consent, SignedConsent, sign_consent
from comity.procedure.correction import CorrectionReason, EntryCorrected
from comity.procedure.entry import Entry, MarkedText
from comity.procedure.fields import Level
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.registry import encode_entry
from comity.procedure.sharing import Basis, ItemShared, PassedOn, PassOnReported
from comity.procedure.threat import ThreatKind
from kit.loop import Loop, marked
from kit.releasing import ALL, BY_HUB_ONLY, ITEM, JPN_KOR, JPN_USA, KOR_USA

SECRET = marked("played", originator="JPN", level="JPN-KIMITSU", topics=("dprk-missile",))
"""Above what the agreement of Japan and the Republic of Korea lets pass."""
OPEN = marked("played", originator="JPN", level="JPN-OPEN", topics=("dprk-missile",))


@pytest.fixture
def loop() -> Loop:
    """Three machines with a pact in force."""
    loop = Loop()
    loop.be_born()
    return loop


def _send(loop: Loop, party: Party, audience: Audience, *entries: Entry) -> None:
    """State entries past the party's own funnel, as a node with faulty or changed software would."""
    loop.machines[party].pen.queue(Feed.RECORD, audience, [encode_entry(entry) for entry in entries], 0)
    loop.give(party, Ticked(loop.now, loop.ceremony.random(32)))
    loop.run()


def _message(body: MarkedText) -> MessageSent:
    return MessageSent("hotline", Level.WATCH, Precedence.ROUTINE, (), (), body)


def _alarms(loop: Loop, party: Party) -> list[Alarm]:
    return [alarm for who, alarm in loop.alarms if who == party and alarm.code == "alarm.should-not-have-come"]


def _flagged(loop: Loop, party: Party) -> list[tuple[Party, Party, str]]:
    return [(flag.author, flag.party, flag.decision.clause) for flag in loop.machines[party].flags.all]


def test_a_text_above_its_ceiling_is_flagged_by_its_reader_and_by_nobody_else(loop: Loop) -> None:
    """JPN's text should not have come to KOR: KOR has a flag and one alarm, its page stays, the author has none."""
    _send(loop, "JPN", JPN_KOR, _message(OPEN), _message(SECRET))
    assert _flagged(loop, "KOR") == [("JPN", "KOR", "jpn-kor-gsomia")]
    (alarm,) = _alarms(loop, "KOR")
    entry = loop.machines["KOR"].statements.find(MessageSent)[1]
    assert alarm.details == {"author": "JPN", "to": "KOR", "entry": entry.id, "clause": "jpn-kor-gsomia"}
    assert entry.entry == _message(SECRET)
    assert _flagged(loop, "JPN") == _flagged(loop, "USA") == []
    loop.settle()
    assert len(_alarms(loop, "KOR")) == 1


def test_what_the_own_funnel_lets_out_is_never_flagged(loop: Loop) -> None:
    """Sender and receiver ask the same function, at the moment of sending and at the cut."""
    assert loop.say("JPN", _message(OPEN), to=("KOR",)).code == ""
    commitment = loop.pact.commitments[0].id
    assert loop.say("USA", ConsultationCalled(commitment, Level.WATCH, ThreatKind.OTHER, (), ALL)).code == ""
    assert loop.say("JPN", _message(SECRET), to=("KOR",)).code == "release.withheld"
    loop.settle()
    assert all(not machine.flags.all for machine in loop.machines.values())


def test_a_correction_is_judged_as_what_it_puts_in_place(loop: Loop) -> None:
    """And one whose replacement is of a newer version's type is left to that version."""
    _send(loop, "JPN", JPN_KOR, _message(OPEN))
    sent = loop.machines["KOR"].statements.find(MessageSent)[0]
    newer = encode_entry(_message(SECRET)).replace(b"MessageSent", b"MessageSand")
    _send(loop, "JPN", JPN_KOR, EntryCorrected(sent.id, CorrectionReason.MISTAKE, newer))
    assert _flagged(loop, "KOR") == []
    _send(loop, "JPN", JPN_KOR, EntryCorrected(sent.id, CorrectionReason.MISTAKE, encode_entry(_message(SECRET))))
    assert _flagged(loop, "KOR") == [("JPN", "KOR", "jpn-kor-gsomia")]


def _share(loop: Loop) -> None:
    bases = (Basis("USA", "tisa-2014", "USA-S"),)
    _send(loop, "JPN", JPN_USA, ItemShared(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), bases))


def _pass_on(loop: Loop, consents: Sequence[SignedConsent]) -> None:
    bases = (Basis("KOR", "tisa-2014", "KOR-II"),)
    _send(loop, "USA", KOR_USA, PassedOn(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), bases, tuple(consents)))


def test_an_item_passed_on_without_consent_is_flagged(loop: Loop) -> None:
    """With the originator's signed consent enclosed it is in order; the recipient needs to ask nobody."""
    _share(loop)
    assert _flagged(loop, "USA") == []
    _pass_on(loop, ())
    assert _flagged(loop, "KOR") == [("USA", "KOR", "tisa-2014")]
    pins, setup = loop.pins, loop.machines["JPN"].setup
    terms = (pins.lineage, pins.realm, "JPN", ITEM, "USA", "KOR", loop.now, loop.now + 600_000)
    other = Loop()
    other.be_born()
    _pass_on(other, [sign_consent(loop.suite, Consent(*terms), secret=setup.secrets.node)])
    assert _flagged(other, "KOR") == []


def test_what_cites_an_item_is_not_judged_by_a_reader(loop: Loop) -> None:
    """The giving that makes it right may stand where this reader can't look (R4)."""
    _send(loop, "USA", JPN_USA, PassOnReported(ITEM, "KOR", loop.now))
    assert _flagged(loop, "JPN") == []


def test_the_judgement_waits_for_what_its_author_had(loop: Loop) -> None:
    """JPN spoke knowing a page of USA's that KOR has not: the basis may be in it, and KOR judges once it is here."""
    loop.cut |= {frozenset(("KOR", "USA")), frozenset(("JPN", "KOR"))}
    _send(loop, "USA", ALL, ConsultationCalled(loop.pact.commitments[0].id, Level.WATCH, ThreatKind.OTHER, (), ALL))
    _send(loop, "JPN", JPN_KOR, _message(SECRET))
    _hand_over(loop, "KOR", JPN_KOR)
    machine = loop.machines["KOR"]
    assert machine.flags.pending_count == 1
    assert _flagged(loop, "KOR") == []
    loop.cut.clear()
    loop.settle(60_000)
    assert machine.flags.pending_count == 0
    assert _flagged(loop, "KOR") == [("JPN", "KOR", "jpn-kor-gsomia")]
    assert len(_alarms(loop, "KOR")) == 1


def _hand_over(loop: Loop, party: Party, audience: Audience) -> None:
    """Bring a party JPN's pages of one audience, as in a bundle; nothing that it asks for then is answered yet."""
    ledger = loop.machines["JPN"].ledger
    for raw in loop.stored["JPN"]:
        placed = ledger.find_page(parse_page(raw, loop.suite).digest)
        if placed is not None and placed.header.journal.audience == audience:
            loop.give(party, Arrived(loop.now, loop.ceremony.random(32), raw))


def test_a_restart_flags_the_same_and_raises_no_alarm_again(loop: Loop) -> None:
    """A flag is a view over the pages; an alarm is raised by the run that stored them."""
    _send(loop, "JPN", JPN_KOR, _message(SECRET))
    fresh = Machine(loop.machines["KOR"].setup)
    fresh.restore(loop.stored["KOR"])
    assert fresh.flags.all == loop.machines["KOR"].flags.all
    assert fresh.flags.all
    assert fresh.flags.find_new() == ()
