"""One connection of a TAK client: what it is told, what it says, and when it is cut off (X65, X67, X68).

Rules
- Told by difference: what does not fit into the room now is worked out anew at the next turn, so that a slow client
  gets fewer updates and never a longer queue. One who takes nothing for a while is cut off.
- Said as fast as it is taken: past its rate a client is not read from, and waits.
- Where the stream itself cannot be cut into documents any more, it ends.
"""

import asyncio
import contextlib
import fcntl
import socket
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator, Iterable
from typing import Final

from comity.base.instants import Instant
from comity.exchange.consumer import Consumer
from comity.exchange.cot_stream import Splitter
from comity.exchange.cot_views import Sent
from comity.warning.bucket import Bucket

__all__ = ["Visitor"]

ROOM_SIZE_BYTES: Final = 1024 * 1024
"""What may be on its way to one client."""
STUCK_S: Final = 20.0
"""How long a client may take nothing of it."""
SAID_PER_S: Final = 200
SAID_BURST: Final = 1_000
PAUSE_S: Final = 0.05
CHUNK_SIZE_BYTES: Final = 64 * 1024


class Visitor:
    """A client that is connected; `consumer` is None until it is known whose it is."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, at: Instant) -> None:
        self.consumer: Consumer | None = None
        self.way = ""
        """How it is known: by its certificate or by a token."""
        self.came_at = at
        self.sent: Sent = {}
        self.told_count = 0
        self._reader = reader
        self._writer = writer
        self._splitter = Splitter()
        self._bucket = Bucket(rate_per_s=SAID_PER_S, burst=SAID_BURST)
        self._moved_s = time.monotonic()
        self._waiting = 0

    @property
    def address(self) -> str:
        """From where it came."""
        peer = self._writer.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    @property
    def is_gone(self) -> bool:
        """Whether nothing can be said to it any more."""
        return self._writer.transport.is_closing()

    @property
    def is_behind(self) -> bool:
        """Whether something waits that it has not taken, here or in the kernel."""
        waiting = self._writer.transport.get_write_buffer_size()
        with contextlib.suppress(OSError, TypeError):
            unsent = fcntl.ioctl(self._writer.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
            waiting += int.from_bytes(unsent, sys.byteorder)
        return waiting > 0

    def find_certificate(self) -> bytes | None:
        """Return the certificate that it showed, DER, or None."""
        ssl_object = self._writer.get_extra_info("ssl_object")
        return None if ssl_object is None else ssl_object.getpeercert(binary_form=True)

    def say(self, document: bytes) -> None:
        """Say one thing, whatever waits."""
        if document and not self.is_gone:
            self._writer.write(document)

    def tell(self, events: Iterable[bytes]) -> None:
        """Tell what fits; the rest is not taken from `events`, and comes another time."""
        self._note_move()
        if self.is_gone:
            return
        transport = self._writer.transport
        if transport.get_write_buffer_size() >= ROOM_SIZE_BYTES:
            return
        for event in events:
            self._writer.write(event)
            self.told_count += 1
            if transport.get_write_buffer_size() >= ROOM_SIZE_BYTES:
                break
        self._waiting = transport.get_write_buffer_size()

    def _note_move(self) -> None:
        """Cut it off if it took nothing of what waited for too long."""
        waiting = self._writer.transport.get_write_buffer_size()
        if waiting == 0 or waiting < self._waiting:
            self._moved_s = time.monotonic()
        elif time.monotonic() - self._moved_s > STUCK_S:
            self.cut_off()
        self._waiting = waiting

    def cut_off(self) -> None:
        """End the connection; what waits is not sent, by the kernel neither."""
        with contextlib.suppress(OSError, AttributeError):
            linger = struct.pack("ii", 1, 0)
            self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    async def documents(self) -> AsyncIterator[bytes]:
        """Yield what it says, no faster than it may.

        Raises:
            RemoteError: as `Splitter.feed`.
        """
        raw = b""  # first what came before somebody stopped asking
        while True:
            for document in self._splitter.feed(raw):
                while not self._bucket.take(1, Instant(int(time.monotonic() * 1000))):  # noqa: ASYNC110 -- time is all
                    await asyncio.sleep(PAUSE_S)
                yield document
            raw = await self._reader.read(CHUNK_SIZE_BYTES)
            if not raw:
                return
