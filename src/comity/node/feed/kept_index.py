"""Where each page and block lies in the segments of the warning feed: what is looked up, and no bytes (W87).

It follows from the segments' frames, in their order, and is written some time after them: a start takes in what it
lacks. Numbers of tracks alone (`number_table`) are here and nowhere else.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.journal.header import Kind, Page
from comity.node.feed.kept_before import set_aside
from comity.node.feed.segments import Frame, FrameKind, Place

__all__ = ["KeptIndex", "QuarantinedRow", "make_apart_frame", "make_mark_frame", "make_page_frame", "read_page_digest"]

DELETED_COUNT: Final = 4096
"""Rows taken out in one transaction."""

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
    segment INTEGER NOT NULL,
    place INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS said (
    seq INTEGER PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    place INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL
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
CREATE INDEX IF NOT EXISTS kept_by_segment ON kept (segment);
CREATE INDEX IF NOT EXISTS said_by_age ON said (kept_at);
CREATE INDEX IF NOT EXISTS said_by_segment ON said (segment);
"""
_KEEP: Final = "INSERT OR IGNORE INTO kept VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SAY: Final = "INSERT INTO said VALUES (NULL, ?, ?, ?, ?)"
_SET_APART: Final = "INSERT OR IGNORE INTO quarantined VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_MARK: Final = """
INSERT INTO marks VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)
"""
_INDEXED: Final = "INSERT OR REPLACE INTO marks VALUES ('segment', ?), ('place', ?)"
_TIPS: Final = """
SELECT segment, place, size_bytes FROM kept AS one
WHERE kind = ? OR number = (SELECT max(number) FROM kept AS other WHERE other.journal = one.journal)
ORDER BY journal, number
"""
_OLD: Final = """
DELETE FROM kept WHERE seq IN (
    SELECT seq FROM kept WHERE kept_at < ? AND number > 0 AND seq NOT IN (
        SELECT seq FROM (SELECT seq, max(number) FROM kept GROUP BY journal, kind)
    ) LIMIT ?
)
"""
_OF_SEGMENT: Final = """
DELETE FROM kept WHERE seq IN (
    SELECT seq FROM kept WHERE segment = ? AND number > 0 AND seq NOT IN (
        SELECT seq FROM (SELECT seq, max(number) FROM kept GROUP BY journal, kind)
    ) LIMIT ?
)
"""
_OLD_SAID: Final = "DELETE FROM said WHERE seq IN (SELECT seq FROM said WHERE kept_at < ? LIMIT ?)"
_SAID_OF_SEGMENT: Final = "DELETE FROM said WHERE seq IN (SELECT seq FROM said WHERE segment = ? LIMIT ?)"
_GONE: Final = "DELETE FROM quarantined WHERE page NOT IN (SELECT digest FROM kept)"
_APART: Final = """
SELECT author, class, code, clause, count(*), sum(row_count), min(came_at), max(came_at) FROM quarantined
GROUP BY author, class, code, clause ORDER BY author, class, code, clause
"""
_COUNTING: Final = """
SELECT EXISTS (SELECT 1 FROM said WHERE segment = ?) OR EXISTS (SELECT 1 FROM kept WHERE segment = ? AND kept_at >= ?)
"""
_REMAINING: Final = "SELECT segment, place, size_bytes FROM kept WHERE segment = ? ORDER BY seq"
_MOVE: Final = "UPDATE kept SET segment = ?, place = ?, size_bytes = ? WHERE segment = ? AND place = ?"
_END: Final = """
SELECT coalesce(max(place + size_bytes), 0) FROM (
    SELECT segment, place, size_bytes FROM kept WHERE segment = ?
    UNION ALL SELECT segment, place, size_bytes FROM said WHERE segment = ?
)
"""
_SEGMENTS: Final = """
SELECT segment FROM kept UNION SELECT segment FROM said UNION SELECT value FROM marks WHERE name = 'segment' ORDER BY 1
"""
_LET_GO: Final = "DELETE FROM kept WHERE segment = ? AND place + size_bytes > ?"
_LET_GO_SAID: Final = "DELETE FROM said WHERE segment = ? AND place + size_bytes > ?"


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


class _PageWords(msgspec.Struct, frozen=True, array_like=True):
    digest: bytes
    journal: bytes
    number: int
    author: str
    kind: int
    written_at: int


class _ApartWords(msgspec.Struct, frozen=True, array_like=True):
    page: bytes
    place: int
    author: str
    class_: str
    code: str
    clause: str
    row_count: int


_ENCODER: Final = msgspec.msgpack.Encoder()
_PAGE: Final = msgspec.msgpack.Decoder(_PageWords)
_APART_WORDS: Final = msgspec.msgpack.Decoder(_ApartWords)
_NUMBER: Final = msgspec.msgpack.Decoder(int)


def make_page_frame(page: Page, at: Instant) -> Frame:
    """Return the frame of a page."""
    header = page.header
    kind, author = int(header.kind), header.journal.author
    words = _PageWords(page.digest, page.journal, header.number, author, kind, header.written_at)
    return Frame(FrameKind.PAGE, at, _ENCODER.encode(words), page.raw)


def read_page_digest(frame: Frame) -> Digest:
    """Return which page a frame holds."""
    return Digest(_PAGE.decode(frame.words).digest)


def make_apart_frame(page: Digest, at: Instant, *row: int | str) -> Frame:
    """Return the frame of a block in quarantine: its place, author, class, code, clause, rows."""
    return Frame(FrameKind.APART, at, _ENCODER.encode((page, *row)), b"")


def make_mark_frame(next_track: int, at: Instant) -> Frame:
    """Return the frame of the lowest number that no track of ours was given."""
    return Frame(FrameKind.MARK, at, _ENCODER.encode(next_track), b"")


class KeptIndex:
    """One file of SQLite; used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it.

        Raises:
            sqlite3.DatabaseError: it is none.
        """
        self.db = sqlite3.connect(path, isolation_level=None, timeout=2.0, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        set_aside(self.db)
        self.db.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of it."""
        self.db.close()

    def write(self, work: Callable[[], None], *, is_durable: bool = False) -> None:
        """Do work in one transaction.

        Raises:
            OutageError: `store.full`; nothing of it was done.
        """
        if is_durable:
            self.db.execute("PRAGMA synchronous = FULL")
        try:
            self.db.execute("BEGIN IMMEDIATE")
            work()
            self.db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            with contextlib.suppress(sqlite3.DatabaseError):
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
            raise OutageError("store.full") from error
        finally:
            if is_durable:
                self.db.execute("PRAGMA synchronous = NORMAL")

    def put(self, found: Iterable[tuple[Frame, Place]]) -> None:
        """Take in frames, within `write`; one that is here is passed over."""
        last = None
        for frame, place in found:
            if frame.kind is FrameKind.PAGE:
                one = _PAGE.decode(frame.words)
                self.db.execute(_KEEP, (*msgspec.structs.astuple(one), frame.at, *place))
            elif frame.kind is FrameKind.SAID:
                self.db.execute(_SAY, (frame.at, *place))
            elif frame.kind is FrameKind.APART:
                page, number, *rest = msgspec.structs.astuple(_APART_WORDS.decode(frame.words))
                self.db.execute(_SET_APART, (page, number, frame.at, *rest))
            else:
                self.db.execute(_MARK, ("next_track", _NUMBER.decode(frame.words)))
            last = place
        if last is not None:
            self.db.execute(_INDEXED, (last.segment, last.offset + last.size_bytes))

    def find_mark(self, name: str) -> int:
        """Return a number that is remembered, or 0."""
        found = self.db.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return 0 if found is None else int(found[0])

    def has_page(self, digest: Digest) -> bool:
        """Tell whether a page is here."""
        return self.db.execute("SELECT 1 FROM kept WHERE digest = ?", (digest,)).fetchone() is not None

    def list_tips(self) -> list[Place]:
        """Return where the key pages and the last page of each journal lie."""
        return list(map(Place._make, self.db.execute(_TIPS, (int(Kind.KEYS),))))

    def list_remaining(self, segment: int) -> list[Place]:
        """Return the pages of a segment that are to stay."""
        return list(map(Place._make, self.db.execute(_REMAINING, (segment,))))

    def is_needed(self, segment: int, before: Instant) -> bool:
        """Tell whether anything lies in a segment but pages from before an instant, which stay whatever their age."""
        return bool(self.db.execute(_COUNTING, (segment, segment, before)).fetchone()[0])

    def move(self, from_: Place, to: Place | None) -> None:
        """Have a page lie elsewhere, or nowhere; within `write`."""
        if to is None:
            self.db.execute("DELETE FROM kept WHERE segment = ? AND place = ?", from_[:2])
        else:
            self.db.execute(_MOVE, (*to, *from_[:2]))

    def let_go_beyond(self, segment: int, size_bytes: int) -> None:
        """Forget what would lie beyond the end of a segment; within `write`."""
        for statement in (_LET_GO, _LET_GO_SAID):
            self.db.execute(statement, (segment, size_bytes))

    def let_go(self, segments: Iterable[int]) -> None:
        """Forget what lies in segments; within `write`."""
        for segment in segments:
            self.let_go_beyond(segment, 0)

    def list_segments(self) -> list[int]:
        """Return the segments that are named here, ascending."""
        return [int(segment) for (segment,) in self.db.execute(_SEGMENTS)]

    def delete_old(self, before: Instant) -> int:
        """Forget what was kept before an instant, but what is to stay; return how much."""
        return self._delete_all((_OLD, _OLD_SAID), int(before))

    def delete_segment(self, segment: int) -> int:
        """Forget what lies in a segment, but what is to stay; return how much."""
        return self._delete_all((_OF_SEGMENT, _SAID_OF_SEGMENT), segment)

    def _delete_all(self, statements: Iterable[str], value: int) -> int:
        before = self.db.total_changes
        for statement in statements:
            while self._delete_some(statement, value):
                pass
        count = self.db.total_changes - before
        if count:
            self.write(lambda: _execute(self.db, _GONE))
        return count

    def _delete_some(self, statement: str, value: int) -> int:
        before = self.db.total_changes
        self.write(lambda: _execute(self.db, statement, value, DELETED_COUNT))
        return self.db.total_changes - before

    def find_end(self, segment: int) -> int:
        """Return where the last ends of what is known to lie in a segment."""
        return int(self.db.execute(_END, (segment, segment)).fetchone()[0])

    def count_pages(self) -> int:
        """Return how many pages are kept."""
        return int(self.db.execute("SELECT count(*) FROM kept").fetchone()[0])

    def list_quarantined(self) -> list[QuarantinedRow]:
        """Return what is in quarantine, by author, class, code and clause."""
        return list(map(QuarantinedRow._make, self.db.execute(_APART)))


def _execute(db: sqlite3.Connection, statement: str, *values: int) -> None:
    db.execute(statement, values)
