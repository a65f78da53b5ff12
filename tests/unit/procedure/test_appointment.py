"""Planned meetings: moved and called off by whoever planned them, answered by each for itself (P89, P93 to P95)."""

import pytest

from comity.base.errors import UsageError
from comity.procedure.appointment import (
    AppointmentState,
    InvitationAnswer,
    InvitationAnswered,
    MeetingCalledOff,
    MeetingMoved,
    MeetingPlanned,
    PlannedMeetingHeld,
    Setting,
    fold_appointment,
    judge_appointment,
    list_held_by,
)
from comity.procedure.call import Medium
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.fields import Level
from comity.procedure.measure import MeasureReason
from comity.procedure.meeting import Attendance, MeetingAttended, MeetingHeld, MeetingState, fold_meeting
from comity.procedure.registry import encode_entry
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing, Stated
from kit.stating import ALL, POLICY, ROLE, Room, minute, shuffled

WILL, CANNOT, OTHER = InvitationAnswer


def at(first: int, last: int, *, agenda: tuple[bytes, ...] = ()) -> Setting:
    """A setting between two minutes."""
    return Setting(minute(first), minute(last), Medium.IN_PERSON, ("USA",), ("Camp-David",), agenda)


def plan(room: Room, *invited: str, setting: Setting | None = None) -> Stated:
    """Japan plans a meeting."""
    entry = MeetingPlanned("C4", (), Level.MINISTERS, invited or ALL, (), setting or at(60, 90))
    return room.say("JPN", entry, minute(0))


def answer(
    room: Room, party: str, planned: Stated, setting: Stated, said: InvitationAnswer, **given: Standing
) -> Stated:
    """A party answers."""
    times = (minute(100), minute(130)) if said is OTHER else (0, 0)
    return room.say(party, InvitationAnswered(planned.id, setting.id, said, *times, ROLE, "o1"), minute(1), **given)


def fold(room: Room, planned: Stated) -> AppointmentState:
    """The state, the same for another order of arrival."""
    scope = Scope("appointment", planned.id, ALL)
    rows = [row for row in room.said if row.entry.belongs_to[0] == "appointment"]
    state = fold_appointment(scope, rows, POLICY)
    assert fold_appointment(scope, shuffled(rows, 6), POLICY) == state
    return state


def show(room: Room, planned: Stated, number: int = 5) -> str:
    """Where it stands so many minutes after the launch."""
    state = fold(room, planned)
    held = [_fold_meeting(room, row) for row in room.said if isinstance(row.entry, MeetingHeld)]
    return judge_appointment(state, list_held_by(held).get(state.key, ()), as_of=minute(number)).value


def _fold_meeting(room: Room, held: Stated) -> MeetingState:
    return fold_meeting(Scope("meeting", held.id, ALL), room.said, POLICY)


def test_each_invited_party_answers_for_itself_and_its_last_good_word_counts() -> None:
    """All of them will attend: accepted. Who is not invited, and who planned it, is not asked."""
    room = Room()
    planned = plan(room)
    answer(room, "KOR", planned, planned, WILL)
    answer(room, "USA", planned, planned, WILL, standing=Standing.DISPUTED)
    answer(room, "JPN", planned, planned, CANNOT)
    state = fold(room, planned)
    assert [(cell.party, cell.answer) for cell in state.cells] == [("KOR", WILL), ("USA", None)]
    assert show(room, planned) == "planned"
    answer(room, "USA", planned, planned, WILL)
    assert show(room, planned) == "accepted"
    last = answer(room, "KOR", planned, planned, OTHER)
    assert fold(room, planned).cells[0].stated == last
    assert show(room, planned) == "planned"
    room = Room()
    alone = plan(room, "JPN")
    answer(room, "KOR", alone, alone, CANNOT)
    assert fold(room, alone).cells == ()
    assert show(room, alone) == "planned"


def test_who_planned_it_moves_it_and_the_others_answer_anew() -> None:
    """An answer is to the setting that it names; nobody moves another party's meeting."""
    room = Room()
    planned = plan(room, "KOR")
    answer(room, "KOR", planned, planned, WILL)
    room.say("USA", MeetingMoved(planned.id, at(200, 230)), minute(2))
    assert show(room, planned) == "accepted"
    moved = room.say("JPN", MeetingMoved(planned.id, at(100, 130)), minute(3))
    assert fold(room, planned).setting == at(100, 130)
    assert show(room, planned) == "planned"
    answer(room, "KOR", planned, planned, WILL)
    assert fold(room, planned).cells[0].answer is None
    answer(room, "KOR", planned, moved, WILL)
    assert show(room, planned) == "accepted"
    assert (show(room, planned, 129), show(room, planned, 130)) == ("accepted", "past")


