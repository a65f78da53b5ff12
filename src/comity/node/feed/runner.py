"""Drives one party's warning feed: pages out to the own outbox, pages in from the peers' (docs/spec/warning.md, W24).

Rules
- An own page is durable in the file before it is in the stream, and in the stream before the next one is built.
- No journal is written before its stream was looked at: what is there and not in the file is taken back first. A page
  there that does not follow from the file's is another process's: that journal is closed.
- Whatever comes is acknowledged, what is kept once it is in the file: nothing of this feed is worth being sent again
  but to who was away.
- Outages are waited for; meanwhile rows wait in bounded room, and the oldest go.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Final

from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Audience, Party
from comity.crypto.suite import KEY_SIZE, Ceremony, Suite
from comity.journal.header import Feed, Page, parse_page
from comity.journal.writer import wrap_epoch_key
from comity.node.ending import end_tasks
from comity.node.feed.keeping import Keeping
from comity.node.feed.kept import Brought
from comity.node.outbox import Delivery, Link, Outbox
from comity.node.repeat import AGAIN_S, repeat
from comity.node.stream import Reader, Stream
from comity.warning.channel import Channel
from comity.warning.effect import Anchor, Fate, Gap, PageOut, Received, Taken
from comity.warning.rows import Block
from comity.warning.telling import Releases

__all__ = ["FeedRunner"]

ANCHOR_MS: Final = MINUTE_MS
KEPT: Final = (Fate.TAKEN, Fate.HELD)


class FeedRunner:
    """Runs in one event loop. What it notices goes to the `on_` callables, which must not wait."""

    def __init__(
        self,
        channel: Channel,
        keeping: Keeping,
        outbox: Outbox,
        links: Mapping[Party, Link],
        *,
        me: Reader,
        suite: Suite,
        ceremony: Ceremony,
        clock: Callable[[], Instant],
    ) -> None:
        self.channel = channel
        self.on_received: Callable[[Received], None] = lambda _: None
        self.on_odd: Callable[[Party, Taken], None] = lambda *_: None
        self.on_gap: Callable[[Gap], None] = lambda _: None
        self.on_anchor: Callable[[Anchor], None] = lambda _: None
        self.on_closed: Callable[[Audience], None] = lambda _: None
        self.on_closing: Callable[[Party], None] = lambda _: None
        """Told that a later incarnation of a party opened: what was read of it before may count no more."""
        self._keeping = keeping
        self._file = keeping.file
        self._outbox = outbox
        self._links = links
        self._me = me
        self._suite = suite
        self._ceremony = ceremony
        self._clock = clock
        self._stirred = asyncio.Event()
        self._lasts: dict[Stream, int] = {}
        """The last sequence of each own stream that was looked at."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._followed: set[tuple[Party, Audience]] = set()
        self._anchored: dict[Audience, Anchor] = {}

    async def start(self, releases: Releases) -> None:
        """Read back what was said, look at the own streams, and begin."""
        at = self._clock()
        for raw in self._file.read_tips():
            self.channel.restore(parse_page(raw, self._suite), at=at)
        self.channel.set_releases(releases)  # rows may wait from now on; nothing is written before the streams are open
        await self.set_releases(releases)
        self._spawn(self._keeping.run())
        self._spawn(self._write_for_ever())
        self._spawn(self._tick_for_ever())

    async def stop(self) -> None:
        """Stop; what is in flight is finished at the next start."""
        await end_tasks(*self._tasks)
        self._keeping.close()

    async def set_releases(self, releases: Releases) -> None:
        """Tell from now on as these say, once the streams of new audiences were looked at."""
        for audience in self.channel.find_audiences(releases):
            if self._stream(audience) not in self._lasts:
                await self._open(audience)
        self.channel.set_releases(releases)
        self._stirred.set()

    def say(self, block: Block) -> int:
        """Tell a block of ours; return into how many journals it goes."""
        count = self.channel.say(block, at=self._clock())
        self._stirred.set()
        return count

    def follow(self, party: Party, audience: Audience) -> None:
        """Pull a peer's warning stream from now on; again is harmless."""
        if party in self._links and (party, audience) not in self._followed:
            self._followed.add((party, audience))
            self._spawn(self._pull(party, audience))

    def note_root_statements(self) -> None:
        """Read what waited for a certificate that has become known."""
        at = self._clock()
        taken = self.channel.intake.take_root_statements(at)
        if taken is not None:
            self._keeping.keep(Brought((), at, taken.received), done=lambda: None)
            self._tell(self._me.party, taken)
        self._stirred.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _stream(self, audience: Audience) -> Stream:
        return Stream(self._me.lineage, self._me.realm, Feed.WARNING, audience)

    async def _ensure(self, stream: Stream) -> int:
        """Make an own stream unless it is there; return its last sequence."""
        return await self._outbox.ensure_stream(stream, [party for party in stream.audience if party != self._me.party])

    async def _open(self, audience: Audience) -> None:
        """Make an own stream unless it is there, and take back what it holds and the file does not."""
        stream = self._stream(audience)
        last = await repeat(lambda: self._ensure(stream))
        held = await repeat(lambda: self._outbox.describe(stream))
        lacking: list[Page] = []
        for sequence in range(last, held.first - 1, -1):
            raw = await repeat(lambda sequence=sequence: self._outbox.find_page(stream, sequence))  # type: ignore[misc]
            page = self._read_own(raw, audience)
            if page is not None and not self.channel.lacks(page):
                break
            if page is not None:
                lacking.append(page)
        for page in sorted(lacking, key=lambda page: page.header.number):
            self._file.keep_own([page], at=self._clock())
            self.channel.restore(page, at=self._clock())
        self._lasts[stream] = last

    def _read_own(self, raw: bytes | None, audience: Audience) -> Page | None:
        """Read a page of an own stream; None where the outbox lost it, or holds what is no page of that journal."""
        with contextlib.suppress(RemoteError):
            page = None if raw is None else parse_page(raw, self._suite)
            if page is not None and page.header.journal.family == (Feed.WARNING, self._me.party, audience):
                return page
        return None

    async def _write_for_ever(self) -> None:
        while True:
            self._stirred.clear()
            at = self._clock()
            self._wrap(at)
            pages = self.channel.write(at, salt=self._ceremony.random(KEY_SIZE))
            if pages:
                await self._keep_own(pages, at)
                for page in pages:
                    self._spawn(self._publish(page))
                continue
            wake = self.channel.find_wake()
            wait_ms = SECOND_MS if wake is None else min(SECOND_MS, max(1, wake - at))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_ms / SECOND_MS):
                    await self._stirred.wait()

    def _wrap(self, at: Instant) -> None:
        for wish in self.channel.take_wishes(at):
            key = self._ceremony.random(KEY_SIZE)
            commitment, wraps = wrap_epoch_key(
                journal=wish.journal, epoch=wish.epoch, key=key, readers=wish.readers,
                suite=self._suite, ceremony=self._ceremony,
            )  # fmt: skip
            self.channel.take_wrapped(wish, key=key, commitment=commitment, wraps=wraps)

    async def _keep_own(self, pages: Iterable[PageOut], at: Instant) -> None:
        """Make own pages durable; a full disk is waited for, and nothing goes out meanwhile."""
        built = [page.page for page in pages]
        while True:
            try:
                await self._keeping.keep_own(built, at=at)
            except OutageError:
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def _publish(self, page: PageOut) -> None:
        audience = page.journal.audience
        stream = self._stream(audience)
        while True:
            try:
                last = self._lasts[stream]
                key, raw = page.digest.hex(), page.raw
                self._lasts[stream] = await self._outbox.publish(stream, key, raw, expected_last_sequence=last)
            except UsageError:
                self.channel.close(audience)
                self.on_closed(audience)
                return
            except OutageError:
                await asyncio.sleep(AGAIN_S / 10)
                await self._look_again(stream, page)
            else:
                self.channel.note_out(page)
                self._stirred.set()
                return

    async def _look_again(self, stream: Stream, page: PageOut) -> None:
        """Find out where an own stream ends, after an answer that leaves it open; it may have lost everything."""
        with contextlib.suppress(OutageError):
            last = await self._ensure(stream)
            is_there = last > 0 and await self._outbox.find_page(stream, last) == page.raw
            self._lasts[stream] = last - is_there

    async def _pull(self, party: Party, audience: Audience) -> None:
        stream = self._stream(audience)
        while True:
            try:
                async for delivery in self._links[party].pull([stream]):
                    self._take(party, delivery)
                    await asyncio.sleep(0)  # a flood of pages that are here already keeps nobody else from his turn
            except OutageError:
                await asyncio.sleep(AGAIN_S)

    def _take(self, party: Party, delivery: Delivery) -> None:
        at = self._clock()
        try:
            page = parse_page(delivery.page, self._suite)
        except RemoteError as error:
            delivery.ack()
            self._tell(party, Taken(Fate.REFUSED, error.code))
            return
        taken = self.channel.take_page(page, at)
        if taken.fate in KEPT:
            self._keeping.keep(Brought((page,), at, taken.received), done=delivery.ack)
        else:
            delivery.ack()
        self._tell(party, taken)

    def _tell(self, party: Party, taken: Taken) -> None:
        if taken.is_closing:
            self.on_closing(party)
        for received in taken.received:
            self.on_received(received)
        if taken.faults or taken.forks or taken.fate is Fate.REFUSED:
            self.on_odd(party, taken)

    async def _tick_for_ever(self) -> None:
        next_anchor = self._clock()
        while True:
            at = self._clock()
            for gap in self.channel.give_up(at):
                self.on_gap(gap)
            if at >= next_anchor and self.anchor():
                next_anchor = Instant(at + ANCHOR_MS)
            with contextlib.suppress(OutageError):
                await asyncio.to_thread(self._file.prune_soon, at)
            await asyncio.to_thread(self._keeping.settle)
            await asyncio.sleep(1)

    def anchor(self) -> bool:
        """Name the last page of each own journal that went out since it was named last (W30); tell whether any did."""
        has_news = False
        for anchor in self.channel.find_anchors():
            if self._anchored.get(anchor.audience) != anchor:
                self._anchored[anchor.audience] = anchor
                self.on_anchor(anchor)
                has_news = True
        return has_news
