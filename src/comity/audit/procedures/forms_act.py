"""Measures and national actions: the entries of P24."""

from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.area import Area, is_area
from comity.audit.procedures.forms import At, Clause, Entry, Ids, MaybeId, Name, Parties, Text, ascends
from comity.base.names import Bytes32

__all__ = [
    "IndicatorReported",
    "MeasureAccepted",
    "MeasureAmended",
    "MeasureDeclined",
    "MeasureDelivered",
    "MeasureOffered",
    "MeasureStarted",
    "MeasureWithdrawn",
    "NationalActionEnded",
    "NationalActionStated",
    "Terms",
]


class Terms(Shape, frozen=True):
    """P24."""

    instrument: Literal[
        "diplomatic", "public-statement", "exercise", "deployment", "patrol", "missile-defence", "surveillance",
        "cyber-defence", "sanctions", "export-control", "economic-support", "relief",
    ]  # fmt: skip
    actor: Name
    areas: Annotated[tuple[Area, ...], Meta(max_length=8)]
    starts_at: At
    ends_at: At
    announce_at: At
    target: Annotated[tuple[Name, ...], Meta(max_length=1)]
    depends_on: Ids
    description: Text
    caveats: Annotated[tuple[Text, ...], Meta(max_length=8)]

    def is_sound(self) -> bool:
        """P24: the window ends after it begins; P26."""
        texts = (self.description, *self.caveats)
        return (
            self.ends_at > self.starts_at
            and ascends(self.depends_on)
            and all(map(is_area, self.areas))
            and all(text.is_sound() for text in texts)
        )


_Reason = Literal["not-able", "not-needed", "collides", "no-instructions", "national-decision"]


class MeasureOffered(Entry, frozen=True):
    """P24."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    consultation: MaybeId
    coordinated_with: Parties
    terms: Terms

    def is_sound(self) -> bool:
        return ascends(self.coordinated_with) and self.terms.is_sound()


class MeasureAmended(Entry, frozen=True):
    """P24."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    measure: Bytes32
    terms: Terms

    def is_sound(self) -> bool:
        return self.terms.is_sound()


class MeasureAccepted(Entry, frozen=True):
    """P24."""

    binds: ClassVar[bool] = True
    measure: Bytes32
    terms: Bytes32


class MeasureDeclined(Entry, frozen=True):
    """P24."""

    binds: ClassVar[bool] = True
    measure: Bytes32
    terms: Bytes32
    reason: _Reason


class MeasureStarted(Entry, frozen=True):
    """P24."""

    binds: ClassVar[bool] = True
    measure: Bytes32


class MeasureDelivered(Entry, frozen=True):
    """P24."""

    binds: ClassVar[bool] = True
    measure: Bytes32


class MeasureWithdrawn(Entry, frozen=True):
    """P24."""

    binds: ClassVar[bool] = True
    measure: Bytes32
    reason: _Reason


class NationalActionStated(Entry, frozen=True):
    """P24."""

    is_procedural: ClassVar[bool] = False
    consultation: MaybeId
    stage: Literal["intended", "under-way", "done"]
    terms: Terms

    def is_sound(self) -> bool:
        return self.terms.is_sound()


class NationalActionEnded(Entry, frozen=True):
    """P24."""

    action: Bytes32


_NUMBER: Final = r"^(?!-0\Z)-?(0|[1-9][0-9]{0,14})(\.[0-9]{0,8}[1-9])?\Z"


class IndicatorReported(Entry, frozen=True):
    """P55."""

    is_procedural: ClassVar[bool] = False
    indicator: Clause
    observed_at: At
    value: Annotated[str, Meta(pattern=_NUMBER)]
    note: Text

    def is_sound(self) -> bool:
        return self.note.is_sound()
