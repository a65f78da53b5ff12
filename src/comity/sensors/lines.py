"""Cuts a stream of bytes into lines, of bounded size, whatever its pieces are.

A line that is longer than may be is counted when its end comes, and none of it is kept meanwhile.
"""

from collections.abc import Iterator

__all__ = ["LineCutter"]


class LineCutter:
    """Yields whole lines without their ends; blank ones are none. None stands for one that was too long."""

    def __init__(self, *, size_bytes_max: int) -> None:
        self._size_bytes_max = size_bytes_max
        self._rest = b""
        self._is_too_long = False

    def cut(self, chunk: bytes) -> Iterator[bytes | None]:
        """Yield the lines that end in this piece."""
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            yield from self._end(part)
        self._keep(rest)

    def finish(self) -> Iterator[bytes | None]:
        """Yield what was left without an end."""
        yield from self._end(b"")

    def _keep(self, part: bytes) -> None:
        if self._is_too_long or len(self._rest) + len(part) > self._size_bytes_max + 1:  # an end of its own: \r
            self._is_too_long, self._rest = True, b""
        else:
            self._rest += part

    def _end(self, part: bytes) -> Iterator[bytes | None]:
        self._keep(part)
        line, is_too_long = self._rest.strip(), self._is_too_long
        self._rest, self._is_too_long = b"", False
        if is_too_long or len(line) > self._size_bytes_max:
            yield None
        elif line:
            yield line
