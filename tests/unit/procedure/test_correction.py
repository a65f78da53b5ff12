"""Corrections and withdrawals (docs/spec/procedure.md, P3 and P4)."""

from comity.procedure.call import Acknowledged, CallDeclined, ConclusionStated, DeclineReason, Outcome
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn, find_settled, live, settle
from comity.procedure.entry import Entry
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Standing, Stated
from kit.stating import ROLE, Room, minute, shuffled

CALL = b"\x01" * 32
MISTAKE = CorrectionReason.MISTAKE


def corrected(stated: Stated, replacement: Entry) -> EntryCorrected:
    """A correction of `stated`."""
    return EntryCorrected(stated.id, MISTAKE, encode_entry(replacement))


def acknowledgement(officer: str) -> Acknowledged:
    """An acknowledgement by this officer."""
    return Acknowledged(CALL, ROLE, officer)


def test_the_last_correction_stands_and_the_first_word_is_kept() -> None:
    """Two corrections: folds see the second, the first entry stays readable."""
    room = Room()
    first = room.say("JPN", acknowledgement("one"), minute(0))
    room.say("JPN", corrected(first, acknowledgement("two")), minute(1))
    last = room.say("JPN", corrected(first, acknowledgement("three")), minute(2))
    (row,) = settle(shuffled(room.said, 1))
    assert row.stated.entry == acknowledgement("three")
    assert row.first == acknowledgement("one")
    assert row.corrected_by == last.id


def test_withdrawing_a_correction_brings_back_what_was_before() -> None:
    """A correction can itself be a mistake."""
    room = Room()
    first = room.say("JPN", acknowledgement("one"), minute(0))
    correction = room.say("JPN", corrected(first, acknowledgement("two")), minute(1))
    room.say("JPN", EntryWithdrawn(correction.id, MISTAKE), minute(2))
    assert [row.entry for row in live(room.said)] == [acknowledgement("one")]


def test_a_withdrawn_entry_is_shown_and_not_folded() -> None:
    """Nothing is erased: the settled row names what withdrew it."""
    room = Room()
    first = room.say("JPN", acknowledgement("one"), minute(0))
    unsaid = room.say("JPN", EntryWithdrawn(first.id, MISTAKE), minute(1))
    assert live(room.said) == ()
    assert [row.withdrawn_by for row in settle(room.said)] == [unsaid.id]


def test_a_withdrawn_entry_reads_as_it_did_when_it_was_withdrawn() -> None:
    """What was corrected before the first withdrawal stands unless undone, even later; nothing after it does."""
    room = Room()
    first = room.say("JPN", acknowledgement("one"), minute(0))
    before = room.say("JPN", corrected(first, acknowledgement("two")), minute(1))
    unsaid = room.say("JPN", EntryWithdrawn(first.id, MISTAKE), minute(2))
    room.say("JPN", corrected(first, acknowledgement("three")), minute(3))
    room.say("JPN", EntryWithdrawn(first.id, CorrectionReason.DUPLICATE), minute(4))
    (row,) = settle(shuffled(room.said, 2))
    assert (row.stated.entry, row.corrected_by, row.withdrawn_by) == (acknowledgement("two"), before.id, unsaid.id)
    room.say("JPN", EntryWithdrawn(before.id, MISTAKE), minute(5))
    (row,) = settle(shuffled(room.said, 2))
    assert (row.stated.entry, row.corrected_by, row.withdrawn_by) == (acknowledgement("one"), None, unsaid.id)


def test_nobody_corrects_anothers_word() -> None:
    """Another party's correction and withdrawal have no effect."""
    room = Room()
    first = room.say("JPN", acknowledgement("one"), minute(0))
    room.say("USA", corrected(first, acknowledgement("two")), minute(1))
    room.say("USA", EntryWithdrawn(first.id, MISTAKE), minute(2))
    assert [row.entry for row in live(room.said)] == [acknowledgement("one")]


def test_a_correction_in_a_disowned_page_has_no_effect() -> None:
    """Whoever stole a key can't rewrite what its owner said before."""
    room = Room()
    first = room.say("JPN", acknowledgement("one"), minute(0))
    room.say("JPN", EntryWithdrawn(first.id, MISTAKE), minute(1), standing=Standing.DISOWNED)
    assert [row.entry for row in live(room.said)] == [acknowledgement("one")]


def test_what_binds_is_never_unsaid() -> None:
    """A conclusion stays, whatever its author says of it later."""
    room = Room()
    first = room.say("JPN", ConclusionStated(CALL, Outcome.NO_ACTION), minute(0))
    room.say("JPN", EntryWithdrawn(first.id, MISTAKE), minute(1))
    room.say("JPN", corrected(first, ConclusionStated(CALL, Outcome.RESPONSE_MATCHED)), minute(2))
    assert [row.entry for row in live(room.said)] == [ConclusionStated(CALL, Outcome.NO_ACTION)]


def test_a_correction_stays_with_its_type_and_its_object() -> None:
    """Another type, another consultation, or bytes that are no entry correct nothing."""
    room = Room()
    first = room.say("JPN", acknowledgement("one"), minute(0))
    room.say("JPN", corrected(first, CallDeclined(CALL, DeclineReason.NOT_STATED)), minute(1))
    room.say("JPN", corrected(first, Acknowledged(b"\x02" * 32, ROLE, "one")), minute(2))
    room.say("JPN", EntryCorrected(first.id, MISTAKE, b"\xc1"), minute(3))
    assert [row.entry for row in live(room.said)] == [acknowledgement("one")]


def test_one_statement_is_settled_as_it_is_among_all() -> None:
    """Corrected, its correction withdrawn, withdrawn, untouched: alone each stands as it does in the whole."""
    room = Room()
    said = [room.say("JPN", acknowledgement(str(number)), minute(number)) for number in range(4)]
    room.say("JPN", corrected(said[0], acknowledgement("other")), minute(5))
    unsaid = room.say("JPN", corrected(said[1], acknowledgement("wrong")), minute(6))
    room.say("JPN", EntryWithdrawn(unsaid.id, MISTAKE), minute(7))
    room.say("JPN", EntryWithdrawn(said[2].id, MISTAKE), minute(8))
    whole = settle(shuffled(room.said, 3))
    assert len(whole) == 4
    assert [find_settled(shuffled(room.said, 4), row.stated.id) for row in whole] == list(whole)
    assert find_settled(room.said, CALL) is None
    assert live(room.said) == tuple(row.stated for row in whole if row.withdrawn_by is None)
    assert live(said[:2]) == (said[0], said[1])
