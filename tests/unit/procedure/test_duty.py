"""Duties on the signed record: met, open, overdue, excused (docs/spec/procedure.md, P31 and P32)."""

import dataclasses

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Party
from comity.pact.duty import DutyKind, DutyRule, DutyTrigger, compile_duties
from comity.procedure.adoption import fold_text
from comity.procedure.call import Acknowledged, CallDeclined, ConsultationCalled, DeclineReason
from comity.procedure.consultation import fold_consultation
from comity.procedure.duty import Duty, DutyVerdict, ExcuseReason
from comity.procedure.duty import judge_duties_of_call as judge_call
from comity.procedure.duty import judge_duties_of_line as judge_line
from comity.procedure.duty import judge_duties_of_text as judge_text
from comity.procedure.fields import Level
from comity.procedure.line import LineTestAnsweredByMachine, LineTestSent, fold_line
from comity.procedure.policy import read_policy
from comity.procedure.position import Position, PositionStated
from comity.procedure.receipt import Links
from comity.procedure.scope import Scope, find_scope
from comity.procedure.stated import Stated
from comity.procedure.text import (
    BreakReason,
    SilenceBroken,
    SilenceKept,
    SilenceProposed,
    TextKind,
    TextOpened,
    TextReceived,
    TextVersionProposed,
    find_version_digest,
)
from comity.procedure.threat import ThreatKind
from kit.releasing import camp_david_terms
from kit.stating import ALL, POLICY, ROLE, Room, journal_of, minute, words


def rule(kind: DutyKind, trigger: DutyTrigger, within_minutes: int | None, clause: str = "C1") -> DutyRule:
    """A rule that each party owes by itself."""
    within_ms = None if within_minutes is None else within_minutes * MINUTE_MS
    return DutyRule(
        id=f"duty.{kind.value}",
        owed_by=ALL,
        jointly=False,
        kind=kind,
        trigger=trigger,
        within_ms=within_ms,
        clause=clause,
    )


RULES = (
    rule(DutyKind.ACKNOWLEDGEMENT, DutyTrigger.CALLED, 15),
    rule(DutyKind.POSITION, DutyTrigger.CALLED, 60),
)


def call(room: Room) -> Stated:
    """The United States calls."""
    return room.say("USA", ConsultationCalled("C1", Level.ADVISERS, ThreatKind.MISSILE_LAUNCH, (), ()), minute(0))


def duties(room: Room, called: Stated, at: int, *, delivered: bool = True) -> dict[tuple[Party, DutyKind], Duty]:
    """Every duty of the call, by party and kind."""
    receipts = {party: {journal_of("USA"): 1} for party in ALL} if delivered else {}
    state = fold_consultation(Scope("consultation", called.id, ALL), room.said, POLICY)
    return {(row.party, row.kind): row for row in judge_call(RULES, state, as_of=minute(at), links=Links(receipts))}


def test_open_then_overdue_then_met_late() -> None:
    """A duty is open to its last instant, overdue after it, and met late is met."""
    room = Room()
    called = call(room)
    key = ("JPN", DutyKind.ACKNOWLEDGEMENT)
    assert duties(room, called, 15)[key].verdict is DutyVerdict.OPEN
    assert duties(room, called, 16)[key].verdict is DutyVerdict.OVERDUE
    met_by = room.say("JPN", Acknowledged(called.id, ROLE, "officer-1"), minute(17))
    met = duties(room, called, 18)[key]
    assert (met.verdict, met.met_by, met.is_late) == (DutyVerdict.MET, met_by.id, True)


def test_no_instructions_is_a_position() -> None:
    """Any position meets the duty to state one."""
    room = Room()
    called = call(room)
    room.say("JPN", PositionStated(called.id, called.id, Position.NO_INSTRUCTIONS, 0), minute(9))
    met = duties(room, called, 99)["JPN", DutyKind.POSITION]
    assert (met.verdict, met.is_late) == (DutyVerdict.MET, False)


def test_the_first_position_is_the_first_of_the_chain() -> None:
    """P31, P2: a clock that ran back does not choose which statement met the duty."""
    room = Room()
    called = call(room)
    first = room.say("JPN", PositionStated(called.id, called.id, Position.SUPPORT, 0), minute(70))
    room.say("JPN", PositionStated(called.id, called.id, Position.OBJECT, 0), minute(5))
    found = duties(room, called, 80)["JPN", DutyKind.POSITION]
    assert (found.met_by, found.is_late) == (first.id, True)


