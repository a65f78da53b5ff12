"""A link: one connection to a peer's outbox, from which pages are pulled and of whose node pages are asked.

The rules are in `outbox`. How pulling keeps going with nobody's help:

- For each stream one pull waits at the server. The server sends a sign of life every few seconds; where two are
  missing, or the wire broke, the pull is given up and made anew. A pull that waits across a server's restart would
  else be waited for in vain.
- A stream that is not there, and one that we may not see, answer alike: it is asked for again, once a second at last.
- Whoever reads too slowly holds up the pulls of this link alone; what the server sends meanwhile comes again.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import msgspec

from comity.base.errors import OutageError
from comity.base.limits import PAGES_CHUNK_COUNT_MAX, PULL_COUNT_MAX, PULL_EXPIRES_MS
from comity.crypto.link import LinkKeys, LinkPublic, get_link_public
from comity.node.accounts import login_seed
from comity.node.ending import end_tasks
from comity.node.outbox import Delivery
from comity.node.pages import Answer
from comity.node.session import Session
from comity.node.stream import Reader, Stream
from comity.node.wire import Endpoint, Wire, make_tls_context

__all__ = ["JetStreamLink"]

HEARTBEAT_MS: Final = 3_000
SILENCE_S_MAX: Final = 2.5 * HEARTBEAT_MS / 1000
PAUSE_S_MIN: Final = 0.05
PAUSE_S_MAX: Final = 1.0
_HEARTBEAT: Final = 100
_PULL_ENDED: Final = (404, 408)


class JetStreamLink:
    """See `outbox.Link`. `reader` is who we are to the peer; `server`, the link keys that the peer's root certified."""

    def __init__(
        self,
        endpoint: Endpoint,
        keys: LinkKeys,
        *,
        server: LinkPublic,
        reader: Reader,
        more: Sequence[Endpoint] = (),
        on_change: Callable[[bool], None] | None = None,
    ) -> None:
        """Set up; the first pull or request connects, to `endpoint` or, if that fails, to `more` in turn.

        `on_change` hears each time the link comes up or goes down.
        """
        self._reader = reader
        self._acks: set[asyncio.Task[None]] = set()
        self._session = Session(
            (endpoint, *more),
            context=make_tls_context(keys, server=server),
            login=login_seed(keys, client=get_link_public(keys), server=server, reader=reader),
            on_change=on_change,
        )

    @property
    def is_up(self) -> bool:
        return self._session.is_up

    @property
    def why_down(self) -> str:
        return "" if self._session.is_up else self._session.why_down

    async def pull(self, streams: Sequence[Stream]) -> AsyncIterator[Delivery]:
        arrived: asyncio.Queue[Delivery] = asyncio.Queue(PULL_COUNT_MAX)
        loop = asyncio.get_running_loop()
        pulls = [loop.create_task(self._pull_for_ever(stream, arrived)) for stream in streams]
        try:
            while True:
                yield await arrived.get()
        finally:
            await end_tasks(*pulls)

    async def request_pages(self, request: bytes, *, timeout_ms: int) -> list[bytes]:
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_ms / 1000
        wire = await self._session.get_wire(timeout_ms / 1000)
        answer = Answer()
        with wire.open_inbox(count_max=PAGES_CHUNK_COUNT_MAX) as inbox:
            await wire.publish(self._reader.pages_subject, request, reply=inbox.subject)
            while True:
                chunk = await inbox.get(max(0.0, until - loop.time()))
                if chunk.status:
                    raise OutageError("link.no-answer", status=chunk.status)
                if answer.add(chunk.payload):
                    return answer.pages

    async def close(self) -> None:
        for task in list(self._acks):
            task.cancel()
        await self._session.close()

    async def _pull_for_ever(self, stream: Stream, arrived: "asyncio.Queue[Delivery]") -> None:
        pause_s = PAUSE_S_MIN
        while True:
            wire = await self._session.get_wire(None)
            is_served = False
            with contextlib.suppress(OutageError):
                is_served = await self._pull_once(wire, stream, arrived)
            if is_served:
                pause_s = PAUSE_S_MIN
                continue
            # Also where the wire broke: the session may not have noticed yet, and this must not spin.
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_S_MAX)

    async def _pull_once(self, wire: Wire, stream: Stream, arrived: "asyncio.Queue[Delivery]") -> bool:
        """Make one pull and follow it to its end; tell whether the server served it at all."""
        count_max = stream.pull_count_max
        pull = {"batch": count_max, "expires": PULL_EXPIRES_MS * 1_000_000, "idle_heartbeat": HEARTBEAT_MS * 1_000_000}
        async with wire.open_pull(count_max=2 * count_max) as inbox:
            await wire.publish(self._reader.pull_subject(stream.name), msgspec.json.encode(pull), reply=inbox.subject)
            count = 0
            while count < count_max:
                message = await inbox.get(SILENCE_S_MAX)
                if message.status == _HEARTBEAT:
                    continue
                if message.status:
                    return message.status in _PULL_ENDED or count > 0
                count += 1
                await arrived.put(Delivery(stream, message.payload, self._acker(wire, message.reply)))
        return True

    def _acker(self, wire: Wire, subject: str) -> Callable[[], None]:
        def ack() -> None:
            task = asyncio.get_running_loop().create_task(_send_ack(wire, subject))
            self._acks.add(task)
            task.add_done_callback(self._acks.discard)

        return ack


async def _send_ack(wire: Wire, subject: str) -> None:
    # On a wire that broke, the page simply comes again.
    with contextlib.suppress(OutageError):
        await wire.publish(subject)
