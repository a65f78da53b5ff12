"""What can be said of a realm's store and marks from the disk, while no node runs on it.

A store that a node has open is that node's to look at (`in_life`); here its file is opened for a moment as the node
would, so that nothing else can open it meanwhile, and only read.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from comity.base.errors import ComityError, OutageError
from comity.crypto.suite import Suite
from comity.journal.header import parse_page
from comity.node.backup.manifest import STORE_FILE
from comity.node.doctor.finding import Finding, fault, remark, warning
from comity.node.layout import check_store_format
from comity.node.marks import find_mark_path, read_mark
from comity.node.reach import read_reach
from comity.node.store_file import FAULTS

__all__ = ["look_at_rest"]

LOG_SIZE_BYTES_WANTED: Final = 256 * 1024**2
"""SQLite's log is moved into the store every few megabytes; one of this size means that it no longer is."""


def look_at_rest(realm: Path, *, is_running: bool, is_deep: bool, suite: Suite) -> Iterator[Finding]:
    """Look at a realm's folder; `is_deep` also works out the digest of every page in its store anew."""
    try:
        read_reach(realm)
    except ComityError as error:
        yield fault(error.code, realm=realm.name)
    log = realm / f"{STORE_FILE}-wal"
    if log.exists() and log.stat().st_size > LOG_SIZE_BYTES_WANTED:
        yield warning("doctor.log-size", realm=realm.name, size_mb=log.stat().st_size // 1024**2)
    if is_running:
        return
    yield remark("doctor.node-silent", realm=realm.name)
    if _is_suspect(realm):
        yield remark("doctor.store-old", realm=realm.name)
    if not (realm / STORE_FILE).exists():
        return
    try:
        check_store_format(realm / STORE_FILE)
        yield from _look_at_store(realm / STORE_FILE, is_deep=is_deep, suite=suite)
    except OutageError as error:
        yield fault(error.code, realm=realm.name)


def _look_at_store(store: Path, *, is_deep: bool, suite: Suite) -> Iterator[Finding]:
    """Run SQLite's own check, and look for numbers that are missing between those of a journal.

    Raises:
        OutageError: `store.locked` where somebody has it open without answering at the API.
    """
    with contextlib.closing(sqlite3.connect(store, isolation_level=None, timeout=0.5)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
            is_whole = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            lost = db.execute("SELECT COUNT(*) FROM pages WHERE raw = x''").fetchone()[0]
            holes = db.execute(_HOLES).fetchall()
            damaged = _count_damaged(db, suite) if is_deep and is_whole else 0
            db.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise OutageError("store.locked", path=store.name) from error
        except FAULTS:
            is_whole, lost, damaged, holes = False, 0, 0, []
    if not is_whole:
        yield fault("doctor.store-damaged", realm=store.parent.name)
    if damaged:
        yield fault("doctor.pages-damaged", realm=store.parent.name, count=damaged)
    if lost:
        yield warning("doctor.pages-lost", realm=store.parent.name, count=lost)
    for author, feed, audience, count in holes:
        yield warning("doctor.hole", realm=store.parent.name, author=author, feed=feed, audience=audience, count=count)


_HOLES: Final = (
    "SELECT author, feed, audience, MAX(number) + 1 - COUNT(DISTINCT number) AS missing FROM pages"
    " GROUP BY journal HAVING missing > 0 ORDER BY author, feed, audience"
)
"""A page that is known to be lost has its row, and is no hole."""
_PAGES: Final = "SELECT digest, raw FROM pages WHERE raw != x'' ORDER BY seq"


def _count_damaged(db: sqlite3.Connection, suite: Suite) -> int:
    """Count the pages whose bytes no longer give their digest."""
    count = 0
    for digest, raw in db.execute(_PAGES):
        try:
            count += parse_page(raw, suite).digest != digest
        except ComityError:
            count += 1
    return count


def _is_suspect(realm: Path) -> bool:
    """Tell whether the mark outside the store says that the store may be older than what was said from it."""
    mark = read_mark(find_mark_path(realm.parent.parent, realm.name))
    return mark.is_suspect if mark is not None else not (realm / STORE_FILE).exists()
