"""The tables of the page store, and the form of one row with its sum.

Format 1. Columns and tables are only added, each such that an older version reads and writes the file as before: the
sum is empty where an older version wrote the row, and is added when the row is next looked at.

A page's digest covers its header and, through it, its body; the sum covers the whole row, the signature and the
place in the store with it. A row that was lost keeps its place, with no bytes: places of own pages are sequences in the
outbox. What was found there lies in `losses` as evidence.
"""

import hashlib
import sqlite3
from typing import Final, NamedTuple

from comity.base.encoding import encode
from comity.base.names import Audience, Digest
from comity.crypto.label import label
from comity.journal.header import Feed, Page
from comity.machine.input import LostPage

__all__ = ["COVERED", "FORMAT", "ROW_FIELDS", "Act", "Row", "StoredRow", "find_bytes", "lay_out"]

FORMAT: Final = "1"

COVERED: Final = {
    "sqlite_autoindex_pages_1": ("digest",),
    "pages_of_journal": ("journal", "number"),
    "pages_of_stream": ("author", "feed", "audience"),
}
"""The indexes of `pages` that find every row, and the columns of which each keeps a copy: all but the bytes."""

ROW_FIELDS: Final = "seq, digest, journal, number, author, feed, audience, raw, sum"

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
CREATE TABLE IF NOT EXISTS attached (
    blob BLOB NOT NULL, portion INTEGER NOT NULL, number INTEGER NOT NULL, chunk BLOB NOT NULL,
    PRIMARY KEY (blob, portion, number)
) STRICT;
CREATE INDEX IF NOT EXISTS attached_by_chunk ON attached (chunk);
CREATE TABLE IF NOT EXISTS drafts (id BLOB PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS losses (
    seq INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,
    found_at INTEGER NOT NULL,
    mended_at INTEGER NOT NULL,
    raw BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS acts (
    seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, ids BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS act_copies (
    seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, ids BLOB NOT NULL, sum BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, officer TEXT NOT NULL, request BLOB NOT NULL,
    at INTEGER NOT NULL, salt BLOB NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS answers_of_officer ON answers (officer, seq);
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (at);
CREATE TABLE IF NOT EXISTS gone (blob BLOB PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS copies (digest BLOB PRIMARY KEY, raw BLOB NOT NULL) STRICT;
"""


def lay_out(db: sqlite3.Connection) -> None:
    """Make the tables, unless they are there, and add to older ones what came later."""
    db.executescript(_SCHEMA)
    if not any(name == "sum" for _, name, *_ in db.execute("PRAGMA table_info(pages)")):
        db.execute("ALTER TABLE pages ADD COLUMN sum BLOB NOT NULL DEFAULT x''")
    db.execute("INSERT OR IGNORE INTO marks VALUES ('format', ?)", (FORMAT,))


class Row(NamedTuple):
    """One page as it is stored."""

    seq: int
    digest: bytes
    journal: bytes
    number: int
    author: str
    feed: str
    audience: str
    raw: bytes
    sum: bytes

    @classmethod
    def make(cls, seq: int, page: Page) -> "Row":
        """Return the row of a page at a place."""
        journal = page.header.journal
        row = cls(
            seq,
            page.digest,
            page.journal,
            page.header.number,
            journal.author,
            journal.feed,
            " ".join(journal.audience),
            page.raw,
            b"",
        )
        return row._replace(sum=row.find_sum())

    def find_sum(self) -> bytes:
        """Return the sum that this row must have; damaged columns may hold anything, and give some sum too."""
        return hashlib.sha256(label("row") + encode(self[:-1])).digest()

    @property
    def is_fit(self) -> bool:
        """Whether each column holds what the table takes; after damage it may hold anything."""
        kinds = (int, bytes, bytes, int, str, str, str, bytes, bytes)
        return all(isinstance(value, kind) for value, kind in zip(self, kinds, strict=True))

    @property
    def is_lost(self) -> bool:
        """Whether the row is known to be lost: only its place is kept."""
        return self.raw == b""

    @property
    def readers(self) -> Audience:
        """The audience, as names."""
        return tuple(self.audience.split(" "))

    @property
    def lost_page(self) -> LostPage | None:
        """What the machine is told of a lost row; None where not even the columns make sense."""
        if not self.is_fit or self.feed not in {feed.value for feed in Feed}:
            return None
        return LostPage(
            Digest(self.digest), Digest(self.journal), self.number, self.author, Feed(self.feed), self.readers
        )


class StoredRow(NamedTuple):
    """One page where it stands in the store; `is_out` of others' pages too."""

    seq: int
    digest: Digest
    is_out: bool
    raw: bytes


class Act(NamedTuple):
    """An act that came with a key: what was asked, and the ids of what was stated."""

    key: str
    asked: bytes
    ids: tuple[Digest, ...]

    @classmethod
    def read(cls, key: str, asked: bytes, ids: bytes) -> "Act":
        """Return the act of a row, in which the ids lie one after the other."""
        return cls(key, asked, tuple(Digest(ids[at : at + 32]) for at in range(0, len(ids), 32)))


def find_bytes(found: object) -> bytes:
    """Return what lies in a column of bytes that has no sum; nothing where damage left something else there."""
    return found if isinstance(found, bytes) else b""
