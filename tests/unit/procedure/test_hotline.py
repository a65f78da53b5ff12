"""Hotline messages: delivered, read, acknowledged in a role and read back are separate facts (P28)."""

from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.fields import Level
from comity.procedure.hotline import (
    MessageAcknowledged,
    MessageCell,
    MessageRead,
    MessageReadBack,
    MessageSent,
    MessageState,
    Precedence,
    ReadBack,
    fold_message,
    is_message_delivered,
)
from comity.procedure.receipt import Links
from comity.procedure.registry import encode_entry
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from kit.stating import ALL, POLICY, ROLE, Room, journal_of, minute, shuffled, words


def send(room: Room) -> Stated:
    """Korea sends a flash message in two languages."""
    body = words("one vessel, two aircraft", "en", "ko")
    return room.say("KOR", MessageSent("nsa-line", Level.ADVISERS, Precedence.FLASH, (), (), body), minute(0))


def fold(room: Room, sent: Stated) -> MessageState:
    """The state, the same for another order of arrival."""
    scope = Scope("message", sent.id, ALL)
    state = fold_message(scope, room.said, POLICY)
    assert fold_message(scope, shuffled(room.said, 4), POLICY) == state
    return state


def cell(room: Room, sent: Stated, party: str) -> MessageCell:
    """One reader's cell."""
    return next(row for row in fold(room, sent).cells if row.party == party)


def test_each_fact_stands_by_itself() -> None:
    """Delivery is a signed head's, reading and acknowledging are officers'; none implies another."""
    room = Room()
    sent = send(room)
    state = fold(room, sent)
    assert [row.party for row in state.cells] == ["JPN", "USA"]
    assert not is_message_delivered(state, "JPN")
    assert is_message_delivered(state, "JPN", Links({"JPN": {journal_of("KOR"): sent.page}}))
    assert not is_message_delivered(state, "JPN", Links({"JPN": {journal_of("KOR"): sent.page - 1}}))
    room.say("JPN", MessageAcknowledged(sent.id, ROLE, "officer-1"), minute(2))
    held = cell(room, sent, "JPN")
    assert held.read is None
    assert held.acknowledged is not None
    assert is_message_delivered(fold(room, sent), "JPN"), "its own cut proves it"
    room.say("USA", MessageRead(sent.id, "officer-2"), minute(3))
    assert cell(room, sent, "USA").acknowledged is None


def test_the_right_role_outranks_an_earlier_wrong_one() -> None:
    """An acknowledgement in another role is shown as such, until one in a permitted role comes."""
    room = Room()
    sent = send(room)
    room.say("JPN", MessageAcknowledged(sent.id, "driver", "officer-1"), minute(1))
    assert not cell(room, sent, "JPN").in_role
    right = room.say("JPN", MessageAcknowledged(sent.id, ROLE, "officer-2"), minute(2))
    room.say("JPN", MessageAcknowledged(sent.id, "driver", "officer-1"), minute(3))
    held = cell(room, sent, "JPN")
    assert held.in_role
    assert held.acknowledged == right


def test_read_back_matches_word_for_word_or_differs() -> None:
    """One language is enough; one wrong word differs; a withdrawn read-back is none."""
    room = Room()
    sent = send(room)
    assert cell(room, sent, "JPN").read_back is None
    wrong = room.say("JPN", MessageReadBack(sent.id, words("two vessels, one aircraft")), minute(1))
    assert cell(room, sent, "JPN").read_back is ReadBack.DIFFERS
    room.say("JPN", EntryWithdrawn(wrong.id, CorrectionReason.MISTAKE), minute(2))
    assert cell(room, sent, "JPN").read_back is None
    room.say("JPN", MessageReadBack(sent.id, words("one vessel, two aircraft")), minute(3))
    assert cell(room, sent, "JPN").read_back is ReadBack.MATCHES


def test_a_withdrawn_message_is_held_against_its_words_when_it_was_withdrawn() -> None:
    """Corrected, then withdrawn: the corrected words count (P3, P28), and no correction after the withdrawal."""
    room = Room()
    sent = send(room)
    room.say("JPN", MessageReadBack(sent.id, words("one vessel, two aircraft")), minute(1))
    room.say("USA", MessageReadBack(sent.id, words("two vessels")), minute(1))
    for at, text in ((2, "two vessels"), (4, "one vessel, two aircraft")):
        better = MessageSent("nsa-line", Level.ADVISERS, Precedence.FLASH, (), (), words(text))
        room.say("KOR", EntryCorrected(sent.id, CorrectionReason.MISTAKE, encode_entry(better)), minute(at))
        room.say("KOR", EntryWithdrawn(sent.id, CorrectionReason.MISTAKE), minute(at + 1))
    assert cell(room, sent, "JPN").read_back is ReadBack.DIFFERS
    assert cell(room, sent, "USA").read_back is ReadBack.MATCHES


def test_answers_wait_for_the_message() -> None:
    """Without the message nothing is delivered, and no read-back is judged."""
    room = Room()
    sent = send(room)
    room.say("JPN", MessageReadBack(sent.id, words("one vessel, two aircraft")), minute(3))
    state = fold_message(Scope("message", sent.id, ALL), room.said[1:], POLICY)
    assert state.sent is None
    assert not is_message_delivered(state, "JPN")
    assert next(row for row in state.cells if row.party == "JPN").read_back is None
