"""Meetings: each party's own word that it was there, and what shows it (P79, P80)."""

import pytest

from comity.base.errors import UsageError
from comity.procedure.call import Medium
from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.fields import Level
from comity.procedure.meeting import (
    Attendance,
    EvidenceForm,
    MeetingAttended,
    MeetingEvidenceGiven,
    MeetingHeld,
    MeetingState,
    MeetingStatus,
    fold_meeting,
)
from comity.procedure.registry import encode_entry
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing, Stated
from kit.stating import ALL, POLICY, ROLE, Room, minute, shuffled, words


def hold(room: Room, *attended: str) -> Stated:
    """Japan states a meeting."""
    entry = MeetingHeld("C4", (), Level.MINISTERS, Medium.IN_PERSON, 5, 9, attended or ALL, ())
    return room.say("JPN", entry, minute(0))


def fold(room: Room, held: Stated) -> MeetingState:
    """The state, the same for another order of arrival."""
    scope = Scope("meeting", held.id, ALL)
    state = fold_meeting(scope, room.said, POLICY)
    assert fold_meeting(scope, shuffled(room.said, 6), POLICY) == state
    return state


def tell(room: Room, party: str, held: Stated, attendance: Attendance, **given: Standing) -> Stated:
    """A party says whether it was there."""
    return room.say(party, MeetingAttended(held.id, attendance, ROLE, "o1"), minute(1), **given)


def test_a_meeting_is_confirmed_by_each_that_is_said_to_have_attended() -> None:
    """In good pages and for itself: who is not said to have attended confirms nothing."""
    room = Room()
    held = hold(room, "JPN", "KOR", "USA")
    tell(room, "KOR", held, Attendance.ATTENDED)
    tell(room, "USA", held, Attendance.ATTENDED, standing=Standing.DISPUTED)
    assert fold(room, held).status is MeetingStatus.STATED
    tell(room, "USA", held, Attendance.ATTENDED)
    assert fold(room, held).status is MeetingStatus.CONFIRMED
    room = Room()
    other = hold(room, "JPN", "KOR")
    tell(room, "USA", other, Attendance.NOT_ATTENDED)
    assert [cell.party for cell in fold(room, other).cells] == ["KOR"]
    assert fold(room, other).status is MeetingStatus.STATED


def test_one_that_was_not_there_contests_it_and_its_last_word_counts() -> None:
    """Nobody is called wrong: both words stand side by side."""
    room = Room()
    held = hold(room)
    tell(room, "KOR", held, Attendance.NOT_ATTENDED)
    tell(room, "USA", held, Attendance.ATTENDED)
    assert fold(room, held).status is MeetingStatus.CONTESTED
    last = tell(room, "KOR", held, Attendance.ATTENDED)
    state = fold(room, held)
    assert (state.status, state.cells[0].stated) == (MeetingStatus.CONFIRMED, last)
    room.say("JPN", EntryWithdrawn(held.id, CorrectionReason.MISTAKE), minute(3))
    assert fold(room, held).status is MeetingStatus.WITHDRAWN


def test_evidence_is_anybodys_and_can_be_withdrawn() -> None:
    """In the order shown; what is withdrawn shows nothing any more."""
    room = Room()
    held = hold(room)
    give = MeetingEvidenceGiven(held.id, EvidenceForm.COMMUNIQUE, 7, (), (b"\x01" * 32,), words("on a site"))
    first = room.say("USA", give, minute(2))
    second = room.say("KOR", give, minute(1))
    assert fold(room, held).evidence == (second, first)
    room.say("USA", EntryWithdrawn(first.id, CorrectionReason.MISTAKE), minute(3))
    assert fold(room, held).evidence == (second,)


def test_a_meeting_is_of_two_at_least_and_ends_after_it_began() -> None:
    """Each party once, in their order."""
    for began_at, ended_at, attended in ((5, 5, ALL), (5, 9, ("JPN",)), (5, 9, ("KOR", "JPN")), (5, 9, ())):
        with pytest.raises((ValueError, UsageError)):
            encode_entry(MeetingHeld("C4", (), Level.WATCH, Medium.VOICE, began_at, ended_at, attended, ()))
