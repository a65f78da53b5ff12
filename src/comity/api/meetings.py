"""Meetings over the API: who says that it was there, what shows it, and the last one under each commitment."""

from collections.abc import Mapping

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import format_statement
from comity.api.views.record import StatementShown
from comity.machine.machine import Machine
from comity.pact.commitment import EvidenceKind
from comity.pact.phrase import list_versions
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


class PromisedView(msgspec.Struct, frozen=True):
    """A commitment that a meeting meets: how often, and when the last one that all confirmed began (0: none here)."""

    commitment: str
    titles: Mapping[str, str]
    cadence: str
    last_confirmed_at: int


class MeetingsView(msgspec.Struct, frozen=True):
    """All meetings on the signed record, the latest first, and the commitments that they serve."""

    meetings: tuple[MeetingView, ...]
    commitments: tuple[PromisedView, ...]


def make_meetings(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view."""

    @get("/v1/meetings", summary="Meetings that were held, with evidence, and the last under each commitment")
    async def meetings() -> MeetingsView:
        return show_meetings(desk.node.machine)

    return [meetings]


def show_meetings(machine: Machine) -> MeetingsView:
    """Return what is on this record."""
    rows: list[tuple[int, MeetingView]] = []
    last: dict[str, int] = {}
    for scope in machine.record.list_scopes("meeting"):
        state = machine.record.get_state(scope)
        assert isinstance(state, MeetingState)
        entry = None if state.held is None else state.held.stated.entry
        began_at = entry.began_at if isinstance(entry, MeetingHeld) else 0
        rows.append((-began_at, _show(state)))
        if isinstance(entry, MeetingHeld) and state.status is MeetingStatus.CONFIRMED:
            last[entry.commitment] = max(began_at, last.get(entry.commitment, 0))
    promised = tuple(
        PromisedView(row.id, list_versions(row.title), row.cadence.value, last.get(row.id, 0))
        for row in machine.pact.commitments
        if EvidenceKind.MEETING in row.evidence
    )
    return MeetingsView(tuple(view for _, view in sorted(rows, key=lambda row: (row[0], row[1].id))), promised)


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
