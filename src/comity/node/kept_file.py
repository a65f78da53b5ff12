"""Small files of a realm that are changed while its node runs: officers, passkeys, the identity provider.

Rules
- A file is read again once it changed, so that what the command line writes holds for the next request.
- A damaged file is an error for whoever reads it, and no change writes over it.
- Whoever changes a book holds it alone from reading to writing, so that no change of another process is lost.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from comity.base.errors import UsageError
from comity.node.durable import hold_alone, write_private

__all__ = ["BookFile", "KeptFile"]

T = TypeVar("T")
B = TypeVar("B", bound=msgspec.Struct)

_NEVER: Final = (0, 0, 0)


class KeptFile(ABC, Generic[T]):
    """What a file says; `path` None: what is kept in memory alone."""

    def __init__(self, path: Path | None, absent: T) -> None:
        """Set up; `absent` is said where there is no file."""
        self._path = path
        self._absent = self._said = absent
        self._read_as = _NEVER

    def read(self) -> T:
        """Return what the file says now."""
        if self._path is None:
            return self._said
        try:
            found = self._path.stat()
            read_as = (found.st_mtime_ns, found.st_size, found.st_ino)
            if read_as != self._read_as:
                self._said, self._read_as = self._load(self._path), read_as
        except FileNotFoundError:
            self._said, self._read_as = self._absent, _NEVER
        return self._said

    @abstractmethod
    def _load(self, path: Path) -> T:
        """Read the file itself."""

    def _put(self, said: T, raw: bytes) -> None:
        """Have this in the file from now on."""
        self._said = said
        if self._path is not None:
            write_private(self._path, raw)
            self._read_as = _NEVER


class BookFile(KeptFile[B]):
    """A file of rows, as JSON, that is changed row by row. Reading and changing raise `UsageError` by its `code`."""

    def __init__(self, path: Path | None, empty: B, *, code: str, size_bytes_max: int) -> None:
        super().__init__(path, empty)
        self._code = code
        self._size_bytes_max = size_bytes_max

    def change(self, change: Callable[[B], B]) -> tuple[B, B]:
        """Put another book in the place of the one that is there now; return both.

        What `change` raises leaves the book as it is.
        """
        with hold_alone(None if self._path is None else self._path.parent):
            self._read_as = _NEVER
            before = self.read()
            after = change(before)
            if after != before:
                self._put(after, msgspec.json.format(msgspec.json.encode(after), indent=2))
            return before, after

    def _load(self, path: Path) -> B:
        try:
            with path.open("rb") as file:
                raw = file.read(self._size_bytes_max + 1)
            if len(raw) > self._size_bytes_max:
                raise UsageError(self._code, path=str(path))
            return msgspec.json.decode(raw, type=type(self._absent))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(self._code, path=str(path)) from error
