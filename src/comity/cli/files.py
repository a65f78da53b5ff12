"""Files that a command reads: never more of one than may be taken, whatever its name leads to.

Whoever names a disk image, or a device without end, gets an error with a code and not an outage. No other room of the
command line opens a file of somebody's to read all of it (tests/tidy).
"""

import hashlib
from pathlib import Path
from typing import Final

from comity.base.errors import RemoteError, UsageError

__all__ = ["DIGESTED_SIZE_BYTES_MAX", "find_file_digest", "read_beginning", "read_bounded"]

DIGESTED_SIZE_BYTES_MAX: Final = 4 * 1024 * 1024 * 1024
_PIECE_SIZE_BYTES: Final = 1024 * 1024


def read_bounded(path: Path, size_bytes_max: int) -> bytes:
    """Return the bytes of a file.

    Raises:
        UsageError: `file.unreadable`.
        RemoteError: `bytes.too-large`; nothing beyond the limit was read.
    """
    raw = read_beginning(path, size_bytes_max=size_bytes_max)
    if len(raw) > size_bytes_max:
        raise RemoteError("bytes.too-large", size_bytes_max=size_bytes_max)
    return raw


def read_beginning(path: Path, *, size_bytes_max: int) -> bytes:
    """Return a file up to one byte more than a limit, so that its reader can say in its own words that it is too large.

    Raises:
        UsageError: `file.unreadable`.
    """
    try:
        with path.open("rb") as file:
            return file.read(size_bytes_max + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise UsageError("file.unreadable", file=str(path)) from error


def find_file_digest(path: Path, size_bytes_max: int = DIGESTED_SIZE_BYTES_MAX) -> str:
    """Return the SHA-256 of a file, read in pieces.

    Raises:
        UsageError: `file.unreadable`.
        RemoteError: `bytes.too-large`.
    """
    found, size_bytes = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE_SIZE_BYTES):
                size_bytes += len(piece)
                if size_bytes > size_bytes_max:
                    raise RemoteError("bytes.too-large", size_bytes_max=size_bytes_max)
                found.update(piece)
    except (OSError, ValueError) as error:
        raise UsageError("file.unreadable", file=str(path)) from error
    return found.hexdigest()
