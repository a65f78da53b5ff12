"""A cut kept short: what an author leaves out of one journal, and another shows it to have known (R57)."""

from collections.abc import Collection
from typing import Final

import msgspec
import pytest

from comity.audit import Finding, Record, Severity, audit
from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Audience, Party
from comity.journal.header import Feed, JournalId, SeenHead
from comity.machine.input import Arrived, Ticked
from comity.pact.agreement import AgreementState
from comity.procedure.consent import Consent, sign_consent
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.registry import encode_entry
from comity.procedure.sharing import Basis, ConsentGiven, ConsentWithdrawn, ItemShared, PassedOn
from kit.loop import Loop, marked
from kit.releasing import BY_HUB_ONLY, ITEM, JPN_USA, KOR_USA, state_entry
from kit.second_opinion import find_audit_pins

SECRET: Final = MessageSent(
    "hotline",
    Level.WATCH,
    Precedence.ROUTINE,
    (),
    (),
    marked("played", originator="USA", level="USA-S", topics=("dprk-missile",)),
)
OPEN: Final = msgspec.structs.replace(
    SECRET, body=marked("played", originator="USA", level="USA-U", topics=("dprk-missile",))
)
TO_USA: Final = Basis("USA", "tisa-2014", "USA-S")
TO_KOR: Final = Basis("KOR", "tisa-2014", "KOR-II")
SUSPENDED: Final = state_entry(AgreementState.SUSPENDED, "2023-12-01", agreement="usa-kor-1987")


class Play(Loop):
    """A loop in which a party's node can leave all heads out of what it writes to some audience."""

    def __init__(self) -> None:
        super().__init__()
        self.be_born()

    def leave_out(self, party: Party, audience: Audience) -> None:
        ledger = self.machines[party].ledger
        real = ledger.find_unnamed

        def find_unnamed(journal: JournalId) -> tuple[SeenHead, ...]:
            return () if journal.audience == audience else real(journal)

        ledger.find_unnamed = find_unnamed  # type: ignore[method-assign]

    def send(self, party: Party, audience: Audience, *entries: Entry) -> None:
        """State entries past the party's own funnel, as a changed node would."""
        self.now = Instant(self.now + MINUTE_MS)
        self.machines[party].pen.queue(Feed.RECORD, audience, [encode_entry(entry) for entry in entries], 0)
        self.give(party, Ticked(self.now, self.ceremony.random(32)))
        self.run()

    def find(self, *holders: Party, without: Collection[bytes] = ()) -> list[Finding]:
        """Audit these parties' records; return what was found of releases."""
        records = [
            Record(
                holder,
                self.pins.lineage,
                self.pins.realm,
                tuple(raw for raw in self.stored[holder] if raw not in without),
                receiving_secrets=self.machines[holder].setup.receiving_secrets,
            )
            for holder in holders
        ]
        report = audit(records, find_audit_pins(self.pins), self.suite, pact=self.pact)
        return [finding for finding in report.findings if finding.code.startswith("release.")]


@pytest.fixture
def play() -> Play:
    """Three parties with a pact in force, whose journals have all begun."""
    play = Play()
    for party, audience in (("USA", KOR_USA), ("USA", JPN_USA), ("JPN", JPN_USA)):
        play.send(party, audience, OPEN)
    play.settle()
    return play


def codes(found: list[Finding]) -> list[tuple[str, str]]:
    """Codes and clauses."""
    return [(finding.code, str(finding.arguments["clause"])) for finding in found]


def test_a_suspension_that_is_left_out_of_one_journal_and_named_in_another(play: Play) -> None:
    """KOR suspends; USA names it to all, hides it in the journal of the two, and gives what it then may not give."""
    play.say("KOR", SUSPENDED)
    play.send("USA", play.pact.audience, OPEN)
    play.leave_out("USA", KOR_USA)
    play.send("USA", KOR_USA, SECRET)
    (found,) = play.find("KOR")
    assert (found.code, found.severity, found.arguments["party"]) == ("release.cut-short", Severity.DOUBT, "KOR")
    assert found.arguments["clause"] == "policy.release"
    assert found.journal is not None
    assert found.journal.audience == KOR_USA
    assert codes(play.find("JPN")) == []  # it may not read what was given


def test_a_cut_that_leaves_nothing_out_is_proof(play: Play) -> None:
    """The same by an honest pen: R10 alone finds it, once, and as a breach."""
    play.say("KOR", SUSPENDED)
    play.send("USA", play.pact.audience, OPEN)
    play.send("USA", KOR_USA, SECRET)
    (found,) = play.find("KOR", "USA")
    assert (found.code, found.severity) == ("release.unpermitted", Severity.BREACH)


def test_what_was_named_nowhere_or_later_shows_nothing(play: Play) -> None:
    """Before its author had named the suspension anywhere, by its own clock, nothing says that it knew."""
    play.cut.add(frozenset(("KOR", "USA")))
    play.say("KOR", SUSPENDED)
    play.leave_out("USA", KOR_USA)
    play.send("USA", KOR_USA, SECRET)
    assert play.find("USA", "JPN") == []
    for raw in play.stored["KOR"]:
        play.give("USA", Arrived(play.now, play.ceremony.random(32), raw, 1))
    play.send("USA", play.pact.audience, OPEN)
    assert play.find("USA", "JPN", "KOR") == []


def test_a_record_that_lacks_what_was_named_says_nothing(play: Play) -> None:
    """What the missing page says could as well have lifted the suspension again."""
    play.say("KOR", SUSPENDED)
    play.say("KOR", state_entry(AgreementState.IN_FORCE, "2023-12-02", agreement="usa-kor-1987"))
    last = play.stored["KOR"][-1]
    play.send("USA", play.pact.audience, OPEN)
    play.leave_out("USA", KOR_USA)
    play.send("USA", KOR_USA, SECRET)
    assert play.find("KOR") == []
    assert play.find("KOR", without=[last]) == []


def test_a_withdrawal_that_the_recipient_cannot_see(play: Play) -> None:
    """Japan takes its consent back, USA names that to Japan and passes on all the same: Korea's cut can't have it."""
    play.send("JPN", JPN_USA, ItemShared(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), (TO_USA,)))
    pins, secret = play.pins, play.machines["JPN"].setup.secrets.node
    terms = (pins.lineage, pins.realm, "JPN", ITEM, "USA", "KOR", play.now, play.now + 90 * MINUTE_MS)
    consent = sign_consent(play.suite, Consent(*terms), secret=secret)
    play.send("JPN", JPN_USA, ConsentGiven(ITEM, consent))
    play.send("JPN", JPN_USA, ConsentWithdrawn(ITEM, "KOR"))
    play.send("USA", JPN_USA, OPEN)
    play.send("USA", KOR_USA, PassedOn(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), (TO_KOR,), (consent,)))
    assert play.find("KOR") == []
    assert codes(play.find("USA")) == codes(play.find("USA", "JPN", "KOR")) == [("release.cut-short", "tisa-2014")]
