"""Statements about giving an item back: destroyed, recalled further, accounted for (docs/spec/release.md, R45 to R49).

Rules
- Who says *destroyed* names its certificate: the entry by which it says that blob and key are gone. The node states one
  once they are, and by no other way.
- What became of the node's own copy, of copies made elsewhere and of what was given further are three facts.
- A recall that is passed on names no page, entry or number that its addressee may not read, and a report of what came
  of it names only those of whom its reader was told before.
- None of these is corrected or withdrawn: another answer is another entry.
"""

import enum
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.limits import AUDIENCE_COUNT_MAX, CITATION_COUNT_MAX
from comity.base.names import Bytes32
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import IdField, OptionalCitation, PartyField, check_ascending
from comity.procedure.sharing import RecallReason

__all__ = [
    "ENTRIES",
    "ERASED",
    "CopiesMade",
    "Fate",
    "FateReported",
    "FateRow",
    "ItemDestroyed",
    "Officers",
    "Onward",
    "RecallPassedOn",
    "RecallReplied",
    "RecallReported",
]

Officers = Annotated[tuple[IdField, ...], msgspec.Meta(min_length=1, max_length=8)]
"""Pseudonyms of those who did it, ascending."""

ERASED: Final = "erased"
"""The method of a node: rows overwritten in the store, and its log emptied."""


class Fate(enum.StrEnum):
    """What became of the copy that the answering party's node held."""

    DESTROYED = "destroyed"
    KEPT_UNDER_NATIONAL_LAW = "kept-under-national-law"
    DECLINED = "declined"


class CopiesMade(enum.StrEnum):
    """What became of copies outside the node: on paper, in other systems."""

    NONE = "none-made"
    MADE_AND_DESTROYED = "made-and-destroyed"
    MADE_AND_KEPT = "made-and-kept"
    UNKNOWN = "not-known"


class Onward(enum.StrEnum):
    """Whether it was given further, and whether those who have it were asked."""

    NONE = "not-passed-on"
    PASSED_ON = "passed-on"
    RECALLED = "recalled-further"


class FateReported(enum.StrEnum):
    """What a party that was asked by way of another answered that other."""

    UNANSWERED = "unanswered"
    DESTROYED = "destroyed"
    KEPT_UNDER_NATIONAL_LAW = "kept-under-national-law"
    DECLINED = "declined"


class _OfItem(Entry, frozen=True, tag=False):
    binding: ClassVar[bool] = True
    item: Bytes32


class ItemDestroyed(_OfItem, frozen=True, tag=True):
    """The author's copies by these blobs are gone, with every wrap of their keys that it held: a certificate."""

    blobs: Annotated[tuple[Bytes32, ...], msgspec.Meta(max_length=CITATION_COUNT_MAX)]
    destroyed_at: InstantField
    method: IdField
    role: IdField
    officers: Officers

    def __post_init__(self) -> None:
        check_ascending(self.blobs, self.officers)


class RecallPassedOn(_OfItem, frozen=True, tag=True):
    """A holder who gave the item further asks those to give it up, as it was asked itself."""

    reason: RecallReason
    answer_by_at: InstantField


class RecallReplied(_OfItem, frozen=True, tag=True):
    """An answer to a recall. `request` is the entry that asked, `certificate` the author's own `ItemDestroyed`."""

    request: EntryId
    fate: Fate
    copies: CopiesMade
    onward: Onward
    certificate: OptionalCitation

    def __post_init__(self) -> None:
        if bool(self.certificate) != (self.fate is Fate.DESTROYED):
            raise ValueError("a certificate belongs to what was destroyed, and to nothing else")


class FateRow(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One party that was asked by way of the author."""

    party: PartyField
    fate: FateReported


class RecallReported(_OfItem, frozen=True, tag=True):
    """The author tells who asked it what those answered to whom it gave the item, and whom it had reported before."""

    request: EntryId
    rows: Annotated[tuple[FateRow, ...], msgspec.Meta(min_length=1, max_length=AUDIENCE_COUNT_MAX)]

    def __post_init__(self) -> None:
        check_ascending(tuple(row.party for row in self.rows))


ENTRIES: Final[tuple[type[Entry], ...]] = (ItemDestroyed, RecallPassedOn, RecallReplied, RecallReported)
