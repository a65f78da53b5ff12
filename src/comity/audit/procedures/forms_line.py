"""Hotline, line tests and corrections: the entries of P3, P28 and P29."""

from typing import ClassVar, Literal

from comity.audit.procedures.forms import At, Clause, Entry, Level, MaybeId, Name, Text
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
