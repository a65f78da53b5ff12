"""The warning process as commands speak with it: one question, or reports handed in for as long as a source goes on."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec

from comity.base.errors import OutageError, UsageError
from comity.node.feed.door_socket import connect
from comity.pact.track import TrackClass

__all__ = ["DoorHand", "ask_feed", "get_class"]

UNSENT = "unsent"


async def ask_feed(folder: Path, asked: dict[str, object]) -> Any:
    """Ask one thing and return the answer.

    Raises:
        OutageError: `warning.not-running`.
    """
    try:
        async with connect(folder) as (reader, writer):
            writer.write(msgspec.json.encode(asked) + b"\n")
            writer.write_eof()
            return msgspec.json.decode(await reader.readline())
    except (OSError, msgspec.DecodeError) as error:
        raise OutageError("warning.not-running") from error


async def get_class(folder: Path, clause: str) -> TrackClass:
    """Return a class that this party reports under the pact in force.

    Raises:
        OutageError: `warning.not-running`.
        UsageError: `warning.not-reported`.
    """
    found = await ask_feed(folder, {"do": "class", "class": clause})
    if found is None:
        raise UsageError("warning.not-reported", clause=clause)
    return msgspec.convert(found, TrackClass)


class DoorHand:
    """Hands in lines of one class and source. Where the process goes away, it is looked for again with each batch."""

    def __init__(self, folder: Path, *, class_: str, source: str, is_replay: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        """What came of the reports, by code; those that no process was there for are `unsent`."""
        self._folder = folder
        self._asked = {"do": "send", "class": class_, "source": source, "is_replay": is_replay}
        self._open = contextlib.AsyncExitStack()
        self._ends: Any = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Connect; whatever happens inside, nothing stays open.

        Raises:
            OutageError: `warning.not-running`, at the start.
        """
        await self._connect()
        try:
            yield
        finally:
            await self._close()

    async def _connect(self) -> None:
        try:
            reader, writer = await self._open.enter_async_context(connect(self._folder))
            writer.write(msgspec.json.encode(self._asked) + b"\n")
            await writer.drain()
        except OSError as error:
            await self._close()
            raise OutageError("warning.not-running") from error
        self._ends = reader, writer

    async def _close(self) -> None:
        self._ends = None
        await self._open.aclose()

    async def give(self, lines: bytes, count: int) -> None:
        """Hand in whole lines."""
        try:
            if self._ends is None:
                await self._connect()
            _, writer = self._ends
            writer.write(lines)
            await writer.drain()
        except (OSError, OutageError):
            await self._close()
            self.counts[UNSENT] += count

    async def finish(self) -> None:
        """Say that this is all, and add what came of it.

        Raises:
            UsageError: as the process answered.
        """
        if self._ends is None:
            return
        reader, writer = self._ends
        found: dict[str, Any] = {}
        with contextlib.suppress(OSError, msgspec.DecodeError):
            writer.write_eof()
            found = msgspec.json.decode(await reader.readline())
        if "code" in found:
            raise UsageError("warning.not-reported", clause=self._asked["class"])
        self.counts.update(found.get("counts", {}))
