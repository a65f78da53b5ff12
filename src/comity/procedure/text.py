"""Statements about a text that several parties issue as one. All bind: each change has an entry of its own.

The *version digest* names all language versions of one version together, with the version that it follows; so a text
that is changed and changed back is a new version, and consent to the old one is not consent to it.
Everything but the wording itself is procedural: a break or a hold can't be stopped by a release rule.
"""

import enum
import hashlib
from typing import Annotated, ClassVar

import msgspec

from comity.base.encoding import encode
from comity.base.limits import AUDIENCE_COUNT_MAX
from comity.base.names import Bytes32, Digest
from comity.crypto.label import label
from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.fields import (
    IdField,
    Languages,
    OptionalCitation,
    PartyField,
    check_ascending,
    check_languages,
)

__all__ = [
    "ENTRIES",
    "BreakReason",
    "HoldLifted",
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
    "TextKind",
    "TextOpened",
    "TextReceived",
    "TextVersionProposed",
    "TextWithdrawn",
    "find_version_digest",
]


class TextKind(enum.StrEnum):
    """What the text is to be."""

    JOINT_STATEMENT = "joint-statement"
    PRESS_LINE = "press-line"
    PLAN = "plan"
    RECORD_OF_DISCUSSION = "record-of-discussion"


class BreakReason(enum.StrEnum):
    """Why a party breaks silence; an amendment breaks it as an objection does (FACTS 6)."""

    OBJECTION = "objection"
    AMENDMENT = "amendment"
    NO_INSTRUCTIONS = "no-instructions"
    RECEIVED_TOO_LATE = "received-too-late"


class _OfText(Entry, frozen=True):
    """What all entries of a text share; not a type of its own."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("text", "text")


class TextOpened(_OfText, frozen=True):
    """Its author opens a text and holds the pen. Every version must be in all `languages`."""

    belongs_to: ClassVar[tuple[str, str]] = ("text", "")
    consultation: OptionalCitation
    kind: TextKind
    languages: Languages

    def __post_init__(self) -> None:
        check_ascending(self.languages)


class TextVersionProposed(_OfText, frozen=True):
    """The penholder puts a version. `follows` is the digest of the version before it, if any."""

    procedural: ClassVar[bool] = False
    text: EntryId
    follows: OptionalCitation
    body: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.body)


class TextAmendmentProposed(_OfText, frozen=True):
    """Any party's wording for the penholder to take up. By itself it breaks nothing."""

    procedural: ClassVar[bool] = False
    text: EntryId
    version: Bytes32
    body: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.body)


class TextWithdrawn(_OfText, frozen=True):
    """The penholder takes the text off the table."""

    text: EntryId


class PenHandedOver(_OfText, frozen=True):
    """The penholder hands the pen to `to`. The pen rests until it is taken."""

    text: EntryId
    to: PartyField


class PenTakenOver(_OfText, frozen=True):
    """Its author takes the pen that `handed_over` offered."""

    text: EntryId
    handed_over: EntryId


class SilenceProposed(_OfText, frozen=True):
    """The penholder asks for silence on a version until `until_at` (S-time).

    `notice_ms`: how long before S-time each party must have had the text; the pact's minimum counts if it is longer.
    """

    text: EntryId
    version: Bytes32
    until_at: InstantField
    notice_ms: InstantField


class SilenceExtended(_OfText, frozen=True):
    """The penholder moves S-time of the same version from `from_at` to a later instant."""

    text: EntryId
    version: Bytes32
    from_at: InstantField
    until_at: InstantField
    notice_ms: InstantField

    def __post_init__(self) -> None:
        if not self.from_at < self.until_at:
            raise ValueError("an extension ends after what it extends")


class TextReceived(_OfText, frozen=True):
    """The node has all language versions, and knows S-time. Without it silence is never counted as consent."""

    text: EntryId
    version: Bytes32
    until_at: InstantField


class SilenceHeld(_OfText, frozen=True):
    """An officer needs time: counts as broken if not lifted by S-time."""

    text: EntryId
    version: Bytes32
    role: IdField
    officer: IdField


class HoldLifted(_OfText, frozen=True):
    """The author's holds on this version are lifted."""

    text: EntryId
    version: Bytes32
    role: IdField
    officer: IdField


class SilenceBroken(_OfText, frozen=True):
    """An officer breaks silence on a version: one is enough."""

    text: EntryId
    version: Bytes32
    reason: BreakReason
    role: IdField
    officer: IdField


class SilenceKept(_OfText, frozen=True):
    """The node states that its party kept silence until S-time, and that it has been up since `up_since_at`."""

    text: EntryId
    version: Bytes32
    until_at: InstantField
    up_since_at: InstantField


class TextAgreed(_OfText, frozen=True):
    """An officer agrees to a version, with or without a silence procedure."""

    text: EntryId
    version: Bytes32
    role: IdField
    officer: IdField


class TextAdoptionSeen(_OfText, frozen=True):
    """Its author saw every party's consent to a version, the entries named; `until_at` is S-time, or 0 without silence.

    It makes what was adopted stay adopted, whatever is found out later about the page of a consent (J18).
    """

    text: EntryId
    version: Bytes32
    until_at: InstantField
    consents: Annotated[tuple[EntryId, ...], msgspec.Meta(min_length=1, max_length=AUDIENCE_COUNT_MAX)]

    def __post_init__(self) -> None:
        check_ascending(self.consents)


ENTRIES: tuple[type[Entry], ...] = (
    TextOpened,
    TextVersionProposed,
    TextAmendmentProposed,
    TextWithdrawn,
    PenHandedOver,
    PenTakenOver,
    SilenceProposed,
    SilenceExtended,
    TextReceived,
    SilenceHeld,
    HoldLifted,
    SilenceBroken,
    SilenceKept,
    TextAgreed,
    TextAdoptionSeen,
)


def find_version_digest(version: TextVersionProposed) -> Digest:
    """Return SHA-256 over the label `text-version` and the encoded text id, predecessor and body (P15)."""
    content = encode((version.text, version.follows, version.body))
    return Digest(hashlib.sha256(label("text-version") + content).digest())
