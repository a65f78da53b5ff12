"""The manifest of a backup: whose home, when, which files with which digests, and what each store held.

The first thing in the content, before the files' bytes in its order (docs/spec/backup.md, B6). It is written after
everything was read, so that it says what is in the file and not what was meant to be.

What is in a backup is what cannot be made anew. Left out: the outbox (rebuilt from the store), what is drawn at each
start (tokens, the API's address), snapshots (a cache), logs, pages of the warning feed (a day at most, and never older
than what was said since), the *marks*, which must never travel with the store whose age they tell (journal.md), and the
root's vault, unless it is asked for.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Bytes32, Party, Uint

__all__ = ["MANIFEST_SIZE_BYTES_MAX", "STORE_FILE", "FilePart", "Manifest", "StorePart", "decode_manifest", "find_kept"]

MANIFEST_SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
FILE_COUNT_MAX: Final = 10_000
STORE_FILE: Final = "store.db"
ROOT_VAULTS: Final = "root*.vault*"
"""The vault, and the one that a succession stages beside it, which is as good as the vault if it is broken off."""
LEFT_OUT: Final = (
    "marks", "marks/*", "backups", "backups/*", "*.comity-backup", "*.new", "*.log", "snapshot*",
    "realms/*/outbox", "realms/*/outbox/*", "realms/*/token", "realms/*/officers/*", "realms/*/officers",
    "realms/*/metrics.token", "realms/*/api",
    "realms/*/snapshot*", "realms/*/exchange.db*", "realms/*/store.db*", "realms/*/store.copy*", "realms/*/*.log",
    "realms/*/*.new", "realms/*/imports.db*", "realms/*/warning.db*", "realms/*/warning.pages",
    "realms/*/warning.pages/*", "realms/*/warning.sock",
    "realms/*/cot/server.pem", "realms/*/cot/clients.json",
)  # fmt: skip
"""Patterns of paths below the home, matched from its top; stores are copied apart, at one instant each."""

Path_ = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class FilePart(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One file: its path below the home, with `/` on every system."""

    path: Path_
    size_bytes: Uint
    digest: Bytes32


class StorePart(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What one store held: pages, how many of them are lost, and a digest over the pages' digests in order."""

    path: Path_
    format: Annotated[str, msgspec.Meta(max_length=20)]
    page_count: Uint
    lost_count: Uint
    pages_digest: Bytes32


class Manifest(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The whole of it. `has_root` says whether whoever opens this file has the party's root."""

    party: Party
    made_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
    version: Annotated[str, msgspec.Meta(max_length=40)]
    has_root: bool
    files: Annotated[tuple[FilePart, ...], msgspec.Meta(max_length=FILE_COUNT_MAX)]
    stores: Annotated[tuple[StorePart, ...], msgspec.Meta(max_length=FILE_COUNT_MAX)]


_MANIFEST: Final = Decoder(Manifest, size_max=MANIFEST_SIZE_BYTES_MAX, code="backup.malformed")


def decode_manifest(raw: bytes) -> Manifest:
    """Decode a manifest whose every path stays below the folder that it will be put into.

    Raises:
        RemoteError: `backup.malformed`, `bytes.not-canonical`.
    """
    manifest = _MANIFEST.decode(raw)
    paths = [part.path for part in manifest.files]
    for path in paths:
        steps = path.split("/")
        if path.startswith("/") or "\\" in path or "\0" in path or any(step in ("", ".", "..") for step in steps):
            raise RemoteError("backup.malformed")
    if len(set(paths)) != len(paths) or not {part.path for part in manifest.stores} <= set(paths):
        raise RemoteError("backup.malformed")
    return manifest


def find_kept(home: Path, *, with_root: bool) -> Iterator[str]:
    """Yield the paths below a home that a backup keeps as they are, in a fixed order; stores are not among them."""
    left_out = LEFT_OUT if with_root else (*LEFT_OUT, ROOT_VAULTS)
    for path in sorted(home.rglob("*")):
        below = path.relative_to(home)
        is_left_out = any(_is_below(below, pattern) for pattern in left_out)
        if path.is_file() and not path.is_symlink() and not is_left_out:
            yield below.as_posix()


def _is_below(path: Path, pattern: str) -> bool:
    """Tell whether a path or a folder above it matches a pattern from the home's top."""
    count = len(Path(pattern).parts)
    return any(len(part.parts) == count and part.match(pattern) for part in (path, *path.parents) if part.parts)
