"""The store's file: one connection, whole transactions, and what is done when SQLite itself finds the file damaged.

Where SQLite cannot read a page of the file, a new file is written from all that can be read, put in its place in one
step, and the old one kept beside it as evidence (`store.db.damaged-1` and so on). The indexes hold copies of all
columns but the bytes, so that a row whose bytes are gone is still known by name. Where that is gone too the new file
says so (`GAPS`): it may be behind what was said from it, and the node reckons (J22). Until the step, and if it fails,
the old file stands. Only a file whose first page or list of tables is gone is given up: that takes a backup.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from comity.base.errors import OutageError
from comity.node.durable import make_folder, make_private, sync_folder
from comity.node.log import note
from comity.node.schema import COVERED, ROW_FIELDS, Row, lay_out

__all__ = [
    "FAULTS",
    "GAPS",
    "KEEP_ROW",
    "READ_ROW",
    "READ_ROWS",
    "OutOfOrderError",
    "StoreFile",
    "check_order",
    "find_identity",
]

_DAMAGED: Final = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT}
)
"""What SQLite says of a damaged file: a length that no row has, a rule that no statement of ours breaks, too."""
_NO_ROOM: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})

READ_ROWS: Final = f"SELECT {ROW_FIELDS} FROM pages"
READ_ROW: Final = f"{READ_ROWS} WHERE seq = ?"
KEEP_ROW: Final = f"INSERT OR IGNORE INTO pages ({ROW_FIELDS}, is_out) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

GAPS: Final = "gaps"
"""The mark that a salvage leaves in the store where pages may be gone of which it does not know the names."""

FAULTS: Final = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite's module raises: also where SQLite quotes a name in its own words that a flipped bit made no text."""

T = TypeVar("T")


class OutOfOrderError(sqlite3.DatabaseError):
    """Rows came in another order than they have to: the file is damaged, and SQLite does not notice."""


def check_order(rows: Iterable[tuple[Any, ...]], *, after: int) -> None:
    """Return if the first columns of rows ascend from one number: else who reads on from the last may go in circles.

    Raises:
        OutOfOrderError: which `StoreFile.read` takes for what it is.
    """
    for row in rows:
        if not isinstance(row[0], int) or row[0] <= after:
            raise OutOfOrderError
        after = row[0]


def _is_damaged(error: Exception) -> bool:
    """Whether the file is damaged, and not merely full, locked or out of reach."""
    code = getattr(error, "sqlite_errorcode", 0)
    return (
        isinstance(error, OutOfOrderError | UnicodeDecodeError)
        or code & 0xFF in _DAMAGED
        or code == sqlite3.SQLITE_IOERR_READ
    )


