"""The rows of the feed's file that say which numbers a door has given: sealed, in the order in which they were kept.

Written without waiting for the disk: they are durable with the next own page, which is what shows a number to anybody.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from comity.base.instants import Instant
from comity.node.feed.segments import Place

__all__ = ["NumberTable"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS numbered (
    seq INTEGER PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    said_seq INTEGER NOT NULL,
    is_whole INTEGER NOT NULL,
    raw BLOB NOT NULL
) STRICT;
"""
_SAID_SINCE: Final = "SELECT segment, place, size_bytes FROM said WHERE kept_at >= ? OR seq > ? ORDER BY seq"
_LAST_SAID: Final = "SELECT coalesce(max(seq), 0) FROM said"
_NUMBER: Final = "INSERT INTO numbered VALUES (NULL, ?, ?, ?, ?)"
_NUMBERED: Final = "SELECT raw FROM numbered WHERE is_whole = ? ORDER BY seq"
_SINCE: Final = "SELECT min(kept_at), min(said_seq) FROM numbered"


class NumberTable:
    """Of one file; `write_soon` does work on it in one transaction, `read` returns what lies in its segments."""

    def __init__(
        self,
        db: sqlite3.Connection,
        write_soon: Callable[[Callable[[], None]], None],
        read: Callable[[Place], bytes | None],
    ) -> None:
        self._db = db
        self._write_soon = write_soon
        self._read = read
        db.execute(_SCHEMA)

    def add(self, raw: bytes, *, at: Instant) -> None:
        """Keep which numbers ids of a source were given, sealed by the caller (W86).

        Raises:
            OutageError: `store.full`.
        """
        self._write_soon(lambda: self._insert(raw, at, is_whole=False))

    def replace(self, raws: Iterable[bytes], *, at: Instant) -> None:
        """Keep how all numbers stand, instead of whatever was kept of them before.

        Raises:
            OutageError: `store.full`; what was kept before stays.
        """

        def work() -> None:
            self._db.execute("DELETE FROM numbered")
            for raw in raws:
                self._insert(raw, at, is_whole=True)

        self._write_soon(work)

    def read(self, *, is_whole: bool) -> Iterator[bytes]:
        """Yield what is kept of numbers: how all stood, or what was given since, in that order."""
        for (raw,) in self._db.execute(_NUMBERED, (is_whole,)):
            yield raw

    def read_said_since(self) -> Iterator[bytes]:
        """Yield the own blocks that were said since all numbers were kept last; some from before may be among them."""
        at, said_seq = self._db.execute(_SINCE).fetchone()
        if at is not None:
            for row in self._db.execute(_SAID_SINCE, (at, said_seq)):
                raw = self._read(Place(*row))
                if raw is not None:
                    yield raw

    def _insert(self, raw: bytes, at: Instant, *, is_whole: bool) -> None:
        (said_seq,) = self._db.execute(_LAST_SAID).fetchone()
        self._db.execute(_NUMBER, (at, said_seq, is_whole, raw))
