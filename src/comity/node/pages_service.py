"""The service from which readers get pages out of the store: relay, refill, a home that was rebuilt.

The server vouches for who asks: only that reader's account reaches its subject. A reader may have a few requests in
work, each of bounded size; what is beyond that is dropped without an answer, so that one reader cannot slow another.
Who cannot read its own store gives no answer either: an empty one would be taken for the end of a journal (J22).
"""

import asyncio
from collections.abc import Sequence

from comity.base.errors import OutageError, RemoteError
from comity.base.limits import PAGES_WAITING_COUNT_MAX
from comity.node.inbox import Message
from comity.node.outbox import Answerer
from comity.node.pages import cut_answer
from comity.node.stream import PAGES_PREFIX, Reader
from comity.node.wire import Wire

__all__ = ["PagesService"]


class PagesService:
    """Answers on whatever wire it was attached to last."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}
        self._answer: Answerer | None = None
        self._wire: Wire | None = None
        self._tasks: dict[str, set[asyncio.Task[None]]] = {}

    async def serve(self, readers: Sequence[Reader], answer: Answerer, wire: Wire) -> None:
        """Answer these readers from now on."""
        self._readers = {reader.tag: reader for reader in readers}
        self._answer = answer
        await self.attach(wire)

    async def attach(self, wire: Wire) -> None:
        """Move to a new wire; nothing is done twice on the same, and nothing before `serve`."""
        if self._answer is None or self._wire is wire:
            return
        self._wire = wire
        await wire.subscribe(PAGES_PREFIX + "*", self._take)

    def close(self) -> None:
        """Break off what is in work."""
        for tasks in self._tasks.values():
            for task in tasks:
                task.cancel()

    async def _take(self, request: Message) -> None:
        reader = self._readers.get(request.subject.removeprefix(PAGES_PREFIX))
        if reader is None or not request.reply:
            return
        tasks = self._tasks.setdefault(reader.tag, set())
        if len(tasks) >= PAGES_WAITING_COUNT_MAX:
            return
        task = asyncio.get_running_loop().create_task(self._answer_one(reader, request))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _answer_one(self, reader: Reader, request: Message) -> None:
        assert self._answer is not None
        assert self._wire is not None
        wire, sent_count = self._wire, 0
        try:
            try:
                for chunk in cut_answer(self._answer(reader, request.payload)):
                    await wire.publish(request.reply, chunk)
                    sent_count += 1
                    # The store is read page by page between the node's other work.
                    await asyncio.sleep(0)
            except RemoteError:
                if sent_count == 0:
                    await wire.publish(request.reply, next(cut_answer(())))
        except OutageError:
            return  # the wire broke, or the store cannot be read: the reader asks again, or another
