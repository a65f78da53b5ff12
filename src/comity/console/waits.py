"""What a consultation waits for: from whom, by when, on which clause.

A clock of a duty, the end of a silence, an answer that nobody is bound to give in time: each is read from the fold that
it belongs to, at the moment of asking. What has passed its time is shown so, and stops nobody (law 6).
"""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from comity.api.pact_view import find_policy, judge_duties_of
from comity.base.instants import NEVER, Instant
from comity.base.names import Party
from comity.machine.machine import Machine
from comity.pact.duty import DutyKind
from comity.procedure.adoption import TextState
from comity.procedure.consultation import ConsultationState
from comity.procedure.duty import Duty, DutyVerdict
from comity.procedure.measure import MeasureState, MeasureStatus
from comity.procedure.position import Position
from comity.procedure.scope import Scope
from comity.procedure.text_view import TextStatus, TextView, judge_text

__all__ = ["Wait", "WaitKind", "find_waits"]


class WaitKind(enum.StrEnum):
    """What is waited for."""

    ACKNOWLEDGEMENT = "acknowledgement"
    POSITION = "position"
    CONFIRMATION = "confirmation"
    INSTRUCTIONS = "instructions"
    SILENCE = "silence"
    HOLD = "hold"
    REVISION = "revision"
    PEN = "pen"
    MEASURE = "measure"
    CONCLUSION = "conclusion"


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that is waited for. `due_at` is 0 where nothing says by when; `subject` is the object, in hexadecimal.

    `is_ours`: it is waited for from this party.
    """

    kind: WaitKind
    parties: tuple[Party, ...]
    due_at: Instant
    is_overdue: bool
    is_ours: bool
    clause: str
    subject: str


_OF_DUTY: Final = {DutyKind.ACKNOWLEDGEMENT: WaitKind.ACKNOWLEDGEMENT, DutyKind.POSITION: WaitKind.POSITION}
_STANDING: Final = (DutyVerdict.OPEN, DutyVerdict.OVERDUE)


def find_waits(machine: Machine, scopes: Iterable[Scope], now: Instant) -> tuple[Wait, ...]:
    """Return what these objects of a consultation wait for: what is overdue first, then what is due first."""
    scopes = tuple(scopes)
    found = [
        *_find_owed(machine, judge_duties_of(machine, scopes, now)),
        *(wait for scope in scopes for wait in _find_of(machine, scope, now)),
    ]
    return tuple(sorted(found, key=lambda wait: (not wait.is_overdue, wait.due_at or NEVER_LAST, wait.kind.value)))


NEVER_LAST: Final = 1 << 60
"""What has no time by which it is due stands last."""


def _find_owed(machine: Machine, duties: Iterable[Duty]) -> Iterator[Wait]:
    """One row for each clock, with everybody who owes by it."""
    rows: dict[tuple[WaitKind, Instant, bool, str, str], list[Party]] = {}
    for duty in duties:
        if duty.kind in _OF_DUTY and duty.verdict in _STANDING:
            is_overdue = duty.verdict is DutyVerdict.OVERDUE
            clause = duty.policy or duty.clause
            key = (_OF_DUTY[duty.kind], duty.due_at, is_overdue, clause, duty.subject.hex())
            rows.setdefault(key, []).append(duty.party)
    for (kind, due_at, is_overdue, clause, subject), parties in rows.items():
        yield _make(machine, kind, parties, due_at=due_at, is_overdue=is_overdue, clause=clause, subject=subject)


def _find_of(machine: Machine, scope: Scope, now: Instant) -> Iterator[Wait]:
    match scope.kind:
        case "consultation":
            yield from _find_of_call(machine, scope, now)
        case "text":
            yield from _find_of_text(machine, scope, now)
        case "measure":
            yield from _find_of_measure(machine, scope)


def _find_of_call(machine: Machine, scope: Scope, now: Instant) -> Iterator[Wait]:
    state = machine.record.get_state(scope)
    assert isinstance(state, ConsultationState), "a consultation folds to its state"
    for held in state.positions:
        if held.position is Position.ACCEPT_AD_REFERENDUM:
            yield _make(machine, WaitKind.CONFIRMATION, [held.party], due_at=held.confirm_by_at,
                        is_overdue=now > held.confirm_by_at, subject=held.subject.hex())  # fmt: skip
    for awaited in state.awaited:
        yield _make(machine, WaitKind.INSTRUCTIONS, [awaited.party], due_at=awaited.expected_at,
                    is_overdue=now > awaited.expected_at, subject=awaited.subject.hex())  # fmt: skip
    concluded = [cell.party for cell in state.cells if cell.conclusion is not None]
    if concluded and not state.is_concluded:
        left = [cell.party for cell in state.cells if cell.conclusion is None]
        yield _make(machine, WaitKind.CONCLUSION, left, subject=scope.ref.hex())


def _find_of_text(machine: Machine, scope: Scope, now: Instant) -> Iterator[Wait]:
    state, subject = machine.record.get_state(scope), scope.ref.hex()
    assert isinstance(state, TextState), "a text folds to its state"
    if state.pen is None:
        return
    view = judge_text(state, find_policy(machine, scope), as_of=now)
    if state.pen.holder is None and state.pen.offered_to is not None:
        yield _make(machine, WaitKind.PEN, [state.pen.offered_to], subject=subject)
    if view.status in (TextStatus.RUNNING, TextStatus.CLOSING, TextStatus.UNCONFIRMED):
        yield from _find_of_silence(machine, state, view, subject)
    elif view.status is TextStatus.BROKEN and state.pen.holder is not None:
        yield _make(machine, WaitKind.REVISION, [state.pen.holder], clause=view.clause, subject=subject)


def _find_of_silence(machine: Machine, state: TextState, view: TextView, subject: str) -> Iterator[Wait]:
    assert state.current is not None, "silence runs in a round"
    holding = [cell.party for cell in state.current.cells if cell.held_by is not None and cell.outcome is None]
    silent = [party for party in view.missing if party not in holding]
    for kind, parties in ((WaitKind.HOLD, holding), (WaitKind.SILENCE, silent)):
        if parties:
            is_overdue = view.status is TextStatus.UNCONFIRMED
            yield _make(machine, kind, parties, due_at=view.until_at or NEVER, is_overdue=is_overdue,
                        clause=view.clause, subject=subject)  # fmt: skip


def _find_of_measure(machine: Machine, scope: Scope) -> Iterator[Wait]:
    state = machine.record.get_state(scope)
    assert isinstance(state, MeasureState), "a measure folds to its state"
    silent = [cell.party for cell in state.cells if cell.answer is None]
    if silent and state.status in (MeasureStatus.OFFERED, MeasureStatus.UNDER_WAY):
        yield _make(machine, WaitKind.MEASURE, silent, subject=scope.ref.hex())


def _make(
    machine: Machine,
    kind: WaitKind,
    parties: Iterable[Party],
    *,
    due_at: Instant = NEVER,
    is_overdue: bool = False,
    clause: str = "",
    subject: str,
) -> Wait:
    held = tuple(sorted(parties))
    return Wait(kind, held, due_at, is_overdue, machine.party in held, clause, subject)
