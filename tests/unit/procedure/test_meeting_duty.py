"""Meetings owed: whose word for which year, met, open, overdue or excused; to the audit alike (P85 to P88)."""

import datetime as dt
from collections.abc import Mapping

import msgspec
import pytest

from comity.audit.procedures.meetings_owed import list_owed_meetings
from comity.audit.version import Version
from comity.base.instants import DAY_MS, Instant, format_iso, parse_instant
from comity.base.names import Audience, Party
from comity.pact.duty import DutyKind, compile_duties
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.procedure.call import Medium
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.duty import Duty, DutyVerdict, ExcuseReason
from comity.procedure.fields import Level
from comity.procedure.genesis import PactAccepted
from comity.procedure.meeting import Attendance, MeetingAttended, MeetingHeld, MeetingState
from comity.procedure.meeting_duty import MeetingTerms, judge_duties_of_meetings
from comity.procedure.record import Record
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Standing, Stated
from comity.procedure.withdrawal import WithdrawalNotified, WithdrawalReason, WithdrawalRevoked, find_end
from kit.loop import read_profile
from kit.second_folds import say_again
from kit.stating import ALL, POLICY, ROLE, Room, shuffled

PACT = parse_pact(read_profile("camp-david"))
VERSION = b"\x07" * 32
ACCEPTED = parse_instant("2024-05-01")
MAY, JULY, NEXT_MAY = (parse_instant(day) for day in ("2024-05-10", "2024-07-28", "2025-05-10"))
Key = tuple[Party, str]


def _room() -> Room:
    room = Room()
    for party in ALL:
        room.say(party, PactAccepted(VERSION), ACCEPTED)
    return room


def _held(*attended: Party, at: str = "2024-07-28", under: str = "C4") -> MeetingHeld:
    began = parse_instant(at)
    return MeetingHeld(under, ("DM",), Level.MINISTERS, Medium.IN_PERSON, began, began + 9, attended or ALL, ())


def _was_there(held: Stated, attendance: Attendance = Attendance.ATTENDED) -> MeetingAttended:
    return MeetingAttended(held.id, attendance, ROLE, "o1")


def _judge(room: Room, at: str | Instant, pact: Pact = PACT) -> list[Duty]:
    """Judge twice, in two orders of arrival and by two readings of the clauses, and compare."""
    as_of = parse_instant(at) if isinstance(at, str) else at
    answers = [_judge_once(rows, as_of, pact) for rows in (room.said, shuffled(room.said, 3))]
    assert answers[0] == answers[1]
    theirs = list_owed_meetings(Version(VERSION, pact), {VERSION}, say_again(room.said), as_of=as_of)
    second = [(one.clause, one.party, one.due_at, one.verdict.value, one.met_by, one.subject) for one in theirs]
    first = [
        (one.clause, one.party, one.due_at, one.verdict.value, one.met_by or b"", one.subject) for one in answers[0]
    ]
    assert first == second
    return answers[0]


def _judge_once(rows: list[Stated], as_of: Instant, pact: Pact) -> list[Duty]:
    record = Record(POLICY)
    record.take(rows)
    states = [record.get_state(scope) for scope in record.list_scopes("meeting")]
    ends = {party: find_end(record_of_leaving(rows), party, pact) for party in pact.audience}
    terms = MeetingTerms(
        version=VERSION,  # type: ignore[arg-type]
        parties=pact.audience,
        rules=compile_duties(pact),
        versions={VERSION},  # type: ignore[arg-type]
        ends_at={party: end for party, end in ends.items() if end is not None},
    )
    held = [state for state in states if isinstance(state, MeetingState)]
    return list(judge_duties_of_meetings(terms, held, rows, as_of=as_of))


def record_of_leaving(rows: list[Stated]) -> list[Stated]:
    """The statements of those who leave."""
    return [row for row in rows if isinstance(row.entry, WithdrawalNotified | WithdrawalRevoked)]


def _of_defence(duties: list[Duty], year: str = "2025-01") -> Mapping[Party, tuple[DutyVerdict, bytes | None, bool]]:
    found = [one for one in duties if one.clause == "C4" and format_iso(one.due_at).startswith(year)]
    return {one.party: (one.verdict, one.met_by, one.is_late) for one in found}


def test_each_party_owes_a_word_on_each_meeting_that_has_a_date() -> None:
    """No exercise; no conference, which another event meets too; no first meeting of whom no day was promised."""
    duties = _judge(_room(), MAY)
    assert {one.clause for one in duties} == {"C2", "C3", "C4", "C5", "C7", "C8"}
    assert {one.verdict for one in duties} == {DutyVerdict.OPEN}
    assert {one.kind for one in duties} == {DutyKind.MEETING}
    assert {one.policy for one in duties} == {"policy.meetings"}
    defence = [one for one in duties if one.clause == "C4"]
    assert [one.party for one in defence] == list(ALL)
    # The year has ended when it has in Washington; thirty days more to state it.
    assert {format_iso(one.due_at) for one in defence} == {"2025-01-31T05:00:00.000Z"}


