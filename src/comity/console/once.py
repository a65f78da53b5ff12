"""Doing a deed once: the second press of a form, by two clicks or over a slow line, is told what the first one did.

What is stated has a key that the node itself remembers. A deed makes and seals something first, so that its key is kept
here: in memory, so many, for as long as a form may be on its way.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from comity.base.names import Digest

__all__ = ["Once"]

KEY_COUNT_MAX: Final = 512


class Once:
    """What was done at one node's console, by key; a deed that failed may be tried again."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, asyncio.Future[tuple[Digest, ...]]] = OrderedDict()

    async def do(self, key: str, work: Callable[[], Awaitable[tuple[Digest, ...]]]) -> tuple[Digest, ...]:
        """Do some work, or wait for what the same key did before."""
        if not key:
            return await work()
        under_way = self._done.get(key)
        if under_way is not None:
            return await asyncio.shield(under_way)
        while len(self._done) >= KEY_COUNT_MAX:
            self._done.popitem(last=False)
        task = asyncio.ensure_future(work())
        self._done[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def _forget(self, key: str, done: "asyncio.Future[tuple[Digest, ...]]") -> None:
        """Let what failed be tried again; what waits for a second officer has not failed."""
        error = None if done.cancelled() else done.exception()
        if done.cancelled() or (error is not None and getattr(error, "code", "") != "approval.awaited"):
            self._done.pop(key, None)