def test_called_off_is_for_good_and_nobody_elses() -> None:
    """A later move does not bring it back; another party calls nothing off."""
    room = Room()
    planned = plan(room)
    room.say("KOR", MeetingCalledOff(planned.id, MeasureReason.COLLIDES), minute(1))
    assert show(room, planned) == "planned"
    off = room.say("JPN", MeetingCalledOff(planned.id, MeasureReason.NOT_ABLE), minute(2))
    room.say("JPN", MeetingMoved(planned.id, at(100, 130)), minute(3))
    assert fold(room, planned).called_off == off
    assert show(room, planned, 500) == "called-off"


def _hold(room: Room, party: str, planned: Stated, commitment: str = "C4") -> Stated:
    when = (minute(60), minute(90))
    entry = PlannedMeetingHeld(commitment, (), Level.MINISTERS, Medium.IN_PERSON, *when, ALL, (), planned.id)
    return room.say(party, entry, minute(95))


def test_held_by_a_meeting_that_names_it_under_the_same_commitment() -> None:
    """It is a meeting as any other; contested or withdrawn it holds nothing, and that is past, not undone."""
    room = Room()
    planned = plan(room)
    _hold(room, "USA", planned, "C5")
    assert show(room, planned, 100) == "past"
    held = _hold(room, "USA", planned)
    assert show(room, planned, 100) == "held"
    assert _fold_meeting(room, held).status.value == "stated"
    told = room.say("KOR", MeetingAttended(held.id, Attendance.NOT_ATTENDED, ROLE, "o1"), minute(97))
    assert show(room, planned, 100) == "past"
    room.say("KOR", EntryWithdrawn(told.id, CorrectionReason.MISTAKE), minute(98))
    assert show(room, planned, 100) == "held"
    room.say("USA", EntryWithdrawn(held.id, CorrectionReason.MISTAKE), minute(99))
    assert show(room, planned, 100) == "past"


def test_which_planned_meeting_was_held_is_read_as_corrected() -> None:
    """And a plan itself is never corrected: it is moved or called off."""
    room = Room()
    planned, other = plan(room), plan(room, setting=at(70, 90))
    held = _hold(room, "USA", other)
    entry = held.entry
    assert isinstance(entry, PlannedMeetingHeld)
    right = PlannedMeetingHeld(
        entry.commitment, (), entry.level, entry.medium, entry.began_at, entry.ended_at, ALL, (), planned.id
    )  # fmt: skip
    room.say("USA", EntryCorrected(held.id, CorrectionReason.MISTAKE, encode_entry(right)), minute(96))
    assert (show(room, planned, 100), show(room, other, 100)) == ("held", "past")
    room.say("JPN", EntryWithdrawn(planned.id, CorrectionReason.MISTAKE), minute(97))
    assert show(room, planned, 5) == "held"


def test_what_awaits_the_plan_is_shown_as_that() -> None:
    """An answer to what is not here decides nothing."""
    room = Room()
    planned = plan(room)
    answer(room, "KOR", planned, planned, WILL)
    room.said = [row for row in room.said if row.id != planned.id]
    assert show(room, planned) == "awaiting"


@pytest.mark.parametrize(
    ("invited", "ends", "agenda"), [((), 2, ()), (("KOR", "JPN"), 2, ()), (ALL, 1, ()), (ALL, 2, (2, 1))]
)
def test_a_plan_out_of_form_is_none(invited: tuple[str, ...], ends: int, agenda: tuple[int, ...]) -> None:
    """Somebody is invited, each once; it ends after it starts; what is spoken of is a set."""
    ids = tuple(bytes([one]) * 32 for one in agenda)
    with pytest.raises((ValueError, UsageError)):
        encode_entry(MeetingPlanned("C4", (), Level.WATCH, invited, (), Setting(1, ends, Medium.VOICE, (), (), ids)))


@pytest.mark.parametrize(("said", "times"), [(WILL, (1, 2)), (CANNOT, (0, 2)), (OTHER, (0, 0)), (OTHER, (2, 2))])
def test_a_time_is_named_where_another_is_proposed(said: InvitationAnswer, times: tuple[int, int]) -> None:
    """And nowhere else."""
    with pytest.raises((ValueError, UsageError)):
        encode_entry(InvitationAnswered(bytes(32), bytes(32), said, *times, ROLE, "o1"))