def test_a_pact_without_the_clause_owes_none() -> None:
    """It keeps its meaning: no rule, no duty, in neither reading."""
    bare = msgspec.structs.replace(PACT, policy=msgspec.structs.replace(PACT.policy, meetings=None))
    assert _judge(_room(), MAY, bare) == []
    others = [rule for rule in compile_duties(PACT) if rule.kind is not DutyKind.MEETING]
    assert list(compile_duties(bare)) == others


def test_each_meets_it_by_its_own_word() -> None:
    """Whoever states the meeting has said so; another's silence makes nobody else overdue."""
    room = _room()
    held = room.say("JPN", _held(), JULY)
    assert _of_defence(_judge(room, JULY)) == {
        "JPN": (DutyVerdict.MET, held.id, False), "KOR": (DutyVerdict.OPEN, None, False),
        "USA": (DutyVerdict.OPEN, None, False),
    }  # fmt: skip
    word = room.say("KOR", _was_there(held), Instant(JULY + 1))
    found = _of_defence(_judge(room, "2025-02-01"))
    assert found["KOR"] == (DutyVerdict.MET, word.id, False)
    assert found["USA"] == (DutyVerdict.OVERDUE, None, False)
    late = room.say("USA", _was_there(held), parse_instant("2025-02-02"))
    assert _of_defence(_judge(room, "2025-02-03"))["USA"] == (DutyVerdict.MET, late.id, True)


def test_it_is_overdue_after_its_time_and_not_at_it() -> None:
    """At the very instant it is still open."""
    room = _room()
    due = parse_instant("2025-01-31T05:00:00Z")
    assert _of_defence(_judge(room, due))["JPN"][0] is DutyVerdict.OPEN
    assert _of_defence(_judge(room, Instant(due + 1)))["JPN"][0] is DutyVerdict.OVERDUE


@pytest.mark.parametrize(
    "entry",
    [
        _held(under="C3"), _held("JPN", "USA"), _held(at="2023-12-30"), _held(at="2025-01-02"),
    ],
    ids=["another commitment", "without one that owes it", "the year before", "the year after"],
)  # fmt: skip
def test_another_meeting_meets_nothing(entry: MeetingHeld) -> None:
    """Not under another commitment, not without a party, not in another year."""
    room = _room()
    held = room.say("JPN", entry, JULY)
    room.say("USA", _was_there(held), JULY)
    assert {verdict for verdict, *_ in _of_defence(_judge(room, "2024-12-30")).values()} == {DutyVerdict.OPEN}


def test_the_year_is_that_in_which_it_began() -> None:
    """Its last millisecond is in it and the end itself in the next; where a year has ended is where it has for all."""
    end = parse_instant("2025-01-01T05:00:00Z")
    for began, year in ((end - 1, "2025-01"), (end, "2026-01")):
        room = _room()
        entry = msgspec.structs.replace(_held(), began_at=began, ended_at=began + 1)
        held = room.say("JPN", entry, Instant(end + 5))
        found = _of_defence(_judge(room, Instant(end + DAY_MS)), year)
        assert found["JPN"] == (DutyVerdict.MET, held.id, False)


def test_contested_withdrawn_disputed_or_told_to_some_it_counts_for_nobody() -> None:
    """And counts again once the party that was said to be there says so itself."""
    room = _room()
    held = room.say("JPN", _held(), JULY)
    room.say("USA", _was_there(held), JULY)
    room.say("KOR", _was_there(held, Attendance.NOT_ATTENDED), JULY)
    assert {one[0] for one in _of_defence(_judge(room, JULY)).values()} == {DutyVerdict.OPEN}
    room.say("KOR", _was_there(held), Instant(JULY + 1))
    assert {one[0] for one in _of_defence(_judge(room, JULY)).values()} == {DutyVerdict.MET}
    room.say("JPN", EntryWithdrawn(held.id, CorrectionReason.MISTAKE), Instant(JULY + 2))
    assert {one[0] for one in _of_defence(_judge(room, JULY)).values()} == {DutyVerdict.OPEN}
    room = _room()
    room.say("JPN", _held(), JULY, standing=Standing.DISPUTED)
    assert _of_defence(_judge(room, JULY))["JPN"][0] is DutyVerdict.OPEN
    room, two = _room(), Room(("JPN", "USA"))
    two.say("JPN", _held(), JULY)
    room.said += two.said
    assert _of_defence(_judge(room, JULY))["JPN"][0] is DutyVerdict.OPEN


