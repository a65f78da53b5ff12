"""Duties: what each party owed on the signed record, and whether it was met, open, overdue or excused (P31, P32)."""

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.audit.procedures.adoption import TextState
from comity.audit.procedures.cell import Outcome
from comity.audit.procedures.consultation import ConsultationState, find_delivered
from comity.audit.procedures.line import LineShown, LineState
from comity.audit.procedures.said import Knowing, Said
from comity.base.names import Party
from comity.pact.duty import DutyKind, DutyRule
from comity.pact.policy import Policy

__all__ = ["Duty", "DutyVerdict", "HasLeft", "list_duties_of_call", "list_duties_of_line", "list_duties_of_text"]


HasLeft = Callable[[Party, Said], bool]
"""Tells whether what a statement asks of a party is excused, because it had left (P32, P38)."""


class DutyVerdict(enum.Enum):
    """P31, P32."""

    MET = "met"
    OPEN = "open"
    OVERDUE = "overdue"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Duty:
    """One statement owed by one party about one thing."""

    kind: str
    party: Party
    subject: bytes
    due_at: int
    verdict: DutyVerdict
    met_by: bytes
    clause: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is owed by whom on what, and until when."""

    rule: DutyRule
    party: Party
    subject: Said
    due_at: int

    def judge(self, met_by: Said | None, *, is_released: bool, is_delivered: bool, as_of: int) -> Duty:
        """P31, P32: met, late or not; excused at once by declining or having left, when due by want of proof."""
        if met_by is not None:
            verdict = DutyVerdict.MET
        elif is_released:
            verdict = DutyVerdict.EXCUSED
        elif as_of <= self.due_at:
            verdict = DutyVerdict.OPEN
        else:
            verdict = DutyVerdict.OVERDUE if is_delivered else DutyVerdict.EXCUSED
        return Duty(
            kind=self.rule.kind.value,
            party=self.party,
            subject=self.subject.id,
            due_at=self.due_at,
            verdict=verdict,
            met_by=b"" if met_by is None else met_by.id,
            clause=self.rule.clause,
        )


def _nobody_left(party: Party, asked_by: Said) -> bool:  # noqa: ARG001 -- of a pact that nobody leaves
    return False


def list_duties_of_call(
    rules: Sequence[DutyRule], state: ConsultationState, *, as_of: int, has_left: HasLeft = _nobody_left
) -> Iterator[Duty]:
    """Yield who owes an acknowledgement and a position on a call; its caller owes none, on a withdrawn one nobody."""
    call = state.call
    if call is None or state.is_withdrawn:
        return
    for rule in rules:
        if rule.kind not in (DutyKind.ACKNOWLEDGEMENT, DutyKind.POSITION) or rule.within_ms is None:
            continue
        for party, cell in state.cells.items():
            if party == call.author or party not in rule.owed_by:
                continue
            met_by = cell.acknowledged if rule.kind is DutyKind.ACKNOWLEDGEMENT else cell.first_position
            yield _Asked(rule, party, call, call.at + rule.within_ms).judge(
                met_by,
                is_released=cell.declined is not None or has_left(party, call),
                is_delivered=party in state.delivered_to,
                as_of=as_of,
            )


def list_duties_of_text(
    rules: Sequence[DutyRule],
    state: TextState,
    policy: Policy,
    knowing: Knowing,
    *,
    as_of: int,
    has_left: HasLeft = _nobody_left,
) -> Iterator[Duty]:
    """Yield who owes an answer to the silence of the last round; who moved on owes none."""
    last = state.rounds[-1] if state.rounds else None
    if last is None or last.round.until_at is None:
        return
    asked = last.round.opener
    delivered = find_delivered(asked, state.scope.audience, state.statements, knowing)
    for rule in rules:
        if rule.kind is not DutyKind.SILENCE_ANSWER:
            continue
        for party, cell in last.cells.items():
            if party in rule.owed_by and cell.outcome is not Outcome.MOVED_ON:
                due_at = last.round.until_at + policy.silence.skew_ms_max
                yield _Asked(rule, party, asked, due_at).judge(
                    cell.said, is_released=has_left(party, asked), is_delivered=party in delivered, as_of=as_of
                )


def list_duties_of_line(
    rules: Sequence[DutyRule], state: LineState, *, as_of: int, has_left: HasLeft = _nobody_left
) -> Iterator[Duty]:
    """Yield who owes an answer to each test, by machine and by person; a person's answer is the machine's too."""
    kinds: Mapping[DutyKind, tuple[LineShown, ...]] = {
        DutyKind.LINE_ANSWER_BY_MACHINE: (LineShown.MACHINE, LineShown.PERSON),
        DutyKind.LINE_ANSWER_BY_PERSON: (LineShown.PERSON,),
    }
    for rule in rules:
        if rule.kind not in kinds or rule.clause != state.channel or rule.within_ms is None:
            continue
        for slot in state.slots:
            for test in slot.tests:
                for party in state.scope.audience:
                    if party in rule.owed_by and party != test.author:
                        given = slot.list_answers(party, test)
                        met_by = next((said for shown, said in given if shown in kinds[rule.kind]), None)
                        yield _Asked(rule, party, test, test.at + rule.within_ms).judge(
                            met_by, is_released=has_left(party, test), is_delivered=bool(given), as_of=as_of
                        )
