"""The carrier over outboxes and links: places pages in the own outbox, pulls the peers', asks and answers for pages.

The store says which page of its stream a page is; the outbox takes it at that place or not at all. So a second node, or
a store that was rolled back, is fenced instead of forking (DESIGN, section 2); what a store that was put back from a
copy lacks is taken back from the outbox.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from itertools import islice
from typing import Final, NamedTuple

from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.names import Audience, Digest, Party, Realm
from comity.crypto.production import ProductionSuite
from comity.journal.header import Feed
from comity.node.blob_answer import BLOB_TIMEOUT_MS, cut_blob, join_blob
from comity.node.carrier import BlobAnswer, Receiver
from comity.node.ending import end_tasks
from comity.node.log import note
from comity.node.outbox import Delivery, Held, Keyed, Link, Outbox
from comity.node.pages import decode_page_request, encode_page_request
from comity.node.repeat import AGAIN_S, repeat
from comity.node.standby_answer import Asked, answer_standby
from comity.node.store import Store
from comity.node.stream import Reader, Stream
from comity.node.unknown import find_rival, find_unknown, is_page_of

__all__ = ["Lane", "Post"]

FETCH_TIMEOUT_MS: Final = 5_000
LINK_LOOK_S: Final = 0.5
_STANDBY: Final = Asked.make(ProductionSuite())
COMPARED_COUNT: Final = 8
"""Pages of a stream compared at one look: all of it in time, and little at once."""


class Lane(NamedTuple):
    """Connections of their own for one feed: what is large on them holds up nothing that is not."""

    outbox: Outbox
    links: Mapping[Party, Link]


class Post:
    """See `carrier.Carrier`."""

    def __init__(
        self,
        outbox: Outbox,
        links: Mapping[Party, Link],
        store: Store,
        *,
        party: Party,
        lineage: Digest,
        realm: Realm,
        bulk: Lane | None = None,
        is_cluster: bool = False,
    ) -> None:
        """Set up; without a lane for imports these go by that of words.

        `is_cluster`: what is held is believed only when said twice: a new leader may not have caught up at first.
        """
        self._outbox = outbox
        self._links = links
        self._lanes = (Lane(outbox, links),) if bulk is None else (Lane(outbox, links), bulk)
        self._store = store
        self._party = party
        self._lineage = lineage
        self._realm = realm
        self._receiver: Receiver | None = None
        self._pulls: dict[tuple[Party, Stream], asyncio.Task[None]] = {}
        self._own_tasks: tuple[asyncio.Task[None], ...] = ()
        self._has_left = False
        self._is_cluster = is_cluster
        self._suspected: dict[Stream, str] = {}
        """What was found wrong with a stream of a cluster at the last look; rebuilt if it is so at the next."""
        self._compared: dict[Stream, int] = {}
        """Up to where each own stream was compared with the store in this round."""
        self._locks: defaultdict[Stream, asyncio.Lock] = defaultdict(asyncio.Lock)
        """One act at a time on each own stream: a page must not be put into a stream that is being rebuilt."""

    async def start(self, receiver: Receiver) -> None:
        """Begin to answer peers and to watch the links; an outbox that is down is tried again for ever."""
        self._receiver = receiver
        loop = asyncio.get_running_loop()
        self._own_tasks = (loop.create_task(self._serve()), loop.create_task(self._watch_links()))

    async def _serve(self) -> None:
        readers = [Reader(self._lineage, self._realm, party) for party in sorted([*self._links, self._party])]
        await repeat(lambda: self._outbox.serve_pages(readers, self._answer))

    async def stop(self) -> None:
        """Stop pulling and disconnect."""
        await end_tasks(*self._own_tasks, *self._pulls.values())
        for lane in self._lanes:
            for link in lane.links.values():
                await link.close()
            await lane.outbox.close()

    async def open_stream(self, feed: Feed, audience: Audience) -> None:
        """Make the stream and its cursors, unless they are there."""
        stream, readers = self._stream(feed, audience), self._readers(audience)
        await repeat(lambda: self._lane(stream).outbox.ensure_stream(stream, readers))

    async def restore_stream(self, feed: Feed, audience: Audience) -> None:
        """As `open_stream`; where the outbox holds less than the store says went out, rebuild it from the store.

        Where it holds more than the store, the store was put back from a copy or lost rows, and its own pages are taken
        back from the outbox, through the same door as any other.

        Raises:
            UsageError: `outbox.fenced` where what it holds there is not this party's pages.
        """
        stream, readers = self._stream(feed, audience), self._readers(audience)
        async with self._locks[stream]:
            last = await repeat(lambda: self._lane(stream).outbox.ensure_stream(stream, readers))
            if self._store.has_fewer(feed, audience, than=last):
                await self._take_back(stream, last)
            if last < self._count_due(stream) and not self._is_cluster:
                note("outbox.rebuilt")
                await repeat(lambda: self._rebuild(stream))

    async def _take_back(self, stream: Stream, last: int) -> None:
        assert self._receiver is not None
        note("outbox.ahead")

        def find_page(place: int) -> Awaitable[bytes | None]:
            return repeat(lambda: self._lane(stream).outbox.find_page(stream, place))

        async for page in find_unknown(stream, last, store=self._store, find_page=find_page):
            await repeat(lambda page=page: self._hand_in(page))  # type: ignore[misc]
        if self._store.count_own(stream.feed, stream.audience) < last:
            raise UsageError("outbox.fenced", sequence=last)

    async def _hand_in(self, page: bytes) -> None:
        """Give the node a page of its own, which it must store: that its disk is full is no other node's doing."""
        assert self._receiver is not None
        if not self._receiver.take_bytes(page) or self._receiver.is_full:
            raise OutageError("store.full")

    async def check_stream(self, feed: Feed, audience: Audience) -> str:
        """Compare a stream with the store, and a few of its pages byte by byte; mend what is wrong and name it.

        `gone`, `hole`, `behind`, `damaged`: it was rebuilt (T19). `cursor`: a reader's cursor was missing.

        Raises:
            OutageError: what may pass.
            UsageError: `outbox.fenced`.
        """
        stream = self._stream(feed, audience)
        async with self._locks[stream]:
            cause = await self._find_fault(stream)
            if self._is_cluster and self._suspected.get(stream, "") != cause:
                self._suspected[stream] = cause
                return ""
            if cause == "cursor":
                await self._lane(stream).outbox.ensure_stream(stream, self._readers(audience))
            elif cause:
                note("outbox.rebuilt")
                await self._rebuild(stream)
            return cause

    async def _find_fault(self, stream: Stream) -> str:
        try:
            held = await self._lane(stream).outbox.describe(stream)
        except OutageError as error:
            if error.code != "outbox.no-stream":
                raise
            return "gone"
        if self._store.has_fewer(stream.feed, stream.audience, than=held.last):
            raise UsageError("outbox.fenced", sequence=held.last)
        if held.has_hole or (held.first > 1 and not stream.retention_ms):
            return "hole"
        if held.last < self._count_due(stream):
            return "behind"
        if held.cursor_count < len(self._readers(stream.audience)):
            return "cursor"
        return await self._compare(stream, held)

    async def _compare(self, stream: Stream, held: Held) -> str:
        """Compare the next few pages of a stream; another page of ours there is another node's, not damage."""
        after = self._compared.get(stream, 0)
        if not held.first - 1 <= after < held.last:
            after = held.first - 1
        rows = islice(self._store.read_stream(stream.feed, stream.audience, after=after), COMPARED_COUNT)
        for place, (_, raw) in enumerate(rows, start=after + 1):
            found = await self._lane(stream).outbox.find_page(stream, place) if place <= held.last else raw
            if found != raw:
                self._compared[stream] = 0
                if is_page_of(found, self._party):
                    await self._check_rivals(stream)
                return "damaged"
            self._compared[stream] = place
        return ""

    async def publish(self, feed: Feed, audience: Audience, digest: Digest, raw: bytes) -> None:
        """Put a page at the place that the store gave it.

        Raises:
            OutageError: what may pass.
            UsageError: `outbox.fenced`.
        """
        stream, place = self._stream(feed, audience), self._store.find_place(digest)
        async with self._locks[stream]:
            await self._put(stream, place, (digest, raw))

    async def _put(self, stream: Stream, place: int, page: tuple[Digest, bytes]) -> None:
        digest, raw = page
        try:
            await self._lane(stream).outbox.publish(stream, digest.hex(), raw, expected_last_sequence=place - 1)
        except OutageError as error:
            if error.code == "outbox.no-stream":
                await self._lane(stream).outbox.ensure_stream(stream, self._readers(stream.audience))
                await self._lane(stream).outbox.publish(stream, digest.hex(), raw, expected_last_sequence=place - 1)
            elif error.code == "outbox.behind":
                await self._catch_up(stream)
            else:
                raise
        except UsageError:
            if not is_page_of(await self._lane(stream).outbox.find_page(stream, place), self._party):
                raise
            await self._check_rivals(stream)
            note("outbox.rebuilt")
            await self._rebuild(stream)

    async def _check_rivals(self, stream: Stream) -> None:
        """Return if every own page in a stream is the store's, if perhaps at another place than there."""
        outbox = self._lane(stream).outbox
        last = await outbox.last_sequence(stream)
        rival = await find_rival(
            stream, last, store=self._store, party=self._party, find_page=lambda place: outbox.find_page(stream, place)
        )
        if rival:
            raise UsageError("outbox.fenced", sequence=rival)

    async def _catch_up(self, stream: Stream) -> None:
        """Bring the outbox up to the store: by what never went out, or whole where it lost what it had taken."""
        last = await self._lane(stream).outbox.last_sequence(stream)
        if last < self._count_due(stream):
            if self._is_cluster:
                raise OutageError("outbox.behind", sequence=last)  # mended by `check_stream`, if it stays so
            note("outbox.rebuilt")
            await self._rebuild(stream)
            return
        for digest, raw in self._store.read_stream(stream.feed, stream.audience, after=last):
            last = await self._lane(stream).outbox.publish(stream, digest.hex(), raw, expected_last_sequence=last)

    def _count_due(self, stream: Stream) -> int:
        """Return how many pages the outbox must hold; none where a lost page would end a rebuilding too early (T23)."""
        if self._store.has_lost_of(stream.feed, stream.audience):
            return 0
        return self._store.count_out(stream.feed, stream.audience)

    async def count_held(self, feed: Feed, audience: Audience) -> int:
        """Return how many pages of a stream the outbox holds."""
        try:
            stream = self._stream(feed, audience)
            return await self._lane(stream).outbox.count_pages(stream)
        except OutageError as error:
            return 0 if error.code == "outbox.no-stream" else -1

    async def rebuild_stream(self, feed: Feed, audience: Audience) -> None:
        """Make a stream again from the store."""
        stream = self._stream(feed, audience)
        async with self._locks[stream]:
            note("outbox.rebuilt")
            await self._rebuild(stream)

    def find_why_down(self, party: Party) -> str:
        """Return in one word why a peer is not reached."""
        return self._links[party].why_down

    def follow(self, party: Party, feed: Feed, audience: Audience) -> None:
        """Pull one more stream of a peer, each by itself; the warning feed is pulled by a process of its own."""
        key = (party, self._stream(feed, audience))
        if party in self._links and key not in self._pulls and not (self._has_left or feed is Feed.WARNING):
            self._pulls[key] = asyncio.get_running_loop().create_task(self._pull(*key))

    def leave(self) -> None:
        """Pull nothing any more."""
        self._has_left = True
        for task in self._pulls.values():
            task.cancel()

    async def fetch(self, party: Party, journal: Digest, *, first: int, last: int) -> list[bytes]:
        """Ask a peer for pages."""
        return await self._request(self._links.get(party), encode_page_request(journal, first=first, last=last))

    async def fetch_blob(self, party: Party, blob_id: Digest) -> BlobAnswer | None:
        """Ask a peer for a blob, on the connection for what is large."""
        link, request = self._lanes[-1].links.get(party), encode_page_request(blob_id, first=0, last=0)
        return join_blob(await self._request(link, request, BLOB_TIMEOUT_MS))

    async def _request(self, link: Link | None, request: bytes, timeout_ms: int = FETCH_TIMEOUT_MS) -> list[bytes]:
        if link is None:  # a reader of some audience, who is in no circle of this party's
            raise OutageError("link.unavailable")
        try:
            return await link.request_pages(request, timeout_ms=timeout_ms)
        except RemoteError as error:
            raise OutageError("link.no-answer") from error

    def _answer(self, reader: Reader, request: bytes) -> Iterable[bytes]:
        """Answer a peer: pages of a journal that it may read, or a blob that was given to it, else nothing."""
        assert self._receiver is not None
        asked = decode_page_request(request)
        if reader.party == self._party:  # a standby's account, which takes the own link keys (T28)
            parties = tuple(sorted([*self._links, self._party]))
            return answer_standby(self._store, asked, names=_STANDBY, parties=parties)
        blob = self._receiver.answer_blob(reader.party, asked.journal) if asked.last == 0 else None
        if blob is not None:
            return cut_blob(blob)
        return self._receiver.answer_pages(reader.party, journal=asked.journal, first=asked.first, last=asked.last)

    async def _pull(self, party: Party, stream: Stream) -> None:
        while True:
            try:
                deliveries: AsyncIterator[Delivery] = self._lane(stream).links[party].pull((stream,))
                async for delivery in deliveries:
                    assert self._receiver is not None
                    self._receiver.note_heard(party)
                    self._receiver.take_bytes(delivery.page, stored=delivery.ack)
            except OutageError:
                await asyncio.sleep(AGAIN_S)

    async def _watch_links(self) -> None:
        while True:
            for party, link in sorted(self._links.items()):
                assert self._receiver is not None
                self._receiver.note_link(party, is_up=link.is_up)
                if link.is_up:
                    self._receiver.note_heard(party)
            await asyncio.sleep(LINK_LOOK_S)

    async def _rebuild(self, stream: Stream) -> int:
        rows = self._store.read_stream(stream.feed, stream.audience)
        pages = (Keyed(digest.hex(), raw) for digest, raw in rows)
        return await self._lane(stream).outbox.rebuild(stream, self._readers(stream.audience), pages)

    def _lane(self, stream: Stream) -> Lane:
        return self._lanes[-1 if stream.feed is Feed.BULK else 0]

    def _stream(self, feed: Feed, audience: Audience) -> Stream:
        return Stream(self._lineage, self._realm, feed, audience)

    def _readers(self, audience: Audience) -> list[Party]:
        return [party for party in audience if party != self._party]
