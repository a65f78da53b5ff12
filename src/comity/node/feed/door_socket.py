"""Where sources of the own party and its own operator meet the warning process: a socket in the realm's folder (W36).

Whoever may open the folder may use it; it is for its owner alone. One line of JSON asks, lines of JSON answer:
- `{"do": "status"}`: one line.
- `{"do": "class", "class": …}`: one line, the class as the pact in force has it; `null` where this party reports none.
- `{"do": "send", "class": …, "source": …}`, then reports as lines until the end: one line, what came of them. With
  `"is_replay": true` they may be a day old, where the realm is not `real` (W58).
- `{"do": "watch"}`: a line for every row that comes, until the asker goes; who reads too slowly is cut off.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

import msgspec

from comity.pact.track import TrackClass

__all__ = ["SOCKET_FILE", "DoorSocket", "connect"]

SOCKET_FILE: Final = "warning.sock"
LINE_SIZE_BYTES_MAX: Final = 64 * 1024
WATCHER_SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
BATCH_LINE_COUNT: Final = 512
"""Lines taken in one batch: what is sent row by row becomes whole blocks."""


class Asked(msgspec.Struct, frozen=True, rename={"class_": "class"}):
    """The first line."""

    do: str
    class_: str = ""
    source: str = ""
    is_replay: bool = False


class _Take(Protocol):
    def __call__(self, class_: str, source: str, lines: bytes, *, is_replay: bool) -> dict[str, int] | None: ...


class DoorSocket:
    """Listens until `stop`."""

    def __init__(
        self,
        folder: Path,
        *,
        show: Callable[[], dict[str, object]],
        take: _Take,
        find: Callable[[str], TrackClass | None],
    ) -> None:
        """`show` returns the status; `take` class, source and lines, and returns counts, None for an unknown class.

        `find` returns a class that this party reports.
        """
        self._folder = folder
        self._show = show
        self._take = take
        self._find = find
        self._server: asyncio.Server | None = None
        self._watchers: set[asyncio.StreamWriter] = set()

    @property
    def is_watched(self) -> bool:
        """Whether anybody watches."""
        return bool(self._watchers)

    async def start(self) -> None:
        """Begin to listen."""
        (self._folder / SOCKET_FILE).unlink(missing_ok=True)
        with _short_path(self._folder) as path:
            self._server = await asyncio.start_unix_server(self._serve, path, limit=LINE_SIZE_BYTES_MAX)
        (self._folder / SOCKET_FILE).chmod(0o600)

    async def stop(self) -> None:
        """Stop listening; nobody finds a socket that nobody serves."""
        if self._server is not None:
            self._server.close()
            (self._folder / SOCKET_FILE).unlink(missing_ok=True)
        for writer in list(self._watchers):
            writer.close()

    def publish(self, rows: bytes) -> None:
        """Give lines to everybody who watches; who has not read what he was given before is cut off."""
        for writer in list(self._watchers):
            if writer.transport.get_write_buffer_size() > WATCHER_SIZE_BYTES_MAX:
                self._watchers.discard(writer)
                writer.close()
            else:
                writer.write(rows)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError, asyncio.LimitOverrunError, msgspec.DecodeError):
            asked = msgspec.json.decode(await reader.readline(), type=Asked)
            if asked.do == "watch":
                self._watchers.add(writer)
                await reader.read()
            elif asked.do == "status":
                writer.write(_line(self._show()))
            elif asked.do == "class":
                writer.write(_line(self._find(asked.class_)))
            elif asked.do == "send":
                writer.write(_line(await self._receive(reader, asked)))
            await writer.drain()
        self._watchers.discard(writer)
        writer.close()

    async def _receive(self, reader: asyncio.StreamReader, asked: Asked) -> dict[str, object]:
        counts: dict[str, int] = {}
        async for batch in _read_batches(reader):
            found = self._take(asked.class_, asked.source or "cli", batch, is_replay=asked.is_replay)
            if found is None:
                return {"code": "warning.class"}
            for name, count in found.items():
                counts[name] = counts.get(name, 0) + count
        return {"counts": counts}


async def _read_batches(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield lines together that are there together, a bounded number at once."""
    lines: list[bytes] = []
    while line := await reader.readline():
        lines.append(line)
        if len(lines) >= BATCH_LINE_COUNT or not reader._buffer:  # type: ignore[attr-defined] # noqa: SLF001 -- what is there
            yield b"".join(lines)
            lines = []
            await asyncio.sleep(0)
    if lines:
        yield b"".join(lines)


def _line(value: object) -> bytes:
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
