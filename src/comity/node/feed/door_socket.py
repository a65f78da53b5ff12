"""Where the own party's processes meet its warning process: a socket in the realm's folder (W36, W37).

Whoever may open the folder may use it; it is for its owner alone. One line of JSON asks: `{"do": VERB, …}`. What
answers is the verb's: lines of JSON, or a stream of bytes until the asker goes. What cannot be answered is one line,
`{"code": …}`; where bytes are asked for, four zero bytes stand before it, which begin no frame and no message.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from comity.base.errors import ComityError
from comity.base.limits import INSTANT_MS_MAX
from comity.node.ending import end_tasks

__all__ = ["LINE_SIZE_BYTES_MAX", "NO_FRAME", "SOCKET_FILE", "Asked", "DoorSocket", "Verb", "connect", "write_line"]

SOCKET_FILE: Final = "warning.sock"
LINE_SIZE_BYTES_MAX: Final = 64 * 1024
TURN_COUNT: Final = 4
NO_FRAME: Final = bytes(4)
"""Stands before the code where bytes were asked for."""
BINARY: Final = frozenset({"blocks", "frames", "trails"})

_Word = Annotated[str, Meta(max_length=256)]


class Asked(msgspec.Struct, frozen=True, rename={"class_": "class"}):
    """The first line."""

    do: _Word
    class_: _Word = ""
    source: _Word = ""
    is_replay: bool = False
    since_ms: Annotated[int, Meta(ge=0, le=INSTANT_MS_MAX)] = 0
    at: Annotated[int, Meta(ge=0, le=INSTANT_MS_MAX)] | None = None
    minutes: Annotated[int, Meta(ge=1, le=180)] = 60


Verb = Callable[[Asked, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What answers one asker, and returns when it is done; the connection is closed then."""


class DoorSocket:
    """Listens until `stop`."""

    def __init__(self, folder: Path, verbs: Mapping[str, Verb]) -> None:
        self._folder = folder
        self._verbs = verbs
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen."""
        (self._folder / SOCKET_FILE).unlink(missing_ok=True)
        with _short_path(self._folder) as path:
            self._server = await asyncio.start_unix_server(self._serve, path, limit=LINE_SIZE_BYTES_MAX)
        (self._folder / SOCKET_FILE).chmod(0o600)

    async def stop(self) -> None:
        """Stop listening, and let go whoever is connected; nobody finds a socket that nobody serves."""
        if self._server is None:
            return
        (self._folder / SOCKET_FILE).unlink(missing_ok=True)
        await _take_turns()  # a connection that is accepted while its server closes is left to nobody (asyncio, 3.11)
        self._server.close()
        await end_tasks(*self._serving)
        await _take_turns()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        try:
            with contextlib.suppress(OSError, ValueError, asyncio.LimitOverrunError, msgspec.DecodeError):
                await self._answer(reader, writer)
                await writer.drain()
        except asyncio.CancelledError:
            # By `stop` alone, and the last thing done: asyncio's streams report a task that ends cancelled as a fault.
            writer.transport.abort()  # what somebody does not read keeps nobody
        finally:
            self._serving.discard(serving)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = msgspec.json.decode(await reader.readline(), type=Asked)
        verb = self._verbs.get(asked.do)
        if verb is None:
            return
        try:
            await verb(asked, reader, writer)
        except ComityError as error:
            writer.write((NO_FRAME if asked.do in BINARY else b"") + write_line({"code": error.code}))


async def _take_turns() -> None:
    """Have the loop end what it began: who was accepted is let in, and what was closed goes, some turns later."""
    for _ in range(TURN_COUNT):
        await asyncio.sleep(0)


def write_line(value: object) -> bytes:
    """Return a value as one line of JSON."""
    return msgspec.json.encode(value) + b"\n"


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """Name the socket by a path that is short enough for one, however deep the folder lies."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET_FILE}"
    finally:
        os.close(descriptor)


@contextlib.asynccontextmanager
async def connect(folder: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Be connected to the warning process of a realm's folder, for as long as the block lasts.

    Raises:
        OSError: nobody listens there.
    """
    with _short_path(folder) as path:
        reader, writer = await asyncio.open_unix_connection(path, limit=LINE_SIZE_BYTES_MAX)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
