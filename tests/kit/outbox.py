"""Worlds for outbox tests: USA's outbox, real or in memory, and its peers' links to it."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from comity.base.names import Audience, Digest, Party
from comity.crypto.link import LinkKeys, LinkPublic, get_link_public
from comity.journal.header import Feed
from comity.node.accounts import Peer, login_seed
from comity.node.jetstream import JetStreamOutbox
from comity.node.link import JetStreamLink
from comity.node.memory_outbox import MemoryLink, MemoryOutbox
from comity.node.outbox import Delivery, Keyed, Link, Outbox
from comity.node.server import ServerChild
from comity.node.stream import Reader, Stream
from comity.node.wire import Endpoint, Wire, make_tls_context
from kit.patience import PATIENCE_S

LINEAGE = Digest(b"\x22" * 32)
REALM = "exercise/outbox"


def keys_of(name: str) -> LinkKeys:
    """Link keys of a party, or of a stranger, the same each time."""
    return LinkKeys(hashlib.sha256(name.encode()).digest())


def reader_of(party: Party, *, realm: str = REALM) -> Reader:
    """A party as a reader."""
    return Reader(LINEAGE, realm, party)


def stream_of(*audience: Party, feed: Feed = Feed.RECORD) -> Stream:
    """USA's stream to an audience."""
    return Stream(LINEAGE, REALM, feed, Audience(sorted(audience)))


def peer_of(party: Party, *, realm: str = REALM) -> Peer:
    """A peer with its public link keys."""
    return Peer(reader_of(party, realm=realm), public_of(party))


def public_of(name: str) -> LinkPublic:
    """The public half of `keys_of`."""
    return get_link_public(keys_of(name))


def keyed(page: bytes) -> Keyed:
    """A page with a key as the node would give it."""
    return Keyed(hashlib.sha256(page).hexdigest(), page)


def pages(count: int, *, prefix: bytes = b"page ", size_bytes: int = 40) -> list[bytes]:
    """Pages that differ."""
    return [(prefix + str(number).encode()).ljust(size_bytes, b".") for number in range(count)]


async def publish_all(outbox: Outbox, stream: Stream, given: Sequence[bytes], *, after: int = 0) -> int:
    """Publish pages one after the other, as a node does; return the last sequence."""
    for page in given:
        after = await outbox.publish(stream, *keyed(page), expected_last_sequence=after)
    return after


async def take(link: Link, streams: Sequence[Stream], count: int, *, is_acked: bool = True) -> list[bytes]:
    """Take so many deliveries."""
    got = []
    async for delivery in _pulling(link, streams, count):
        got.append(delivery.page)
        if is_acked:
            delivery.ack()
    await asyncio.sleep(0.05)  # an acknowledgement is sent by a task of its own
    return got


async def take_none(link: Link, streams: Sequence[Stream], *, within_s: float) -> None:
    """Assert that nothing comes."""
    try:
        async with asyncio.timeout(within_s):
            got = await take(link, streams, 1)
    except TimeoutError:
        return
    raise AssertionError(f"nothing was to come, but {got!r} came")


async def _pulling(link: Link, streams: Sequence[Stream], count: int) -> AsyncIterator[Delivery]:
    async with contextlib.aclosing(link.pull(streams)) as deliveries:  # type: ignore[type-var]
        while count:
            yield await anext(deliveries)
            count -= 1


class MemoryWorld:
    """USA's outbox in memory."""

    name = "memory"

    def __init__(self, folder: Path) -> None:
        del folder
        self.outbox = MemoryOutbox(ack_wait_ms=300)
        self.ack_wait_s = 0.3

    def link(self, party: Party) -> MemoryLink:
        return MemoryLink(self.outbox, reader_of(party))

    async def start(self) -> None:
        pass

    async def break_down(self) -> None:
        self.outbox.is_down = True

    async def recover(self) -> None:
        self.outbox.is_down = False

    async def stop(self) -> None:
        await self.outbox.close()


class RealWorld:
    """USA's server on loopback with its peers JPN and KOR, an outbox on it, and links to it."""

    name = "real"

    def __init__(self, folder: Path) -> None:
        self.server = ServerChild(folder / "outbox", keys_of("USA"))
        self.peers = [peer_of("JPN"), peer_of("KOR")]
        self.ack_wait_s = 3.0
        self._closing: list[Callable[[], Awaitable[None]]] = []

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.server.host, self.server.port)

    async def start(self) -> None:
        await self.server.start(self.peers)
        self.outbox = JetStreamOutbox(self.endpoint, keys_of("USA"))
        await self.outbox._session.get_wire(None)

    def link(self, party: Party) -> JetStreamLink:
        link = JetStreamLink(self.endpoint, keys_of(party), server=public_of("USA"), reader=reader_of(party))
        self._closing.append(link.close)
        return link

    async def wire(self, party: Party, *, heard: list[str] | None = None) -> Wire:
        """A bare connection as a peer, for what no honest link does; `heard` collects what the server refuses."""
        reader = None if party == "USA" else reader_of(party)
        keys = keys_of(party)
        wire = await Wire.connect(
            self.endpoint,
            context=make_tls_context(keys, server=public_of("USA")),
            login=login_seed(keys, client=public_of(party), server=public_of("USA"), reader=reader),
            on_refusal=(heard if heard is not None else []).append,
        )
        self._closing.append(wire.close)
        return wire

    async def break_down(self) -> None:
        """Kill the server as a power cut would."""
        pid = self.server.pid
        assert pid is not None
        import os
        import signal

        os.kill(pid, signal.SIGKILL)
        await self.server.wait()
        await self.server.stop()

    async def recover(self) -> None:
        """Start the server and wait until the outbox is on it, however long that takes."""
        await self.server.start(self.peers)
        await self.outbox._session.get_wire(None)

    async def stop(self) -> None:
        for close in reversed(self._closing):
            await close()
        await self.outbox.close()
        await self.server.stop()


AnyWorld = MemoryWorld | RealWorld


def play(world: type[AnyWorld], folder: Path, scene: Callable[..., Awaitable[None]]) -> None:
    """Play a scene in a new world, within a bound."""

    async def run() -> None:
        made = world(folder)
        await made.start()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await scene(made)
        finally:
            await made.stop()

    asyncio.run(run())
