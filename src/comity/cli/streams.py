"""Where a sensor's bytes come from: a file, standard input, a server, or whoever connects or sends here.

`-` · a file's name · `tcp://HOST:PORT` (connects, and again after an end) · `tcp-listen://[HOST]:PORT` ·
`udp://[HOST]:PORT` (listens). Who is to reach a listener from elsewhere names an address; else it is loopback.
Everything is bounded: who sends faster than is read waits (TCP), or loses what he sent (UDP).
"""

import asyncio
import contextlib
import os
import re
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

from comity.base.errors import UsageError

__all__ = ["Piece", "open_pieces"]

PIECE_SIZE_BYTES: Final = 64 * 1024
QUEUE_PIECE_COUNT: Final = 64
CONNECTION_COUNT_MAX: Final = 16
AGAIN_S: Final = 2.0
LOOPBACK: Final = "127.0.0.1"
_WHERE: Final = re.compile(r"(tcp|tcp-listen|udp)://(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{0,253}):([0-9]{1,5})")


class Piece(NamedTuple):
    """Bytes of one stream; none at its end."""

    stream: int
    raw: bytes


def open_pieces(where: str) -> AsyncIterator[Piece]:
    """Return what comes from there, until it ends or nobody asks any more.

    Raises:
        UsageError: `sensor.where`; `file.unreadable`.
    """
    if "://" not in where:
        return _read_file(where)
    found = _WHERE.fullmatch(where)
    port = int(found[3]) if found else 0
    if found is None or not 0 < port < 65_536 or (found[1] == "tcp" and not found[2]):
        raise UsageError("sensor.where", where=where)
    host = found[2].strip("[]") or LOOPBACK
    return {"tcp": _connect, "tcp-listen": _listen, "udp": _receive}[found[1]](host, port)


async def _read_file(name: str) -> AsyncIterator[Piece]:
    """Yield a file, or standard input as it comes."""
    if name == "-" and not stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode):
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        async for piece in _read(reader, 0):
            yield piece
        return
    try:
        descriptor = os.dup(sys.stdin.fileno()) if name == "-" else os.open(Path(name), os.O_RDONLY)
        with os.fdopen(descriptor, "rb") as file:
            while raw := file.read(PIECE_SIZE_BYTES):
                yield Piece(0, raw)
    except (OSError, ValueError) as error:
        raise UsageError("file.unreadable", file=name) from error
    yield Piece(0, b"")


async def _read(reader: asyncio.StreamReader, stream: int) -> AsyncIterator[Piece]:
    with contextlib.suppress(OSError):
        while raw := await reader.read(PIECE_SIZE_BYTES):
            yield Piece(stream, raw)
    yield Piece(stream, b"")


async def _connect(host: str, port: int) -> AsyncIterator[Piece]:
    stream = 0
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                async for piece in _read(reader, stream):
                    yield piece
            finally:
                writer.close()
            stream += 1
        await asyncio.sleep(AGAIN_S)


async def _listen(host: str, port: int) -> AsyncIterator[Piece]:
    queue: asyncio.Queue[Piece] = asyncio.Queue(QUEUE_PIECE_COUNT)
    writers: set[asyncio.StreamWriter] = set()
    counted = iter(range(sys.maxsize))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(writers) < CONNECTION_COUNT_MAX:
            writers.add(writer)
            async for piece in _read(reader, next(counted)):
                await queue.put(piece)
            writers.discard(writer)
        writer.close()

    try:
        server = await asyncio.start_server(serve, host, port)
    except OSError as error:
        raise UsageError("sensor.where", where=f"{host}:{port}") from error
    try:
        while True:
            yield await queue.get()
    finally:
        server.close()
        for writer in writers:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, queue: asyncio.Queue[Piece]) -> None:
        self._queue = queue

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 -- whoever sends: the door looks
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(Piece(0, data + b"\n"))


async def _receive(host: str, port: int) -> AsyncIterator[Piece]:
    """Yield datagrams, each a whole number of lines."""
    queue: asyncio.Queue[Piece] = asyncio.Queue(QUEUE_PIECE_COUNT)
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(queue), local_addr=(host, port)
        )
    except OSError as error:
        raise UsageError("sensor.where", where=f"{host}:{port}") from error
    try:
        while True:
            yield await queue.get()
    finally:
        transport.close()
