"""What waits for a page of one own warning journal: whole blocks, joined and cut to entries as the page is filled.

Rules (docs/spec/warning.md, W24, W25)
- Nothing waits longer than it must: all that may go goes with the next page, up to that page's bound.
- The room is bounded in rows. Where it is full the oldest rows of the class that has most waiting go, and are counted:
  a flood of one class costs no other class a row.
- A page is shared out evenly among the classes that have something waiting; what one leaves, the others take.
- A delayed block waits for its instant, and those of its class that follow wait behind it.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from comity.base.instants import Instant
from comity.base.limits import ENTRY_SIZE_BYTES_MAX, WAITING_ROW_COUNT_MAX
from comity.warning.columns import concatenate
from comity.warning.layout import ESTIMATE, ROW
from comity.warning.rows import Block, Coarsening, Rows

__all__ = ["Lane", "Waiting", "cut_block", "join_blocks"]

FRAME_SIZE_BYTES: Final = 256
"""The entry around the columns: type, class, clause, numbers and lengths."""
NAME_FRAME_SIZE_BYTES: Final = 2
"""The length before the name of a sensor."""
ENTRY_FRAME_SIZE_BYTES: Final = 5
"""The length before an entry in a body."""

Lane = tuple[str, Coarsening | None]
"""What is told apart within a journal: the class, and as what it is told."""


class _Piece(NamedTuple):
    block: Block
    ready_at: Instant


@dataclass(slots=True)
class _Queue:
    pieces: deque[_Piece] = field(default_factory=deque)
    row_count: int = 0

    def pop(self) -> Block:
        block = self.pieces.popleft().block
        self.row_count -= len(block.rows)
        return block


class Waiting:
    """The blocks that wait, by lane."""

    def __init__(self, *, row_count_max: int = WAITING_ROW_COUNT_MAX) -> None:
        self._row_count_max = row_count_max
        self._queues: dict[Lane, _Queue] = {}
        self.row_count = 0
        self.dropped: Counter[str] = Counter()
        """Rows that found no room, by class, since the start."""
        self.withdrawn: Counter[str] = Counter()
        """Rows that waited when their release ended, by class, since the start."""

    def put(self, block: Block, *, ready_at: Instant) -> None:
        """Let a block wait until an instant at least; where there is no room for it, the oldest rows of all go."""
        queue = self._queues.setdefault((block.class_, block.coarsening), _Queue())
        for piece in cut_block(block):
            queue.pieces.append(_Piece(piece, ready_at))
            queue.row_count += len(piece.rows)
            self.row_count += len(piece.rows)
        while self.row_count > self._row_count_max:
            (class_, _), fullest = max(self._queues.items(), key=lambda item: item[1].row_count)
            self._count(self.dropped, class_, fullest.pop())

    def keep(self, lanes: Callable[[Lane], bool]) -> None:
        """Let go of what waits in other lanes than these: it may not be told any more."""
        for lane in [lane for lane in self._queues if not lanes(lane)]:
            queue = self._queues.pop(lane)
            while queue.pieces:
                self._count(self.withdrawn, lane[0], queue.pop())

    def _count(self, counter: Counter[str], class_: str, block: Block) -> None:
        counter[class_] += len(block.rows)
        self.row_count -= len(block.rows)

    def find_ready_at(self) -> Instant | None:
        """Return the first instant at which something may go; None where nothing waits."""
        return min((queue.pieces[0].ready_at for queue in self._queues.values() if queue.pieces), default=None)

    def take(self, at: Instant, *, size_bytes: int) -> list[Block]:
        """Take out what goes on the next page: blocks that fit an entry each, and together into `size_bytes`."""
        ready = [queue for queue in self._queues.values() if queue.pieces and queue.pieces[0].ready_at <= at]
        ready.sort(key=lambda queue: queue.row_count)
        taken: list[Block] = []
        for index, queue in enumerate(ready):
            share = size_bytes // (len(ready) - index)
            for block in self._join(queue, at, share):
                size_bytes -= find_entry_size(block) + ENTRY_FRAME_SIZE_BYTES
                taken.append(block)
        return taken

    def _join(self, queue: _Queue, at: Instant, size_bytes: int) -> Iterator[Block]:
        """Yield the head of a queue as blocks of at most an entry each, as many as fit."""
        while queue.pieces and queue.pieces[0].ready_at <= at:
            first = queue.pieces[0].block
            room = min(size_bytes - ENTRY_FRAME_SIZE_BYTES, ENTRY_SIZE_BYTES_MAX)
            size, joined = find_entry_size(first), []
            while size <= room:
                joined.append(queue.pop())
                self.row_count -= len(joined[-1].rows)
                if not queue.pieces or queue.pieces[0].ready_at > at or queue.pieces[0].block.sensors != first.sensors:
                    break
                size += _find_columns_size(queue.pieces[0].block)
            if not joined:
                return
            block = join_blocks(joined)
            size_bytes -= find_entry_size(block) + ENTRY_FRAME_SIZE_BYTES
            yield block


def find_entry_size(block: Block) -> int:
    """Return how large the entry of a block is at most, in bytes."""
    names = sum(len(name) + NAME_FRAME_SIZE_BYTES for name in block.sensors)
    return FRAME_SIZE_BYTES + names + _find_columns_size(block)


def _find_columns_size(block: Block) -> int:
    return len(block.rows) * ROW.itemsize + len(block.estimates) * ESTIMATE.itemsize


def cut_block(block: Block) -> Iterator[Block]:
    """Yield a block in pieces that fit an entry each, in order; one that fits is yielded as it is."""
    if find_entry_size(block) <= ENTRY_SIZE_BYTES_MAX:
        yield block
        return
    room = ENTRY_SIZE_BYTES_MAX - (find_entry_size(block) - _find_columns_size(block))
    counts = np.bincount(block.estimates["row"], minlength=len(block.rows))
    ends = np.cumsum(ROW.itemsize + ESTIMATE.itemsize * counts)
    first, before = 0, 0
    while first < len(block.rows):
        last = int(np.searchsorted(ends, before + room, side="right"))
        assert last > first, "a row with both its estimates fits an entry"
        low, high = np.searchsorted(block.estimates["row"], (first, last))
        estimates = _shift(block.estimates[low:high], -first)
        yield replace(block, rows=block.rows[first:last], estimates=estimates)
        first, before = last, int(ends[last - 1])


def join_blocks(blocks: list[Block]) -> Block:
    """Return blocks of one class, told alike with the same sensors, as one; it may be larger than an entry."""
    if len(blocks) == 1:
        return blocks[0]
    shifted, row_count = [], 0
    for block in blocks:
        shifted.append(_shift(block.estimates, row_count))
        row_count += len(block.rows)
    rows = concatenate([block.rows for block in blocks], ROW)
    return replace(blocks[0], rows=rows, estimates=concatenate(shifted, ESTIMATE))


def _shift(estimates: Rows, by: int) -> Rows:
    if by == 0 or not len(estimates):
        return estimates
    shifted = estimates.copy()
    shifted["row"] = (shifted["row"].astype(np.int64) + by).astype(np.uint32)
    return shifted
