"""What the record says of the warning feed: the entries of W16, W17, W30 and W55."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Clause, Entry, Parties, Party, Some, ascends
from comity.audit.procedures.forms_call import Kind, Source, ThreatReported
from comity.base.limits import AUDIENCE_COUNT_MAX, INCARNATION_MAX
from comity.base.names import PARTY_PATTERN, Bytes32, Uint

__all__ = [
    "DetectedThreatReported",
    "DraftDiscarded",
    "PublicWarned",
    "ThreatDetected",
    "ThreatDrafted",
    "WarningAnchored",
]

_Axis = Annotated[int, Meta(ge=1, le=200_000_000)]
_Track = Annotated[str, Meta(pattern=rf"^{PARTY_PATTERN}-(0/[0-9]{{1,10}}|[0-9]{{4,10}})\Z")]


class WarningAnchored(Entry, frozen=True):
    """W30."""

    binds: ClassVar[bool] = True
    audience: Annotated[tuple[Party, ...], Meta(min_length=2, max_length=AUDIENCE_COUNT_MAX)]
    incarnation: Annotated[int, Meta(ge=0, le=INCARNATION_MAX)]
    number: Uint
    page: Bytes32

    def is_sound(self) -> bool:
        return ascends(self.audience)


class Spot(Shape, frozen=True):
    """W16: a place with its ellipse."""

    at: At
    north: Annotated[int, Meta(ge=0, le=1_800_000_000)]
    east: Annotated[int, Meta(ge=0, lt=3_600_000_000)]
    semi_major: _Axis
    semi_minor: _Axis
    bearing: Annotated[int, Meta(ge=0, lt=18_000)]


MaybeSpot = Annotated[tuple[Spot, ...], Meta(max_length=1)]


class Evidence(Shape, frozen=True):
    """W16."""

    rule: Clause
    class_: Clause
    area: Clause
    event: Literal["launch-in", "impact-in", "enters"]
    precedence: Literal["flash", "immediate", "priority", "routine"]
    percent: Annotated[int, Meta(ge=0, le=100)]
    tracks: Annotated[tuple[_Track, ...], Meta(min_length=1, max_length=64)]
    at: At
    place: Spot
    launch: MaybeSpot
    impact: MaybeSpot
    basis: Bytes32

    def is_sound(self) -> bool:
        """Tracks ascend."""
        return ascends(self.tracks)


class _Detected(ThreatReported, frozen=True):
    """W16: the fields of both."""

    evidence: Evidence

    def is_sound(self) -> bool:
        return super().is_sound() and self.evidence.is_sound()


class ThreatDetected(_Detected, frozen=True):
    """W16, by a node."""


class DetectedThreatReported(_Detected, frozen=True):
    """W16, by an officer."""


class ThreatDrafted(Entry, frozen=True):
    """W17."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    kind: Kind
    occurred_at: At
    threatened: Parties
    sources: Annotated[tuple[Source, ...], Some]
    readers: Parties
    evidence: Evidence

    def is_sound(self) -> bool:
        return ascends(self.threatened) and ascends(self.readers) and self.evidence.is_sound()


class DraftDiscarded(Entry, frozen=True):
    """W17."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    draft: Bytes32
    reason: Literal["false-alarm", "known", "not-for-us", "other"]
    words: Annotated[str, Meta(max_length=400)]
    discarded_at: At


class PublicWarned(Entry, frozen=True):
    """W55."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    report: Bytes32
    area: Clause
    step: Literal["alert", "update", "cancel", "all-clear"]
    kind: Kind
    evidence: Evidence
    expires_at: At

    def is_sound(self) -> bool:
        return self.evidence.is_sound()
