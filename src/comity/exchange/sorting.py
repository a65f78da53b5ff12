"""What an import comes to: contents under one marking each, cut into portions and items, and what was refused.

Shared by all formats: who reads one sorts it into a `Sorted`; the node makes items of that and asks the funnel for each
(docs/spec/exchange.md, X13).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from comity.base.limits import ITEM_SIZE_BYTES_MAX
from comity.exchange.stix_read import Refused
from comity.procedure.entry import Marking
from comity.procedure.item import Portion, PortionKind

__all__ = ["Batch", "Content", "Incoming", "Sorted"]

PORTION_SIZE_BYTES_MAX = 1024 * 1024
"""Beyond one object: small enough that a reader opens it at once."""
ITEM_CONTENT_SIZE_BYTES_MAX = ITEM_SIZE_BYTES_MAX - 2 * 1024 * 1024
ITEM_PORTION_COUNT = 128


Content = tuple[bytes, int]
"""Of one portion, with how many objects it holds."""


class Incoming(NamedTuple):
    """One object that can be marked: its place in the file from 0, id and version as its format has them, its bytes.

    `needed` are ids of what is kept beside it; `version` is empty where it has none.
    """

    place: int
    id: str
    version: str
    raw: bytes
    needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """The portions of one item, all under one marking, and the objects that they hold."""

    marking: Marking
    portions: tuple[Portion, ...]
    objects: tuple[Incoming, ...]

    @property
    def object_count(self) -> int:
        """How many objects there are in it."""
        return len(self.objects)


def _cut_each(rows: Sequence[Incoming]) -> list[Content]:
    """Make a portion of each object."""
    return [(row.raw, 1) for row in rows]


@dataclass(slots=True)
class Sorted:
    """One import, sorted: the objects of each marking, and the contents of portions that they are cut into."""

    media: str
    cut: Callable[[Sequence[Incoming]], list[Content]] = _cut_each
    objects: dict[Marking, list[Incoming]] = field(default_factory=dict)
    contents: dict[Marking, list[Content]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def put(self, marking: Marking, objects: list[Incoming]) -> None:
        """Put in all objects of a marking, in place of those that it had; none of them: it is gone."""
        if not objects:
            del self.objects[marking], self.contents[marking]
            return
        self.objects[marking] = objects
        self.contents[marking] = self.cut(objects)

    @property
    def size_bytes(self) -> int:
        """How many bytes are to be kept."""
        return sum(len(content) for contents in self.contents.values() for content, _ in contents)

    def list_batches(self) -> Iterator[Batch]:
        """Yield what becomes one item each, by marking, within the limits of an item."""
        for marking, contents in self.contents.items():
            held: list[Portion] = []
            objects = self.objects[marking]
            size = first = last = 0
            for content, object_count in contents:
                if held and (size + len(content) > ITEM_CONTENT_SIZE_BYTES_MAX or len(held) >= ITEM_PORTION_COUNT):
                    yield Batch(marking, tuple(held), tuple(objects[first:last]))
                    held, size, first = [], 0, last
                held.append(Portion(marking, self.media, "", content, PortionKind.OBJECT))
                size, last = size + len(content), last + object_count
            yield Batch(marking, tuple(held), tuple(objects[first:last]))
