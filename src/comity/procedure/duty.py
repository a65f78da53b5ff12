"""Duties on the signed record: met, open, overdue or excused.

Rules (docs/spec/procedure.md, P31 and P32)
- Only statements are judged here. Meetings and exercises are facts of the outside world: of those the account says
  *evidence found* or *no evidence found* (`account`).
- Clocks start at the call's, the test's or the text's own instant and come from the pact's duty rules.
- *Met* by the first statement that does what was owed; late is a label beside it.
- *Excused*: the party declined the call, had left the pact, or nothing proves that what it should answer reached it.
  Nobody is overdue who was cut off. An overdue duty is made visible and blocks no one (law 6).
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.pact.duty import DutyKind, DutyRule
from comity.procedure.adoption import TextState
from comity.procedure.consultation import ConsultationState
from comity.procedure.line import LineState, LineTestAnsweredByMachine, LineTestAnsweredByPerson
from comity.procedure.own import own_order
from comity.procedure.policy import Policy
from comity.procedure.position import PositionStated
from comity.procedure.receipt import NO_LINKS, Links, is_delivered
from comity.procedure.silence import Consent
from comity.procedure.stated import Stated

__all__ = [
    "Duty",
    "DutyVerdict",
    "ExcuseReason",
    "judge_duties_of_call",
    "judge_duties_of_line",
    "judge_duties_of_text",
]


class DutyVerdict(enum.StrEnum):
    """The one list of verdicts on statements owed."""

    MET = "met"
    OPEN = "open"
    OVERDUE = "overdue"
    EXCUSED = "excused"


class ExcuseReason(enum.StrEnum):
    """Why a duty is excused."""

    DECLINED = "declined"
    NOT_DELIVERED = "not-delivered"
    LEFT = "left"
    """Who asked knew of its notice to leave the pact, and that it had ended (P38)."""


HasLeft = Callable[[Party, Stated], bool]
"""Tells whether a statement that asks something of a party knew that the party had left."""

_NOBODY_LEFT: Final[HasLeft] = lambda party, trigger: False  # noqa: ARG005, E731 -- the one of a pact nobody leaves


@dataclass(frozen=True, slots=True)
class Duty:
    """One statement owed by one party. `subject` is what it answers; `clause` and `policy` are what it rests on."""

    rule: str
    kind: DutyKind
    party: Party
    subject: Digest
    due_at: Instant
    verdict: DutyVerdict
    met_by: Digest | None
    is_late: bool
    excuse: ExcuseReason | None
    clause: str
    policy: str | None


def judge_duties_of_call(
    rules: Iterable[DutyRule],
    state: ConsultationState,
    *,
    as_of: Instant,
    links: Links = NO_LINKS,
    has_left: HasLeft = _NOBODY_LEFT,
) -> tuple[Duty, ...]:
    """Judge who owes an acknowledgement or a position on this call; the caller owes itself none."""
    if state.called is None or state.called.withdrawn_by is not None:
        return ()
    call = state.called.stated
    duties: list[Duty] = []
    for rule in rules:
        if rule.kind not in (DutyKind.ACKNOWLEDGEMENT, DutyKind.POSITION):
            continue
        for cell in state.cells:
            if cell.party == call.author or cell.party not in rule.owed_by:
                continue
            if rule.kind is DutyKind.ACKNOWLEDGEMENT:
                met_by = cell.acknowledgement
            else:
                met_by = _find_first_position(state, cell.party)
            is_here = is_delivered(call, cell.party, statements=state.statements, links=links)
            excuse = None if is_here else ExcuseReason.NOT_DELIVERED
            if cell.declined is not None or has_left(cell.party, call):
                excuse = ExcuseReason.DECLINED if cell.declined is not None else ExcuseReason.LEFT
            duties.append(
                _judge(rule, cell.party, call, due_at=_due(rule, call), met_by=met_by, excuse=excuse, as_of=as_of)
            )
    return tuple(duties)


def _find_first_position(state: ConsultationState, party: Party) -> Stated | None:
    return min(
        (
            row
            for row in state.statements
            if row.author == party and row.counts and isinstance(row.entry, PositionStated)
        ),
        key=own_order,
        default=None,
    )


def judge_duties_of_text(
    rules: Iterable[DutyRule],
    state: TextState,
    policy: Policy,
    *,
    as_of: Instant,
    links: Links = NO_LINKS,
    has_left: HasLeft = _NOBODY_LEFT,
) -> tuple[Duty, ...]:
    """Judge who owes an answer to the silence that runs: keeping, agreeing and breaking all meet it.

    Due at S-time and the skew that the pact allows, because a node may not sign that silence was kept any earlier.
    """
    current = state.current
    if current is None or current.opening.asked is None or current.opening.until_at is None:
        return ()
    asked, due_at = current.opening.asked, Instant(current.opening.until_at + policy.silence_skew_ms_max)
    duties: list[Duty] = []
    for rule in rules:
        if rule.kind is not DutyKind.SILENCE_ANSWER:
            continue
        for cell in current.cells:
            if cell.party not in rule.owed_by or cell.outcome is Consent.MOVED_ON:
                continue
            is_here = is_delivered(asked, cell.party, statements=state.statements, links=links)
            excuse = None if is_here else ExcuseReason.NOT_DELIVERED
            if has_left(cell.party, asked):
                excuse = ExcuseReason.LEFT
            duty = _judge(rule, cell.party, asked, due_at=due_at, met_by=cell.stated_by, excuse=excuse, as_of=as_of)
            duties.append(replace(duty, is_late=cell.is_late))
    return tuple(duties)


def judge_duties_of_line(
    rules: Iterable[DutyRule], state: LineState, *, as_of: Instant, has_left: HasLeft = _NOBODY_LEFT
) -> tuple[Duty, ...]:
    """Judge who owes an answer to each test, by machine and by person.

    Without an answer nothing proves that the test arrived, so a miss is excused as not delivered: it is unknown.
    """
    wanted = {
        DutyKind.LINE_ANSWER_BY_MACHINE: (LineTestAnsweredByMachine, LineTestAnsweredByPerson),
        DutyKind.LINE_ANSWER_BY_PERSON: (LineTestAnsweredByPerson,),
    }
    duties: list[Duty] = []
    answers: dict[tuple[bytes, Party], list[Stated]] = {}
    for row in state.answers:
        if isinstance(row.entry, LineTestAnsweredByMachine | LineTestAnsweredByPerson):
            answers.setdefault((row.entry.test, row.author), []).append(row)
    for rule in rules:
        if rule.kind not in wanted or rule.clause != state.channel:
            continue
        for test in state.tests:
            for party in (party for party in state.scope.audience if party in rule.owed_by and party != test.author):
                given = answers.get((test.id, party), [])
                fitting = (row for row in given if isinstance(row.entry, wanted[rule.kind]))
                met_by = min(fitting, key=own_order, default=None)
                excuse = None if given else ExcuseReason.NOT_DELIVERED
                if has_left(party, test):
                    excuse = ExcuseReason.LEFT
                duties.append(
                    _judge(rule, party, test, due_at=_due(rule, test), met_by=met_by, excuse=excuse, as_of=as_of)
                )
    return tuple(duties)


def _due(rule: DutyRule, trigger: Stated) -> Instant:
    assert rule.within_ms is not None, "a triggered rule has a clock"
    return Instant(trigger.written_at + rule.within_ms)


def _judge(
    rule: DutyRule,
    party: Party,
    subject: Stated,
    *,
    due_at: Instant,
    met_by: Stated | None,
    excuse: ExcuseReason | None,
    as_of: Instant,
) -> Duty:
    if met_by is not None:
        verdict, excuse = DutyVerdict.MET, None
    elif excuse in (ExcuseReason.DECLINED, ExcuseReason.LEFT):
        verdict = DutyVerdict.EXCUSED
    elif as_of <= due_at:
        verdict, excuse = DutyVerdict.OPEN, None
    else:
        verdict = DutyVerdict.EXCUSED if excuse is not None else DutyVerdict.OVERDUE
    return Duty(
        rule=rule.id,
        kind=rule.kind,
        party=party,
        subject=subject.id,
        due_at=due_at,
        verdict=verdict,
        met_by=met_by.id if met_by is not None else None,
        is_late=met_by is not None and met_by.written_at > due_at,
        excuse=excuse,
        clause=rule.clause,
        policy=rule.policy,
    )