def _find_why_closed(error: Exception) -> str:
    """Return the code of why a file cannot be opened."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM:
        return "store.full"
    return "store.locked" if isinstance(error, sqlite3.OperationalError) else "store.damaged"


class StoreFile:
    """Read and write through `read` and `write`; `on_salvage` hears of the rows that a salvage could not read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.on_salvage: Callable[[list[Row]], None] = lambda _: None
        make_folder(path.parent)
        self.db = self._connect(path)

    def _connect(self, path: Path) -> sqlite3.Connection:
        _keep_private(path)
        # Used by one thread; but a backup may read in another (`Store.make_copy`), and SQLite takes turns.
        db = sqlite3.connect(path, isolation_level=None, timeout=2.0, check_same_thread=False)
        # A flipped bit may leave text that is no UTF-8; it must come out to be judged, not raise.
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            lay_out(db)
        except FAULTS as error:
            db.close()
            raise OutageError(_find_why_closed(error), path=path.name) from error
        return db

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Read; where the file is found damaged, salvage it and read again.

        Raises:
            OutageError: `store.damaged` where that did not help.
        """
        try:
            return work(self.db)
        except FAULTS as error:
            if not _is_damaged(error):
                raise OutageError("store.full") from error
        self.salvage()
        try:
            return work(self.db)
        except FAULTS as error:
            raise OutageError("store.damaged") from error

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do one durable transaction; where the file is found damaged, salvage it and do it again.

        Raises:
            OutageError: `store.full` where the disk is full or failing; nothing of the transaction is kept.
                `store.damaged` where a salvage did not help.
        """
        try:
            return self._do(work)
        except FAULTS as error:
            if not _is_damaged(error):
                raise OutageError("store.full") from error
        self.salvage()
        try:
            return self._do(work)
        except FAULTS as error:
            raise OutageError("store.damaged" if _is_damaged(error) else "store.full") from error

    def write_lightly(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """As `write`, of what may be lost: it is durable with the next `write`, and a power cut before that undoes it.

        In order with all else, and whole or not: only the disk is not waited for.

        Raises:
            OutageError: as `write`.
        """
        self.db.execute("PRAGMA synchronous = NORMAL")
        try:
            return self.write(work)
        finally:
            self.db.execute("PRAGMA synchronous = FULL")

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self.db.execute("BEGIN IMMEDIATE")
            result = work(self.db)
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        return result

    def empty_log(self) -> bool:
        """Move all that is committed from the log into the file; if there is no room, it stays where it is."""
        with contextlib.suppress(*FAULTS):
            (is_busy, *_) = self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not is_busy
        return False

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    def salvage(self) -> None:
        """Put a new file, with all that can be read, in the place of the damaged one.

        Raises:
            OutageError: `store.damaged` where there is no room for a second file; the old one stands.
        """
        note("store.salvaged")
        new = self._path.with_name(self._path.name + ".salvaged")
        for path in (new, new.with_name(new.name + "-journal")):
            path.unlink(missing_ok=True)
        try:
            # All that is committed moves into the one file, so that the step below replaces all of it or nothing.
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            lost = _copy_all(self.db, new)
        except FAULTS as error:
            raise OutageError("store.damaged") from error
        self.db.close()
        _keep_aside(self._path)
        new.replace(self._path)
        sync_folder(self._path.parent)
        self.db = self._connect(self._path)
        self.on_salvage(lost)


def _keep_private(path: Path) -> None:
    """See that nobody but its owner can read the file; SQLite makes those beside it as the file is.

    Where that cannot be done, SQLite finds out whether the file can be used.
    """
    with contextlib.suppress(OSError):
        for found in (path, *path.parent.glob(f"{path.name}-*")):
            make_private(found)


def _keep_aside(path: Path) -> None:
    """Give the damaged file a second name, under which it stays."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    os.link(path, aside)


def _copy_all(db: sqlite3.Connection, new: Path) -> list[Row]:
    """Write what can be read to a new file, durably; return the rows of which only the name could be read."""
    make_private(new)
    target = sqlite3.connect(new, isolation_level=None)
    try:
        target.execute("PRAGMA synchronous = FULL")
        lay_out(target)
        target.execute("BEGIN")
        unsent, lost = set(_find_unsent(db)), []
        seqs, named, is_complete = _find_seqs(db)
        for seq in seqs:
            row, is_lost = _find_row(db, seq)
            if row is None:
                is_complete = is_complete and seq not in named
                continue  # not even its name is left, if it was a row at all
            if is_lost:
                lost.append(row)
            target.execute(KEEP_ROW, (*row, seq not in unsent))
        for table in _find_side_tables(db, target):
            is_copied = _copy_table(db, target, table)
            is_complete = is_complete and (is_copied or table != "losses")
        if not is_complete:
            target.execute("INSERT OR REPLACE INTO marks VALUES (?, '1')", (GAPS,))
        target.execute("COMMIT")
    finally:
        target.close()
    return lost


def _find_side_tables(db: sqlite3.Connection, target: sqlite3.Connection) -> list[str]:
    """Return the tables beside `pages`, those of a newer version too; each is there in the new file."""
    names = []
    for name, made in db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
        if name == "pages" or name.startswith("sqlite_"):
            continue
        if target.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone() is None:
            target.execute(made)
        names.append(name)
    return names


def _find_unsent(db: sqlite3.Connection) -> Iterator[int]:
    with contextlib.suppress(*FAULTS):
        for (seq,) in db.execute("SELECT seq FROM pages INDEXED BY pages_to_send WHERE is_out = 0"):
            yield seq


def _find_seqs(db: sqlite3.Connection) -> tuple[list[int], set[int], bool]:
    """Return every row that the table or an index knows of, those of an index; and whether one was read to its end."""
    found: set[int] = set()
    named: set[int] = set()
    is_complete = False
    ways = [(f"INDEXED BY {index}", named) for index in COVERED]
    ways += [(f"NOT INDEXED ORDER BY seq {way}", found) for way in ("ASC", "DESC")]
    for way, into in ways:
        with contextlib.suppress(*FAULTS):
            for (seq,) in db.execute(f"SELECT seq FROM pages {way}"):
                into.add(seq)
            is_complete = True
    return sorted(found | named), named, is_complete


def _find_row(db: sqlite3.Connection, seq: int) -> tuple[Row | None, bool]:
    """Return a row as it goes into the new file, and whether it is lost: then it is no more than a name.

    The new file's indexes are made from its rows. So what the old ones say of a damaged row is taken over here; what is
    damaged beyond that is copied as it is, and whoever reads it sees to it.
    """
    found, identity = _read_row(db, seq), find_identity(db, seq)
    if found is not None:
        righted = found._replace(**identity)
        for row in (found, righted):
            if row.sum and row.sum == row.find_sum():
                return row, False
        for row in (righted, found) if found.sum else (found,):
            if row.is_fit:
                return row, False
    if len(identity) == sum(map(len, COVERED.values())):
        lost = Row(seq=seq, **identity, raw=b"", sum=b"")
        if lost.is_fit:
            return lost._replace(sum=lost.find_sum()), True
    return None, False


def _read_row(db: sqlite3.Connection, seq: int) -> Row | None:
    try:
        found = db.execute(f"{READ_ROWS} NOT INDEXED WHERE seq = ?", (seq,)).fetchone()
    except FAULTS:
        return None
    return None if found is None else Row(*found)


def find_identity(db: sqlite3.Connection, seq: int) -> dict[str, Any]:
    """Return what the indexes say of a row; one that cannot be read says nothing."""
    found: dict[str, Any] = {}
    for index, names in COVERED.items():
        with contextlib.suppress(*FAULTS):
            asked = f"SELECT {', '.join(names)} FROM pages INDEXED BY {index} WHERE +seq = ?"
            row = db.execute(asked, (seq,)).fetchone()
            found |= dict(zip(names, row or (), strict=False))
    return found


def _copy_table(db: sqlite3.Connection, target: sqlite3.Connection, table: str) -> bool:
    """Copy a table from both ends, up to what cannot be read; return whether that was all of it."""
    for order in ("ASC", "DESC"):
        try:
            for row in db.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid {order}"):
                with contextlib.suppress(sqlite3.IntegrityError):  # no row of this table: another block lies there
                    target.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * (len(row) - 1))})", row[1:])
        except FAULTS:
            continue
        return order == "ASC"
    return False
