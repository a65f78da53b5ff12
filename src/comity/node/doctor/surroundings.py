"""What a home stands in: permissions, where the root is, how it is unlocked, space, the server's program.

Read from the disk alone.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from comity.base.errors import UsageError
from comity.node.backup.manifest import ROOT_VAULTS
from comity.node.doctor.finding import Finding, fault, remark, warning
from comity.node.home import UNLOCK_KEY
from comity.node.layout import LAYOUT, find_layout
from comity.node.server import find_server_program

__all__ = ["find_exposed", "look_at_surroundings", "make_private"]

SPACE_BYTES_MIN: Final = 256 * 1024**2
"""Below this a day of record, an outbox's copy of it and a backup's may not fit."""
SPACE_BYTES_WANTED: Final = 2 * 1024**3


def look_at_surroundings(home: Path) -> Iterator[Finding]:
    """Look at everything about a home that needs neither its keys nor its node."""
    layout = find_layout(home)
    if layout < LAYOUT:
        yield fault("home.layout-older", layout=layout, needed=LAYOUT)
    exposed = find_exposed(home)
    if exposed:
        yield fault("doctor.exposed", count=len(exposed), first=exposed[0].relative_to(home.parent).as_posix())
    if any(home.glob(ROOT_VAULTS)):
        yield warning("doctor.root-online")
    if (home / UNLOCK_KEY).exists():
        yield remark("doctor.unattended")
    free = shutil.disk_usage(home).free
    if free < SPACE_BYTES_MIN:
        yield fault("doctor.space", free_mb=free // 1024**2)
    elif free < SPACE_BYTES_WANTED:
        yield warning("doctor.space", free_mb=free // 1024**2)
    try:
        find_server_program()
    except UsageError as error:
        yield fault(error.code)


def find_exposed(home: Path) -> list[Path]:
    """Return the files and folders of a home that somebody else may read or change, or that are somebody else's.

    Where the home itself is closed to others, nothing below it can be reached, and only its own mode counts.
    """
    uid = os.geteuid()
    mode = home.stat()
    paths = [home] if mode.st_mode & 0o077 == 0 and mode.st_uid == uid else [home, *sorted(home.rglob("*"))]
    secret = [home / "node.vault", home / UNLOCK_KEY, *home.glob(ROOT_VAULTS), *home.glob("realms/*/*token")]
    exposed = []
    for path in dict.fromkeys([*paths, *secret]):
        if path.exists() and not path.is_symlink():
            found = path.stat()
            if found.st_mode & 0o077 or uid not in (found.st_uid, 0):
                exposed.append(path)
    return exposed


def make_private(home: Path) -> None:
    """Close every file and folder of a home to all but their owner."""
    for path in (home, *home.rglob("*")):
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
