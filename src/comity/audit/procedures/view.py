"""What the record says of every object, as plain values that can be printed, encoded and compared.

A node's own view can be brought into the same form (`comity.rehearsal.checks.shown`): where the two differ for the same
pages, one of the two readings of docs/spec is wrong.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.audit.procedures.adoption import RoundState, TextState
from comity.audit.procedures.appointment import AppointmentState
from comity.audit.procedures.bracket import BracketState
from comity.audit.procedures.consultation import ConsultationState
from comity.audit.procedures.forms_act import IndicatorReported
from comity.audit.procedures.forms_call import PositionStated, ThreatReported
from comity.audit.procedures.line import LineState
from comity.audit.procedures.measure import ActionState, MeasureState
from comity.audit.procedures.message import MessageState, VoiceState
from comity.audit.procedures.plan import PlanState
from comity.audit.procedures.said import Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.watch import MeetingState, ShiftState
from comity.pact.policy import Policy

__all__ = [
    "ObjectShown",
    "ObjectView",
    "Plain",
    "view_action",
    "view_appointment",
    "view_consultation",
    "view_line",
    "view_measure",
    "view_meeting",
    "view_message",
    "view_plan",
    "view_report",
    "view_shift",
    "view_text",
    "view_voice",
]

Plain = str | int | bytes | tuple["Plain", ...]
Row = tuple[Plain, ...]


class ObjectShown(enum.Enum):
    """States of objects that have no clock of their own."""

    AWAITING = "awaiting"
    """Something is said of it, and the entry that opened it is not in the record."""
    WITHDRAWN = "withdrawn"
    REPORTED = "reported"
    SENT = "sent"
    STATED = "stated"
    TESTED = "tested"
    LOGGED = "logged"


AWAITING: Final = ObjectShown.AWAITING.value
WITHDRAWN: Final = ObjectShown.WITHDRAWN.value


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object at an instant.

    `cells` begin with a party's name and say what is shown of it and on which entries that rests; `facts` are what
    else is known. Both are in a fixed order for each kind, which the functions below name. Nothing is `0` or empty.
    """

    scope: Scope
    state: str
    cells: tuple[Row, ...] = ()
    facts: Row = ()


def _id(said: Said | None) -> bytes:
    return b"" if said is None else said.id


def _show_opened(said: Said | None, shown: ObjectShown, *, is_withdrawn: bool) -> str:
    if said is None:
        return AWAITING
    return WITHDRAWN if is_withdrawn else shown.value


def view_text(state: TextState, brackets: Sequence[BracketState], policy: Policy, *, as_of: int) -> ObjectView:
    """Cells: those of the last round.

    Facts: who holds the pen; version, S-time, contested of each adoption; rounds; entry, lifted, wordings of each
    bracket.
    """
    rounds = tuple(_view_round(one) for one in state.rounds)
    adopted = sorted((one.version, one.until_at or 0, int(one.is_contested)) for one in state.adopted)
    shown = state.show(policy.silence, as_of=as_of).value
    cells = _view_cells(state.rounds[-1]) if state.rounds else ()
    bracketed = tuple(
        (one.said.id, int(one.is_lifted), tuple(sorted(said.id for said in one.wordings.values()))) for one in brackets
    )
    return ObjectView(state.scope, shown, cells, (state.course.holder or "", tuple(adopted), rounds, bracketed))


def _view_round(state: RoundState) -> Row:
    """Version, S-time, the proposal's id, the notice, the cells."""
    one = state.round
    return one.version, one.until_at or 0, one.proposal.id, one.notice_ms, _view_cells(state)


def _view_cells(state: RoundState) -> tuple[Row, ...]:
    """Party, outcome, the entry that gave it, when the version was received, whether the answer is late."""
    return tuple(
        (party, "" if cell.outcome is None else cell.outcome.value, _id(cell.said), cell.receipt_at or 0, cell.is_late)
        for party, cell in state.cells.items()
    )


def view_consultation(state: ConsultationState, policy: Policy, *, as_of: int) -> ObjectView:
    """Cells: party, receipt, acknowledgement, decline, conclusion. Facts: positions by subject and party; conveners."""
    cells = tuple(
        (
            party,
            state.find_receipt(party, policy, as_of=as_of).value,
            _id(cell.acknowledged),
            _id(cell.declined),
            _id(cell.concluded),
        )
        for party, cell in state.cells.items()
    )
    positions = sorted(
        (subject, party, said.entry.position, said.id)
        for party, cell in state.cells.items()
        for subject, said in cell.positions.items()
        if isinstance(said.entry, PositionStated)
    )
    convened = tuple(sorted(said.id for said in state.convened))
    awaiting = tuple(sorted(said.id for cell in state.cells.values() for said in cell.awaiting.values()))
    facts = (tuple(positions), convened, awaiting)
    return ObjectView(state.scope, state.find_phase(policy, as_of=as_of).value, cells, facts)


