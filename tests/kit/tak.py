"""TAK clients for tests: stock pytak against the port, and a stand-in for the warning process that it stands on."""

import asyncio
import configparser
import contextlib
import json
import re
import socket
import warnings
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec

from comity.base.instants import Instant
from comity.crypto.production import ProductionSuite
from comity.exchange.cot_passes import Passes
from comity.exchange.cot_server import CotServer
from comity.exchange.register import Register
from comity.node.ending import end_tasks
from comity.node.feed.door_socket import SOCKET_FILE
from comity.node.feed.frames import TellingRow
from comity.warning.rows import Block, encode_block
from comity.warning.telling import Releases

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says so where a library is missing that it needs for other ways than these
    import pytak  # type: ignore[import-untyped]

__all__ = ["FakeWarning", "TakClient", "make_home_message", "pytak", "serve_cot", "write_login"]


def make_home_message(pact_raw: bytes, releases: Releases, *, realm: str) -> list[Any]:
    """Return what the warning process says of what is permitted (W36)."""
    told = [
        TellingRow(one.class_, one.to, "", terms.clause, terms.coarsen_m, terms.delay_ms, terms.is_sensor_named)
        for one in releases.rulings
        if (terms := one.terms) is not None
    ]
    return ["home", bytes(32), realm, releases.author, pact_raw, told]


class FakeWarning:
    """Speaks the verbs `blocks` and `send` at the socket of a realm's folder."""

    def __init__(self, folder: Path, home: list[Any]) -> None:
        self.folder = folder
        self.home = home
        self.blocks: list[bytes] = []
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_unix_server(self._serve, self.folder / SOCKET_FILE)

    async def stop(self) -> None:
        """Be gone, as a process that was killed."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    def say(self, author: str, block: Block, at: int) -> None:
        """Say or read a block."""
        self.blocks.append(_write(["block", author, at, encode_block(block)]))
        self._publish(self.blocks[-1])

    def permit(self, home: list[Any]) -> None:
        """Say what is permitted from now on."""
        self.home = home
        self._publish(_write(home))

    def _publish(self, raw: bytes) -> None:
        for writer in self._writers:
            writer.write(raw)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = json.loads(await reader.readline())
        if asked["do"] == "blocks":
            writer.write(b"".join([_write(self.home), *self.blocks, _write(["whole"])]))
            self._writers.add(writer)
            await reader.read()
            self._writers.discard(writer)
        else:
            lines = (await reader.read()).splitlines()
            self.sent += [(asked["class"], asked["source"], json.loads(line)) for line in lines]
            writer.write(json.dumps({"counts": {"taken": len(lines)}}).encode() + b"\n")
        writer.close()


def _write(message: list[Any]) -> bytes:
    raw = msgspec.msgpack.encode(message)
    return len(raw).to_bytes(4, "big") + raw


@contextlib.asynccontextmanager
async def serve_cot(
    folder: Path, register: Register, *, clock: Callable[[], Instant]
) -> AsyncIterator[tuple[CotServer, int, int]]:
    """Serve the port on loopback; give the server, and its ports with TLS and without."""
    passes = Passes(folder)
    passes.reread()
    tls, plain = _listen(), _listen()
    server = CotServer(folder, register, passes, suite=ProductionSuite(), clock=clock)
    context = passes.make_context(("127.0.0.1",))
    serving = asyncio.create_task(server.serve(tls=[tls], plain=[plain], context=context))
    try:
        yield server, tls.getsockname()[1], plain.getsockname()[1]
    finally:
        await end_tasks(serving)
        tls.close()
        plain.close()


def _listen() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    listening.setblocking(False)
    return listening


def write_login(name: str, token: str) -> bytes:
    """Return a login as ATAK sends one."""
    return f'<?xml version="1.0"?>\n<auth><cot username="{name}" password="{token}" uid="A-1"/></auth>'.encode()


class _Screen(pytak.QueueWorker):  # type: ignore[misc,name-defined,unused-ignore]
    """Gathers what pytak receives."""

    def __init__(self, queue: Any, config: Any, shown: list[str]) -> None:
        super().__init__(queue, config)
        self.shown = shown

    async def handle_data(self, data: bytes) -> None:
        """Keep one event."""
        self.shown.append(data.decode())

    async def run(self, _: int = -1) -> None:
        """Keep all that come."""
        while True:
            await self.handle_data(await self.queue.get())


class TakClient:
    """One stock pytak client, with the workers that pytak itself makes."""

    def __init__(self, url: str, **settings: str) -> None:
        parser = configparser.ConfigParser(interpolation=None)
        parser["client"] = {"COT_URL": url, "PYTAK_NO_HELLO": "1", "MAX_IN_QUEUE": "20000", **settings}
        self.shown: list[str] = []
        self._tool = pytak.CLITool(parser["client"])
        self._running: asyncio.Task[None] | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, *first: bytes) -> None:
        """Connect, say these things first, and begin to receive."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # how it asks for TLS is out of fashion
            await self._tool.setup()
        self._writers = [worker.writer for worker in self._tool.tasks if hasattr(worker, "writer")]
        self._tool.add_task(_Screen(self._tool.rx_queue, self._tool.config, self.shown))
        for one in first:
            await self._tool.tx_queue.put(one)
        self._running = asyncio.create_task(self._tool.run())

    async def say(self, event: bytes) -> None:
        """Send an event."""
        await self._tool.tx_queue.put(event)

    def find(self, word: str, value: str) -> list[str]:
        """Return the values of an attribute in all that was received, where it holds this; in order."""
        return [found for text in self.shown for found in re.findall(rf"<event[^>]*?\b{word}=\"([^\"]*)\"", text)
                if value in found]  # fmt: skip

    async def leave(self) -> None:
        """Go."""
        if self._running is not None:
            await end_tasks(self._running, *self._tool.running_tasks)
        for writer in self._writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
