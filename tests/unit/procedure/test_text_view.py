"""What a node may sign about a text, and why not (docs/spec/procedure.md, P19, P20 and P23)."""

from collections.abc import Callable

import pytest

from comity.base.instants import MINUTE_MS
from comity.base.names import Party
from comity.procedure.adoption import TextState, fold_text
from comity.procedure.entry import Entry
from comity.procedure.scope import Scope
from comity.procedure.silence import KeepRefusal
from comity.procedure.stated import Standing
from comity.procedure.text import (
    BreakReason,
    SilenceBroken,
    SilenceHeld,
    SilenceKept,
    SilenceProposed,
    TextAgreed,
    TextKind,
    TextOpened,
    TextReceived,
    TextVersionProposed,
    find_version_digest,
)
from comity.procedure.text_view import (
    ClockDoubt,
    TextStatus,
    find_clock_doubts,
    find_refusal_to_keep,
    judge_text,
    may_keep_silence,
)
from kit.stating import ALL, POLICY, ROLE, Room, minute, words


class Table:
    """A text opened by Japan, and what was done with it."""

    def __init__(self) -> None:
        self.room = Room()
        self.opened = self.room.say("JPN", TextOpened((), TextKind.JOINT_STATEMENT, ("en",)), minute(0))
        self.version = b""

    @property
    def state(self) -> TextState:
        """The text's state."""
        return fold_text(Scope("text", self.opened.id, ALL), self.room.said, POLICY)

    def propose(self) -> None:
        """A version is put."""
        version = TextVersionProposed(self.opened.id, (), words())
        self.version = find_version_digest(version)
        self.room.say("JPN", version, minute(1))

    def ask(self, *, notice_minutes: int = 0) -> None:
        """Silence is asked until minute 60."""
        notice_ms = notice_minutes * MINUTE_MS
        self.room.say("JPN", SilenceProposed(self.opened.id, self.version, minute(60), notice_ms), minute(2))

    def receive(self, party: Party, at: int) -> None:
        """The party's node has it."""
        self.room.say(party, TextReceived(self.opened.id, self.version, minute(60)), minute(at))

    def refusal(self, party: Party = "KOR", at: int = 62, *, up_since: int = 0, doubt: int = 0) -> KeepRefusal | None:
        """Why the party's node may not keep silence; both forms of the question agree."""
        asked = {"now": minute(at), "up_since_at": minute(up_since)}
        refusal = find_refusal_to_keep(self.state, POLICY, party, **asked, clock_doubt_ms=doubt)
        assert may_keep_silence(self.state, POLICY, party, **asked, clock_doubt_ms=doubt) == (refusal is None)
        return refusal


def test_each_reason_has_its_name() -> None:
    """From no version at all to free to sign."""
    table = Table()
    assert table.refusal() is KeepRefusal.NO_ROUND
    table.propose()
    assert table.refusal() is KeepRefusal.NO_ROUND, "a version without silence"
    table.ask()
    assert table.refusal() is KeepRefusal.NOT_RECEIVED
    table.receive("KOR", 30)
    assert table.refusal("AUS") is KeepRefusal.NO_ROUND
    assert table.refusal(at=61) is KeepRefusal.TOO_EARLY
    assert table.refusal(up_since=31) is KeepRefusal.NOT_UP
    assert table.refusal(doubt=2 * MINUTE_MS + 1) is KeepRefusal.CLOCK_IN_DOUBT
    assert table.refusal(up_since=30, doubt=2 * MINUTE_MS) is None
    table.room.say("KOR", TextAgreed(table.opened.id, table.version, ROLE, "o1"), minute(50))
    assert table.refusal() is KeepRefusal.ALREADY_SAID


def _break(text: bytes, version: bytes) -> SilenceBroken:
    return SilenceBroken(text, version, BreakReason.OBJECTION, ROLE, "o1")


def _hold(text: bytes, version: bytes) -> SilenceHeld:
    return SilenceHeld(text, version, ROLE, "o1")


@pytest.mark.parametrize("standing", [Standing.DISPUTED, Standing.DISOWNED])
@pytest.mark.parametrize("object_to", [_break, _hold])
def test_a_node_keeps_no_silence_over_an_objection_that_is_in_doubt(
    standing: Standing, object_to: Callable[[bytes, bytes], Entry]
) -> None:
    """Seeds 719 and 806: an officer objected on a page that the new key disowned, and the node kept silence for him."""
    table = Table()
    table.propose()
    table.ask()
    table.receive("KOR", 30)
    for party, version in (("USA", table.version), ("KOR", bytes(32))):
        table.room.say(party, object_to(table.opened.id, version), minute(40), standing=standing)
    assert table.refusal() is None, "another party's, and of another version"
    table.room.say("KOR", object_to(table.opened.id, table.version), minute(40), standing=standing)
    assert table.refusal() is KeepRefusal.OBJECTION_IN_DOUBT


def test_the_penholder_may_ask_for_longer_notice_never_for_shorter() -> None:
    """The longer of the act's and the pact's notice counts."""
    short, long = Table(), Table()
    for table, notice_minutes in ((short, 1), (long, 50)):
        table.propose()
        table.ask(notice_minutes=notice_minutes)
        table.receive("KOR", 31)
        table.receive("USA", 11)
        table.receive("JPN", 10)
    assert [short.refusal(party) for party in ALL] == [None, KeepRefusal.RECEIVED_TOO_LATE, None]
    assert [long.refusal(party) for party in ALL] == [
        None,
        KeepRefusal.RECEIVED_TOO_LATE,
        KeepRefusal.RECEIVED_TOO_LATE,
    ]


def test_what_waits_and_what_is_a_draft() -> None:
    """Without the opening entry everything waits; without a version there is nothing to agree to."""
    table = Table()
    waiting = fold_text(Scope("text", b"\x01" * 32, ALL), table.room.said, POLICY)
    assert judge_text(waiting, POLICY, as_of=minute(1)).status is TextStatus.AWAITING
    assert judge_text(table.state, POLICY, as_of=minute(1)).status is TextStatus.DRAFT


def test_the_clearest_witness_of_a_wrong_clock_is_named() -> None:
    """Of several pages that knew too early, the earliest by its clock counts; the author is no witness of itself."""
    table = Table()
    table.propose()
    table.ask()
    for party in ALL:
        table.receive(party, 3)
    table.room.say("KOR", SilenceKept(table.opened.id, table.version, minute(60), minute(0)), minute(62))
    for at in (55, 53, 57):
        table.receive("USA", at)
    table.receive("KOR", 54)
    table.receive("JPN", 61)
    assert find_clock_doubts(table.state) == (ClockDoubt("KOR", "USA", 7 * MINUTE_MS),)
