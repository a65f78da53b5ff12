"""Making a backup of a home: every file that is kept, each store as it was at one instant, sealed into one new file.

Rules: the file appears whole under its name or not at all, and never over another; the stores' copies are checked page
by page before they go in, so that a backup of a damaged store is noticed on the day it is made.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity import __version__
from comity.base.encoding import encode
from comity.base.errors import OutageError, UsageError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.crypto.label import u32
from comity.crypto.suite import KEY_SIZE, Ceremony, Suite
from comity.node.backup.manifest import STORE_FILE, FilePart, Manifest, StorePart, find_kept
from comity.node.backup.sealed_file import Lock, lock_with_passphrase, lock_with_recovery, write_sealed
from comity.node.backup.store_copy import COPY_FILE, check_copy, copy_stopped_store
from comity.node.durable import sync_folder

__all__ = ["CopyStore", "Openers", "make_backup"]

PIECE_SIZE_BYTES: Final = 1024 * 1024

CopyStore = Callable[[Path, Path], None]
"""Puts a copy of the store in a realm's folder (first) into a file (second): the node that runs there does it."""


@dataclass(frozen=True, slots=True)
class Openers:
    """What will open the backup: the recovery keys' public halves, and a passphrase unless it is empty."""

    recovery_publics: tuple[bytes, ...]
    passphrase: bytes = b""


def make_backup(
    home: Path,
    target: Path,
    *,
    party: Party,
    at: Instant,
    openers: Openers,
    with_root: bool,
    realms: Sequence[Path],
    copy_running: CopyStore,
    suite: Suite,
    ceremony: Ceremony,
) -> Manifest:
    """Back up a home with these realms' folders into `target`; return what is in it.

    Raises:
        UsageError: `backup.exists`, `backup.no-opener`.
        OutageError: `store.damaged`, `store.full`; `store.locked` where a node runs that `copy_running` cannot reach.
    """
    if target.exists():
        raise UsageError("backup.exists", file=str(target))
    if not openers.passphrase and not openers.recovery_publics:
        raise UsageError("backup.no-opener")
    key = ceremony.random(KEY_SIZE)
    locks = [lock_with_recovery(key, public, suite=suite, ceremony=ceremony) for public in openers.recovery_publics]
    locks += [lock_with_passphrase(key, openers.passphrase)] if openers.passphrase else []
    copies = [realm / COPY_FILE for realm in realms if (realm / STORE_FILE).exists()]
    try:
        stores: list[StorePart] = []
        for copy in copies:
            _copy_store(copy.parent, copy, copy_running)
            name = (copy.parent / STORE_FILE).relative_to(home).as_posix()
            stores.append(check_copy(copy, name=name, suite=suite))
        sources = {part.path: copy for part, copy in zip(stores, copies, strict=True)}
        chosen = {realm.name for realm in realms}
        for path in find_kept(home, with_root=with_root):
            steps = path.split("/")
            if steps[0] != "realms" or steps[1] in chosen:
                sources[path] = home / path
        files = tuple(_describe(path, source) for path, source in sorted(sources.items()))
        has_root = any(part.path.startswith("root") for part in files)
        manifest = Manifest(party, at, __version__, has_root, files, tuple(stores))
        _write(target, manifest, sources, key=key, locks=locks, suite=suite)
    finally:
        for copy in copies:
            copy.unlink(missing_ok=True)
    return manifest


def _copy_store(realm: Path, copy: Path, copy_running: CopyStore) -> None:
    try:
        copy_stopped_store(realm / STORE_FILE, copy)
    except OutageError as error:
        if error.code != "store.locked":
            raise
        copy_running(realm, copy)


def _describe(path: str, source: Path) -> FilePart:
    with source.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").digest()
    return FilePart(path, source.stat().st_size, found)


def _write(
    target: Path, manifest: Manifest, sources: dict[str, Path], *, key: bytes, locks: Iterable[Lock], suite: Suite
) -> None:
    new = target.with_name(target.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write_sealed(file, _read_content(manifest, sources), key=key, locks=locks, suite=suite)
            file.flush()
            os.fsync(file.fileno())
        # A link refuses where a rename would replace: two backups at once must not take one name.
        os.link(new, target)
        sync_folder(target.parent)
    except FileExistsError as error:
        raise UsageError("backup.exists", file=str(target)) from error
    except OSError as error:
        raise OutageError("backup.not-written", file=str(target)) from error
    finally:
        new.unlink(missing_ok=True)


def _read_content(manifest: Manifest, sources: dict[str, Path]) -> Iterator[bytes]:
    raw = encode(manifest)
    yield u32(len(raw)) + raw
    for part in manifest.files:
        with sources[part.path].open("rb") as file:
            while piece := file.read(PIECE_SIZE_BYTES):
                yield piece
