"""Numbers of the forms in which a home is kept, and who may touch what.

A home has a layout number, in `home.toml`; without one it is layout 1, as version 0.1 wrote it. Each store has a format
number of its own (`node.store`). Rules:

- A newer number than this version knows is refused before anything is opened for writing.
- An older layout is read (audit, backup, export) but no node runs on it: `comity upgrade` comes first, which keeps a
  backup. So it is the operator who passes the point from which an older version can no longer run.

Layout 2: every file is for its owner alone; stores have the tables of today; marks may lie beside the realms.
"""

import contextlib
import sqlite3
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.node.backup.manifest import STORE_FILE
from comity.node.store_file import FAULTS

__all__ = ["LAYOUT", "STORE_FORMATS", "check_layout", "check_runnable", "find_layout", "find_store_format"]

LAYOUT: Final = 2
"""What this version writes and runs on."""
STORE_FORMATS: Final = frozenset({"1"})
"""Formats of the store that this version reads."""


def check_layout(settings: Mapping[str, object]) -> int:
    """Return the layout that the settings of a home name.

    Raises:
        UsageError: `home.layout-newer`.
    """
    layout = settings.get("layout", 1)
    if not isinstance(layout, int) or not 1 <= layout <= LAYOUT:
        raise UsageError("home.layout-newer", layout=layout if isinstance(layout, int) else 0, known=LAYOUT)
    return layout


def find_layout(home: Path) -> int:
    """Return the layout of a home.

    Raises:
        UsageError: `home.none`, `home.layout-newer`.
    """
    try:
        settings = tomllib.loads((home / "home.toml").read_text())
    except (OSError, ValueError) as error:
        raise UsageError("home.none", path=str(home)) from error
    return check_layout(settings)


def check_runnable(home: Path, realm: Path) -> None:
    """Return if a node of this version may run on a realm's folder of a home; nothing is opened for writing.

    Raises:
        UsageError: `home.layout-newer`, `home.layout-older`.
        OutageError: `store.format-unknown`.
    """
    layout = find_layout(home)
    if layout < LAYOUT:
        raise UsageError("home.layout-older", layout=layout, needed=LAYOUT)
    check_store_format(realm / STORE_FILE)


def check_store_format(store: Path) -> None:
    """Return unless a store says that it is of a format that this version does not read.

    Raises:
        OutageError: `store.format-unknown`.
    """
    format_ = find_store_format(store)
    if format_ is not None and format_ not in STORE_FORMATS:
        raise OutageError("store.format-unknown", format=format_[:20])


def find_store_format(store: Path) -> str | None:
    """Return the format that a store says it has, without touching it; None where that cannot be told.

    The file is read as it lies there, past its lock and its log: a store's format stands in it from its first day.
    """
    if not store.is_file():
        return None
    with contextlib.suppress(*FAULTS):
        uri = f"{store.absolute().as_uri()}?mode=ro&immutable=1"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
            found = db.execute("SELECT value FROM marks WHERE name = 'format'").fetchone()
            return None if found is None else str(found[0])
    return None
