"""Statements that open a consultation and answer the call. All are procedural: no release rule can stop them.

Any party may call, for a threat to any (DESIGN section 5). Declining is lawful: it is a duty to consult, not to act.
"""

import enum
from typing import ClassVar

from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import Citations, ClauseField, IdField, Level, Parties, check_ascending
from comity.procedure.threat import ThreatKind

__all__ = [
    "ENTRIES",
    "Acknowledged",
    "AcknowledgementWithdrawn",
    "CallDeclined",
    "ConclusionStated",
    "ConsultationCalled",
    "ConsultationConvened",
    "DeclineReason",
    "Medium",
    "Outcome",
]

_CONSULTATION = ("consultation", "consultation")


class DeclineReason(enum.StrEnum):
    """Why a party takes no part."""

    NOT_AFFECTED = "not-affected"
    OTHER_CHANNEL = "other-channel"
    OWN_RESPONSE = "own-response"
    NO_INSTRUCTIONS = "no-instructions"
    NOT_STATED = "not-stated"


class Medium(enum.StrEnum):
    """How the parties confer."""

    VOICE = "voice"
    VIDEO = "video"
    IN_PERSON = "in-person"
    TEXT = "text"


class Outcome(enum.StrEnum):
    """What a party holds to be the result."""

    RESPONSE_MATCHED = "response-matched"
    VIEWS_EXCHANGED = "views-exchanged"
    NO_ACTION = "no-action"
    MOVED_ELSEWHERE = "moved-elsewhere"


class ConsultationCalled(Entry, frozen=True):
    """Its author calls for consultation under `commitment`, a clause of the pact, on the threats named."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("consultation", "")
    commitment: ClauseField
    level: Level
    kind: ThreatKind
    threats: Citations
    threatened: Parties

    def __post_init__(self) -> None:
        check_ascending(self.threats)
        check_ascending(self.threatened)


class Acknowledged(Entry, frozen=True):
    """An officer, by pseudonym, in `role` has the call; whether that role may acknowledge is the pact's policy."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = _CONSULTATION
    consultation: EntryId
    role: IdField
    officer: IdField


class AcknowledgementWithdrawn(Entry, frozen=True):
    """An own acknowledgement no longer holds: the officer left, or took another call for this one."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = _CONSULTATION
    consultation: EntryId
    acknowledgement: EntryId


class CallDeclined(Entry, frozen=True):
    """Its author takes no part. An answer to the call, and a lawful one."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = _CONSULTATION
    consultation: EntryId
    reason: DeclineReason


class ConsultationConvened(Entry, frozen=True):
    """Its author convenes a sitting. Texts are silent on the convener, so any party may."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = _CONSULTATION
    consultation: EntryId
    level: Level
    medium: Medium
    starts_at: InstantField


class ConclusionStated(Entry, frozen=True):
    """Its author holds the consultation to be concluded. Concluded means that every party has said so."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = _CONSULTATION
    consultation: EntryId
    outcome: Outcome


ENTRIES: tuple[type[Entry], ...] = (
    ConsultationCalled,
    Acknowledged,
    AcknowledgementWithdrawn,
    CallDeclined,
    ConsultationConvened,
    ConclusionStated,
)
