"""What a node shows of planned meetings, in the form in which the audit says it (P93 to P95)."""

from collections.abc import Iterator

from comity.audit.procedures.scope import Scope as SecondScope
from comity.audit.procedures.view import ObjectView
from comity.base.instants import Instant
from comity.procedure.appointment import AppointmentState, judge_appointment, list_held_by
from comity.procedure.meeting import MeetingState
from comity.procedure.record import Record
from comity.procedure.stated import Stated

__all__ = ["show_appointments"]


def show_appointments(record: Record, *, as_of: Instant) -> Iterator[ObjectView]:
    """Yield each planned meeting, with the meetings by which it was held."""
    meetings = [record.get_state(scope) for scope in record.list_scopes("meeting")]
    held_by = list_held_by(state for state in meetings if isinstance(state, MeetingState))
    for state in map(record.get_state, record.list_scopes("appointment")):
        assert isinstance(state, AppointmentState)
        held = held_by.get(state.key, ())
        status = judge_appointment(state, held, as_of=as_of).value
        cells = tuple((cell.party, _id(cell.stated)) for cell in state.cells)
        facts = (_id(state.settings[-1] if state.settings else None), tuple(sorted(row.scope.ref for row in held)))
        yield ObjectView(SecondScope(*state.scope), status, cells, facts)


def _id(stated: Stated | None) -> bytes:
    return b"" if stated is None else stated.id
