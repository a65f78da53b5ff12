"""Files and folders for their owner alone, durable once the call is over: neither a crash nor the umask takes it back.

A file that was renamed is there after a crash only if its folder was made durable as well. That matters: a vault
with a new key that goes back to the one before it would let a ceremony open the same incarnation twice.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["hold_alone", "make_folder", "make_private", "sync_folder", "sync_tree", "write_private"]


def write_private(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, whole or not at all."""
    make_folder(path.parent)
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


@contextlib.contextmanager
def hold_alone(folder: Path | None) -> Iterator[None]:
    """Hold a folder's small files alone, against other processes and threads that change them by reading and writing.

    The folder itself is locked, so no file is added to it. None: what is in memory is held by whoever has it.
    """
    if folder is None:
        yield
        return
    make_folder(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder for its owner alone, and those above it that are missing; one that is there stays as it is."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True, mode=0o700)
        sync_folder(path.parent)


def make_private(path: Path) -> None:
    """Make an empty file for its owner alone; one that is there is taken away from everybody else.

    That one is not opened: closing it again would take away the locks of whoever has it open in this process.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        path.chmod(0o600)


def sync_folder(path: Path) -> None:
    """Make durable what names are in a folder."""
    _sync(path)


def sync_tree(path: Path) -> None:
    """Make durable every file and folder below a folder, and what is in it."""
    for found in (*path.rglob("*"), path):
        _sync(found)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
