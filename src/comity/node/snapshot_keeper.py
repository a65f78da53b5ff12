"""Keeps a snapshot up with the store while the node runs: a few pages at a time, so that no statement waits for it.

What is asked of machine and store is asked in the node's one task, in slices of a millisecond or two; what is encoded,
sealed and written is written in a thread.
"""

import asyncio
import gc
from collections.abc import Iterator
from typing import Final

from comity.base.errors import OutageError, RemoteError
from comity.journal.header import parse_page
from comity.machine.machine import Machine
from comity.machine.vouched import Vouched
from comity.node.segment import Row
from comity.node.snapshot import Snapshot
from comity.node.store import SEQ_MAX, Store, StoredRow

__all__ = ["STOP_COUNT_MAX", "SnapshotKeeper", "make_row"]

INTERVAL_S: Final = 30.0
PAUSE_S: Final = 0.005
COUNT_AT_ONCE: Final = 8
"""Pages read and opened between two turns of everything else."""
SEGMENT_COUNT_MAX: Final = 1024
SEGMENT_ROOM_BYTES: Final = 8 * 1024 * 1024
"""A segment ends when the pages in it come to either."""
FROZEN_COUNT_MIN: Final = 10_000
"""Stored pages from which on what they were folded to is kept from the interpreter's search for garbage."""
STOP_COUNT_MAX: Final = 20_000
"""Pages that a stopping node still adds, in a few seconds; what is left is read from its bytes at the next start."""


class SnapshotKeeper:
    """Keeps one node's snapshot; without one it folds the store, and does nothing else."""

    def __init__(self, snapshot: Snapshot | None, machine: Machine, store: Store) -> None:
        self._snapshot = snapshot
        self._machine = machine
        self._store = store
        self._lock = asyncio.Lock()

    def restore(self, *, may_be_old: bool = False) -> None:
        """Fold the store into the machine: what the snapshot vouches for, then the rest from its bytes.

        Nothing that is made here is garbage until the node ends, so nobody looks for any: that would be half of the
        time, and afterwards the longest pause of every hour.
        """
        was_collecting = gc.isenabled()
        gc.disable()
        try:
            self._machine.restore(
                self._read_rest(),
                unpublished=self._store.find_unpublished(with_lost=True),
                lost=self._store.find_losses(),
                vouched=self._snapshot.read(self._store) if self._snapshot is not None else (),
                may_be_old=may_be_old,
            )
            if self._store.count_rows(after=0) > FROZEN_COUNT_MIN:
                gc.freeze()  # before the search goes on: it would begin with all of this
        finally:
            if was_collecting:
                gc.enable()
        if self._store.has_gaps:  # perhaps since just now: what was damaged is often met as it is read
            self._machine.reckoning.doubt()

    def _read_rest(self) -> Iterator[bytes]:
        yield from self._store.read_all(after=self._snapshot.last_seq if self._snapshot is not None else 0)

    async def keep(self) -> None:
        """Add what is new, at intervals, for ever."""
        while self._snapshot is not None:
            await asyncio.sleep(INTERVAL_S)
            await self.add_new()

    async def finish(self, *, is_whole: bool) -> None:
        """Add what a stopping node can in a few seconds; nothing, if its machine may be ahead of its store."""
        await self.add_new(pause_s=0, count_max=STOP_COUNT_MAX if is_whole else 0)

    async def add_new(self, *, pause_s: float = PAUSE_S, count_max: int = SEQ_MAX) -> None:
        """Add the store's rows that the snapshot does not have, or the first `count_max` of them.

        A disk that has no room for it is no fault of the record: the snapshot stays as it was.
        """
        if self._snapshot is None:
            return
        async with self._lock:
            left = min(count_max, self._store.count_rows(after=self._snapshot.last_seq))
            while left > 0:
                count = min(left, SEGMENT_COUNT_MAX)
                found, rows = await self._gather(self._snapshot.last_seq, pause_s=pause_s, count_max=count)
                if not found or not self._make_durable() or not await self._add(self._snapshot, found, rows):
                    return
                left -= len(found)

    def _make_durable(self) -> bool:
        """Bring to the disk which own pages are out: of those a snapshot keeps no bytes, so it must not know more."""
        try:
            self._store.make_durable()
        except OutageError:
            return False
        return True

    @staticmethod
    async def _add(snapshot: Snapshot, found: list[StoredRow], rows: list[Row]) -> bool:
        """Write a segment; whoever ends this task meanwhile waits for the thread, which nothing can end."""
        adding = asyncio.ensure_future(asyncio.to_thread(snapshot.add, rows, last=found[-1], count=len(found)))
        try:
            await asyncio.shield(adding)
        except asyncio.CancelledError:
            await asyncio.wait((adding,))
            raise
        except OSError:
            return False
        return True

    async def _gather(self, after: int, *, pause_s: float, count_max: int) -> tuple[list[StoredRow], list[Row]]:
        found: list[StoredRow] = []
        rows: list[Row] = []
        size = 0
        while len(found) < count_max and size < SEGMENT_ROOM_BYTES:
            after = found[-1].seq if found else after
            stored = self._store.read_rows(after=after, count=min(COUNT_AT_ONCE, count_max - len(found)))
            if not stored:
                break
            rows += [make_row(self._machine, row) for row in stored]
            found += stored
            size += sum(len(row.raw) for row in stored)
            await asyncio.sleep(pause_s)
        return found, rows


def make_row(machine: Machine, stored: StoredRow) -> Row:
    """Return what a snapshot keeps of a stored page: its bytes, where the machine has not accepted or opened it.

    An own page that the outbox has not answered for goes out again after a start, and so stays as bytes too.
    """
    placed = machine.ledger.find_page(stored.digest)
    if placed is None or not stored.is_out:
        return stored.raw
    page = parse_page(stored.raw, machine.setup.suite)
    if not page.header.kind.has_entries:
        return Vouched(page, None)
    try:
        opened = machine.keyring.open(page, commitment=placed.epochs.find(page.header.epoch))
    except RemoteError:
        return stored.raw
    return Vouched(page, opened)
