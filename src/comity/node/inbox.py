"""Where answers come in: messages as they arrived, and a bounded row of them for each request.

A row that is full drops what comes, as any network may: a pull or a request that missed something asks again.
"""

import asyncio
from typing import NamedTuple

from comity.base.errors import OutageError

__all__ = ["Inbox", "Message"]


class Message(NamedTuple):
    """One message as it came. `status` is 0, or what the server says instead of a payload: 404, 408, 409, 503, …"""

    subject: str
    reply: str
    status: int
    description: str
    payload: bytes


class Inbox:
    """Where the answers to one request come in. Bounded: what does not fit is dropped, as on any network."""

    def __init__(self, subject: str, *, count_max: int) -> None:
        self.subject = subject
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(count_max)

    def put(self, message: Message | None) -> None:
        """Take a message in; None wakes the reader because the wire broke."""
        if not self._queue.full():
            self._queue.put_nowait(message)
        elif message is None:
            self._queue.get_nowait()
            self._queue.put_nowait(None)

    async def get(self, timeout_s: float) -> Message:
        """Return the next message.

        Raises:
            OutageError: `link.no-answer` after `timeout_s` seconds, `link.unavailable` if the wire broke.
        """
        try:
            # Not wait_for: before Python 3.12 it swallows a cancellation that comes together with a message.
            async with asyncio.timeout(timeout_s):
                message = await self._queue.get()
        except TimeoutError as error:
            raise OutageError("link.no-answer") from error
        if message is None:
            self.put(None)
            raise OutageError("link.unavailable")
        return message
