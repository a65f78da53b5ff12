"""The feed's file read beside the process that writes it: by its threads, by archives, by an audit of the own home."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.journal.header import Kind

__all__ = ["OwnPage", "open_beside", "read_key_pages", "read_own", "read_page", "read_span"]

_OF_SPAN: Final = "SELECT raw FROM kept WHERE written_at >= ? AND written_at < ? ORDER BY journal, number"
_OWN: Final = "SELECT journal, number, digest, written_at FROM kept WHERE author = ? ORDER BY journal, number"
_KEYS_BEFORE: Final = "SELECT raw FROM kept WHERE kind = ? AND written_at < ? ORDER BY journal, number"


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
    with open_beside(path) as db:
        yield from map(OwnPage._make, db.execute(_OWN, (party,)))


def read_page(path: Path, digest: Digest) -> bytes:
    """Return a kept page; as `read_span`."""
    with open_beside(path) as db:
        (raw,) = db.execute("SELECT raw FROM kept WHERE digest = ?", (digest,)).fetchone()
        return bytes(raw)


def read_key_pages(path: Path, *, until_at: Instant) -> Iterator[bytes]:
    """Yield every kept key page written before an instant; as `read_span`."""
    yield from _read(path, _KEYS_BEFORE, int(Kind.KEYS), until_at)


def _read(path: Path, statement: str, *values: int) -> Iterator[bytes]:
    with open_beside(path) as db:
        for (raw,) in db.execute(statement, values):
            yield raw


@contextlib.contextmanager
def open_beside(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file to read beside the process that writes; one thread at a time may use what is given.

    Raises:
        OutageError: `store.damaged` where it cannot be read, now or while the block lasts.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=2.0, check_same_thread=False)) as db:
            yield db
    except sqlite3.DatabaseError as error:
        raise OutageError("store.damaged", path=path.name) from error
