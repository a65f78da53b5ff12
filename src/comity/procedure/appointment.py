"""Meetings that are planned: when, where, on what; who will come by its own word; by which meeting it was held.

Rules (docs/spec/procedure.md, P89 and P93 to P95)
- Whoever plans a meeting moves it or calls it off. Each other party that is invited answers for itself alone.
- An answer is to a *setting*, the entry that stated it. Who had answered before a meeting moved answers anew.
- Nothing here is owed. That a planned meeting is past says that no party has stated it, not that nobody met.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.call import Medium
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import (
    Citations,
    ClauseField,
    IdField,
    Level,
    OptionalCitation,
    Parties,
    PartyField,
    check_ascending,
    check_window,
)
from comity.procedure.measure import MeasureReason
from comity.procedure.meeting import MeetingHeld, MeetingState, MeetingStatus
from comity.procedure.own import by_author, merge
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "AppointmentState",
    "AppointmentStatus",
    "InvitationAnswer",
    "InvitationAnswered",
    "InvitedCell",
    "MeetingCalledOff",
    "MeetingMoved",
    "MeetingPlanned",
    "PlannedMeetingHeld",
    "Setting",
    "fold_appointment",
    "judge_appointment",
    "list_held_by",
]


class InvitationAnswer(enum.StrEnum):
    """What an invited party says for itself."""

    WILL_ATTEND = "will-attend"
    CANNOT_ATTEND = "cannot-attend"
    OTHER_TIME = "other-time"


class AppointmentStatus(enum.StrEnum):
    """Where a planned meeting stands at an instant."""

    AWAITING = "awaiting"
    CALLED_OFF = "called-off"
    HELD = "held"
    PAST = "past"
    """Its time is over, and nobody here has stated that it was held."""
    ACCEPTED = "accepted"
    """Each party that is invited will attend."""
    PLANNED = "planned"


class Setting(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """When and by what means, who is the host, where, on what. `place` is a name that the parties share."""

    starts_at: InstantField
    ends_at: InstantField
    medium: Medium
    host: Annotated[tuple[PartyField, ...], msgspec.Meta(max_length=1)]
    place: Annotated[tuple[IdField, ...], msgspec.Meta(max_length=1)]
    agenda: Citations

    def __post_init__(self) -> None:
        check_window(starts_at=self.starts_at, ends_at=self.ends_at)
        check_ascending(self.agenda)


class _OfAppointment(Entry, frozen=True):
    """What all entries of a planned meeting share; not a type of its own."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("appointment", "appointment")


class MeetingPlanned(_OfAppointment, frozen=True):
    """Its author plans a meeting under a commitment of the pact, and invites the parties in `invited`."""

    belongs_to: ClassVar[tuple[str, str]] = ("appointment", "")
    commitment: ClauseField
    body: Annotated[tuple[IdField, ...], msgspec.Meta(max_length=1)]
    level: Level
    invited: Parties
    consultation: OptionalCitation
    setting: Setting

    def __post_init__(self) -> None:
        check_ascending(self.invited)
        if not self.invited:
            raise ValueError("a meeting is planned with somebody")


class MeetingMoved(_OfAppointment, frozen=True):
    """Whoever planned the meeting puts another setting in place of the one before."""

    appointment: EntryId
    setting: Setting


class MeetingCalledOff(_OfAppointment, frozen=True):
    """Whoever planned the meeting takes it off, for good."""

    appointment: EntryId
    reason: MeasureReason


class InvitationAnswered(_OfAppointment, frozen=True):
    """Its author's own word on the setting that the entry `setting` stated. A time only where it proposes another."""

    appointment: EntryId
    setting: EntryId
    answer: InvitationAnswer
    starts_at: InstantField
    ends_at: InstantField
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        if self.answer is InvitationAnswer.OTHER_TIME:
            check_window(starts_at=self.starts_at, ends_at=self.ends_at)
        elif self.starts_at or self.ends_at:
            raise ValueError("a time is given only where another one is proposed")


class PlannedMeetingHeld(MeetingHeld, frozen=True):
    """Its author states that a meeting was held which had been planned; else as `MeetingHeld` (P94)."""

    appointment: EntryId


