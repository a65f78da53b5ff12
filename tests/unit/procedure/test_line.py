"""Line tests: one miss is unknown, a pattern is a finding, machine and person are separate facts (P29, P30)."""

from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.base.names import Party
from comity.procedure.line import (
    LineAnswer,
    LinePattern,
    LineState,
    LineTestAnsweredByMachine,
    LineTestAnsweredByPerson,
    LineTestSent,
    find_slot,
    fold_line,
    judge_line,
)
from comity.procedure.scope import Scope, find_scope
from comity.procedure.stated import Stated
from kit.stating import POLICY, ROLE, Room, shuffled

PAIR = ("JPN", "KOR")
MIDNIGHT = Instant(20_000 * DAY_MS)


def slot(number: int) -> Instant:
    """The slot so many hours after a midnight."""
    return Instant(MIDNIGHT + number * HOUR_MS)


def send_test(room: Room, number: int) -> Stated:
    """Japan tests the line in this slot."""
    return room.say("JPN", LineTestSent("nsa-line", slot(number)), Instant(slot(number) + 1000))


def fold(room: Room) -> list[LineState]:
    """Every day's state, the same for another order of arrival."""
    days: dict[Scope, list[Stated]] = {}
    for row in room.said:
        days.setdefault(find_scope(row), []).append(row)
    states = [fold_line(scope, rows, POLICY) for scope, rows in days.items()]
    assert [fold_line(scope, shuffled(rows, 1), POLICY) for scope, rows in days.items()] == states
    return states


def answers(room: Room, party: Party, *, as_of: Instant) -> list[LineAnswer]:
    """What is known of a party in each slot."""
    results, _ = judge_line(fold(room), POLICY, as_of=as_of)
    return [row.answer for row in results if row.party == party]


def test_slots_are_whole_intervals_of_utc() -> None:
    """Every node finds the same slot for one instant."""
    assert find_slot(POLICY, Instant(slot(7) + HOUR_MS - 1)) == slot(7)
    assert find_slot(POLICY, slot(8)) == slot(8)


def test_pending_then_unknown_never_a_verdict() -> None:
    """No answer is pending until it is due, then unknown; who sent is not asked about its own test."""
    room = Room(PAIR)
    sent = send_test(room, 0)
    due_at = Instant(sent.written_at + POLICY.line_answer_within_ms)
    assert answers(room, "KOR", as_of=due_at) == [LineAnswer.PENDING]
    assert answers(room, "KOR", as_of=Instant(due_at + 1)) == [LineAnswer.UNKNOWN]
    assert answers(room, "JPN", as_of=Instant(due_at + 1)) == []


def test_machine_and_person_are_two_facts() -> None:
    """A machine's answer says that the line works, a person's that somebody is there."""
    room = Room(PAIR)
    sent = send_test(room, 0)
    room.say("KOR", LineTestAnsweredByMachine("nsa-line", slot(0), sent.id), Instant(sent.written_at + 5))
    assert answers(room, "KOR", as_of=slot(9)) == [LineAnswer.MACHINE]
    room.say("KOR", LineTestAnsweredByPerson("nsa-line", slot(0), sent.id, ROLE, "officer-1"), slot(1))
    assert answers(room, "KOR", as_of=slot(9)) == [LineAnswer.PERSON]


def test_nobody_answers_his_own_test() -> None:
    """A party's answer to its own test, or to one that is not here, is none."""
    room = Room(PAIR)
    sent = send_test(room, 0)
    room.say("JPN", LineTestAnsweredByMachine("nsa-line", slot(0), sent.id), slot(0))
    room.say("KOR", LineTestAnsweredByMachine("nsa-line", slot(0), b"\x09" * 32), slot(0))
    assert answers(room, "KOR", as_of=slot(9)) == [LineAnswer.UNKNOWN]


def test_a_pattern_is_a_finding_and_one_miss_is_not() -> None:
    """Three misses in a row are found, over midnight too; an answer between them ends the row."""
    room = Room(PAIR)
    for number in (21, 22, 23, 24, 25):
        sent = send_test(room, number)
        if number == 22:
            room.say("KOR", LineTestAnsweredByMachine("nsa-line", slot(22), sent.id), slot(22))
    _, none_yet = judge_line(fold(room), POLICY, as_of=slot(25))
    assert none_yet == ()
    _, patterns = judge_line(fold(room), POLICY, as_of=slot(26))
    assert patterns == (LinePattern("nsa-line", "KOR", (slot(23), slot(24), slot(25))),)


def test_both_ends_may_test_in_one_slot() -> None:
    """Each end's test is asked of the other, and the result says who sent."""
    room = Room(PAIR)
    send_test(room, 0)
    room.say("KOR", LineTestSent("nsa-line", slot(0)), slot(0))
    results, _ = judge_line(fold(room), POLICY, as_of=slot(1))
    assert [(row.party, row.has_sent) for row in results] == [("JPN", True), ("KOR", True)]
