"""The page store: SQLite, the truth (DESIGN, section 2).

WAL, `synchronous=FULL`, one transaction per step: "stored" is said only after `commit` returned. Everything else a
node has can be deleted and rebuilt from here. Pages are never changed or deleted; a page is kept once.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Page
from comity.machine.effect import Refusal
from comity.node.backup.store_copy import COPY_FILE, copy_database

__all__ = ["Store"]

REFUSAL_COUNT_MAX: Final = 10_000
"""Refused pages kept as evidence; a flood of garbage must not fill the disk."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS pages (
    seq INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    journal BLOB NOT NULL,
    number INTEGER NOT NULL,
    author TEXT NOT NULL,
    feed TEXT NOT NULL,
    audience TEXT NOT NULL,
    is_out INTEGER NOT NULL,
    raw BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS pages_of_journal ON pages (journal, number);
CREATE INDEX IF NOT EXISTS pages_of_stream ON pages (author, feed, audience, seq);
CREATE INDEX IF NOT EXISTS pages_to_send ON pages (is_out) WHERE is_out = 0;
CREATE TABLE IF NOT EXISTS refusals (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, code TEXT NOT NULL, raw BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS blobs (id BLOB PRIMARY KEY, raw BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS wraps (
    blob BLOB NOT NULL, party TEXT NOT NULL, raw BLOB NOT NULL, UNIQUE (blob, party, raw)
) STRICT;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

FORMAT: Final = "1"


class Store:
    """One party's pages in one realm. Used by one thread of one process; a second process is locked out."""

    def __init__(self, path: Path, *, party: Party) -> None:
        self._party = party
        self._path = path
        self._places: dict[tuple[str, str], tuple[int, int]] = {}
        """For each own stream, the row last asked for and its place, so that the next is counted from there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # Used by one thread; but a backup may read in another (`make_copy`), and SQLite takes turns.
        self._db = sqlite3.connect(path, isolation_level=None, timeout=2.0, check_same_thread=False)
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            self._db.execute("INSERT OR IGNORE INTO marks VALUES ('format', ?)", (FORMAT,))
        except sqlite3.DatabaseError as error:
            self._db.close()
            is_locked = isinstance(error, sqlite3.OperationalError)
            raise OutageError("store.locked" if is_locked else "store.damaged", path=path.name) from error
        if self.find_mark("format") != FORMAT:
            found = self.find_mark("format")
            self._db.close()
            raise OutageError("store.format-unknown", format=found)

    def commit(self, pages: Iterable[Page], refusals: Iterable[Refusal], *, at: Instant) -> None:
        """Keep pages and evidence in one durable transaction.

        Raises:
            OutageError: `store.full` where the disk is full or failing, `store.damaged` where the file is no longer a
                database; nothing of the transaction is kept.
        """
        rows = [
            (
                page.digest,
                page.journal,
                page.header.number,
                page.header.journal.author,
                page.header.journal.feed,
                " ".join(page.header.journal.audience),
                page.header.journal.author != self._party,
                page.raw,
            )
            for page in pages
        ]
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO pages (digest, journal, number, author, feed, audience, is_out, raw)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._db.executemany(
                "INSERT INTO refusals (at, code, raw) SELECT ?, ?, ? WHERE (SELECT COUNT(*) FROM refusals) < ?",
                [(at, refusal.code, refusal.raw, REFUSAL_COUNT_MAX) for refusal in refusals],
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            is_full = isinstance(error, sqlite3.OperationalError)
            raise OutageError("store.full" if is_full else "store.damaged") from error

    def set_out(self, digest: Digest) -> None:
        """Note that the own outbox has taken a page; if this is lost, the page goes out again, harmlessly."""
        with self._transaction():
            self._db.execute("UPDATE pages SET is_out = 1 WHERE digest = ?", (digest,))

    def read_all(self) -> Iterator[bytes]:
        """Yield every page in the order in which it was stored."""
        for (raw,) in self._db.execute("SELECT raw FROM pages ORDER BY seq"):
            yield raw

    def find_unpublished(self) -> tuple[Digest, ...]:
        """Return own pages that the outbox has not answered for, oldest first."""
        rows = self._db.execute("SELECT digest FROM pages WHERE is_out = 0 ORDER BY seq")
        return tuple(Digest(digest) for (digest,) in rows)

    def read_range(self, journal: bytes, *, first: int, last: int, reader: Party) -> Iterator[bytes]:
        """Yield pages of a journal by number, if `reader` is in its audience; nothing at all if not (law 2)."""
        rows = self._db.execute(
            "SELECT raw, audience FROM pages WHERE journal = ? AND number BETWEEN ? AND ? ORDER BY number, digest",
            (journal, first, last),
        )
        for raw, audience in rows:
            if reader in audience.split(" "):
                yield raw

    def read_stream(self, feed: str, audience: Audience, *, after: int = 0) -> Iterator[tuple[Digest, bytes]]:
        """Yield the own pages of one stream in order, but for the first `after`: what the outbox is rebuilt from."""
        rows = self._db.execute(
            "SELECT digest, raw FROM pages WHERE author = ? AND feed = ? AND audience = ? ORDER BY seq"
            " LIMIT -1 OFFSET ?",
            (self._party, feed, " ".join(audience), after),
        )
        for digest, raw in rows:
            yield Digest(digest), raw

    def count_out(self, feed: str, audience: Audience) -> int:
        """Return how many pages of an own stream the outbox has answered for."""
        (count,) = self._db.execute(
            "SELECT COUNT(*) FROM pages WHERE author = ? AND feed = ? AND audience = ? AND is_out = 1",
            (self._party, feed, " ".join(audience)),
        ).fetchone()
        return int(count)

    def count_own(self, feed: str, audience: Audience) -> int:
        """Return how many pages of an own stream are stored."""
        (count,) = self._db.execute(
            "SELECT COUNT(*) FROM pages WHERE author = ? AND feed = ? AND audience = ?",
            (self._party, feed, " ".join(audience)),
        ).fetchone()
        return int(count)

    def find_place(self, digest: Digest) -> int:
        """Return which page of its stream an own page is, counting from 1: its sequence in the outbox."""
        row = self._db.execute(
            "SELECT seq, feed, audience FROM pages WHERE digest = ? AND author = ?", (digest, self._party)
        ).fetchone()
        assert row is not None, "only an own, stored page has a place"
        seq, feed, audience = row
        from_seq, from_place = self._places.get((feed, audience), (0, 0))
        if from_seq > seq:
            from_seq, from_place = 0, 0
        (count,) = self._db.execute(
            "SELECT COUNT(*) FROM pages WHERE author = ? AND feed = ? AND audience = ? AND seq > ? AND seq <= ?",
            (self._party, feed, audience, from_seq, seq),
        ).fetchone()
        place = from_place + int(count)
        self._places[feed, audience] = (seq, place)
        return place

    def find_streams(self) -> tuple[tuple[str, Audience], ...]:
        """Return feed and audience of every own journal that others read."""
        rows = self._db.execute(
            "SELECT DISTINCT feed, audience FROM pages WHERE author = ? ORDER BY feed, audience", (self._party,)
        )
        found = ((feed, tuple(audience.split(" "))) for feed, audience in rows)
        return tuple((feed, audience) for feed, audience in found if len(audience) > 1)

    def keep_blob(self, blob_id: Digest, blob: bytes, wraps: Mapping[Party, tuple[bytes, ...]]) -> None:
        """Keep a blob with the wraps of its key."""
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (blob_id, blob))
            rows = [(blob_id, party, raw) for party, raws in sorted(wraps.items()) for raw in raws]
            self._db.executemany("INSERT OR IGNORE INTO wraps VALUES (?, ?, ?)", rows)

    def find_blob(self, blob_id: bytes) -> bytes | None:
        """Return a blob, or None."""
        row = self._db.execute("SELECT raw FROM blobs WHERE id = ?", (blob_id,)).fetchone()
        return bytes(row[0]) if row else None

    def find_wraps(self, blob_id: bytes, party: Party) -> tuple[bytes, ...]:
        """Return the wraps of a blob's key for one party."""
        rows = self._db.execute("SELECT raw FROM wraps WHERE blob = ? AND party = ? ORDER BY raw", (blob_id, party))
        return tuple(bytes(raw) for (raw,) in rows)

    def find_mark(self, name: str) -> str:
        """Return a mark, or an empty string."""
        row = self._db.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def count_pages(self) -> int:
        """Return how many pages are stored."""
        (count,) = self._db.execute("SELECT COUNT(*) FROM pages").fetchone()
        return int(count)

    def make_copy(self) -> Path:
        """Copy the whole store as it is at one instant into a file beside it; may run in a thread of its own.

        Raises:
            OutageError: `store.full`, `store.damaged`.
        """
        copy = self._path.with_name(COPY_FILE)
        copy_database(self._db, copy)
        return copy

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
