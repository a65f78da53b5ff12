"""Texts: the entries of P14, P74 and P75."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.procedures.forms import At, Entry, Language, MaybeId, Name, Party, Text, ascends
from comity.base.limits import CITATION_COUNT_MAX, LANGUAGE_COUNT_MAX
from comity.base.names import Bytes32

__all__ = [
    "BracketLifted",
    "HoldLifted",
    "PassageBracketed",
    "PassageWorded",
    "PenHandedOver",
    "PenTakenOver",
    "SilenceBroken",
    "SilenceExtended",
    "SilenceHeld",
    "SilenceKept",
    "SilenceProposed",
    "TextAdoptionSeen",
    "TextAgreed",
    "TextAmendmentProposed",
    "TextOpened",
    "TextReceived",
    "TextVersionProposed",
    "TextWithdrawn",
]


class TextOpened(Entry, frozen=True):
    """P14."""

    binds: ClassVar[bool] = True
    consultation: MaybeId
    kind: Literal["joint-statement", "press-line", "plan", "record-of-discussion"]
    languages: Annotated[tuple[Language, ...], Meta(min_length=1, max_length=LANGUAGE_COUNT_MAX)]

    def is_sound(self) -> bool:
        return ascends(self.languages)


class TextVersionProposed(Entry, frozen=True):
    """P14, P15."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    text: Bytes32
    follows: MaybeId
    body: Text

    def is_sound(self) -> bool:
        return self.body.is_sound()


class TextAmendmentProposed(Entry, frozen=True):
    """P14."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    text: Bytes32
    version: Bytes32
    body: Text

    def is_sound(self) -> bool:
        return self.body.is_sound()


class TextWithdrawn(Entry, frozen=True):
    """P14."""

    binds: ClassVar[bool] = True
    text: Bytes32


class PenHandedOver(Entry, frozen=True):
    """P13."""

    binds: ClassVar[bool] = True
    text: Bytes32
    to: Party


class PenTakenOver(Entry, frozen=True):
    """P13."""

    binds: ClassVar[bool] = True
    text: Bytes32
    handed_over: Bytes32


class SilenceProposed(Entry, frozen=True):
    """P16."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    until_at: At
    notice_ms: At


class SilenceExtended(Entry, frozen=True):
    """P16."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    from_at: At
    until_at: At
    notice_ms: At

    def is_sound(self) -> bool:
        return self.until_at > self.from_at


class TextReceived(Entry, frozen=True):
    """P19."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    until_at: At


class SilenceHeld(Entry, frozen=True):
    """P18."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    role: Name
    officer: Name


class HoldLifted(Entry, frozen=True):
    """P18."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    role: Name
    officer: Name


class SilenceBroken(Entry, frozen=True):
    """P18."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    reason: Literal["objection", "amendment", "no-instructions", "received-too-late"]
    role: Name
    officer: Name


class SilenceKept(Entry, frozen=True):
    """P19."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    until_at: At
    up_since_at: At


class TextAgreed(Entry, frozen=True):
    """P18."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    role: Name
    officer: Name


class TextAdoptionSeen(Entry, frozen=True):
    """P22."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    until_at: At
    consents: Annotated[tuple[Bytes32, ...], Meta(min_length=1, max_length=CITATION_COUNT_MAX)]

    def is_sound(self) -> bool:
        return ascends(self.consents)


Place = Annotated[int, Meta(ge=0, le=16_384)]


class PassageBracketed(Entry, frozen=True):
    """P74."""

    binds: ClassVar[bool] = True
    text: Bytes32
    version: Bytes32
    passages: Annotated[tuple[tuple[Language, Place, Place], ...], Meta(min_length=1, max_length=LANGUAGE_COUNT_MAX)]

    def is_sound(self) -> bool:
        return ascends(row[0] for row in self.passages) and all(end > first for _, first, end in self.passages)


class PassageWorded(Entry, frozen=True):
    """P75."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    text: Bytes32
    bracket: Bytes32
    wording: Text

    def is_sound(self) -> bool:
        return self.wording.is_sound()


class BracketLifted(Entry, frozen=True):
    """P75."""

    binds: ClassVar[bool] = True
    text: Bytes32
    bracket: Bytes32
