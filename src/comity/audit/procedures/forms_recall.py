"""What becomes of items that were given: the entries of R45 to R49."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Entry, MaybeId, Name, Party, ascends
from comity.base.limits import AUDIENCE_COUNT_MAX, CITATION_COUNT_MAX
from comity.base.names import Bytes32

__all__ = ["FateRow", "ItemDestroyed", "RecallPassedOn", "RecallReplied", "RecallReported"]

Officers = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=8)]


class _OfItem(Entry, frozen=True):
    """R4: it names an item and gives none."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32


class ItemDestroyed(_OfItem, frozen=True):
    """R45."""

    blobs: Annotated[tuple[Bytes32, ...], Meta(max_length=CITATION_COUNT_MAX)]
    destroyed_at: At
    method: Name
    role: Name
    officers: Officers

    def is_sound(self) -> bool:
        return ascends(self.blobs) and ascends(self.officers)


class RecallPassedOn(_OfItem, frozen=True):
    """R47."""

    reason: Literal["shared-by-mistake", "wrong-marking", "compromised", "superseded", "unstated"]
    answer_by_at: At


class RecallReplied(_OfItem, frozen=True):
    """R48."""

    request: Bytes32
    fate: Literal["destroyed", "kept-under-national-law", "declined"]
    copies: Literal["none-made", "made-and-destroyed", "made-and-kept", "not-known"]
    onward: Literal["not-passed-on", "passed-on", "recalled-further"]
    certificate: MaybeId

    def is_sound(self) -> bool:
        return (len(self.certificate) == 1) == (self.fate == "destroyed")


class FateRow(Shape, frozen=True):
    """R49: one party asked by way of another."""

    party: Party
    fate: Literal["unanswered", "destroyed", "kept-under-national-law", "declined"]


class RecallReported(_OfItem, frozen=True):
    """R49."""

    request: Bytes32
    rows: Annotated[tuple[FateRow, ...], Meta(min_length=1, max_length=AUDIENCE_COUNT_MAX)]

    def is_sound(self) -> bool:
        return ascends(row.party for row in self.rows)
