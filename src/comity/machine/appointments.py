"""Meetings that are planned, as one party's machine holds the record: where each stands, by what it was held (P95)."""

from collections.abc import Iterator
from typing import NamedTuple

from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.machine.meetings import list_meetings
from comity.procedure.appointment import (
    AppointmentState,
    AppointmentStatus,
    MeetingPlanned,
    Setting,
    judge_appointment,
    list_held_by,
)
from comity.procedure.meeting import MeetingState
from comity.procedure.stated import Stated

__all__ = ["Planned", "find_invitations", "list_planned"]


class Planned(NamedTuple):
    """A planned meeting that is here: who planned what, the setting that stands, where it stands at an instant."""

    state: AppointmentState
    stated: Stated
    entry: MeetingPlanned
    setting: Setting
    status: AppointmentStatus
    held: tuple[MeetingState, ...]


def list_planned(machine: Machine, *, as_of: Instant) -> Iterator[Planned]:
    """Yield every planned meeting whose plan is here, those that begin first first."""
    scopes = machine.record.list_scopes("appointment")
    if not scopes:
        return
    held_by = list_held_by(list_meetings(machine))
    found = []
    for state in map(machine.record.get_state, scopes):
        assert isinstance(state, AppointmentState), "a planned meeting folds to its state"
        stated, setting = state.planned, state.setting
        if stated is None or setting is None:
            continue
        assert isinstance(stated.entry, MeetingPlanned), "what opens it plans it"
        held = held_by.get(state.key, ())
        status = judge_appointment(state, held, as_of=as_of)
        found.append(Planned(state, stated, stated.entry, setting, status, held))
    yield from sorted(found, key=lambda row: (row.setting.starts_at, row.state.scope))


def find_invitations(machine: Machine, now: Instant) -> tuple[Planned, ...]:
    """Return the meetings ahead to which this party is invited and has not answered."""
    return tuple(
        row
        for row in list_planned(machine, as_of=now)
        if row.status is AppointmentStatus.PLANNED
        and any(cell.party == machine.party and cell.answer is None for cell in row.state.cells)
    )
