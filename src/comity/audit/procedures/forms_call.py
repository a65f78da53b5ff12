"""Threat and consultation: the entries of P6 and P7."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Clause, Entry, Ids, Level, Name, Parties, Some, Text, ascends
from comity.base.names import Bytes32

__all__ = [
    "Acknowledged",
    "AcknowledgementWithdrawn",
    "CallDeclined",
    "ConclusionStated",
    "ConsultationCalled",
    "ConsultationConvened",
    "InstructionsAwaited",
    "PositionExplained",
    "PositionStated",
    "ThreatReported",
]

Kind = Literal[
    "missile-launch", "nuclear-test", "maritime-incident", "air-incident", "land-incident", "space-incident",
    "cyber-incident", "economic-pressure", "information-manipulation", "disaster", "other",
]  # fmt: skip


class Source(Shape, frozen=True):
    """P6, by the Admiralty code."""

    kind: Literal["own-sensor", "own-reporting", "party", "other-state", "open-source"]
    reliability: Literal["A", "B", "C", "D", "E", "F"]
    credibility: Annotated[int, Meta(ge=1, le=6)]


class ThreatReported(Entry, frozen=True):
    """P6."""

    is_procedural: ClassVar[bool] = False
    kind: Kind
    occurred_at: At
    threatened: Parties
    sources: Annotated[tuple[Source, ...], Some]
    narrative: Text

    def is_sound(self) -> bool:
        return ascends(self.threatened) and self.narrative.is_sound()


class ConsultationCalled(Entry, frozen=True):
    """P7."""

    commitment: Clause
    level: Level
    kind: Kind
    threats: Ids
    threatened: Parties

    def is_sound(self) -> bool:
        return ascends(self.threats) and ascends(self.threatened)


class Acknowledged(Entry, frozen=True):
    """P7."""

    consultation: Bytes32
    role: Name
    officer: Name


class AcknowledgementWithdrawn(Entry, frozen=True):
    """P7."""

    consultation: Bytes32
    acknowledgement: Bytes32


class CallDeclined(Entry, frozen=True):
    """P7."""

    consultation: Bytes32
    reason: Literal["not-affected", "other-channel", "own-response", "no-instructions", "not-stated"]


class ConsultationConvened(Entry, frozen=True):
    """P7."""

    consultation: Bytes32
    level: Level
    medium: Literal["voice", "video", "in-person", "text"]
    starts_at: At


class PositionStated(Entry, frozen=True):
    """P7, P11."""

    consultation: Bytes32
    subject: Bytes32
    position: Literal["support", "support-with-reserve", "accept-ad-referendum", "object", "no-instructions"]
    confirm_by_at: At

    def is_sound(self) -> bool:
        return (self.position == "accept-ad-referendum") == (self.confirm_by_at > 0)


class PositionExplained(Entry, frozen=True):
    """P7."""

    is_procedural: ClassVar[bool] = False
    consultation: Bytes32
    position: Bytes32
    text: Text

    def is_sound(self) -> bool:
        return self.text.is_sound()


class InstructionsAwaited(Entry, frozen=True):
    """P82."""

    consultation: Bytes32
    subject: Bytes32
    expected_at: At


class ConclusionStated(Entry, frozen=True):
    """P7, P4."""

    binds: ClassVar[bool] = True
    consultation: Bytes32
    outcome: Literal["response-matched", "views-exchanged", "no-action", "moved-elsewhere"]
