"""An outbox and its links in memory, for tests of whatever stands on them.

It keeps the rules of `outbox` and passes the same contract suite as the real one: pages come at least once, again after
`ack_wait_ms` and then after later ones; a cursor survives a link; what a reader may not see does not answer. Faults are
set by hand: `is_down` on an outbox, `cut` on a link. Nothing here is secret or durable.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.limits import ACK_WAIT_MS
from comity.base.names import Party
from comity.node.outbox import Answerer, Delivery, Held, Keyed
from comity.node.pages import Answer, cut_answer
from comity.node.stream import Reader, Stream, StreamName

__all__ = ["MemoryLink", "MemoryOutbox"]


@dataclass
class _Cursor:
    next_sequence: int
    unacknowledged: dict[int, float] = field(default_factory=dict)
    """When each page is due again, in the event loop's seconds."""

    @property
    def floor(self) -> int:
        return self.next_sequence - 1 if not self.unacknowledged else min(self.unacknowledged) - 1


@dataclass
class _HeldStream:
    last: int
    pages: dict[int, bytes] = field(default_factory=dict)
    cursors: dict[str, _Cursor] = field(default_factory=dict)


class MemoryOutbox:
    """See `outbox.Outbox`."""

    def __init__(self, *, ack_wait_ms: int = ACK_WAIT_MS) -> None:
        self.is_down = False
        self.ack_wait_s = ack_wait_ms / 1000
        self.changed = asyncio.Event()
        self._streams: dict[StreamName, _HeldStream] = {}
        self._readers: set[Reader] = set()
        self._answer: Answerer | None = None

    async def ensure_stream(self, stream: Stream, readers: Sequence[Party]) -> int:
        self._check_up()
        held = self._streams.setdefault(stream.name, _HeldStream(0))
        for party in readers:
            held.cursors.setdefault(stream.reader(party).tag, _Cursor(min(held.pages, default=held.last + 1)))
        self._change()
        return held.last

    async def publish(self, stream: Stream, key: str, page: bytes, *, expected_last_sequence: int) -> int:
        assert key
        assert len(page) <= stream.page_size_bytes_max
        held = self._get(stream)
        sequence = expected_last_sequence + 1
        if held.last == expected_last_sequence:
            held.last = sequence
            held.pages[sequence] = page
            self._change()
        elif sequence not in held.pages:
            raise OutageError("outbox.behind", sequence=held.last)
        elif held.pages[sequence] != page:
            raise UsageError("outbox.fenced", sequence=sequence)
        return sequence

    async def last_sequence(self, stream: Stream) -> int:
        return self._get(stream).last

    async def count_pages(self, stream: Stream) -> int:
        return len(self._get(stream).pages)

    async def describe(self, stream: Stream) -> Held:
        held = self._get(stream)
        return Held(min(held.pages, default=held.last + 1), held.last, len(held.pages), len(held.cursors))

    async def find_page(self, stream: Stream, sequence: int) -> bytes | None:
        return self._get(stream).pages.get(sequence)

    async def rebuild(
        self, stream: Stream, readers: Sequence[Party], pages: Iterable[Keyed], *, first_sequence: int = 1
    ) -> int:
        self._check_up()
        old = self._streams.pop(stream.name, _HeldStream(0))
        new = _HeldStream(first_sequence - 1)
        for keyed in pages:
            new.last += 1
            new.pages[new.last] = keyed.page
        is_whole = len(old.pages) == old.last - min(old.pages, default=old.last + 1) + 1
        for party in readers:
            tag = stream.reader(party).tag
            floor = old.cursors[tag].floor if tag in old.cursors and is_whole else 0
            is_same = floor in old.pages and old.pages[floor] == new.pages.get(floor)
            new.cursors[tag] = _Cursor(floor + 1 if is_same else first_sequence)
        self._streams[stream.name] = new
        self._change()
        return new.last

    async def serve_pages(self, readers: Sequence[Reader], answer: Answerer) -> None:
        self._check_up()
        self._readers, self._answer = set(readers), answer

    async def close(self) -> None:
        self._answer = None

    def lose_all(self) -> None:
        """Lose every stream, as a server does whose disk was replaced."""
        self._streams.clear()

    # What its links ask, in place of a network.

    def take_due(self, stream: Stream, reader: Reader, *, at_s: float) -> tuple[int, bytes] | None:
        """Take the next page for a reader, None if there is none now, or no such stream, or not for this reader."""
        held = self._streams.get(stream.name)
        cursor = held.cursors.get(reader.tag) if held is not None else None
        if self.is_down or held is None or cursor is None:
            return None
        due = [sequence for sequence, again_at_s in cursor.unacknowledged.items() if again_at_s <= at_s]
        if due:
            sequence = min(due)
        elif cursor.next_sequence <= held.last:
            sequence = cursor.next_sequence
            cursor.next_sequence += 1
        else:
            return None
        cursor.unacknowledged[sequence] = at_s + self.ack_wait_s
        return sequence, held.pages[sequence]

    def acknowledge(self, stream: Stream, reader: Reader, sequence: int) -> None:
        """Take an acknowledgement; one that comes while the outbox is down is lost."""
        held = self._streams.get(stream.name)
        if not self.is_down and held is not None and reader.tag in held.cursors:
            held.cursors[reader.tag].unacknowledged.pop(sequence, None)

    def answer_pages(self, reader: Reader, request: bytes) -> Iterable[bytes] | None:
        """Answer a request for pages in chunks, None if nobody answers."""
        if self.is_down or self._answer is None or reader not in self._readers:
            return None
        try:
            return list(cut_answer(self._answer(reader, request)))
        except RemoteError:
            return list(cut_answer(()))
        except OutageError:
            return None

    def _get(self, stream: Stream) -> _HeldStream:
        self._check_up()
        if stream.name not in self._streams:
            raise OutageError("outbox.no-stream")
        return self._streams[stream.name]

    def _check_up(self) -> None:
        if self.is_down:
            raise OutageError("outbox.unavailable")

    def _change(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class MemoryLink:
    """See `outbox.Link`."""

    def __init__(self, outbox: MemoryOutbox, reader: Reader, *, poll_s: float = 0.05) -> None:
        self.is_cut = False
        self._outbox = outbox
        self._reader = reader
        self._poll_s = poll_s

    @property
    def is_up(self) -> bool:
        return not self.is_cut and not self._outbox.is_down

    @property
    def why_down(self) -> str:
        return "" if self.is_up else "unreachable"

    async def pull(self, streams: Sequence[Stream]) -> AsyncIterator[Delivery]:
        loop = asyncio.get_running_loop()
        while True:
            changed = self._outbox.changed
            for stream in streams:
                while self.is_up and (due := self._outbox.take_due(stream, self._reader, at_s=loop.time())):
                    yield Delivery(stream, due[1], self._acker(stream, due[0]))
            try:
                async with asyncio.timeout(self._poll_s):
                    await changed.wait()
            except TimeoutError:
                continue

    async def request_pages(self, request: bytes, *, timeout_ms: int) -> list[bytes]:
        assert timeout_ms > 0
        if not self.is_up:
            raise OutageError("link.unavailable")
        chunks = self._outbox.answer_pages(self._reader, request)
        if chunks is None:
            raise OutageError("link.no-answer")
        answer = Answer()
        for chunk in chunks:
            if answer.add(chunk):
                break
        return answer.pages

    async def close(self) -> None:
        self.is_cut = True

    def _acker(self, stream: Stream, sequence: int) -> Callable[[], None]:
        def ack() -> None:
            if self.is_up:
                self._outbox.acknowledge(stream, self._reader, sequence)

        return ack
