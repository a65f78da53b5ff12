"""Hotline, line tests and corrections: the entries of P3, P28, P29 and P70 to P73."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Clause, Entry, Level, MaybeId, Name, Parties, Party, Text, ascends
from comity.base.names import Bytes32

__all__ = [
    "EntryCorrected",
    "EntryWithdrawn",
    "LineTestAnsweredByMachine",
    "LineTestAnsweredByPerson",
    "LineTestSent",
    "MessageAcknowledged",
    "MessageRead",
    "MessageReadBack",
    "MessageSent",
    "MessageTranslated",
    "PhraseReadBack",
    "PhraseSent",
    "VoiceCallConfirmed",
    "VoiceCallLogged",
]

Precedence = Literal["flash", "immediate", "priority", "routine"]
Reason = Literal["mistake", "superseded", "duplicate", "wrong-addressee", "not-authorised"]


class MessageSent(Entry, frozen=True):
    """P28."""

    is_procedural: ClassVar[bool] = False
    channel: Clause
    level: Level
    precedence: Precedence
    consultation: MaybeId
    answers: MaybeId
    body: Text

    def is_sound(self) -> bool:
        return self.body.is_sound()


class MessageRead(Entry, frozen=True):
    """P28."""

    message: Bytes32
    officer: Name


class MessageAcknowledged(Entry, frozen=True):
    """P28."""

    message: Bytes32
    role: Name
    officer: Name


class MessageReadBack(Entry, frozen=True):
    """P28."""

    is_procedural: ClassVar[bool] = False
    message: Bytes32
    body: Text

    def is_sound(self) -> bool:
        return self.body.is_sound()


class Filled(Shape, frozen=True):
    """P70: a phrase, and what fills its gaps."""

    phrase: Clause
    parties: Annotated[tuple[Party, ...], Meta(max_length=4)]
    instants: Annotated[tuple[At, ...], Meta(max_length=4)]
    numbers: Annotated[tuple[Annotated[int, Meta(ge=0, le=999_999_999)], ...], Meta(max_length=4)]


class PhraseSent(Entry, frozen=True):
    """P70."""

    channel: Clause
    level: Level
    precedence: Precedence
    consultation: MaybeId
    answers: MaybeId
    filled: Filled


class PhraseReadBack(Entry, frozen=True):
    """P71."""

    message: Bytes32
    filled: Filled


class MessageTranslated(Entry, frozen=True):
    """P72."""

    is_procedural: ClassVar[bool] = False
    message: Bytes32
    role: Name
    officer: Name
    body: Text

    def is_sound(self) -> bool:
        return self.body.is_sound()


Codes = Annotated[tuple[Annotated[str, Meta(pattern=r"^[A-Z0-9]{1,8}\Z")], ...], Meta(max_length=1)]
Check = Literal["proved", "failed", "not-asked"]


class VoiceCallLogged(Entry, frozen=True):
    """P73."""

    channel: Clause
    level: Level
    parties: Parties
    began_at: At
    ended_at: At
    check: Check
    challenge: Codes
    reply: Codes
    consultation: MaybeId
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        named = len(self.parties) > 0 and ascends(self.parties)
        return named and self.ended_at > self.began_at and _fits(self.check, self.challenge, self.reply)


class VoiceCallConfirmed(Entry, frozen=True):
    """P73."""

    call: Bytes32
    check: Check
    challenge: Codes
    reply: Codes
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        return _fits(self.check, self.challenge, self.reply)


def _fits(check: str, challenge: tuple[str, ...], reply: tuple[str, ...]) -> bool:
    """P73: which codes each result has."""
    has = (len(challenge), len(reply))
    return has in {"proved": ((1, 1),), "failed": ((1, 0), (1, 1)), "not-asked": ((0, 0),)}[check]


class LineTestSent(Entry, frozen=True):
    """P29."""

    channel: Clause
    slot_at: At


class LineTestAnsweredByMachine(Entry, frozen=True):
    """P29."""

    channel: Clause
    slot_at: At
    test: Bytes32


class LineTestAnsweredByPerson(Entry, frozen=True):
    """P29."""

    channel: Clause
    slot_at: At
    test: Bytes32
    role: Name
    officer: Name


class EntryCorrected(Entry, frozen=True):
    """P3."""

    is_procedural: ClassVar[bool] = False
    entry: Bytes32
    reason: Reason
    replacement: bytes


class EntryWithdrawn(Entry, frozen=True):
    """P3."""

    entry: Bytes32
    reason: Reason