def test_a_corrected_meeting_counts_as_it_reads_now() -> None:
    """Stated under the wrong commitment, it is put right; it was stated when it was first stated."""
    room = _room()
    held = room.say("JPN", _held(under="C3"), JULY)
    right = EntryCorrected(held.id, CorrectionReason.MISTAKE, encode_entry(_held()))
    room.say("JPN", right, parse_instant("2025-03-01"))
    assert _of_defence(_judge(room, "2025-03-02"))["JPN"] == (DutyVerdict.MET, held.id, False)


def test_of_two_meetings_a_partys_first_word_counts() -> None:
    """In its own order, whatever the clocks."""
    room = _room()
    first = room.say("USA", _held(), Instant(JULY + 9))
    room.say("USA", _held(at="2024-06-01"), JULY)
    assert _of_defence(_judge(room, JULY))["USA"][1] == first.id


def test_the_last_year_and_the_one_that_runs_are_judged() -> None:
    """What ended before the acceptance is not owed; what was not said in the last year stands beside this year's."""
    assert _of_defence(_judge(_room(), MAY), "2024-01") == {}
    found = _judge(_room(), NEXT_MAY)
    assert {one[0] for one in _of_defence(found, "2025-01").values()} == {DutyVerdict.OVERDUE}
    assert {one[0] for one in _of_defence(found, "2026-01").values()} == {DutyVerdict.OPEN}
    assert _of_defence(_judge(_room(), "2026-05-10"), "2025-01") == {}
    late = Room()
    late.say("JPN", PactAccepted(VERSION), ACCEPTED)
    late.say("KOR", PactAccepted(VERSION), parse_instant("2025-02-01"))
    late.say("USA", PactAccepted(b"\x08" * 32), ACCEPTED)
    assert set(_of_defence(_judge(late, NEXT_MAY), "2025-01")) == {"JPN"}
    assert set(_of_defence(_judge(late, NEXT_MAY), "2026-01")) == {"JPN", "KOR"}


def test_who_is_leaving_is_excused_and_the_others_may_meet_without_it() -> None:
    """If its notice has ended by the end of the year; revoked, it owes again."""
    room = _room()
    notice = room.say("KOR", WithdrawalNotified(WithdrawalReason.UNSTATED, parse_instant("2024-12-01")), ACCEPTED)
    held = room.say("JPN", _held("JPN", "USA"), JULY)
    duties = _judge(room, "2025-02-01")
    assert _of_defence(duties) == {
        "JPN": (DutyVerdict.MET, held.id, False), "KOR": (DutyVerdict.EXCUSED, None, False),
        "USA": (DutyVerdict.OVERDUE, None, False),
    }  # fmt: skip
    assert {one.excuse for one in duties if one.party == "KOR" and one.clause == "C4"} == {ExcuseReason.LEFT}
    room.say("KOR", WithdrawalRevoked(notice.id), JULY)
    found = _of_defence(_judge(room, "2025-02-01"))
    assert {one[0] for one in found.values()} == {DutyVerdict.OVERDUE}


def test_what_was_promised_once_is_owed_until_its_day() -> None:
    """From adoption on: a meeting before the acceptance counts too, if the day had not passed by then."""
    rows = tuple(
        msgspec.structs.replace(row, due_on=dt.date(2024, 12, 31)) if row.id == "C6" else row
        for row in PACT.commitments
    )
    pact = msgspec.structs.replace(PACT, commitments=rows)
    room = _room()
    held = room.say("USA", _held(at="2024-04-17", under="C6"), MAY)
    found = {one.party: one for one in _judge(room, "2025-06-01", pact) if one.clause == "C6"}
    assert (found["USA"].verdict, found["USA"].met_by) == (DutyVerdict.MET, held.id)
    assert found["JPN"].verdict is DutyVerdict.OVERDUE
    assert format_iso(found["JPN"].due_at) == "2025-01-31T05:00:00.000Z"


def test_years_may_be_counted_from_the_day_of_adoption() -> None:
    """As in the other profile: the first year begins with that day."""
    pact = parse_pact(read_profile("harbour-aid"))
    (rule,) = [rule for rule in compile_duties(pact) if rule.kind is DutyKind.MEETING]
    assert rule.begins_at is not None
    assert rule.begins_at < rule.year_ends_at[0]
    assert 364 * DAY_MS < rule.year_ends_at[0] - rule.begins_at < 367 * DAY_MS
    parties: Audience = pact.audience
    assert rule.owed_by == parties
