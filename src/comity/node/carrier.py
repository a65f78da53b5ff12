"""What a node asks of the outside: its own outbox, and the links to its peers' outboxes.

An interface: `jetstream` carries over NATS; tests carry in memory. Whatever it carries are bytes; what they mean, and
whether they are believed, is decided by the machine.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed

__all__ = ["BlobAnswer", "Carrier", "Receiver"]

BlobAnswer = tuple[bytes, tuple[bytes, ...]]
"""A sealed blob, and the wraps of its key for whoever asked."""


class Receiver(Protocol):
    """Where a carrier delivers, and whom it asks on behalf of peers: the node."""

    @property
    def is_full(self) -> bool:
        """Whether the store has no room just now, so that nothing is taken and what was taken may not be stored."""

    def take_bytes(self, raw: bytes, *, stored: Callable[[], None] | None = None) -> bool:
        """Take a page that came, and return whether it was taken; call `stored` once it need not come again."""

    def note_link(self, party: Party, *, is_up: bool) -> None:
        """Take note that a peer's outbox can be reached, or cannot."""

    def note_heard(self, party: Party) -> None:
        """Take note that something came from a peer just now."""

    def answer_pages(self, party: Party, *, journal: bytes, first: int, last: int) -> Iterable[bytes]:
        """Yield the pages of a range that this peer may read; nothing else, and no hint of anything else."""

    def answer_blob(self, party: Party, blob_id: bytes) -> BlobAnswer | None:
        """Return a blob that was given to this peer, or None."""


class Carrier(Protocol):
    """Carries pages. Every failure that may pass is an `OutageError`."""

    async def start(self, receiver: Receiver) -> None:
        """Open the own outbox and begin to answer peers."""

    async def stop(self) -> None:
        """Close everything."""

    async def open_stream(self, feed: Feed, audience: Audience) -> None:
        """See that the own outbox has a stream for this audience, with a cursor for each reader; again is harmless."""

    async def restore_stream(self, feed: Feed, audience: Audience) -> None:
        """As `open_stream`, when a node starts on a store that has pages: what the outbox lost is put back."""

    async def check_stream(self, feed: Feed, audience: Audience) -> str:
        """Compare a stream with the store while running; return what was wrong and is mended, empty if nothing."""

    async def publish(self, feed: Feed, audience: Audience, digest: Digest, raw: bytes) -> None:
        """Put an own page into its stream; again is harmless. Returns once the outbox has it."""

    async def count_held(self, feed: Feed, audience: Audience) -> int:
        """Return how many pages of an own stream the outbox holds: 0 where it has no such stream, -1 if it is down."""

    async def rebuild_stream(self, feed: Feed, audience: Audience) -> None:
        """Make an own stream of the outbox again from the store; readers keep their place where they can."""

    def find_why_down(self, party: Party) -> str:
        """Return in one word why a peer's outbox is not reached (`outbox.Link`); for the own operator."""

    def follow(self, party: Party, feed: Feed, audience: Audience) -> None:
        """Pull a peer's stream for as long as the carrier runs; again is harmless."""

    def leave(self) -> None:
        """Pull no stream any more, from now on; what was pulled and is not acknowledged goes to who pulls next."""

    async def fetch(self, party: Party, journal: Digest, *, first: int, last: int) -> list[bytes]:
        """Ask a peer for pages that it may give us."""

    async def fetch_blob(self, party: Party, blob_id: Digest) -> BlobAnswer | None:
        """Ask a peer for a blob that it gave us."""
