"""Reports of own sources as lines of the socket: taken in batches, whatever is there together (W10, W36, W84)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol

from comity.node.feed.door_socket import LINE_SIZE_BYTES_MAX, Asked, Verb, write_line
from comity.pact.track import TrackClass

__all__ = ["Take", "make_door_verbs", "receive"]

READ_SIZE_BYTES: Final = 128 * 1024
"""Lines taken in one batch: some hundreds."""
PACE_S: Final = 0.005
"""Between two batches of a source that does not send more than that meanwhile."""
SHARE: Final = 3
"""Taking a source's lines is one of so many parts of the time in which they come, as long as that is no more than:"""
PACE_S_MAX: Final = 0.02
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
    """Yield whole lines together that are there together.

    What comes after silence is taken at once. What follows within a moment is taken at the end of it, all of it as one
    batch: of a source that sends line by line each line would else be a block of its own, and a page.

    Raises:
        ValueError: a line is longer than any line may be.
    """
    clock, rest = asyncio.get_running_loop().time, b""
    while piece := await reader.read(READ_SIZE_BYTES):
        taken_at = clock()
        whole, end, rest = (rest + piece).rpartition(b"\n")
        if len(rest) > LINE_SIZE_BYTES_MAX:
            raise ValueError("longer than any line may be")
        if end:
            yield whole + end
        is_full, now = len(piece) == READ_SIZE_BYTES, clock()
        pace_s = max(PACE_S, min(SHARE * (now - taken_at), PACE_S_MAX))
        await asyncio.sleep(0 if is_full else max(0.0, taken_at + pace_s - now))
    if rest:
        yield rest
