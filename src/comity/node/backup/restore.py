"""Checking a backup and putting it back: into a new folder, whole or not at all, with the store marked as old.

A store from a backup is older than what its party has said since. The node must not append to its journals before it
has its own later pages back from their readers, or it would fork them. So every realm's *mark*, which lies outside the
store and is never in a backup, is written to say that the store may be old, also where there is none: the first page
may have been said since. The node then reckons first, as it does in a realm without a mark.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from comity.base.errors import OutageError, RemoteError
from comity.crypto.suite import Suite
from comity.node.backup.manifest import MANIFEST_SIZE_BYTES_MAX, FilePart, Manifest, decode_manifest
from comity.node.backup.sealed_file import Keys, read_sealed
from comity.node.backup.store_copy import check_copy
from comity.node.durable import make_folder, make_private
from comity.node.fresh_home import building, check_free
from comity.node.marks import suspect_store

__all__ = ["check_backup", "restore_backup"]

Step = Callable[[int], None]


def check_backup(file: Path, keys: Keys, *, suite: Suite, step: Step = lambda _: None) -> Manifest:
    """Open a backup, check every digest and every page in it, and leave nothing behind.

    Raises:
        RemoteError, UsageError: as `sealed_file.read_sealed`; `backup.damaged` where a digest differs.
    """
    with tempfile.TemporaryDirectory(prefix="comity-backup-") as folder:
        return _unpack(file, Path(folder), keys, suite=suite, step=step)


def restore_backup(
    file: Path,
    home: Path,
    keys: Keys,
    *,
    suite: Suite,
    step: Step = lambda _: None,
    prepare: Callable[[Path], None] = lambda _: None,
) -> Manifest:
    """Put a backup back into a folder that is empty or not there; nothing is there until all of it was checked.

    `prepare` may add files to the folder before it is there.

    Raises:
        UsageError: `home.folder-taken`; as `check_backup`.
        OutageError: `backup.not-written`.
    """
    check_free(home)
    with building(home, suffix=".restoring") as partial:
        manifest = _unpack(file, partial, keys, suite=suite, step=step)
        for realm in sorted((partial / "realms").glob("*")):
            suspect_store(partial, realm.name)
        prepare(partial)
    return manifest


def _unpack(file: Path, folder: Path, keys: Keys, *, suite: Suite, step: Step) -> Manifest:
    content = _Content(read_sealed(file, keys, suite=suite, step=step))
    size = int.from_bytes(content.take(4), "big")
    if size > MANIFEST_SIZE_BYTES_MAX:
        raise RemoteError("backup.malformed")
    manifest = decode_manifest(content.take(size))
    for part in manifest.files:
        _unpack_file(folder / part.path, part, content)
    if not content.is_at_end():
        raise RemoteError("backup.damaged")
    for held in manifest.stores:
        try:
            found = check_copy(folder / held.path, name=held.path, suite=suite)
        except OutageError as error:
            raise RemoteError("backup.damaged", path=held.path) from error
        if found != held:
            raise RemoteError("backup.damaged", path=held.path)
    return manifest


def _unpack_file(target: Path, part: FilePart, content: "_Content") -> None:
    make_folder(target.parent)
    make_private(target)
    hashed, left = hashlib.sha256(), part.size_bytes
    with target.open("wb") as file:
        while left:
            piece = content.take_some(left)
            hashed.update(piece)
            file.write(piece)
            left -= len(piece)
    if hashed.digest() != part.digest:
        raise RemoteError("backup.damaged", path=part.path)


class _Content:
    """The unsealed content as one run of bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._waiting = b""

    def take_some(self, size_max: int) -> bytes:
        """Return at least one byte and at most so many."""
        while not self._waiting:
            piece = next(self._pieces, None)
            if piece is None:
                raise RemoteError("backup.damaged")
            self._waiting = piece
        taken, self._waiting = self._waiting[:size_max], self._waiting[size_max:]
        return taken

    def take(self, size: int) -> bytes:
        """Return exactly so many bytes."""
        taken = b""
        while len(taken) < size:
            taken += self.take_some(size - len(taken))
        return taken

    def is_at_end(self) -> bool:
        """Tell whether nothing is left."""
        return not self._waiting and not any(self._pieces)
