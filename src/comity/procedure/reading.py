"""Who read which item: a party's note to itself of what was opened at its node (docs/spec/procedure.md, P48).

It tells who looked at what, and when: for the party's own auditor, and for nobody else. So it has no marking and no
clause lets it leave; and it counts only where its author alone is its audience.
"""

import enum
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar

import msgspec

from comity.base.limits import ITEM_PORTION_COUNT_MAX
from comity.base.names import Bytes32
from comity.procedure.entry import Entry, InstantField
from comity.procedure.fields import IdField
from comity.procedure.stated import Stated

__all__ = ["ENTRIES", "ItemRead", "ReaderKind", "find_reads"]


class ReaderKind(enum.StrEnum):
    """What read an item."""

    OFFICER = "officer"
    """An officer, in a role."""
    OPERATOR = "operator"
    """Whoever holds the realm's own token."""
    CONSUMER = "consumer"
    """A system that polls the node."""


class ItemRead(Entry, frozen=True):
    """Somebody opened an item, or saved the attachment in one of its portions. It goes to nobody else."""

    binding: ClassVar[bool] = True
    item: Bytes32
    portion: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=ITEM_PORTION_COUNT_MAX)], ...], msgspec.Meta(max_length=1)
    ]
    kind: ReaderKind
    reader: IdField
    role: Annotated[tuple[IdField, ...], msgspec.Meta(max_length=1)]
    read_at: InstantField

    def __post_init__(self) -> None:
        if (self.kind is ReaderKind.OFFICER) != bool(self.role):
            raise ValueError("an officer reads in a role, and nobody else does")


ENTRIES: tuple[type[Entry], ...] = (ItemRead,)


def find_reads(stated: Iterable[Stated]) -> Iterator[tuple[Stated, ItemRead]]:
    """Yield the readings that count, of all that a party holds: those stated to their author alone."""
    for one in stated:
        if isinstance(one.entry, ItemRead) and one.audience == (one.author,):
            yield one, one.entry
