"""Statements that one party holds, as they come, while standings change: what a machine's indexes are kept over."""

import random
from typing import Any

import msgspec

from comity.base.names import Digest
from comity.machine.by_item import ByItem
from comity.machine.in_order import InOrder
from comity.procedure.entry import Entry
from comity.procedure.officer import ActedBy
from comity.procedure.stated import Standing, Stated

__all__ = ["Held"]


class Held:
    """What a machine has of statements; `rows` grow."""

    def __init__(self) -> None:
        self.rows: list[Stated] = []
        self.remade_count = 0
        source: Any = self
        self.in_order, self.by_item = InOrder(source), ByItem(source)

    @property
    def all(self) -> tuple[Stated, ...]:
        """Everything."""
        return tuple(self.rows)

    def list_from(self, index: int) -> tuple[Stated, ...]:
        """What came since."""
        return tuple(self.rows[index:])

    def find(self, *types: type[Entry]) -> tuple[Stated, ...]:
        """What is of these types."""
        return tuple(row for row in self.rows if isinstance(row.entry, types))

    def find_acting(self, page: Digest) -> tuple[Stated, ...]:
        """What names officers in a page."""
        return tuple(row for row in self.find(ActedBy) if row.page_digest == page)

    def dispute(self, draw: random.Random) -> None:
        """A page is worse than it was held to be."""
        page, standing = draw.choice(self.rows).page_digest, draw.choice((Standing.DISPUTED, Standing.DISOWNED))
        self.rows = [
            msgspec.structs.replace(row, standing=standing) if row.page_digest == page else row for row in self.rows
        ]
        self.remade_count += 1
