"""What a node asks of its own outbox, and of the links to others': two interfaces, and the rules that both keep.

Implementations: `jetstream` with `link` over NATS, and `memory_outbox` in memory. One contract suite runs on both
(tests/contracts/outbox). The rules:

- The outbox is not the truth; the page store is. Whatever is lost here is rebuilt from there.
- A stream holds a party's pages to one audience in one feed in the order in which the store took them: the page that
  the store counts as the n-th of the stream has sequence n. That is what fences a second node: a page is taken at the
  sequence it expects or not at all.
- Every call may be repeated. Publishing what is already there, at its place, succeeds.
- A reader gets every page at least once, again after `ACK_WAIT_MS` until it acknowledged it, and then *after* later
  ones: order is restored by whoever reads pages, not here. An acknowledgement may be lost; it proves nothing.
- A reader is never told more of a stream that it may not read than of one that does not exist.

`OutageError` means that the same call may work later. Nothing else is raised for what another party does.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from comity.base.names import Party
from comity.node.stream import Reader, Stream

__all__ = ["Answerer", "Delivery", "Held", "Keyed", "Link", "Outbox"]

Answerer = Callable[[Reader, bytes], Iterable[bytes]]
"""Given who asks (vouched for by the server) and what for (`pages.decode_page_request`), the pages it may read."""


class Keyed(NamedTuple):
    """A page and its key: the page digest in hexadecimal."""

    key: str
    page: bytes


class Held(NamedTuple):
    """What the outbox says that it holds of one stream."""

    first: int
    """The sequence of the first page."""
    last: int
    """The sequence of the last page, 0 if there never was one."""
    page_count: int
    cursor_count: int

    @property
    def has_hole(self) -> bool:
        """Whether pages between the first and the last are gone."""
        return self.page_count != self.last - self.first + 1


class Delivery:
    """One page from a peer's outbox. `ack` says that it is stored here, or refused for good: do not send it again."""

    __slots__ = ("_ack", "page", "stream")

    def __init__(self, stream: Stream, page: bytes, ack: Callable[[], None]) -> None:
        self.stream = stream
        self.page = page
        self._ack = ack

    def ack(self) -> None:
        """Acknowledge. Never fails and never waits: if it is lost, the page comes again."""
        self._ack()


class Outbox(Protocol):
    """The own outbox."""

    async def ensure_stream(self, stream: Stream, readers: Sequence[Party]) -> int:
        """Make the stream and a cursor for each reader, unless they are there; return the last sequence, 0 if empty.

        A new reader begins at the first page. Cursors of parties not named stay.

        Raises:
            OutageError: `outbox.unavailable`.
        """

    async def publish(self, stream: Stream, key: str, page: bytes, *, expected_last_sequence: int) -> int:
        """Put a page at `expected_last_sequence + 1` and return that sequence once the outbox holds it.

        Succeeds as well if this very page is there already, so that a call that timed out is simply made again.

        Raises:
            OutageError: `outbox.unavailable`; `outbox.no-stream`; `outbox.behind`, if earlier pages are missing:
                `rebuild`.
            UsageError: `outbox.fenced`, if another page is at that place.
        """

    async def last_sequence(self, stream: Stream) -> int:
        """Return the sequence of the last page, 0 if there is none.

        Raises:
            OutageError: `outbox.unavailable`, `outbox.no-stream`.
        """

    async def count_pages(self, stream: Stream) -> int:
        """Return how many pages the stream holds, lost ones left out.

        Raises:
            OutageError: `outbox.unavailable`, `outbox.no-stream`.
        """

    async def describe(self, stream: Stream) -> Held:
        """Return what the outbox holds of a stream, as it says.

        Raises:
            OutageError: `outbox.unavailable`, `outbox.no-stream`.
        """

    async def find_page(self, stream: Stream, sequence: int) -> bytes | None:
        """Return the page at a sequence, None if the outbox has none there (never had, retired, or lost).

        Raises:
            OutageError: `outbox.unavailable`, `outbox.no-stream`.
        """

    async def rebuild(
        self, stream: Stream, readers: Sequence[Party], pages: Iterable[Keyed], *, first_sequence: int = 1
    ) -> int:
        """Delete the stream and make it again from the store's pages; return the last sequence.

        `first_sequence` is that of the first page given, for a feed whose early pages are retired. A reader's cursor
        is kept only if the old stream had no hole and the page under the cursor is the store's page at that place;
        otherwise it begins again at the first page, which costs repeated pages and nothing else. If this is broken
        off, call it again.

        Raises:
            OutageError: `outbox.unavailable`.
        """

    async def serve_pages(self, readers: Sequence[Reader], answer: Answerer) -> None:
        """Answer these readers' requests for pages from now on; called again, it replaces readers and answerer.

        `answer` decides who gets what; it need bound nothing, since what it yields is cut off at the limits of an
        answer (T21). If it raises a `RemoteError`, the answer is empty, as for a journal that does not exist; if it
        raises an `OutageError`, there is none, and the reader asks another (T20).

        Raises:
            OutageError: `outbox.unavailable`.
        """

    async def close(self) -> None:
        """Disconnect. The server is somebody else's."""


class Link(Protocol):
    """One connection to a peer's outbox, as one reader. Reconnects for ever."""

    @property
    def is_up(self) -> bool:
        """Whether the peer's outbox is connected just now."""

    @property
    def why_down(self) -> str:
        """What the last attempt to connect met: `unreachable`, `tls`, `pin` or `login`; empty while nothing has."""

    def pull(self, streams: Sequence[Stream]) -> AsyncIterator[Delivery]:
        """Yield the pages of these streams as they come, for ever. A stream may not exist yet; it is asked for again.

        Pages are of the peer's making: their sizes are bounded, nothing else about them is checked. No stream is
        pulled twice at a time on one link.
        """

    async def request_pages(self, request: bytes, *, timeout_ms: int) -> list[bytes]:
        """Ask the peer's node for pages (`pages.encode_page_request`) and return them in the order it chose.

        The answer may be only the beginning of what was asked for (T21): ask again from where it ended. An empty one
        says nothing about what exists.

        Raises:
            OutageError: `link.unavailable`, `link.no-answer`.
            RemoteError: `link.page-answer`, if the answer is not of the permitted form.
        """

    async def close(self) -> None:
        """Disconnect."""
