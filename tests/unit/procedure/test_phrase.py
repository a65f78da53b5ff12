"""Phrases, translations and voice calls: what is read by whom in which language, and whose account agrees."""

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.pact.phrase import count_gaps
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.fields import Level, Precedence
from comity.procedure.hotline import MessageReadBack, MessageSent, MessageState, ReadBack, fold_message
from comity.procedure.phrase import Filled, PhraseReadBack, PhraseSent, fill, has_gaps_of
from comity.procedure.registry import encode_entry
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.procedure.translation import MessageTranslated
from comity.procedure.voice import VoiceAccount, VoiceCallConfirmed, VoiceCallLogged, VoiceCheck, VoiceState, fold_voice
from kit.releasing import camp_david_terms
from kit.stating import ALL, POLICY, ROLE, Room, minute, shuffled, words

LAUNCH = Filled("policy.phrase.launch-detected", (), (minute(0),), (2,))


def send(room: Room, filled: Filled = LAUNCH) -> Stated:
    """Korea sends a phrase."""
    return room.say("KOR", PhraseSent("nsa-line", Level.WATCH, Precedence.FLASH, (), (), filled), minute(0))


def fold(room: Room, sent: Stated) -> MessageState:
    """The state, the same for another order of arrival."""
    scope = Scope("message", sent.id, ALL)
    state = fold_message(scope, room.said, POLICY)
    assert fold_message(scope, shuffled(room.said, 4), POLICY) == state
    return state


def read_back(room: Room, sent: Stated, party: str) -> ReadBack | None:
    """What became of one reader's read-back."""
    return next(cell.read_back for cell in fold(room, sent).cells if cell.party == party)


def test_a_phrase_is_read_in_each_language_at_once() -> None:
    """The words are the pact's, the gaps are filled alike, and what does not fit its gaps is told."""
    phrase = next(row for row in camp_david_terms().pact.phrases if row.id == LAUNCH.phrase)
    assert count_gaps(phrase) == {"party": 0, "at": 1, "number": 1}
    assert has_gaps_of(LAUNCH, phrase)
    assert not has_gaps_of(msgspec.structs.replace(LAUNCH, numbers=()), phrase)
    read = fill(phrase, LAUNCH, instants={minute(0): "172324ZDEC23"})
    assert sorted(read) == ["en", "ja", "ko"]
    assert all("172324ZDEC23" in text and "2" in text.replace("172324ZDEC23", "") for text in read.values())


def test_a_phrase_is_read_back_as_a_phrase() -> None:
    """The same phrase with the same gaps matches; another number differs; words are no read-back of it."""
    room = Room()
    sent = send(room)
    assert fold(room, sent).precedence is Precedence.FLASH
    room.say("USA", MessageReadBack(sent.id, words("two objects")), minute(1))
    assert read_back(room, sent, "USA") is None
    room.say("USA", PhraseReadBack(sent.id, msgspec.structs.replace(LAUNCH, numbers=(3,))), minute(2))
    assert read_back(room, sent, "USA") is ReadBack.DIFFERS
    room.say("USA", PhraseReadBack(sent.id, LAUNCH), minute(3))
    assert read_back(room, sent, "USA") is ReadBack.MATCHES
    better = msgspec.structs.replace(sent.entry, filled=msgspec.structs.replace(LAUNCH, numbers=(1,)))
    room.say("KOR", EntryCorrected(sent.id, CorrectionReason.MISTAKE, encode_entry(better)), minute(4))
    assert read_back(room, sent, "USA") is ReadBack.DIFFERS


def test_a_phrase_is_no_read_back_of_words() -> None:
    """What was sent in words is read back in words."""
    room = Room()
    body = words("one vessel")
    sent = room.say("KOR", MessageSent("nsa-line", Level.WATCH, Precedence.ROUTINE, (), (), body), minute(0))
    room.say("USA", PhraseReadBack(sent.id, LAUNCH), minute(1))
    assert read_back(room, sent, "USA") is None


