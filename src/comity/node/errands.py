"""What a node has done beside its one task: publishing, drawing keys, signing, asking. Results come back as inputs.

What takes long (HPKE, ML-DSA) runs in a thread; what waits for a peer waits here and holds up nothing else.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from comity.base.errors import OutageError
from comity.base.names import Audience, Digest
from comity.crypto.suite import Ceremony
from comity.journal.header import Feed
from comity.journal.writer import sign_checkpoint, wrap_epoch_key
from comity.machine.effect import Fetch, Publish, SignCheckpoint, Wrap
from comity.machine.input import CheckpointSigned, FetchEnded, Published, Wrapped
from comity.node.blob_errands import BlobErrands
from comity.node.carrier import Carrier
from comity.node.log import note

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Errands"]

LOOK_S: Final = 2.0
"""Between two looks at the own streams."""
SICK_COUNT: Final = 5
"""Looks in a row that found no outbox, or the same page waiting, before its server is said to be sick."""
SCRUB_COUNT: Final = 16
"""Rows checked at once: half a millisecond, while everything else waits."""
SCRUB_PAUSE_S: Final = 0.125
SCRUB_REST_S: Final = 10.0
"""Between two passes over the whole store."""


class Errands:
    """The errands of one node."""

    def __init__(self, node: "Node", carrier: Carrier, *, ceremony: Ceremony) -> None:
        self._node = node
        self._carrier = carrier
        self._ceremony = ceremony
        self._suite = node.machine.setup.suite
        self._is_restored = asyncio.Event()
        self._outgoing: dict[tuple[Feed, Audience], asyncio.Queue[Publish]] = {}
        self.fetch_blobs = BlobErrands(node, carrier).fetch
        self._unnoted: deque[Digest] = deque()
        """Pages that are out, and of which the store has no room to say so."""

    async def restore_streams(self, streams: Iterable[tuple[str, Audience]]) -> None:
        """Put back what the outbox lost before anything new goes into it; `outbox.fenced` ends the node."""
        for feed, audience in streams:
            await self._carrier.restore_stream(Feed(feed), audience)
        self._is_restored.set()

    async def watch_streams(self) -> None:
        """Look after the own streams for ever; `outbox.fenced` ends the node.

        After a few looks in vain the node is told: no answer, or the same page still not taken. Seen by experiment: a
        JetStream whose disk was full once answers every question, and takes nothing more until it is started anew.
        """
        await self._is_restored.wait()
        vain_count, waiting = 0, None
        while self._node.failure is None:
            await asyncio.sleep(LOOK_S)
            self._note_out()
            unpublished = (digest for digest in self._node.store.find_unpublished() if digest not in self._unnoted)
            before, waiting = waiting, next(unpublished, None)
            try:
                for feed, audience in self._node.store.find_streams():
                    await self._check_stream(Feed(feed), audience)
                is_vain = waiting is not None and waiting == before
            except OutageError:
                is_vain = True
            vain_count = vain_count + 1 if is_vain else 0
            if vain_count >= SICK_COUNT:
                vain_count = 0
                self._node.on_sick_outbox()

    async def _check_stream(self, feed: Feed, audience: Audience) -> None:
        cause = await self._carrier.check_stream(feed, audience)
        if cause:
            self._node.raise_alarm("alarm.outbox-rebuilt", {"feed": feed, "audience": audience, "cause": cause})

    def enqueue(self, publish: Publish) -> None:
        """Hand a page to the one task that publishes this stream, in order; nobody else reads a solitary journal."""
        key = (publish.feed, publish.audience)
        if key not in self._outgoing:
            self._outgoing[key] = asyncio.Queue()
            self._node.spawn(self._publish_stream(self._outgoing[key]))
        self._outgoing[key].put_nowait(publish)

    async def _publish_stream(self, queue: "asyncio.Queue[Publish]") -> None:
        """Publish one stream's pages. `outbox.fenced` ends the node: another writer is at work, and this one stops."""
        await self._is_restored.wait()
        while self._node.failure is None:
            publish = await queue.get()
            is_out = True
            if len(publish.audience) > 1:
                try:
                    await self._carrier.publish(publish.feed, publish.audience, publish.digest, publish.raw)
                except OutageError:
                    is_out = False
            if is_out:
                self._unnoted.append(publish.digest)
                self._note_out()
            self._node.give(Published(self._node.now(), self._node.draw_salt(), publish.digest, is_out))

    def _note_out(self) -> None:
        """Note which pages are out; what finds no room is noted at a later look."""
        with contextlib.suppress(OutageError):
            while self._unnoted:
                self._node.store.set_out(self._unnoted[0])
                self._unnoted.popleft()

    async def wrap(self, effect: Wrap) -> None:
        """Draw and wrap an epoch key."""
        key = effect.key or self._ceremony.random(32)
        commitment, wraps = await asyncio.to_thread(
            wrap_epoch_key,
            journal=effect.journal,
            epoch=effect.epoch,
            key=key,
            readers=effect.readers,
            suite=self._suite,
            ceremony=self._ceremony,
        )
        journal = effect.journal.find_digest(self._suite)
        self._node.give(
            Wrapped(self._node.now(), self._node.draw_salt(), journal, effect.epoch, key, commitment, wraps)
        )

    async def sign(self, effect: SignCheckpoint) -> None:
        """Sign a checkpoint."""
        body = await asyncio.to_thread(
            sign_checkpoint,
            journal=effect.journal,
            statement=effect.statement,
            checkpoint_secret=self._node.machine.setup.secrets.checkpoint,
            ceremony=self._ceremony,
        )
        self._node.give(
            CheckpointSigned(self._node.now(), self._node.draw_salt(), effect.journal.find_digest(self._suite), body)
        )

    async def fetch(self, effect: Fetch) -> None:
        """Ask a peer for pages, and give the machine what it answers; what finds no room here was not answered."""
        is_answered = True
        try:
            pages = await self._carrier.fetch(effect.party, effect.journal, first=effect.first, last=effect.last)
        except OutageError:
            pages, is_answered = [], False
        for raw in pages:
            is_answered = self._node.take_bytes(raw) and is_answered
        self._node.give(FetchEnded(self._node.now(), self._node.draw_salt(), effect.party, effect.journal, is_answered))

    async def scrub(self) -> None:
        """Check the store against its sums for ever, a little at a time: what is never read rots unseen."""
        after = 0
        while self._node.failure is None:
            try:
                after = self._node.store.scrub(after, count=SCRUB_COUNT)
                if after == 0:
                    await self._scrub_blobs()
            except OutageError as error:
                note("store.unchecked", code=error.code)
                after = 0
            await asyncio.sleep(SCRUB_PAUSE_S if after else SCRUB_REST_S)

    async def _scrub_blobs(self) -> None:
        for blob_id in self._node.store.list_blobs():
            self._node.shelf.find_own(blob_id)
            await asyncio.sleep(SCRUB_PAUSE_S)
