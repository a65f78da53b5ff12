"""Planned meetings, read a second time: which setting stands, who will come, by what it was held (P93 to P95)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.audit.procedures.forms_appointment import (
    InvitationAnswered,
    MeetingCalledOff,
    MeetingMoved,
    MeetingPlanned,
    PlannedMeetingHeld,
)
from comity.audit.procedures.said import Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.audit.procedures.watch import MeetingState
from comity.base.names import Party

__all__ = ["AppointmentState", "find_meetings_held", "judge_appointment"]


@dataclass(frozen=True, slots=True)
class AppointmentState:
    """`ends_at` and `setting` are of the setting that stands; `answers` those to it of each that is asked."""

    scope: Scope
    commitment: str | None
    setting: bytes
    ends_at: int
    answers: Mapping[Party, Said | None]
    is_off: bool

    def show(self, *, is_held: bool, as_of: int) -> str:
        """P95."""
        if self.commitment is None:
            return "awaiting"
        if self.is_off:
            return "called-off"
        if is_held:
            return "held"
        if self.ends_at <= as_of:
            return "past"
        coming = [said is not None and _read_answer(said) == "will-attend" for said in self.answers.values()]
        return "accepted" if coming and all(coming) else "planned"


def judge_appointment(scope: Scope, statements: Sequence[Said]) -> AppointmentState:
    """Judge a planned meeting from all statements about it."""
    opener = next((said for said in statements if said.id == scope.ref), None)
    if opener is None or not isinstance(opener.entry, MeetingPlanned):
        return AppointmentState(scope, None, b"", 0, {}, is_off=False)
    own = order_own([said for said in statements if said.is_good])
    by_planner = own.get(opener.author, [])
    standing, ends_at = opener.id, opener.entry.setting.ends_at
    for said in by_planner:
        if isinstance(said.entry, MeetingMoved):
            standing, ends_at = said.id, said.entry.setting.ends_at
    asked = sorted(({*opener.entry.invited} & {*scope.audience}) - {opener.author})
    answers: dict[Party, Said | None] = {}
    for party in asked:
        fitting = [
            said
            for said in own.get(party, [])
            if isinstance(said.entry, InvitationAnswered) and said.entry.setting == standing
        ]
        answers[party] = fitting[-1] if fitting else None
    is_off = any(isinstance(said.entry, MeetingCalledOff) for said in by_planner)
    return AppointmentState(scope, opener.entry.commitment, standing, ends_at, answers, is_off)


def _read_answer(said: Said) -> str:
    return said.entry.answer if isinstance(said.entry, InvitationAnswered) else ""


def find_meetings_held(state: AppointmentState, meetings: Sequence[MeetingState]) -> list[bytes]:
    """P94: the meetings by which a planned one was held, by id."""
    return sorted(
        meeting.held.id
        for meeting in meetings
        if meeting.held is not None
        and isinstance(meeting.held.entry, PlannedMeetingHeld)
        and (meeting.held.entry.appointment, meeting.held.entry.commitment) == (state.scope.ref, state.commitment)
        and meeting.shown not in ("withdrawn", "contested")
    )
