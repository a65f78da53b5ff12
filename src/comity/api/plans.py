"""Contingency plans over the API: versions with who accepted them, activations, and what nothing meets."""

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import format_statement
from comity.api.sync_matrix import GapView, show_gaps
from comity.api.views.record import StatementShown
from comity.machine.machine import Machine
from comity.procedure.plan import PlanOpened, PlanState
from comity.procedure.plan_gap import find_gaps

__all__ = ["PlanView", "make_plans"]


class PlanCellView(msgspec.Struct, frozen=True):
    """What one party answered to a version: `accepted`, `declined` or nothing yet."""

    party: str
    answer: str
    at: int


class PlanVersionView(msgspec.Struct, frozen=True):
    """One version of a plan."""

    number: int
    stated: StatementShown
    is_accepted: bool
    cells: tuple[PlanCellView, ...]


class ActivationView(msgspec.Struct, frozen=True):
    """A version activated into a consultation, and what of it nothing meets."""

    stated: StatementShown
    version: int
    stands: bool
    is_ended: bool
    gaps: tuple[GapView, ...]


class PlanView(msgspec.Struct, frozen=True):
    """One plan. `in_force` is the number of the version that all have accepted, 0 without one."""

    id: str
    opened: StatementShown | None
    name: str
    status: str
    in_force: int
    versions: tuple[PlanVersionView, ...]
    activations: tuple[ActivationView, ...]


def make_plans(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view."""

    @get("/v1/plans", summary="Contingency plans: versions, who accepted them, activations and gaps")
    async def plans() -> list[PlanView]:
        return list_plans(desk.node.machine)

    return [plans]


def list_plans(machine: Machine) -> list[PlanView]:
    """Return every plan that is here."""
    gaps = find_gaps(machine.record)
    found = []
    for scope in machine.record.list_scopes("plan"):
        state = machine.record.get_state(scope)
        assert isinstance(state, PlanState)
        found.append(
            PlanView(
                id=scope.ref.hex(),
                opened=None if state.opened is None else format_statement(state.opened),
                name=_find_name(state),
                status=state.status.value,
                in_force=0 if state.in_force is None else state.in_force.number,
                versions=_show_versions(state),
                activations=tuple(
                    ActivationView(
                        format_statement(row.stated),
                        0 if row.version is None else row.version.number,
                        row.stands,
                        row.is_ended,
                        tuple(show_gaps(machine, (gap for gap in gaps if gap.activation == row.stated.id))),
                    )
                    for row in state.activations
                ),
            )
        )
    return found


def _find_name(state: PlanState) -> str:
    entry = None if state.opened is None else state.opened.entry
    return entry.name if isinstance(entry, PlanOpened) else ""


def _show_versions(state: PlanState) -> tuple[PlanVersionView, ...]:
    return tuple(
        PlanVersionView(
            version.number,
            format_statement(version.stated),
            version.is_accepted,
            tuple(
                PlanCellView(
                    cell.party,
                    "" if cell.answer is None else "accepted" if cell.has_accepted else "declined",
                    0 if cell.answer is None else cell.answer.written_at,
                )
                for cell in version.cells
            ),
        )
        for version in state.versions
    )
