"""What the warning feed keeps: own pages durable before they go out, all of them for a day (W24, W33, W87).

It is no part of the record and may be lost: what was sent is in the own stream for a quarter of an hour, and how far it
went is anchored in the record. But while it is here no number is given twice. One process at a time holds it; who makes
an archive reads beside.

The bytes lie in segments, and where each lies in an index that is written after them, many rows together. Whatever a
start finds in the segments beyond the index is taken in.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from comity.base.errors import OutageError
from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.base.names import Digest
from comity.journal.header import Page
from comity.node.durable import make_folder, make_private
from comity.node.feed.kept_before import take_over
from comity.node.feed.kept_index import (
    KeptIndex,
    QuarantinedRow,
    make_apart_frame,
    make_mark_frame,
    make_page_frame,
    read_page_digest,
)
from comity.node.feed.number_table import NumberTable
from comity.node.feed.segments import Frame, FrameKind, Place, SegmentReader, Segments, find_segments

if TYPE_CHECKING:
    from comity.warning.effect import Received  # arrays come with it, and whoever replaces a key needs none

__all__ = ["FEED_FILE", "KEEP_MS", "Brought", "FeedFile", "QuarantinedRow"]

FEED_FILE: Final = "warning.db"
KEEP_MS: Final = DAY_MS
KEEP_SIZE_BYTES_MAX: Final = 8 * 1024**3
"""All segments together: past it the oldest go before their day is over."""
PENDING_COUNT: Final = 256
"""Frames that the index may lack before it is written at once."""
SPENT_SIZE_BYTES: Final = 64 * 1024
"""Of the segment that is written: less is not worth the next one."""
TRACKS_AHEAD_COUNT: Final = 1000
_Kept = tuple[Page, Instant]
"""An own page, and when it was made."""


class Brought(NamedTuple):
    """Pages of others, when they came, and what was opened with them."""

    pages: tuple[Page, ...]
    at: Instant
    received: "tuple[Received, ...]" = ()


class FeedFile:
    """Opened by the one process that speaks in the feed; its threads take turns."""

    def __init__(self, path: Path, *, keep_ms: int = KEEP_MS) -> None:
        """Open the file, or make it; pages older than `keep_ms` go.

        Raises:
            OutageError: `store.locked` where another process holds it; `store.damaged` where it is none.
        """
        self._keep_ms = keep_ms
        self._turn = threading.RLock()
        self._pending: list[tuple[Frame, Place]] = []
        self._pending_pages: set[Digest] = set()
        self._has_loose_numbers = False
        self._pruned_at: Instant | None = None
        self.next_track = 1
        """The lowest number that no track of ours was given."""
        make_folder(path.parent)
        lock = path.with_name(path.name + ".lock")
        make_private(lock)
        self._lock = os.open(lock, os.O_RDWR)
        with contextlib.ExitStack() as opened:  # whatever fails, nothing stays open and the lock goes
            opened.callback(os.close, self._lock)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                make_private(path)
                self._index = KeptIndex(path)
                opened.callback(self._index.close)
                self._segments = Segments(find_segments(path), named=max(self._index.list_segments(), default=0))
                opened.callback(self._segments.close)
                self._reader = SegmentReader(find_segments(path))
                opened.callback(self._reader.close)
                self._take_in()
                self.next_track = max(1, self._index.find_mark("next_track"))
                take_over(self._index.db, self._keep_before)
                self.numbers = NumberTable(self._index.db, self._write_numbers, self.read)
            except (OSError, sqlite3.DatabaseError) as error:
                code = "store.damaged" if isinstance(error, sqlite3.DatabaseError) else "store.locked"
                raise OutageError(code, path=path.name) from error
            opened.pop_all()

    def _take_in(self) -> None:
        """Bring the index to where the segments are: of one that was lost it has nothing any more."""
        lost = set(self._index.list_segments()).difference(self._segments.list_numbers())
        self._index.write(lambda: self._index.let_go(lost))
        segment, place = self._index.find_mark("segment"), self._index.find_mark("place")
        size = self._segments.find_size(segment)
        if size < place:  # it has gone, or a power cut took what no disk had yet
            self._index.write(lambda: self._index.let_go_beyond(segment, size))
            place = self._index.find_end(segment)
        for found in self._segments.scan(since=(segment, place)):
            self._note(*found)
            if len(self._pending) >= PENDING_COUNT:
                self.settle()
        self.settle()

    def _keep_before(self, frames: Sequence[Frame]) -> None:
        """Keep what a file of the form before this one had."""
        self._append(frames, is_durable=True)
        self.settle()

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            with contextlib.suppress(OutageError):  # the next start takes in what the index lacks
                self.settle()
            self._reader.close()
            self._segments.close()
            self._index.close()
            os.close(self._lock)

    def keep_own(self, pages: Iterable[Page], *, at: Instant) -> None:
        """Keep own pages durably: only then may they go out.

        Raises:
            OutageError: `store.full`; none of them was kept.
        """
        self.keep_together(own=[(page, at) for page in pages])

    def keep_together(
        self, *, own: Sequence[_Kept] = (), others: Sequence[Brought] = (), said: Sequence[tuple[bytes, Instant]] = ()
    ) -> None:
        """Keep own pages durably, and with them others' and own blocks as they were said, sealed by the caller.

        Of what others' pages opened it is kept what is in quarantine (W75), before the page is.

        Where none are own a kill of the process does not undo it, but a power cut may: nothing waits for the disk.

        Raises:
            OutageError: `store.full`; nothing of it was kept.
        """
        frames = [Frame(FrameKind.SAID, at, b"", raw) for raw, at in said]
        with self._turn:
            for brought in others:
                for opened in brought.received:
                    for one in opened.quarantined:
                        row = (one.place, opened.author, one.class_, one.code, one.clause, one.row_count)
                        frames.append(make_apart_frame(opened.page, brought.at, *row))
                frames += [make_page_frame(page, brought.at) for page in brought.pages if not self._has(page.digest)]
            frames += [make_page_frame(page, at) for page, at in own if not self._has(page.digest)]
            self._append(frames, is_durable=bool(own))
            if own and self._has_loose_numbers:
                self._write(is_durable=True)
                self._has_loose_numbers = False
            elif len(self._pending) >= PENDING_COUNT:
                self._write()

    def _has(self, digest: Digest) -> bool:
        return digest in self._pending_pages or self._index.has_page(digest)

    def _append(self, frames: Sequence[Frame], *, is_durable: bool) -> None:
        """Put frames into the segments; the index has them later."""
        if not frames:
            return
        with self._turn:
            if self._segments.is_over(frames[-1].at):
                self._segments.roll()
                frames = [make_mark_frame(self.next_track, frames[-1].at), *frames]
            for frame, place in zip(frames, self._segments.append(frames, is_durable=is_durable), strict=True):
                self._note(frame, place)

    def _note(self, frame: Frame, place: Place) -> None:
        self._pending.append((frame._replace(raw=b""), place))
        if frame.kind is FrameKind.PAGE:
            self._pending_pages.add(read_page_digest(frame))

    def settle(self) -> None:
        """Bring the index to where the segments are: whoever reads beside finds all that was kept.

        Raises:
            OutageError: `store.full`; it stays behind.
        """
        with self._turn:
            if self._pending:
                self._write()

    def _write(self, work: Callable[[], None] = lambda: None, *, is_durable: bool = False) -> None:
        """Bring the index to where the segments are, and do work on it, in one transaction."""
        with self._turn:

            def put_and_work() -> None:
                self._index.put(self._pending)
                work()

            self._index.write(put_and_work, is_durable=is_durable)
            self._pending, self._pending_pages = [], set()

    def _write_numbers(self, work: Callable[[], None]) -> None:
        """Write numbers that are durable with the next own page: nothing waits for the disk."""
        with self._turn:
            self._has_loose_numbers = True
            self._write(work)

    def note_next_track(self, number: int) -> None:
        """See that no track gets a number below this after a start; some are passed over, so that few calls write."""
        if number < self.next_track:
            return
        ahead = number + TRACKS_AHEAD_COUNT
        with contextlib.suppress(OutageError):
            self._append([make_mark_frame(ahead, Instant(0))], is_durable=True)
            self.next_track = ahead

    def read(self, place: Place) -> bytes | None:
        """Return what lies at a place; None where it is not as it was written."""
        with self._turn:
            frame = self._reader.read(place)
        return None if frame is None else frame.raw

    def read_tips(self) -> Iterator[bytes]:
        """Yield of each journal its key pages and its last page, ascending."""
        with self._turn:
            self.settle()
            places = self._index.list_tips()
        for place in places:
            raw = self.read(place)
            if raw is not None:
                yield raw

    def prune_soon(self, at: Instant) -> int:
        """Prune where an hour has gone by since it was done, and wherever all takes more than its room; as `prune`."""
        is_due = self._pruned_at is None or at - self._pruned_at >= HOUR_MS
        if not is_due and self.size_bytes <= KEEP_SIZE_BYTES_MAX:
            return 0
        self._pruned_at = at
        return self.prune(at)

    def prune(self, at: Instant) -> int:
        """Let go of what is older than is kept, and of the oldest beyond the room for all; return how much went.

        Of each journal the first and the last page and the last key page stay.
        """
        before = Instant(at - self._keep_ms)
        with self._turn:
            self.settle()
            count = self._index.delete_old(before)
            numbers = self._segments.list_numbers()
        for number in numbers:
            with self._turn:
                self.settle()
                if self._segments.size_bytes > KEEP_SIZE_BYTES_MAX:
                    count += self._index.delete_segment(number)
                    self._drop(number, at)
                elif self._is_spent(number, before):
                    self._drop(number, at)
        return count

    def _is_spent(self, number: int, before: Instant) -> bool:
        """Tell whether most of a segment counts no more."""
        size = self._segments.find_size(number)
        if number == self._segments.number and size < SPENT_SIZE_BYTES:
            return False
        staying = sum(place.size_bytes for place in self._index.list_remaining(number))
        return 2 * staying <= size and not self._index.is_needed(number, before)

    def _drop(self, number: int, at: Instant) -> None:
        """Remove a segment, once what stays of it is durable in the one that is written."""
        if number == self._segments.number:
            self._segments.roll()
        moved = []
        for place in self._index.list_remaining(number):
            frame = self._reader.read(place)
            to = None if frame is None else self._segments.append([frame], is_durable=False)[0]
            moved.append((place, to))
        self._segments.append([make_mark_frame(self.next_track, at)], is_durable=True)

        def move_all() -> None:
            for place, to in moved:
                self._index.move(place, to)

        self._write(move_all, is_durable=True)
        self._reader.forget(number)
        self._segments.drop(number)

    def list_quarantined(self) -> list[QuarantinedRow]:
        """Return what is in quarantine, by author, class, code and clause."""
        with self._turn:
            self.settle()
            return self._index.list_quarantined()

    @property
    def size_bytes(self) -> int:
        """What the segments take on the disk."""
        with self._turn:
            return self._segments.size_bytes

    def count_pages(self) -> int:
        """Return how many pages are kept."""
        with self._turn:
            self.settle()
            return self._index.count_pages()
