"""Outboxes: each party's own, one stream per audience, one durable consumer in it for each reader.

As in life (PROVED.md): a page that was not acknowledged comes again after `ACK_WAIT_MS`, and after later ones; who
was away gets everything that waits; taking a page twice is harmless. What an outbox has taken survives its outages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed

__all__ = ["Consumer", "Outbox", "Stream", "StreamKey"]

StreamKey = tuple[Feed, Audience]


@dataclass(slots=True)
class Consumer:
    """One reader's place in a stream: indices of pages that it has not acknowledged, in order.

    `waiting` tells of each whether it was sent less than `ACK_WAIT_MS` ago: then it is not sent again yet.
    """

    reader: Party
    waiting: dict[int, bool] = field(default_factory=dict)
    highest: int = -1
    """Highest index that ever arrived: what comes after it and stands before it was reordered."""


@dataclass(slots=True)
class Stream:
    """Pages of one journal for its readers. A reader's consumer is there from the start; it is served once followed."""

    author: Party
    key: StreamKey
    raws: list[bytes] = field(default_factory=list)
    digests: dict[Digest, int] = field(default_factory=dict)
    consumers: dict[Party, Consumer] = field(default_factory=dict)

    def take(self, digest: Digest, raw: bytes) -> int | None:
        """Append a page and return its index, or None if it is here already."""
        if digest in self.digests:
            return None
        index = self.digests[digest] = len(self.raws)
        self.raws.append(raw)
        for consumer in self.consumers.values():
            consumer.waiting[index] = False
        return index

    def follow(self, reader: Party) -> bool:
        """Begin to serve a reader, from the first page on; return whether that is new."""
        if reader in self.consumers:
            return False
        self.consumers[reader] = Consumer(reader, dict.fromkeys(range(len(self.raws)), False))
        return True


@dataclass(slots=True)
class Outbox:
    """One party's streams. `outages` counts those that last."""

    party: Party
    outages: int = 0
    streams: dict[StreamKey, Stream] = field(default_factory=dict)

    @property
    def is_up(self) -> bool:
        """Whether the server answers."""
        return self.outages == 0

    def get_stream(self, key: StreamKey) -> Stream:
        """Return the stream of an audience, making it if need be."""
        return self.streams.setdefault(key, Stream(self.party, key))

    def list_waiting(self, reader: Party) -> Iterator[tuple[Stream, int]]:
        """Yield what a reader has not acknowledged, by stream in a fixed order."""
        for key in sorted(self.streams):
            stream = self.streams[key]
            if reader in stream.consumers:
                yield from ((stream, index) for index in list(stream.consumers[reader].waiting))
