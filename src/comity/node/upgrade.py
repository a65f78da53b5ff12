"""Bringing a home to the layout of this version: whole or not at all, and never without a backup.

What keeps it so: every store is upgraded in a copy beside it, and the copy must hold the very same pages; only when all
copies are good do they take the stores' places, and only then does `home.toml` name the new layout, last. Until that
line is written no node runs on the home, so an upgrade that was cut off is simply done again, from the start.
"""

import contextlib
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.base.errors import OutageError
from comity.base.names import Party
from comity.crypto.suite import Suite
from comity.node.backup.manifest import STORE_FILE
from comity.node.backup.store_copy import check_copy, copy_database
from comity.node.home import write_private
from comity.node.layout import LAYOUT, check_store_format, find_layout
from comity.node.store import Store
from comity.node.store_file import FAULTS

__all__ = ["STEPS", "Step", "find_steps", "upgrade_home"]

UPGRADED_FILE: Final = "store.upgraded"
_LAYOUT_LINE: Final = re.compile(r"^layout *=.*\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """From one layout to the next: what it does to a home's files, and to each store's copy."""

    number: int
    change_home: Callable[[Path], None]
    change_store: Callable[[Path, Party], None]


def _make_private(home: Path) -> None:
    """Take every file and folder from all but their owner."""
    for path in (home, *home.rglob("*")):
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)


def _lay_out_tables(copy: Path, party: Party) -> None:
    """Open the store as a node does: tables and columns that came later are added then."""
    Store(copy, party=party).close()


STEPS: Final = (Step(2, _make_private, _lay_out_tables),)
"""In order; each ends at its number. A released step is never changed."""


def find_steps(home: Path) -> tuple[Step, ...]:
    """Return what there is to do, which is nothing for a home of this version.

    Raises:
        UsageError: `home.none`, `home.layout-newer`.
        OutageError: `store.format-unknown`.
    """
    layout = find_layout(home)
    for store in (home / "realms").glob(f"*/{STORE_FILE}"):
        check_store_format(store)
    return tuple(step for step in STEPS if step.number > layout)


def upgrade_home(home: Path, *, party: Party, suite: Suite) -> int:
    """Do every step that is due; the caller has made a backup. Return the layout that the home has now.

    Raises:
        OutageError: `store.locked` where a node runs, `store.full`, `store.damaged`; then nothing has changed.
    """
    steps = find_steps(home)
    if not steps:
        return LAYOUT
    realms = sorted(path for path in (home / "realms").glob("*") if (path / STORE_FILE).exists())
    copies = [realm / UPGRADED_FILE for realm in realms]
    try:
        with contextlib.ExitStack() as held:
            for realm, copy in zip(realms, copies, strict=True):
                db = held.enter_context(_hold(realm / STORE_FILE))
                copy_database(db, copy)
                _upgrade_copy(copy, steps, party=party, suite=suite)
            for realm, copy in zip(realms, copies, strict=True):
                copy.replace(realm / STORE_FILE)
    finally:
        for path in (path for copy in copies for path in copy.parent.glob(f"{UPGRADED_FILE}*")):
            path.unlink()
    for step in steps:
        step.change_home(home)
    _write_layout(home, steps[-1].number)
    return steps[-1].number


@contextlib.contextmanager
def _hold(store: Path) -> Iterator[sqlite3.Connection]:
    """Open a store so that no node can, all of it in the one file; let go of it at the end.

    Raises:
        OutageError: `store.locked`, `store.damaged`.
    """
    with contextlib.closing(sqlite3.connect(store, isolation_level=None, timeout=0.5)) as db:
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN IMMEDIATE")
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except FAULTS as error:
            is_locked = isinstance(error, sqlite3.OperationalError)
            raise OutageError("store.locked" if is_locked else "store.damaged", path=store.name) from error
        yield db


def _upgrade_copy(copy: Path, steps: Sequence[Step], *, party: Party, suite: Suite) -> None:
    before = check_copy(copy, name=STORE_FILE, suite=suite)
    for step in steps:
        step.change_store(copy, party)
    after = check_copy(copy, name=STORE_FILE, suite=suite)
    assert after.pages_digest == before.pages_digest, "an upgrade keeps every page"
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _write_layout(home: Path, layout: int) -> None:
    settings = _LAYOUT_LINE.sub("", (home / "home.toml").read_text())
    write_private(home / "home.toml", f"{settings.rstrip()}\nlayout = {layout}\n".encode())
