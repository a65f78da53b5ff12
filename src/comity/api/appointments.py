"""Meetings that are planned, over the API: the setting that stands, each invited party's own answer, the status."""

from typing import Annotated

import msgspec

from comity.api.form import format_statement
from comity.api.views.basic import one_of
from comity.api.views.record import StatementShown
from comity.base.instants import Instant
from comity.machine.appointments import Planned, list_planned
from comity.machine.machine import Machine
from comity.procedure.appointment import AppointmentStatus, InvitationAnswer
from comity.procedure.call import Medium

__all__ = ["PlannedView", "SettingView", "show_planned"]


class SettingView(msgspec.Struct, frozen=True):
    """When, by what means, at whose invitation, where, on what. `stated_by` is the entry that an answer names."""

    stated_by: str
    starts_at: int
    ends_at: int
    medium: Annotated[str, one_of(Medium)]
    host: tuple[str, ...]
    place: tuple[str, ...]
    agenda: tuple[str, ...]


class AnswerView(msgspec.Struct, frozen=True):
    """What one invited party answered to the setting that stands; empty while it has not."""

    party: str
    answer: Annotated[str, one_of(InvitationAnswer, more=("",))]
    stated: StatementShown | None


class PlannedView(msgspec.Struct, frozen=True):
    """One planned meeting at an instant (P95). `held` are the ids of the meetings by which it was held."""

    id: str
    planned: StatementShown
    setting: SettingView
    moves: tuple[StatementShown, ...]
    cells: tuple[AnswerView, ...]
    called_off: StatementShown | None
    status: Annotated[str, one_of(AppointmentStatus)]
    held: tuple[str, ...]


def show_planned(machine: Machine, *, as_of: Instant) -> tuple[PlannedView, ...]:
    """Return all of them, those that begin first first."""
    return tuple(map(_show, list_planned(machine, as_of=as_of)))


def _show(row: Planned) -> PlannedView:
    state, setting = row.state, row.setting
    return PlannedView(
        id=state.scope.ref.hex(),
        planned=format_statement(row.stated),
        setting=SettingView(
            state.settings[-1].id.hex(), setting.starts_at, setting.ends_at, setting.medium.value, setting.host,
            setting.place, tuple(id_.hex() for id_ in setting.agenda),
        ),
        moves=tuple(map(format_statement, state.settings[1:])),
        cells=tuple(
            AnswerView(
                cell.party,
                "" if cell.answer is None else cell.answer.value,
                None if cell.stated is None else format_statement(cell.stated),
            )
            for cell in state.cells
        ),
        called_off=None if state.called_off is None else format_statement(state.called_off),
        status=row.status.value,
        held=tuple(meeting.scope.ref.hex() for meeting in row.held),
    )  # fmt: skip
