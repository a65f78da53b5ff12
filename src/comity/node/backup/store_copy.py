"""A copy of a page store at one instant, by SQLite's own backup, and what the copy is found to hold.

A running node copies its own store, in a thread, a few pages of the file at a time: commits go on in between, and what
they change is copied again by SQLite, because it is the same connection that writes. A stopped node's store is opened
as the node would open it, so that no node can start meanwhile.
"""

import contextlib
import hashlib
import sqlite3
from pathlib import Path
from typing import Final

from comity.base.errors import OutageError, RemoteError
from comity.crypto.suite import Suite
from comity.journal.header import parse_page
from comity.node.backup.manifest import StorePart
from comity.node.durable import make_private
from comity.node.store_file import FAULTS

__all__ = ["COPY_FILE", "check_copy", "copy_database", "copy_stopped_store"]

COPY_FILE: Final = "store.copy"
STEP_PAGE_COUNT: Final = 256
"""Pages of the file in one step: about a megabyte, during which a commit waits."""
STEP_PAUSE_S: Final = 0.002


def copy_database(db: sqlite3.Connection, target: Path) -> None:
    """Write a whole copy of a database to a new file, which is durable when this returns.

    Raises:
        OutageError: `store.full`, `store.damaged`; then there is no copy.
    """
    target.unlink(missing_ok=True)
    make_private(target)
    try:
        with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = FULL")
            db.backup(copy, pages=STEP_PAGE_COUNT, sleep=STEP_PAUSE_S)
            copy.execute("PRAGMA journal_mode = DELETE")
    except FAULTS as error:
        target.unlink(missing_ok=True)
        is_full = isinstance(error, sqlite3.OperationalError)
        raise OutageError("store.full" if is_full else "store.damaged") from error


def copy_stopped_store(store: Path, target: Path) -> None:
    """Copy the store of a node that does not run.

    Raises:
        OutageError: `store.locked` where one does; `store.full`, `store.damaged`.
    """
    with contextlib.closing(sqlite3.connect(store, isolation_level=None, timeout=0.5)) as db:
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN IMMEDIATE")
            db.execute("COMMIT")
        except FAULTS as error:
            is_locked = isinstance(error, sqlite3.OperationalError)
            raise OutageError("store.locked" if is_locked else "store.damaged", path=store.name) from error
        copy_database(db, target)


def check_copy(copy: Path, *, name: str, suite: Suite) -> StorePart:
    """Read every page of a copy and work out its digest anew; return what the copy holds.

    A row without bytes is a page that the store knew to be lost: it is counted, and a reader can give it back.

    Raises:
        OutageError: `store.damaged` where the file or any page in it is.
    """
    try:
        with contextlib.closing(sqlite3.connect(copy)) as db:
            if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise OutageError("store.damaged", path=name)
            (format_,) = db.execute("SELECT value FROM marks WHERE name = 'format'").fetchone() or ("",)
            hashed, page_count, lost_count = hashlib.sha256(), 0, 0
            for digest, raw in db.execute("SELECT digest, raw FROM pages ORDER BY seq"):
                if raw and parse_page(raw, suite).digest != digest:
                    raise OutageError("store.damaged", path=name)
                page_count, lost_count = page_count + 1, lost_count + (not raw)
                hashed.update(digest)
    except (*FAULTS, RemoteError) as error:
        raise OutageError("store.damaged", path=name) from error
    return StorePart(name, str(format_), page_count, lost_count, hashed.digest())
