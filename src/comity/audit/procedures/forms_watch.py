"""Meetings and changes of watch: the entries of P79 to P81."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.procedures.forms import At, Clause, Entry, Ids, Level, MaybeId, Name, Parties, Text, ascends
from comity.base.names import Bytes32

__all__ = ["MeetingAttended", "MeetingEvidenceGiven", "MeetingHeld", "ShiftHandedOver", "ShiftRelieved"]

Note = Annotated[tuple[Text, ...], Meta(max_length=1)]


class MeetingHeld(Entry, frozen=True):
    """P79."""

    commitment: Clause
    body: Annotated[tuple[Name, ...], Meta(max_length=1)]
    level: Level
    medium: Literal["voice", "video", "in-person", "text"]
    began_at: At
    ended_at: At
    attended: Parties
    consultation: MaybeId

    def is_sound(self) -> bool:
        return self.ended_at > self.began_at and len(self.attended) >= 2 and ascends(self.attended)


class MeetingAttended(Entry, frozen=True):
    """P79."""

    meeting: Bytes32
    attendance: Literal["attended", "not-attended"]
    role: Name
    officer: Name


class MeetingEvidenceGiven(Entry, frozen=True):
    """P80."""

    is_procedural: ClassVar[bool] = False
    meeting: Bytes32
    form: Literal["communique", "press-release", "minutes", "agenda", "photograph", "recording"]
    dated_at: At
    text: MaybeId
    digest: MaybeId
    source: Text

    def is_sound(self) -> bool:
        return self.source.is_sound()


class ShiftHandedOver(Entry, frozen=True):
    """P81."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    role: Name
    officer: Name
    drafted_at: At
    calls: Ids
    messages: Ids
    texts: Ids
    tests: Ids
    note: Note

    def is_sound(self) -> bool:
        lists = (self.calls, self.messages, self.texts, self.tests)
        return all(map(ascends, lists)) and all(text.is_sound() for text in self.note)


class ShiftRelieved(Entry, frozen=True):
    """P81."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    shift: Bytes32
    role: Name
    officer: Name
    note: Note

    def is_sound(self) -> bool:
        return all(text.is_sound() for text in self.note)
