"""What a liar makes: second histories and forgeries, each of which breaks the rule that it says."""

import pytest

from comity.base.instants import MINUTE_MS, Instant
from comity.journal.ledger import Verdict
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from comity.rehearsal.chance import split
from comity.rehearsal.forgery import FORGERIES, Forger
from comity.rehearsal.liar import draw_words
from comity.rehearsal.shadow import Shadow
from comity.rehearsal.standin import StandInCeremony
from kit.loop import Loop

ACCEPTED = {
    "names-a-page-that-nobody-has", "names-a-rival-that-nobody-has", "is-older-than-time", "is-from-the-end-of-time",
    "is-of-another-pact", "holds-bad-entries", "does-not-open",
}  # fmt: skip
"""What is wrong with these shows later, or takes no part in anything."""
HELD = {"leaves-a-gap", "follows-nothing", "is-of-an-incarnation-without-certificate"}


@pytest.fixture
def loop() -> Loop:
    """Three parties and a call."""
    loop = Loop()
    loop.be_born()
    loop.say("USA", ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), loop.pact.audience))
    return loop


def _make_shadow(loop: Loop, *, back_ms: int = 0) -> Shadow:
    return Shadow(
        loop.machines["KOR"].setup,
        loop.stored["KOR"],
        at=Instant(loop.now - back_ms),
        ceremony=StandInCeremony(b"liar"),
        note_key=lambda *_: None,
    )


@pytest.mark.parametrize("name", tuple(FORGERIES))
def test_a_forgery_is_judged_for_the_rule_that_it_breaks(loop: Loop, name: str) -> None:
    """Its signature is good, so that it is refused, held or accepted for what it says; nothing of it raises."""
    shadow = _make_shadow(loop)
    for audience, entries in draw_words(shadow, split(3, "words")):
        shadow.say(audience, *entries)
    tip = shadow.find_tip(loop.pact.audience)
    assert tip is not None
    forged = Forger(shadow, tip, split(3, "forger")).forge(name)
    ledger = loop.machines["JPN"].ledger
    assert {ledger.accept(page.raw)[0].verdict for page in shadow.pages if len(page.header.journal.audience) == 3} == {
        Verdict.ACCEPTED
    }
    wanted = Verdict.ACCEPTED if name in ACCEPTED else Verdict.HELD if name in HELD else Verdict.REFUSED
    assert ledger.accept(forged)[0].verdict is wanted


def test_a_shadow_writes_a_second_history_on_the_same_page(loop: Loop) -> None:
    """What it says never reaches the node, and stands where the node will write next."""
    before = list(loop.stored["KOR"])
    shadow = _make_shadow(loop, back_ms=5 * MINUTE_MS)
    for audience, entries in draw_words(shadow, split(1, "words")):
        shadow.say(audience, *entries)
    assert loop.stored["KOR"] == before
    first = next(page for page in shadow.pages if page.header.journal.audience == loop.pact.audience)
    book = loop.machines["KOR"].ledger.find_book(first.journal)
    assert book is not None
    assert first.header.number == len(book.by_number)
    assert first.header.written_at == loop.now - 5 * MINUTE_MS
