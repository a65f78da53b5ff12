"""The feed's file read beside the process that writes it: by its threads, by archives, by an audit of the own home.

What is read is the file as it was at one instant: the index in one transaction, with every segment that it names held
open, so that nothing vanishes that the writer lets go of or carries elsewhere meanwhile.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.journal.header import Kind
from comity.node.feed.segments import Place, SegmentReader, find_segments

__all__ = ["Beside", "OwnPage", "open_beside", "read_key_pages", "read_own", "read_page", "read_span"]

_OF_SPAN: Final = """
SELECT kept_at, segment, place, size_bytes FROM kept WHERE written_at >= ? AND written_at < ? ORDER BY journal, number
"""
_OWN: Final = "SELECT journal, number, digest, written_at FROM kept WHERE author = ? ORDER BY journal, number"
_PAGE: Final = "SELECT kept_at, segment, place, size_bytes FROM kept WHERE digest = ?"
_KEYS_BEFORE: Final = """
SELECT kept_at, segment, place, size_bytes FROM kept WHERE kind = ? AND written_at < ? ORDER BY journal, number
"""
_SEGMENTS: Final = "SELECT segment FROM kept UNION SELECT segment FROM said"
ATTEMPT_COUNT: Final = 8
"""A segment is named though it is not there where it has just gone, which a later look shows, or where it was lost."""


def read_span(path: Path, *, from_at: Instant, until_at: Instant) -> Iterator[bytes]:
    """Yield every kept page written from one instant to before another, by its author's clock, journal by journal.

    The file may be in use by the process that writes it.

    Raises:
        OutageError: `store.damaged` where it cannot be read.
    """
    yield from _read(path, _OF_SPAN, from_at, until_at)


class OwnPage(NamedTuple):
    """What is known of a kept page without its bytes."""

    journal: Digest
    number: int
    digest: Digest
    written_at: int


def read_own(path: Path, party: Party) -> Iterator[OwnPage]:
    """Yield every kept page of a party, journal by journal, ascending; as `read_span`."""
    with open_beside(path) as beside:
        yield from map(OwnPage._make, beside.db.execute(_OWN, (party,)))


def read_page(path: Path, digest: Digest) -> bytes:
    """Return a kept page; as `read_span`."""
    for raw in _read(path, _PAGE, digest):
        return raw
    raise OutageError("store.damaged", path=path.name)


def read_key_pages(path: Path, *, until_at: Instant) -> Iterator[bytes]:
    """Yield every kept key page written before an instant; as `read_span`."""
    yield from _read(path, _KEYS_BEFORE, int(Kind.KEYS), until_at)


class Beside:
    """The file, open to read; one thread at a time may use it."""

    def __init__(self, db: sqlite3.Connection, segments: SegmentReader) -> None:
        self.db = db
        self._segments = segments

    def read(self, place: Place) -> bytes | None:
        """Return what lies at a place; None where it has gone meanwhile, or is not as it was written."""
        frame = self._segments.read(place)
        return None if frame is None else frame.raw

    def read_each(self, statement: str, *values: int | str | bytes) -> Iterator[tuple[Instant, bytes]]:
        """Yield what a statement for `kept_at` and a place finds: when it was kept, and its bytes if they are there."""
        for at, *place in self.db.execute(statement, values):
            raw = self.read(Place(*place))
            if raw is not None:
                yield Instant(at), raw


def _read(path: Path, statement: str, *values: int | bytes) -> Iterator[bytes]:
    with open_beside(path) as beside:
        for _, raw in beside.read_each(statement, *values):
            yield raw


@contextlib.contextmanager
def open_beside(path: Path) -> Iterator[Beside]:
    """Open the file to read beside the process that writes.

    What that one kept in the last second may be missing yet.

    Raises:
        OutageError: `store.damaged` where it cannot be read, now or while the block lasts.
    """
    segments = SegmentReader(find_segments(path))
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=2.0, check_same_thread=False)) as db:
            _hold_all(db, segments)
            yield Beside(db, segments)
    except sqlite3.DatabaseError as error:
        raise OutageError("store.damaged", path=path.name) from error
    finally:
        segments.close()


def _hold_all(db: sqlite3.Connection, segments: SegmentReader) -> None:
    """Begin to read at an instant at which all segments are there that are named; but for those that were lost."""
    missing_before: set[int] | None = None
    for _ in range(ATTEMPT_COUNT):
        db.execute("BEGIN")
        missing = {int(segment) for (segment,) in db.execute(_SEGMENTS) if not segments.hold(segment)}
        if not missing or missing == missing_before:
            return
        db.execute("ROLLBACK")
        missing_before = missing
    db.execute("BEGIN")
