"""What an import comes to: contents under one marking each, cut into portions and items, and what was refused.

Shared by all formats: who reads one sorts it into a `Sorted`; the node makes items of that and asks the funnel for each
(docs/spec/exchange.md, X13).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from comity.base.limits import ITEM_SIZE_BYTES_MAX
from comity.exchange.stix_read import Refused
from comity.procedure.entry import Marking
from comity.procedure.item import Portion, PortionKind

__all__ = ["Batch", "Sorted"]

PORTION_SIZE_BYTES_MAX = 1024 * 1024
"""Beyond one object: small enough that a reader opens it at once."""
ITEM_CONTENT_SIZE_BYTES_MAX = ITEM_SIZE_BYTES_MAX - 2 * 1024 * 1024
ITEM_PORTION_COUNT = 128


@dataclass(frozen=True, slots=True)
class Batch:
    """The portions of one item, all under one marking, and how many objects they hold."""

    marking: Marking
    portions: tuple[Portion, ...]
    object_count: int


@dataclass(slots=True)
class Sorted:
    """One import, sorted. `contents` holds, for each marking, contents of portions with their counts of objects."""

    media: str
    contents: dict[Marking, list[tuple[bytes, int]]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        """How many bytes are to be kept."""
        return sum(len(content) for contents in self.contents.values() for content, _ in contents)

    def list_batches(self) -> Iterator[Batch]:
        """Yield what becomes one item each, by marking, within the limits of an item."""
        for marking, contents in self.contents.items():
            held: list[Portion] = []
            size = count = 0
            for content, object_count in contents:
                if held and (size + len(content) > ITEM_CONTENT_SIZE_BYTES_MAX or len(held) >= ITEM_PORTION_COUNT):
                    yield Batch(marking, tuple(held), count)
                    held, size, count = [], 0, 0
                held.append(Portion(marking, self.media, "", content, PortionKind.OBJECT))
                size, count = size + len(content), count + object_count
            yield Batch(marking, tuple(held), count)
