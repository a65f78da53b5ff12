"""A wire that comes back: connected again for as long as it takes, with nobody's help (law 7).

Rules: a broken wire is never repaired but replaced; between attempts it waits 0.1 s, then longer, two seconds at
most; callers either wait for a wire with a bound of their own, or are told at once that there is none.
"""

import asyncio
import itertools
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from comity.base.errors import OutageError
from comity.node.ending import end_tasks
from comity.node.wire import Endpoint, Wire

__all__ = ["Session"]

PAUSE_S_MIN: Final = 0.1
PAUSE_S_MAX: Final = 2.0


async def _do_nothing(_: Wire) -> None:
    """Prepare nothing."""


class Session:
    """Keeps one wire up. `start`, then `get_wire` whenever one is needed, then `close`."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        context: ssl.SSLContext,
        login: bytes,
        prepare: Callable[[Wire], Awaitable[None]] = _do_nothing,
        on_refusal: Callable[[str], None] | None = None,
        on_change: Callable[[bool], None] | None = None,
    ) -> None:
        """Set up; `prepare` runs on each new wire before anyone gets it, `on_change` hears of each coming and going.

        Where one of `endpoints` does not answer, or its wire broke, the next is tried: they are servers of one cluster.
        """
        assert endpoints
        self._endpoints = itertools.cycle(endpoints)
        self._context = context
        self._login = login
        self._prepare = prepare
        self._on_refusal = on_refusal or (lambda _: None)
        self._on_change = on_change or (lambda _: None)
        self._wire: Wire | None = None
        self._is_up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.why_down = ""
        """What the last attempt to connect met; see `wire.find_why`."""

    @property
    def is_up(self) -> bool:
        """Whether there is a live wire just now."""
        return self._wire is not None and self._is_up.is_set() and not self._wire.broken.is_set()

    def start(self) -> None:
        """Begin to connect, and do so until `close`."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep_up())

    async def get_wire(self, timeout_s: float | None) -> Wire:
        """Return the live wire, waiting for it for `timeout_s` seconds; None waits for ever.

        Raises:
            OutageError: `link.unavailable`.
        """
        self.start()
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    await self._is_up.wait()
                    # It may have broken again between its coming and this task's turn.
                    if self._wire is not None:
                        return self._wire
        except TimeoutError as error:
            raise OutageError("link.unavailable") from error

    async def close(self) -> None:
        """Disconnect and stay so."""
        if self._task is not None:
            await end_tasks(self._task)
            self._task = None
        await self._drop()

    async def _keep_up(self) -> None:
        pause_s = PAUSE_S_MIN
        while True:
            try:
                self._wire = await Wire.connect(
                    next(self._endpoints), context=self._context, login=self._login, on_refusal=self._on_refusal
                )
                await self._prepare(self._wire)
                self._is_up.set()
                self._on_change(True)
                pause_s = PAUSE_S_MIN
                await self._wire.broken.wait()
            except OutageError as error:
                self.why_down = str(error.details.get("why", ""))
                pause_s = min(2 * pause_s, PAUSE_S_MAX)
            await self._drop()
            await asyncio.sleep(pause_s)

    async def _drop(self) -> None:
        wire, self._wire = self._wire, None
        if self._is_up.is_set():
            self._is_up.clear()
            self._on_change(False)
        if wire is not None:
            await wire.close()
