"""Files that a command reads: never more of one than may be taken, whatever its name leads to."""

from pathlib import Path

from comity.base.errors import RemoteError

__all__ = ["read_bounded"]


def read_bounded(path: Path, size_bytes_max: int) -> bytes:
    """Return the bytes of a file.

    Raises:
        RemoteError: `bytes.too-large`; nothing beyond the limit was read.
    """
    with path.open("rb") as file:
        raw = file.read(size_bytes_max + 1)
    if len(raw) > size_bytes_max:
        raise RemoteError("bytes.too-large", size_bytes_max=size_bytes_max)
    return raw
