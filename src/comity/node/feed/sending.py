"""Reports of own sources as lines of the socket: taken in batches, whatever is there together (W10, W36)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol

from comity.node.feed.door_socket import Asked, Verb, write_line
from comity.pact.track import TrackClass

__all__ = ["Take", "make_door_verbs", "receive"]

BATCH_LINE_COUNT: Final = 512
"""Lines taken in one batch: what is sent row by row becomes whole blocks."""


WORD_OF_SOURCE: Final = "cli"
"""What a source is called that does not say."""

_Reader = asyncio.StreamReader
_Writer = asyncio.StreamWriter


class Take(Protocol):
    """Takes class, source and lines, and returns counts; None for a class that is none."""

    def __call__(self, class_: str, source: str, lines: bytes, *, is_replay: bool) -> dict[str, int] | None: ...


def make_door_verbs(
    *, show: Callable[[], dict[str, object]], take: Take, find: Callable[[str], TrackClass | None]
) -> dict[str, Verb]:
    """Return what sources and the operator ask: `status`, `class` and `send`.

    `show` returns the status; `find` a class that this party reports.
    """

    async def answer_status(_: Asked, __: _Reader, writer: _Writer) -> None:
        writer.write(write_line(show()))

    async def answer_class(asked: Asked, _: _Reader, writer: _Writer) -> None:
        writer.write(write_line(find(asked.class_)))

    async def answer_send(asked: Asked, reader: _Reader, writer: _Writer) -> None:
        source = asked.source or WORD_OF_SOURCE
        counts = await receive(reader, lambda lines: take(asked.class_, source, lines, is_replay=asked.is_replay))
        writer.write(write_line({"code": "warning.class"} if counts is None else {"counts": counts}))

    return {"status": answer_status, "class": answer_class, "send": answer_send}


async def receive(
    reader: asyncio.StreamReader, take: Callable[[bytes], dict[str, int] | None]
) -> dict[str, int] | None:
    """Take lines until the sender ends; return what came of them, or None as soon as `take` knows no such class."""
    counts: dict[str, int] = {}
    async for batch in _read_batches(reader):
        found = take(batch)
        if found is None:
            return None
        for name, count in found.items():
            counts[name] = counts.get(name, 0) + count
    return counts


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
