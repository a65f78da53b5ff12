"""Meetings that were held: when, at which level, under which commitment, who was there, and what shows it.

Rules (docs/spec/procedure.md, P79 and P80)
- One party states that a meeting was held; each other that is said to have attended says for itself whether it did.
- Evidence names a document by where it is found, and by its digest or the text of the record that it is. It proves what
  its source is worth; nothing here weighs it.
- What nobody stated is not said to have been left undone.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from comity.base.names import Bytes32, Party
from comity.procedure.call import Medium
from comity.procedure.correction import Settled, settle
from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.fields import (
    ClauseField,
    IdField,
    Level,
    OptionalCitation,
    Parties,
    check_ascending,
    check_languages,
    check_window,
)
from comity.procedure.own import by_author, shown_order
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "Attendance",
    "EvidenceForm",
    "MeetingAttended",
    "MeetingCell",
    "MeetingEvidenceGiven",
    "MeetingHeld",
    "MeetingState",
    "MeetingStatus",
    "fold_meeting",
]


class Attendance(enum.StrEnum):
    """What a party says of itself."""

    ATTENDED = "attended"
    NOT_ATTENDED = "not-attended"


class EvidenceForm(enum.StrEnum):
    """What a document is."""

    COMMUNIQUE = "communique"
    PRESS_RELEASE = "press-release"
    MINUTES = "minutes"
    AGENDA = "agenda"
    PHOTOGRAPH = "photograph"
    RECORDING = "recording"


class MeetingStatus(enum.StrEnum):
    """How far the parties' own words go."""

    AWAITING = "awaiting"
    WITHDRAWN = "withdrawn"
    CONTESTED = "contested"
    """A party that is said to have attended says that it did not."""
    CONFIRMED = "confirmed"
    """Each party that is said to have attended says so itself."""
    STATED = "stated"


class MeetingHeld(Entry, frozen=True):
    """Its author states that the parties in `attended` met, under a commitment of the pact."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("meeting", "")
    commitment: ClauseField
    body: Annotated[tuple[IdField, ...], msgspec.Meta(max_length=1)]
    level: Level
    medium: Medium
    began_at: InstantField
    ended_at: InstantField
    attended: Parties
    consultation: OptionalCitation

    def __post_init__(self) -> None:
        check_window(starts_at=self.began_at, ends_at=self.ended_at)
        check_ascending(self.attended)
        if len(self.attended) < 2:
            raise ValueError("a meeting is of two at least")


class MeetingAttended(Entry, frozen=True):
    """Its author's own word on whether it was there."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("meeting", "meeting")
    meeting: EntryId
    attendance: Attendance
    role: IdField
    officer: IdField


class MeetingEvidenceGiven(Entry, frozen=True):
    """A document that shows it: where it is found, its SHA-256, or the text of the record that it is."""

    belongs_to: ClassVar[tuple[str, str]] = ("meeting", "meeting")
    meeting: EntryId
    form: EvidenceForm
    dated_at: InstantField
    text: OptionalCitation
    digest: Annotated[tuple[Bytes32, ...], msgspec.Meta(max_length=1)]
    source: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.source)


ENTRIES: tuple[type[Entry], ...] = (MeetingHeld, MeetingAttended, MeetingEvidenceGiven)


@dataclass(frozen=True, slots=True)
class MeetingCell:
    """One party that is said to have attended: its own last word, or None. Whoever stated the meeting has said so."""

    party: Party
    attendance: Attendance | None
    stated: Stated | None


@dataclass(frozen=True, slots=True)
class MeetingState:
    """A meeting as it was stated and stands now. `evidence` is in the order in which statements are shown."""

    scope: Scope
    held: Settled | None
    cells: tuple[MeetingCell, ...]
    evidence: tuple[Stated, ...]
    status: MeetingStatus


def fold_meeting(scope: Scope, statements: Iterable[Stated], policy: Policy) -> MeetingState:
    """Fold one meeting with what each said of it."""
    del policy
    settled = settle(statements)
    held = next((row for row in settled if row.stated.id == scope.ref), None)
    if held is None or not isinstance(held.stated.entry, MeetingHeld):
        return MeetingState(scope, None, (), (), MeetingStatus.AWAITING)
    good = [row.stated for row in settled if row.withdrawn_by is None and row.stated.counts]
    own = by_author(good)
    parties = [party for party in held.stated.entry.attended if party in scope.audience and party != held.stated.author]
    cells = tuple(_fold_cell(party, own.get(party, ())) for party in parties)
    evidence = tuple(sorted((row for row in good if isinstance(row.entry, MeetingEvidenceGiven)), key=shown_order))
    return MeetingState(scope, held, cells, evidence, _judge(held, cells))


def _fold_cell(party: Party, own: Iterable[Stated]) -> MeetingCell:
    cell = MeetingCell(party, None, None)
    for row in own:
        if isinstance(row.entry, MeetingAttended):
            cell = MeetingCell(party, row.entry.attendance, row)
    return cell


def _judge(held: Settled, cells: Iterable[MeetingCell]) -> MeetingStatus:
    if held.withdrawn_by is not None:
        return MeetingStatus.WITHDRAWN
    said = {cell.attendance for cell in cells}
    if Attendance.NOT_ATTENDED in said:
        return MeetingStatus.CONTESTED
    return MeetingStatus.CONFIRMED if said == {Attendance.ATTENDED} else MeetingStatus.STATED
