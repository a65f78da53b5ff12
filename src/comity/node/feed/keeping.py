"""What the feed's file is to keep, put there in a thread, all that waits together (docs/spec/warning.md, W85).

Rules
- Own pages are durable before whoever waits for them goes on; what waits beside them is kept with them, in one write.
- Pages of others and own blocks wait a moment for company. A page of another is acknowledged once it is in the file:
  what a kill takes from here comes again. An own block is in the file no later than a page that tells it.
- Own blocks that followed one another are kept as one where they can be, cut to entries: into which blocks rows are cut
  changes no picture (W40).
- The room is bounded: where more waits than fits, whoever brings it waits for the disk.
- Where the file takes no more, own pages are asked for again, and of the rest nothing is kept.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.journal.header import Page
from comity.node.feed.kept import Brought, FeedFile
from comity.warning.layout import ROW
from comity.warning.rows import Block, encode_blocks
from comity.warning.waiting import cut_block, join_blocks

__all__ = ["Keeping"]

SOON_S: Final = 0.02
"""How long what nobody waits for may wait for company."""
ROOM_SIZE_BYTES: Final = 32 * 1024 * 1024

_Done = Callable[[], None]


@dataclass(slots=True)
class _Lot:
    """What is written together."""

    own: list[tuple[Page, Instant]] = field(default_factory=list)
    others: list[Brought] = field(default_factory=list)
    said: list[tuple[Block, Instant]] = field(default_factory=list)
    done: list[_Done] = field(default_factory=list)
    waiting: list["asyncio.Future[None]"] = field(default_factory=list)
    size_bytes: int = 0


class Keeping:
    """Keeps for one process; `seal` is how an own block is sealed at rest. Used in one loop, but for `flush`."""

    def __init__(self, file: FeedFile, *, seal: Callable[[bytes], bytes]) -> None:
        self.file = file
        self._seal = seal
        self._lot = _Lot()
        self._changing = threading.Lock()
        self._writing = threading.Lock()
        self._written: deque[tuple[_Lot, OutageError | None]] = deque()
        self._stirred = asyncio.Event()
        self._hurried = asyncio.Event()

    async def keep_own(self, pages: list[Page], *, at: Instant) -> None:
        """Return once own pages are durable.

        Raises:
            OutageError: `store.full`; none of them was kept.
        """
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._changing:
            self._lot.own += [(page, at) for page in pages]
            self._lot.waiting.append(kept)
        self._hurried.set()
        self._stirred.set()
        await kept

    def keep(self, brought: Brought, *, done: _Done) -> None:
        """Keep pages of others soon; `done` is called in the loop once it is, or where the file takes no more."""
        with self._changing:
            self._lot.others.append(brought)
            self._lot.done.append(done)
            self._lot.size_bytes += sum(len(page.raw) for page in brought.pages)
        self._look()

    def keep_said(self, block: Block, *, at: Instant) -> None:
        """Keep an own block soon, as it was said."""
        with self._changing:
            self._lot.said.append((block, at))
            self._lot.size_bytes += len(block.rows) * ROW.itemsize
        self._look()

    def _look(self) -> None:
        self._stirred.set()
        if self._lot.size_bytes > ROOM_SIZE_BYTES:
            self.flush()
            self._tell()

    async def run(self) -> None:
        """Write what waits, until cancelled."""
        while True:
            await self._stirred.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SOON_S):
                    await self._hurried.wait()
            self._stirred.clear()
            self._hurried.clear()
            await asyncio.to_thread(self.flush)
            self._tell()

    def flush(self) -> None:
        """Write all that waits now, from whatever thread; what was done is told by the loop."""
        with self._writing:
            with self._changing:
                lot, self._lot = self._lot, _Lot()
            if not (lot.own or lot.others or lot.said):
                return
            failed = None
            try:
                said = list(self._write_said(lot.said))
                self.file.keep_together(own=lot.own, others=lot.others, said=said)
            except OutageError as error:
                failed = error
            self._written.append((lot, failed))

    def settle(self) -> None:
        """Write all that waits now, so that whoever reads beside finds it; from whatever thread."""
        self.flush()
        with contextlib.suppress(OutageError):  # a full disk: the index is written with the next that is kept
            self.file.settle()

    def close(self) -> None:
        """Write what waits at the end; nobody waits for it any more."""
        self.flush()
        self._tell()

    def _write_said(self, said: list[tuple[Block, Instant]]) -> Iterator[tuple[bytes, Instant]]:
        """Yield own blocks as entries, sealed, those that go together as one, at the instant of the last."""
        joined: list[tuple[list[Block], Instant]] = []
        for block, at in said:
            if joined and _go_together(joined[-1][0][0], block):
                joined[-1] = ([*joined[-1][0], block], at)
            else:
                joined.append(([block], at))
        pieces = [(piece, at) for blocks, at in joined for piece in cut_block(join_blocks(blocks))]
        entries = encode_blocks([piece for piece, _ in pieces], is_checked=True) if pieces else []
        for raw, (_, at) in zip(entries, pieces, strict=True):
            yield self._seal(raw), at

    def _tell(self) -> None:
        """Tell whoever waits what became of what was written."""
        while self._written:
            lot, failed = self._written.popleft()
            for one in lot.waiting:
                if one.done():
                    continue
                if failed is None:
                    one.set_result(None)
                else:
                    one.set_exception(failed)
            for done in lot.done:
                done()


def _go_together(one: Block, other: Block) -> bool:
    return (one.class_, one.sensors, one.coarsening) == (other.class_, other.sensors, other.coarsening)