def view_measure(state: MeasureState) -> ObjectView:
    """Cells: party, its answer. Facts: the entry that states the terms which stand."""
    cells = tuple((party, _id(said)) for party, said in state.answers.items())
    return ObjectView(state.scope, state.shown.value, cells, (_id(state.stated),))


def view_plan(state: PlanState) -> ObjectView:
    """Cells: party and its answer to the version in force. Facts: the version in force, all versions, activations."""
    index = state.in_force
    cells = () if index is None else tuple((party, _id(said)) for party, said in sorted(state.answers[index].items()))
    in_force = b"" if index is None else state.versions[index].id
    versions = tuple(said.id for said in state.versions)
    standing = {said.id for said, _ in state.list_standing()}
    activations = tuple(sorted((said.id, int(said.id in standing)) for said, _, _ in state.activations))
    return ObjectView(state.scope, state.shown, cells, (in_force, versions, activations))


def view_action(state: ActionState) -> ObjectView:
    """No cells. Facts: the entry that ended it."""
    shown = _show_opened(state.stated, ObjectShown.STATED, is_withdrawn=state.is_withdrawn)
    return ObjectView(state.scope, shown, (), (_id(state.ended),))


def view_message(state: MessageState) -> ObjectView:
    """Cells: party, whether delivered, read, acknowledged, its read-back. Facts: party, language, translation."""
    shown = _show_opened(state.sent, ObjectShown.SENT, is_withdrawn=state.is_withdrawn)
    cells = tuple(
        (
            party,
            int(cell.is_delivered),
            _id(cell.read),
            _id(cell.acknowledged),
            "" if cell.read_back is None else "matches" if cell.matches else "differs",
        )
        for party, cell in state.cells.items()
    )
    facts = tuple((party, language, said.id) for (party, language), said in sorted(state.translations.items()))
    return ObjectView(state.scope, shown, cells, facts)


def view_meeting(state: MeetingState) -> ObjectView:
    """Cells: party, and the entry that says whether it was there. Facts: the entries that give evidence, by id."""
    cells = tuple((party, _id(said)) for party, said in state.words.items())
    return ObjectView(state.scope, state.shown, cells, tuple(said.id for said in state.evidence))


def view_appointment(state: AppointmentState, held: Sequence[bytes], *, as_of: int) -> ObjectView:
    """Cells: party, and its answer to the setting that stands. Facts: that setting's entry; by what it was held."""
    cells = tuple((party, _id(said)) for party, said in state.answers.items())
    return ObjectView(state.scope, state.show(is_held=bool(held), as_of=as_of), cells, (state.setting, tuple(held)))


def view_shift(state: ShiftState) -> ObjectView:
    """No cells. Facts: the entry of who took the watch."""
    shown = AWAITING if state.handed_over is None else "relieved" if state.relieved is not None else "handed-over"
    return ObjectView(state.scope, shown, (), (_id(state.relieved),))


def view_voice(state: VoiceState) -> ObjectView:
    """Cells: party, whether its account agrees with the log, and the entry that gives it. No facts."""
    shown = _show_opened(state.logged, ObjectShown.LOGGED, is_withdrawn=state.is_withdrawn)
    cells = tuple(
        (party, "none", b"") if account is None else (party, "agrees" if account[1] else "differs", account[0].id)
        for party, account in state.accounts.items()
    )
    return ObjectView(state.scope, shown, cells)


def view_line(state: LineState, policy: Policy, *, as_of: int) -> ObjectView:
    """No cells. Facts: for each slot that was tested its instant, and party and answer of those who were asked."""
    facts = tuple(
        (
            slot.slot_at,
            tuple(
                (party, shown.value)
                for party in state.scope.audience
                if (shown := slot.show(party, policy.line_test, as_of=as_of)) is not None
            ),
        )
        for slot in state.slots
    )
    return ObjectView(state.scope, ObjectShown.TESTED.value if facts else AWAITING, (), facts)


def view_report(scope: Scope, current: list[Said], withdrawn: list[Said]) -> ObjectView:
    """No cells, no facts."""
    for rows, shown in ((current, ObjectShown.REPORTED.value), (withdrawn, WITHDRAWN)):
        if any(said.id == scope.ref and isinstance(said.entry, ThreatReported | IndicatorReported) for said in rows):
            return ObjectView(scope, shown)
    return ObjectView(scope, AWAITING)
