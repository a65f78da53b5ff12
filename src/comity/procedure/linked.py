"""A note to oneself: these items are of one draft (docs/spec/release.md, R43).

What stands below a tear line is another item, and nothing that a recipient gets says so. Only the composer's own
journal does, so that whoever recalls one of them, or searches, finds the others.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar

import msgspec

from comity.base.limits import ITEM_PORTION_COUNT_MAX
from comity.base.names import Bytes32, Digest
from comity.procedure.entry import Entry
from comity.procedure.fields import check_ascending
from comity.procedure.stated import Stated

__all__ = ["ENTRIES", "ItemsLinked", "find_linked"]


class ItemsLinked(Entry, frozen=True):
    """Its author made these items of one draft. It goes to nobody else: it names items that nobody else may know of."""

    binding: ClassVar[bool] = True
    items: Annotated[tuple[Bytes32, ...], msgspec.Meta(min_length=2, max_length=ITEM_PORTION_COUNT_MAX)]

    def __post_init__(self) -> None:
        check_ascending(self.items)


ENTRIES: tuple[type[Entry], ...] = (ItemsLinked,)


def find_linked(item: bytes, stated: Iterable[Stated]) -> tuple[Digest, ...]:
    """Return the items that are of one draft with this one by its composer's own note, itself among them, ascending.

    `stated` is what the composer holds; of an item that is linked to none it is that item alone.
    """
    found = {Digest(item)}
    for one in stated:
        if isinstance(one.entry, ItemsLinked) and one.audience == (one.author,) and item in one.entry.items:
            found.update(map(Digest, one.entry.items))
    return tuple(sorted(found))
