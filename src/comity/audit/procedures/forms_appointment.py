"""Planned meetings: the entries of P89 and P94."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Clause, Entry, Ids, Level, MaybeId, Name, Parties, Party, ascends
from comity.audit.procedures.forms_watch import MeetingHeld
from comity.base.names import Bytes32

__all__ = [
    "InvitationAnswered", "MeetingCalledOff", "MeetingMoved", "MeetingPlanned", "PlannedMeetingHeld", "Setting",
]  # fmt: skip


class Setting(Shape, frozen=True):
    """P89."""

    starts_at: At
    ends_at: At
    medium: Literal["voice", "video", "in-person", "text"]
    host: Annotated[tuple[Party, ...], Meta(max_length=1)]
    place: Annotated[tuple[Name, ...], Meta(max_length=1)]
    agenda: Ids

    def is_sound(self) -> bool:
        """It ends after it begins."""
        return self.ends_at > self.starts_at and ascends(self.agenda)


class MeetingPlanned(Entry, frozen=True):
    """P89."""

    binds: ClassVar[bool] = True
    commitment: Clause
    body: Annotated[tuple[Name, ...], Meta(max_length=1)]
    level: Level
    invited: Annotated[Parties, Meta(min_length=1)]
    consultation: MaybeId
    setting: Setting

    def is_sound(self) -> bool:
        return ascends(self.invited) and self.setting.is_sound()


class MeetingMoved(Entry, frozen=True):
    """P89."""

    binds: ClassVar[bool] = True
    appointment: Bytes32
    setting: Setting

    def is_sound(self) -> bool:
        return self.setting.is_sound()


class MeetingCalledOff(Entry, frozen=True):
    """P89."""

    binds: ClassVar[bool] = True
    appointment: Bytes32
    reason: Literal["not-able", "not-needed", "collides", "no-instructions", "national-decision"]


class InvitationAnswered(Entry, frozen=True):
    """P89."""

    binds: ClassVar[bool] = True
    appointment: Bytes32
    setting: Bytes32
    answer: Literal["will-attend", "cannot-attend", "other-time"]
    starts_at: At
    ends_at: At
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        if self.answer == "other-time":
            return self.starts_at < self.ends_at
        return (self.starts_at, self.ends_at) == (0, 0)


class PlannedMeetingHeld(MeetingHeld, frozen=True):
    """P94: the fields of P79, and the planned meeting that it was."""

    appointment: Bytes32