ENTRIES: tuple[type[Entry], ...] = (
    MeetingPlanned,
    MeetingMoved,
    MeetingCalledOff,
    InvitationAnswered,
    PlannedMeetingHeld,
)


@dataclass(frozen=True, slots=True)
class InvitedCell:
    """One party that is invited: its last answer to the setting that stands, or None."""

    party: Party
    answer: InvitationAnswer | None
    stated: Stated | None


@dataclass(frozen=True, slots=True)
class AppointmentState:
    """The fold. `settings` are the planning party's in its order; the last one stands, and is none where it awaits."""

    scope: Scope
    planned: Stated | None
    settings: tuple[Stated, ...]
    cells: tuple[InvitedCell, ...]
    called_off: Stated | None

    @property
    def key(self) -> tuple[bytes, str]:
        """Its id and its commitment, as `list_held_by` has them; no commitment where it awaits."""
        entry = None if self.planned is None else self.planned.entry
        return (self.scope.ref, entry.commitment if isinstance(entry, MeetingPlanned) else "")

    @property
    def setting(self) -> Setting | None:
        """The setting that stands."""
        entry = self.settings[-1].entry if self.settings else None
        return entry.setting if isinstance(entry, MeetingPlanned | MeetingMoved) else None


def fold_appointment(scope: Scope, statements: Iterable[Stated], policy: Policy) -> AppointmentState:
    """Fold the statements of one planned meeting's scope. Disputed statements move nothing and answer nothing."""
    del policy
    merged = merge(statements)
    planned = merged.get(Digest(scope.ref))
    if planned is None or not isinstance(planned.entry, MeetingPlanned):
        return AppointmentState(scope, None, (), (), None)
    own = by_author(row for row in merged.values() if row.counts)
    mine = own.get(planned.author, ())
    settings = (planned, *(row for row in mine if isinstance(row.entry, MeetingMoved)))
    called_off = next((row for row in mine if isinstance(row.entry, MeetingCalledOff)), None)
    parties = [party for party in planned.entry.invited if party in scope.audience and party != planned.author]
    cells = tuple(_fold_cell(party, own.get(party, ()), settings[-1].id) for party in parties)
    return AppointmentState(scope, planned, settings, cells, called_off)


def _fold_cell(party: Party, own: Sequence[Stated], setting: bytes) -> InvitedCell:
    cell = InvitedCell(party, None, None)
    for row in own:
        if isinstance(row.entry, InvitationAnswered) and row.entry.setting == setting:
            cell = InvitedCell(party, row.entry.answer, row)
    return cell


_NOT_HELD = (MeetingStatus.AWAITING, MeetingStatus.WITHDRAWN, MeetingStatus.CONTESTED)


def list_held_by(meetings: Iterable[MeetingState]) -> Mapping[tuple[bytes, str], tuple[MeetingState, ...]]:
    """Return the meetings by which planned ones were held: by the planned one's id and the commitment (P94)."""
    found: dict[tuple[bytes, str], tuple[MeetingState, ...]] = {}
    for state in meetings:
        entry = None if state.held is None else state.held.stated.entry
        if isinstance(entry, PlannedMeetingHeld) and state.status not in _NOT_HELD:
            key = (entry.appointment, entry.commitment)
            found[key] = (*found.get(key, ()), state)
    return found


def judge_appointment(
    state: AppointmentState, held_by: Iterable[MeetingState], *, as_of: Instant
) -> AppointmentStatus:  # fmt: skip
    """Return where a planned meeting stands at an instant (P95)."""
    setting = state.setting
    if setting is None:
        return AppointmentStatus.AWAITING
    if state.called_off is not None:
        return AppointmentStatus.CALLED_OFF
    if any(True for _ in held_by):
        return AppointmentStatus.HELD
    if as_of >= setting.ends_at:
        return AppointmentStatus.PAST
    said = {cell.answer for cell in state.cells}
    return AppointmentStatus.ACCEPTED if said == {InvitationAnswer.WILL_ATTEND} else AppointmentStatus.PLANNED
