"""A feed's file of the form before segments, taken over at a start: pages lay in the database itself then (W87).

What is broken off is begun again: the old tables go once all of them is in the segments, and nothing is there twice: a
page is known by its digest, and of own blocks those of the attempt before are let go of.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from comity.base.instants import Instant
from comity.node.feed.segments import Frame, FrameKind

__all__ = ["set_aside", "take_over"]

BATCH_COUNT: Final = 64
_ASIDE: Final = """
BEGIN IMMEDIATE;
DROP INDEX IF EXISTS kept_of_journal;
DROP INDEX IF EXISTS kept_by_age;
DROP INDEX IF EXISTS said_by_age;
ALTER TABLE kept RENAME TO kept_before;
ALTER TABLE said RENAME TO said_before;
COMMIT;
"""
_PAGES: Final = """
SELECT kept_at, digest, journal, number, author, kind, written_at, raw FROM kept_before ORDER BY seq
"""
_SAID: Final = "SELECT kept_at, raw FROM said_before ORDER BY seq"
_GONE: Final = "BEGIN IMMEDIATE; DROP TABLE kept_before; DROP TABLE said_before; COMMIT; VACUUM;"


def set_aside(db: sqlite3.Connection) -> None:
    """Rename the tables of the form before, where they are there, before those of now are made."""
    columns = {row[1] for row in db.execute("PRAGMA table_info(kept)")}
    if "raw" in columns:
        db.executescript(_ASIDE)


def take_over(db: sqlite3.Connection, keep: Callable[[Sequence[Frame]], None]) -> None:
    """Have all that the tables of the form before hold kept, and drop them."""
    if not db.execute("PRAGMA table_info(kept_before)").fetchall():
        return
    db.execute("DELETE FROM said")  # all are of an attempt that was broken off: nothing is said before the end of one
    batch: list[Frame] = []
    for frame in _read_frames(db):
        batch.append(frame)
        if len(batch) == BATCH_COUNT:
            keep(batch)
            batch = []
    keep(batch)
    db.executescript(_GONE)


def _read_frames(db: sqlite3.Connection) -> Iterator[Frame]:
    reading = db.cursor()
    for at, *words, raw in reading.execute(_PAGES):
        yield Frame(FrameKind.PAGE, Instant(at), msgspec.msgpack.encode(words), raw)
    for at, raw in reading.execute(_SAID):
        yield Frame(FrameKind.SAID, Instant(at), b"", raw)
