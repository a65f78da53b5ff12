"""Who listens to one thing that the warning process tells over its socket, each at his own pace within a bound.

Rules
- Whoever has not read what he was given before, and more than fits in the room, is cut off: he can come again.
- One who is still being given what was before hears what comes meanwhile after it, in order.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

from comity.base.errors import OutageError

__all__ = ["HELD_SIZE_BYTES_MAX", "LISTENER_COUNT_MAX", "ROOM_SIZE_BYTES", "Listener", "Topic", "until_gone"]

ROOM_SIZE_BYTES: Final = 4 * 1024 * 1024
"""What may be on its way to one listener."""
HELD_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
"""What may wait for one until he has been given what was before."""
LISTENER_COUNT_MAX: Final = 256
"""Of one topic: the processes of the party and the consoles of its officers, through the node's API."""


class Listener:
    """One who listens, until `is_gone`."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.is_gone = False
        self._writer = writer
        self._held: list[bytes] | None = []
        self._held_size_bytes = 0

    def tell(self, raw: bytes) -> None:
        """Tell him something, or cut him off."""
        if self._held is not None:
            self._held.append(raw)
            self._held_size_bytes += len(raw)
        else:
            self._writer.write(raw)
        waiting = self._writer.transport.get_write_buffer_size()
        if self._held_size_bytes > HELD_SIZE_BYTES_MAX or (self._held is None and waiting > ROOM_SIZE_BYTES + len(raw)):
            self.is_gone = True
            self._held = None
            self._writer.transport.abort()

    def release(self) -> None:
        """Tell what was held back, and from now on everything as it comes."""
        held, self._held, self._held_size_bytes = self._held or [], None, 0
        for raw in held:
            self._writer.write(raw)


class Topic:
    """Those who listen to one thing."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    @contextlib.contextmanager
    def joined(self, writer: asyncio.StreamWriter) -> Iterator[Listener]:
        """Listen for as long as the block lasts; what comes is held back until `release`.

        Raises:
            OutageError: `warning.too-many`.
        """
        if len(self._listeners) >= LISTENER_COUNT_MAX:
            raise OutageError("warning.too-many")
        listener = Listener(writer)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def publish(self, raw: bytes) -> None:
        """Tell everybody who listens."""
        for listener in list(self._listeners):
            listener.tell(raw)
            if listener.is_gone:
                self._listeners.discard(listener)


async def until_gone(reader: asyncio.StreamReader) -> None:
    """Return once the other end is gone; what it says meanwhile is passed over."""
    while await reader.read(1024):
        pass