def test_the_caller_owes_nothing_and_who_declined_is_excused() -> None:
    """A lawful answer excuses from the rest."""
    room = Room()
    called = call(room)
    room.say("KOR", CallDeclined(called.id, DeclineReason.NOT_AFFECTED), minute(2))
    held = duties(room, called, 99)
    assert not [key for key in held if key[0] == "USA"]
    excused = held["KOR", DutyKind.ACKNOWLEDGEMENT]
    assert (excused.verdict, excused.excuse) == (DutyVerdict.EXCUSED, ExcuseReason.DECLINED)


def test_nobody_is_overdue_who_was_cut_off() -> None:
    """Without proof that the call arrived the duty is excused; with proof it is overdue."""
    room = Room()
    called = call(room)
    key = ("JPN", DutyKind.ACKNOWLEDGEMENT)
    held = duties(room, called, 99, delivered=False)[key]
    assert (held.verdict, held.excuse) == (DutyVerdict.EXCUSED, ExcuseReason.NOT_DELIVERED)
    assert duties(room, called, 99)[key].verdict is DutyVerdict.OVERDUE


def test_silence_is_answered_by_keeping_or_by_breaking() -> None:
    """Both meet the duty; a node that keeps it as early as it may is not late."""
    room = Room()
    opened = room.say("JPN", TextOpened((), TextKind.JOINT_STATEMENT, ("en",)), minute(0))
    version = TextVersionProposed(opened.id, (), words())
    digest = find_version_digest(version)
    room.say("JPN", version, minute(1))
    room.say("JPN", SilenceProposed(opened.id, digest, minute(60), 0), minute(2))
    for party in ALL:
        room.say(party, TextReceived(opened.id, digest, minute(60)), minute(3))
    room.say("KOR", SilenceBroken(opened.id, digest, BreakReason.OBJECTION, ROLE, "o1"), minute(30))
    room.say("USA", SilenceKept(opened.id, digest, minute(60), minute(0)), minute(62))
    state = fold_text(Scope("text", opened.id, ALL), room.said, POLICY)
    rules = (rule(DutyKind.SILENCE_ANSWER, DutyTrigger.TEXT_PROPOSED, None), *RULES)
    found = {row.party: (row.verdict, row.is_late) for row in judge_text(rules, state, POLICY, as_of=minute(63))}
    assert found == {
        "JPN": (DutyVerdict.OVERDUE, False),
        "KOR": (DutyVerdict.MET, False),
        "USA": (DutyVerdict.MET, False),
    }


def test_a_missed_line_test_is_excused_and_a_missing_person_is_overdue() -> None:
    """Without any answer nothing proves delivery; once the machine answered, the person owes one."""
    room = Room(("JPN", "KOR"))
    sent = room.say("JPN", LineTestSent("C9", minute(0)), minute(0))
    rules = tuple(
        rule(kind, DutyTrigger.LINE_TESTED, within, "C9")
        for kind, within in ((DutyKind.LINE_ANSWER_BY_MACHINE, 1), (DutyKind.LINE_ANSWER_BY_PERSON, 10))
    )

    def judge() -> list[DutyVerdict]:
        state = fold_line(find_scope(sent), room.said, POLICY)
        return [row.verdict for row in judge_line(rules, state, as_of=minute(11)) if row.party == "KOR"]

    assert judge() == [DutyVerdict.EXCUSED, DutyVerdict.EXCUSED]
    room.say("KOR", LineTestAnsweredByMachine("C9", minute(0), sent.id), minute(1))
    assert judge() == [DutyVerdict.MET, DutyVerdict.OVERDUE]


def test_the_shipped_pact_gives_rules_and_policy() -> None:
    """The default profile's clocks and clauses arrive in the verdict."""
    pact = camp_david_terms().pact
    room = Room()
    called = call(room)
    state = fold_consultation(Scope("consultation", called.id, ALL), room.said, read_policy(pact))
    found = judge_call(compile_duties(pact), state, as_of=called.written_at)
    within_ms = pact.policy.acknowledge.within_ms
    first = next(row for row in found if row.kind is DutyKind.ACKNOWLEDGEMENT)
    assert first.due_at == Instant(called.written_at + within_ms)
    assert pact.find_clause(first.clause) is not None
    assert first.policy == pact.policy.acknowledge.id
    for field in dataclasses.fields(read_policy(pact)):
        if field.name.endswith("_clause"):
            assert pact.find_clause(getattr(read_policy(pact), field.name)) is not None
