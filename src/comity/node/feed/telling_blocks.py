"""Blocks as a stream for other processes of the own party: what came lately, then each as it comes (W37).

A message is its length in four bytes, big-endian, and MessagePack:
- `["home", lineage, realm, party, pact, [telling, …]]`, first of all and whenever any of it changes; `pact` are the
  bytes of the version in force, a telling is `TellingRow`: what is told to whom, on what terms.
- `["whole"]`, once: what came before and was asked for has been told, and what follows is told as it comes (W37).
- `["block", author, came_at, entry]`; the entry is a block as W1 and W5 have it. What the pact says counts for nothing
  (W8) is not told. A block may come twice.
"""

import asyncio
from collections.abc import Iterator
from typing import Final

import msgspec

from comity.base.instants import Instant
from comity.base.names import Party
from comity.node.feed.door_socket import Asked
from comity.node.feed.frames import FeedSetup, FeedState
from comity.node.feed.retelling import Came, Retelling
from comity.node.feed.topic import Topic, until_gone
from comity.pact.model import Pact
from comity.warning.classes import find_block_fault
from comity.warning.rows import Block, encode_blocks
from comity.warning.waiting import cut_block

__all__ = ["BlockStream"]

SLICE_SIZE_BYTES: Final = 1024 * 1024
"""Of what came before, how much is read and handed over at once."""
PATIENCE_S: Final = 30.0
"""How long a listener may take for one slice."""
_ENCODER: Final = msgspec.msgpack.Encoder()


class BlockStream:
    """What the process knows of blocks, for whoever listens."""

    def __init__(self, setup: FeedSetup, retelling: Retelling) -> None:
        self._setup = setup
        self._retelling = retelling
        self._topic = Topic()
        self._home = b""
        self._pact: Pact | None = None

    def learn(self, state: FeedState, pact: Pact) -> None:
        """Go by what the record says now; tell it where it changed."""
        setup = self._setup
        self._pact = pact
        home = _write(("home", setup.pins.lineage, setup.realm, setup.party, state.pact_raw, state.told))
        if home != self._home:
            self._home = home
            self._topic.publish(home)

    def tell(self, author: Party, came_at: Instant, block: Block) -> None:
        """Tell a block that was said or that came, if anybody listens."""
        if self._topic.is_heard:
            for raw in self._write_block(author, came_at, block):
                self._topic.publish(raw)

    async def serve(
        self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, now: Instant
    ) -> None:
        """Give one listener what came within the time that it asks for, then what comes."""
        with self._topic.joined(writer) as listener:
            writer.write(self._home)
            if asked.since_ms:
                kept = self._retelling.read(since=now - asked.since_ms, until=now)
                while raw := await asyncio.to_thread(self._read_slice, kept):
                    writer.write(raw)
                    await _drain(writer)
            writer.write(_WHOLE)
            listener.release()
            await until_gone(reader)

    def _read_slice(self, kept: Iterator[Came]) -> bytes:
        parts, size = [], 0
        for came in kept:
            for raw in self._write_block(*came):
                parts.append(raw)
                size += len(raw)
            if size >= SLICE_SIZE_BYTES:
                break
        return b"".join(parts)

    def _write_block(self, author: Party, came_at: Instant, block: Block) -> Iterator[bytes]:
        if self._pact is None or find_block_fault(block, self._pact, author) is not None:
            return
        for raw in encode_blocks([*cut_block(block)]):
            yield _write(("block", author, came_at, raw))


async def _drain(writer: asyncio.StreamWriter) -> None:
    """Wait until there is room for more; who takes too long is cut off, with what he was given."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await writer.drain()
    except TimeoutError:
        writer.transport.abort()
        raise


def _write(message: object) -> bytes:
    raw = _ENCODER.encode(message)
    return len(raw).to_bytes(4, "big") + raw


_WHOLE: Final = _write(("whole",))
