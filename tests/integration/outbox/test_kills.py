"""Nothing stored is lost when servers are killed and links are cut (law 7)."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.node.link import JetStreamLink
from comity.node.wire import Endpoint
from kit.outbox import RealWorld, keyed, keys_of, pages, play, public_of, publish_all, reader_of, stream_of, take
from kit.patience import PATIENCE_S, until

pytestmark = pytest.mark.server

PAIR = stream_of("USA", "JPN")
COUNT = 100


async def _publish_stubbornly(world: RealWorld, given: list[bytes]) -> None:
    """Publish as a node does: what was not confirmed is published again, at the same place."""
    for sequence, page in enumerate(given):
        while True:
            try:
                await world.outbox.publish(PAIR, *keyed(page), expected_last_sequence=sequence)
                break
            except OutageError:
                await asyncio.sleep(0.05)


def test_a_server_killed_in_mid_stream_loses_no_page(tmp_path: Path) -> None:
    """Publisher and reader go on after each of three kills; the stream holds each page once, in order."""

    async def scene(world: RealWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        given, got = pages(COUNT), set[bytes]()
        publishing = asyncio.create_task(_publish_stubbornly(world, given))

        async def read() -> None:
            async with contextlib.aclosing(world.link("JPN").pull([PAIR])) as deliveries:  # type: ignore[type-var]
                while len(got) < COUNT:
                    delivery = await anext(deliveries)
                    got.add(delivery.page)
                    delivery.ack()
                    await asyncio.sleep(0.005)

        reading = asyncio.create_task(read())
        for threshold in (10, 40, 70):
            await until(lambda count=threshold: len(got) >= count)  # type: ignore[misc]
            await world.break_down()
            await world.recover()
        await publishing
        await reading
        assert got == set(given)
        assert await world.outbox.last_sequence(PAIR) == COUNT
        assert [await world.outbox.find_page(PAIR, n + 1) for n in range(COUNT)] == given

    play(RealWorld, tmp_path, scene)


class _Cable:
    """A connection to the server that can be cut with a sound, or without one."""

    def __init__(self, to: Endpoint) -> None:
        self._to = to
        self._pipes: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self.is_silent = False

    async def lay(self) -> Endpoint:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        return Endpoint("127.0.0.1", self._server.sockets[0].getsockname()[1])

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        self._writers += [writer, far_writer]
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            pipe = asyncio.create_task(self._pipe(source, sink))
            self._pipes.add(pipe)

    async def _pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while content := await source.read(65_536):
                if not self.is_silent:
                    sink.write(content)
                    await sink.drain()
        sink.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def remove(self) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._pipes, return_exceptions=True)


@pytest.mark.parametrize("is_silent", [False, True], ids=["with a reset", "without a word"])
def test_a_cut_link_heals_by_itself(is_silent: bool, tmp_path: Path) -> None:
    """A reset is noticed at once, a silent cut by missing signs of life; then pulling goes on where it was."""

    async def scene(world: RealWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        cable = _Cable(world.endpoint)
        seen: list[bool] = []
        link = JetStreamLink(
            await cable.lay(), keys_of("JPN"), server=public_of("USA"), reader=reader_of("JPN"), on_change=seen.append
        )
        await publish_all(world.outbox, PAIR, pages(3))
        assert await take(link, [PAIR], 3) == pages(3)
        waiting = asyncio.create_task(take(link, [PAIR], 1))
        await asyncio.sleep(0.2)
        if is_silent:
            cable.is_silent = True
            await until(lambda: not link.is_up)
            cable.is_silent = False
        else:
            cable.cut()
        await world.outbox.publish(PAIR, *keyed(b"after"), expected_last_sequence=3)
        assert await waiting == [b"after"]
        assert seen == [True, False, True]
        await link.close()
        await cable.remove()

    play(RealWorld, tmp_path, scene)


def test_a_wire_that_cannot_send_its_last_bytes_still_ends(tmp_path: Path) -> None:
    """The library may fail while it closes; whoever waits on the wire hears of its end all the same."""

    async def scene(world: RealWorld) -> None:
        wire = await world.wire("JPN")

        async def fail() -> None:
            raise ConnectionResetError

        transport = wire._client._transport
        assert transport is not None
        transport.drain = fail  # type: ignore[method-assign]
        wire._client._pending, wire._client._pending_data_size = [b"PING\r\n"], 6
        await world.break_down()
        async with asyncio.timeout(PATIENCE_S):
            await wire.broken.wait()

    play(RealWorld, tmp_path, scene)


def test_a_lost_folder_is_rebuilt_and_the_reader_goes_on(tmp_path: Path) -> None:
    """The outbox is not the truth: with its folder gone, the store's pages make it again."""

    async def scene(world: RealWorld) -> None:
        given = pages(20)
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        await publish_all(world.outbox, PAIR, given)
        link = world.link("JPN")
        await take(link, [PAIR], 20)
        await world.server.stop()
        (tmp_path / "outbox" / "jetstream").rename(tmp_path / "gone")
        await world.recover()
        with pytest.raises(OutageError, match=r"outbox.no-stream"):
            await world.outbox.publish(PAIR, *keyed(b"next"), expected_last_sequence=20)
        await world.outbox.rebuild(PAIR, ["JPN"], map(keyed, given))
        await world.outbox.publish(PAIR, *keyed(b"next"), expected_last_sequence=20)
        assert await take(link, [PAIR], 21) == [*given, b"next"]

    play(RealWorld, tmp_path, scene)
