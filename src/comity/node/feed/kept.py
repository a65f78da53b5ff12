"""The file of the warning feed's pages: own ones durable before they go out, all of them for a day (W24, W33).

It is no part of the record and may be lost: what was sent is in the own stream for a quarter of an hour, and how far it
went is anchored in the record. But while it is here no number is given twice. One process at a time holds it; who makes
an archive reads beside.
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
from comity.base.instants import DAY_MS, Instant
from comity.base.names import Party
from comity.journal.header import Kind, Page
from comity.node.durable import make_folder, make_private
from comity.node.feed.number_table import NumberTable

if TYPE_CHECKING:
    from comity.warning.effect import Received  # arrays come with it, and whoever replaces a key needs none

__all__ = [
    "FEED_FILE",
    "KEEP_MS",
    "Brought",
    "FeedFile",
    "QuarantinedRow",
]

FEED_FILE: Final = "warning.db"
KEEP_MS: Final = DAY_MS
KEEP_SIZE_BYTES_MAX: Final = 8 * 1024**3
"""All pages together: past it the oldest go before their day is over."""
BLOCK_SIZE_BYTES: Final = 16 * 1024
"""Of the file: a full page of the feed is half a megabyte, and is written twice as fast in such blocks."""
PRUNED_COUNT: Final = 512
"""Pages taken out in one transaction."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS kept (
    seq INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    journal BLOB NOT NULL,
    number INTEGER NOT NULL,
    author TEXT NOT NULL,
    kind INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    kept_at INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    raw BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS said (
    seq INTEGER PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    raw BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS quarantined (
    page BLOB NOT NULL,
    place INTEGER NOT NULL,
    came_at INTEGER NOT NULL,
    author TEXT NOT NULL,
    class TEXT NOT NULL,
    code TEXT NOT NULL,
    clause TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    PRIMARY KEY (page, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS kept_of_journal ON kept (journal, kind, number);
CREATE INDEX IF NOT EXISTS kept_by_age ON kept (kept_at);
CREATE INDEX IF NOT EXISTS said_by_age ON said (kept_at);
"""
_KEEP: Final = "INSERT OR IGNORE INTO kept VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TIPS: Final = """
SELECT raw FROM kept AS one
WHERE kind = ? OR number = (SELECT max(number) FROM kept AS other WHERE other.journal = one.journal)
ORDER BY journal, number
"""
_OLD: Final = """
DELETE FROM kept WHERE seq IN (
    SELECT seq FROM kept
    WHERE kept_at < ? AND number > 0 AND seq NOT IN (SELECT max(seq) FROM kept GROUP BY journal, kind)
    ORDER BY seq LIMIT ?
)
"""
_OLDEST: Final = """
DELETE FROM kept WHERE seq IN (
    SELECT seq FROM kept
    WHERE number > 0 AND seq NOT IN (SELECT max(seq) FROM kept GROUP BY journal, kind) ORDER BY seq LIMIT ?
)
"""
_SET_APART: Final = "INSERT OR IGNORE INTO quarantined VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_GONE: Final = "DELETE FROM quarantined WHERE page NOT IN (SELECT digest FROM kept)"
_APART: Final = """
SELECT author, class, code, clause, count(*), sum(row_count), min(came_at), max(came_at) FROM quarantined
GROUP BY author, class, code, clause ORDER BY author, class, code, clause
"""
_SIZE: Final = "SELECT (SELECT total(size_bytes) FROM kept) + (SELECT total(size_bytes) FROM said)"
_SAY: Final = "INSERT INTO said VALUES (NULL, ?, ?, ?)"
_OLD_SAID: Final = """
DELETE FROM said WHERE seq IN (SELECT seq FROM said WHERE kept_at < ? ORDER BY kept_at LIMIT ?)
"""
_OLDEST_SAID: Final = "DELETE FROM said WHERE seq IN (SELECT seq FROM said ORDER BY seq LIMIT ?)"
_NEXT_TRACK: Final = "INSERT OR REPLACE INTO marks VALUES ('next_track', ?)"
TRACKS_AHEAD_COUNT: Final = 1000
_Kept = tuple[Page, Instant]
"""An own page, and when it was made."""


class Brought(NamedTuple):
    """Pages of others, when they came, and what was opened with them."""

    pages: tuple[Page, ...]
    at: Instant
    received: "tuple[Received, ...]" = ()


class QuarantinedRow(NamedTuple):
    """How many blocks and rows of one author and class are in quarantine by one clause, and when they came."""

    author: Party
    class_: str
    code: str
    clause: str
    block_count: int
    row_count: int
    first_at: int
    last_at: int


class FeedFile:
    """Opened by the one process that speaks in the feed; its threads take turns."""

    def __init__(self, path: Path, *, keep_ms: int = KEEP_MS) -> None:
        """Open the file, or make it; pages older than `keep_ms` go.

        Raises:
            OutageError: `store.locked` where another process holds it; `store.damaged` where it is none.
        """
        self._keep_ms = keep_ms
        self._turn = threading.RLock()
        make_folder(path.parent)
        lock = path.with_name(path.name + ".lock")
        make_private(lock)
        self._lock = os.open(lock, os.O_RDWR)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            make_private(path)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=2.0, check_same_thread=False)
            self._db.execute(f"PRAGMA page_size = {BLOCK_SIZE_BYTES}")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            self.numbers = NumberTable(self._db, self._write_soon)
        except (OSError, sqlite3.DatabaseError) as error:
            os.close(self._lock)
            code = "store.damaged" if isinstance(error, sqlite3.DatabaseError) else "store.locked"
            raise OutageError(code, path=path.name) from error
        (self._size_bytes,) = self._db.execute(_SIZE).fetchone()
        found = self._db.execute("SELECT value FROM marks WHERE name = 'next_track'").fetchone()
        self.next_track = 1 if found is None else int(found[0])
        """The lowest number that no track of ours was given."""

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._db.close()
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

        Of what others' pages opened it is kept what is in quarantine (W75).

        Where none are own a kill of the process does not undo it, but a power cut may: nothing waits for the disk.

        Raises:
            OutageError: `store.full`; nothing of it was kept.
        """
        write = self._write if own else self._write_soon
        write(lambda db: self._insert_all(db, own, others, said))

    def _write_soon(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Write what a kill of the process does not undo, but a power cut may: nothing waits for the disk."""
        with self._turn:
            self._db.execute("PRAGMA synchronous = NORMAL")
            try:
                self._write(work)
            finally:
                self._db.execute("PRAGMA synchronous = FULL")

    def _insert_all(
        self,
        db: sqlite3.Connection,
        own: Iterable[_Kept],
        others: Iterable[Brought],
        said: Iterable[tuple[bytes, Instant]],
    ) -> None:
        for page, at in own:
            self._insert(db, page, at)
        for pages, at, received in others:
            for page in pages:
                self._insert(db, page, at)
            for opened in received:
                for one in opened.quarantined:
                    row = (one.place, at, opened.author, one.class_, one.code, one.clause, one.row_count)
                    db.execute(_SET_APART, (opened.page, *row))
        for raw, at in said:
            db.execute(_SAY, (at, len(raw), raw))
            self._size_bytes += len(raw)

    def _insert(self, db: sqlite3.Connection, page: Page, at: Instant) -> None:
        header, size = page.header, len(page.raw)
        row = (page.digest, page.journal, header.number, header.journal.author, int(header.kind))
        found = db.execute(_KEEP, (*row, header.written_at, at, size, page.raw))
        self._size_bytes += size * found.rowcount

    def _write(self, work: Callable[[sqlite3.Connection], None]) -> None:
        with self._turn:
            before = self._size_bytes
            try:
                self._db.execute("BEGIN IMMEDIATE")
                work(self._db)
                self._db.execute("COMMIT")
            except sqlite3.DatabaseError as error:
                self._size_bytes = before
                with contextlib.suppress(sqlite3.DatabaseError):
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                raise OutageError("store.full") from error

    def note_next_track(self, number: int) -> None:
        """See that no track gets a number below this after a start; some are passed over, so that few calls write."""
        if number < self.next_track:
            return
        ahead = number + TRACKS_AHEAD_COUNT
        with contextlib.suppress(OutageError):
            self._write(lambda db: _execute(db, _NEXT_TRACK, ahead))
            self.next_track = ahead

    def read_tips(self) -> Iterator[bytes]:
        """Yield of each journal its key pages and its last page, ascending."""
        with self._turn:
            found = self._db.execute(_TIPS, (int(Kind.KEYS),)).fetchall()
        for (raw,) in found:
            yield raw

    def prune(self, at: Instant) -> int:
        """Let go of what is older than is kept, and of the oldest beyond the room for all; return how much went.

        Of each journal the first and the last page and the last key page stay.
        """
        count = 0
        while went := self._prune_some(at):
            count += went
        return count

    def _prune_some(self, at: Instant) -> int:
        with self._turn:
            return self._prune_within(at)

    def _prune_within(self, at: Instant) -> int:
        before = self._db.total_changes
        if self._size_bytes > KEEP_SIZE_BYTES_MAX:
            self._write(lambda db: _execute(db, _OLDEST, PRUNED_COUNT))
            self._write(lambda db: _execute(db, _OLDEST_SAID, PRUNED_COUNT))
        else:
            self._write(lambda db: _execute(db, _OLD, at - self._keep_ms, PRUNED_COUNT))
            self._write(lambda db: _execute(db, _OLD_SAID, at - self._keep_ms, PRUNED_COUNT))
        went = self._db.total_changes - before
        if went:
            self._write(lambda db: _execute(db, _GONE))
            (self._size_bytes,) = self._db.execute(_SIZE).fetchone()
        return went

    def list_quarantined(self) -> Iterator[QuarantinedRow]:
        """Yield what is in quarantine, by author, class, code and clause."""
        with self._turn:
            found = self._db.execute(_APART).fetchall()
        for row in found:
            yield QuarantinedRow(*row)

    def count_pages(self) -> int:
        """Return how many pages are kept."""
        with self._turn:
            (count,) = self._db.execute("SELECT count(*) FROM kept").fetchone()
        return int(count)


def _execute(db: sqlite3.Connection, statement: str, *values: int) -> None:
    db.execute(statement, values)
