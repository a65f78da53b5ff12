"""Meetings over the API: planned ones, who was there by its own word, what shows it, the last one and who owes."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from comity.api.appointments import PlannedView, show_planned
from comity.api.desk import Desk
from comity.api.form import format_statement
from comity.api.views.basic import one_of
from comity.api.views.record import StatementShown
from comity.base.instants import NEVER, Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.machine.machine import Machine
from comity.machine.meetings import judge_meetings_owed, list_meetings
from comity.pact.commitment import EvidenceKind
from comity.pact.phrase import list_versions
from comity.procedure.duty import Duty, DutyVerdict, ExcuseReason
from comity.procedure.meeting import MeetingHeld, MeetingState, MeetingStatus

__all__ = ["MeetingView", "MeetingsView", "make_meetings"]


class AttendanceView(msgspec.Struct, frozen=True):
    """What one party says of itself; empty while it has said nothing."""

    party: str
    attendance: str
    stated: StatementShown | None


class MeetingView(msgspec.Struct, frozen=True):
    """One meeting as it was stated, with each party's own word and the evidence."""

    id: str
    held: StatementShown | None
    status: str
    cells: tuple[AttendanceView, ...]
    evidence: tuple[StatementShown, ...]


class OwedView(msgspec.Struct, frozen=True):
    """One party's own word on the meeting of one year, by the version in force (P85). `met_by` is empty until then."""

    party: str
    due_at: int
    verdict: Annotated[str, one_of(DutyVerdict)]
    met_by: str
    is_late: bool
    excuse: Annotated[str, one_of(ExcuseReason)] | None
    policy: str


class PromisedView(msgspec.Struct, frozen=True):
    """A commitment that a meeting meets: how often, when the last one that all confirmed began (0: none here), and who
    owes a word on the last year that ended and the one that runs.
    """

    commitment: str
    titles: Mapping[str, str]
    cadence: str
    last_confirmed_at: int
    owed: tuple[OwedView, ...] = ()


class MeetingsView(msgspec.Struct, frozen=True):
    """All meetings on the signed record, the latest first; the commitments that they serve; what is planned ahead."""

    meetings: tuple[MeetingView, ...]
    commitments: tuple[PromisedView, ...]
    planned: tuple[PlannedView, ...] = ()


def make_meetings(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view."""

    @get(
        "/v1/meetings",
        summary="Meetings: planned, held, with evidence; the last under each commitment, and who owes a word",
    )
    async def meetings(
        as_of: Annotated[int, Parameter(ge=0, le=INSTANT_MS_MAX, description="For which instant; 0 is now.")] = 0,
    ) -> MeetingsView:
        return show_meetings(desk.node.machine, as_of=Instant(as_of) if as_of != NEVER else desk.node.now())

    return [meetings]


def show_meetings(machine: Machine, *, as_of: Instant) -> MeetingsView:
    """Return what is on this record, duties judged at an instant."""
    rows: list[tuple[int, MeetingView]] = []
    last: dict[str, int] = {}
    for state in list_meetings(machine):
        entry = None if state.held is None else state.held.stated.entry
        began_at = entry.began_at if isinstance(entry, MeetingHeld) else 0
        rows.append((-began_at, _show(state)))
        if isinstance(entry, MeetingHeld) and state.status is MeetingStatus.CONFIRMED:
            last[entry.commitment] = max(began_at, last.get(entry.commitment, 0))
    owed = judge_meetings_owed(machine, as_of)
    promised = tuple(
        PromisedView(row.id, list_versions(row.title), row.cadence.value, last.get(row.id, 0), _list_owed(owed, row.id))
        for row in machine.pact.commitments
        if EvidenceKind.MEETING in row.evidence
    )
    return MeetingsView(tuple(view for _, view in sorted(rows, key=lambda row: (row[0], row[1].id))), promised,
                        show_planned(machine, as_of=as_of))  # fmt: skip


def _list_owed(duties: Iterable[Duty], commitment: str) -> tuple[OwedView, ...]:
    return tuple(
        OwedView(
            duty.party, duty.due_at, duty.verdict.value, "" if duty.met_by is None else duty.met_by.hex(), duty.is_late,
            None if duty.excuse is None else duty.excuse.value, duty.policy or "",
        )
        for duty in duties
        if duty.clause == commitment
    )  # fmt: skip


def _show(state: MeetingState) -> MeetingView:
    return MeetingView(
        id=state.scope.ref.hex(),
        held=None if state.held is None else format_statement(state.held.stated),
        status=state.status.value,
        cells=tuple(
            AttendanceView(
                cell.party,
                "" if cell.attendance is None else cell.attendance.value,
                None if cell.stated is None else format_statement(cell.stated),
            )
            for cell in state.cells
        ),
        evidence=tuple(map(format_statement, state.evidence)),
    )