def test_a_translation_is_its_partys_word_and_never_the_messages() -> None:
    """The last of each party and language stands; in the message's own language it is none; no read-back changes."""
    room = Room()
    body = words("one vessel", "ko")
    sent = room.say("KOR", MessageSent("nsa-line", Level.WATCH, Precedence.ROUTINE, (), (), body), minute(0))
    room.say("JPN", MessageTranslated(sent.id, ROLE, "o1", words("one ship", "en", "ko")), minute(1))
    last = room.say("JPN", MessageTranslated(sent.id, ROLE, "o1", words("one vessel, translated", "en")), minute(2))
    room.say("USA", MessageTranslated(sent.id, ROLE, "o2", words("a vessel", "en")), minute(1))
    wrong = room.say("USA", MessageTranslated(sent.id, ROLE, "o2", words("a whale", "ja")), minute(2))
    room.say("USA", EntryWithdrawn(wrong.id, CorrectionReason.MISTAKE), minute(3))
    found = [(row.party, row.language, row.text) for row in fold(room, sent).translations]
    assert found == [("JPN", "en", "one vessel, translated"), ("USA", "en", "a vessel")]
    assert fold(room, sent).translations[0].stated == last
    room.say("JPN", MessageReadBack(sent.id, words("a vessel", "en")), minute(4))
    assert read_back(room, sent, "JPN") is ReadBack.DIFFERS


def log(room: Room) -> Stated:
    """USA logs a call with both others."""
    checked = (VoiceCheck.PROVED, ("7K",), ("Q4",))
    call = VoiceCallLogged("nsa-line", Level.WATCH, ("JPN", "KOR"), 5, 9, *checked, (), ROLE, "o1")
    return room.say("USA", call, minute(0))


def accounts(room: Room, call: Stated) -> dict[str, VoiceAccount]:
    """Each party's account, the same for another order of arrival."""
    scope = Scope("voice", call.id, ALL)
    state: VoiceState = fold_voice(scope, room.said, POLICY)
    assert fold_voice(scope, shuffled(room.said, 7), POLICY) == state
    return {cell.party: cell.account for cell in state.cells}


def test_each_party_gives_its_own_account_of_a_call() -> None:
    """The codes as it wrote them down: they agree or differ; the last one counts, and the log's author has none."""
    room = Room()
    call = log(room)
    assert accounts(room, call) == {"JPN": VoiceAccount.NONE, "KOR": VoiceAccount.NONE}
    room.say("JPN", VoiceCallConfirmed(call.id, VoiceCheck.PROVED, ("7K",), ("Q5",), ROLE, "o2"), minute(1))
    room.say("KOR", VoiceCallConfirmed(call.id, VoiceCheck.FAILED, ("7K",), ("Q4",), ROLE, "o3"), minute(1))
    room.say("USA", VoiceCallConfirmed(call.id, VoiceCheck.PROVED, ("7K",), ("Q4",), ROLE, "o1"), minute(1))
    assert accounts(room, call) == {"JPN": VoiceAccount.DIFFERS, "KOR": VoiceAccount.DIFFERS}
    room.say("JPN", VoiceCallConfirmed(call.id, VoiceCheck.PROVED, ("7K",), ("Q4",), ROLE, "o2"), minute(2))
    assert accounts(room, call)["JPN"] is VoiceAccount.AGREES


@pytest.mark.parametrize(
    "checked",
    [
        (VoiceCheck.PROVED, ("7K",), ()),
        (VoiceCheck.PROVED, (), ()),
        (VoiceCheck.FAILED, (), ()),
        (VoiceCheck.FAILED, (), ("Q4",)),
        (VoiceCheck.NOT_ASKED, ("7K",), ()),
        (VoiceCheck.PROVED, ("seven",), ("Q4",)),
    ],
)
def test_a_check_has_the_codes_that_it_claims(checked: tuple[VoiceCheck, tuple[str, ...], tuple[str, ...]]) -> None:
    """Nothing is proved without a reply, nothing failed without a challenge, and codes are no words."""
    with pytest.raises((ValueError, UsageError)):
        encode_entry(VoiceCallConfirmed(bytes(32), *checked, ROLE, "o1"))
