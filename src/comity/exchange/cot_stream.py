"""A stream of Cursor on Target cut into documents, as TAK's own servers and clients cut it (X65).

There is no length and nothing between two documents: one ends with `</event>`, a login with `</auth>`. What is cut out
is bounded in size here, and in everything else by the door for XML, through which each goes.
"""

import re
from collections.abc import Iterator
from typing import Final

from comity.base.errors import RemoteError
from comity.base.limits import COT_SIZE_BYTES_MAX

__all__ = ["Splitter"]

_END: Final = re.compile(rb"</(?:event|auth)\s*>")
_END_SIZE_BYTES: Final = len(b"</event>")
_MAGIC: Final = 0xBF
"""How a message of TAK's binary form begins, and no text in UTF-8."""


class Splitter:
    """The end of one connection that reads."""

    def __init__(self) -> None:
        self._rest = b""
        self._searched = 0

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """Yield every document that ends in these bytes.

        Raises:
            RemoteError: `cot.binary`; `bytes.too-large`. There is no finding one's way in the stream after that.
        """
        self._rest = (self._rest + raw) if self._rest else raw
        while True:
            self._rest = self._rest.lstrip() if self._searched == 0 else self._rest
            if self._rest[:1] == bytes([_MAGIC]):
                raise RemoteError("cot.binary")
            match = _END.search(self._rest, self._searched)
            if match is None:
                break
            document, self._rest = self._rest[: match.end()], self._rest[match.end() :]
            self._searched = 0
            self._check_size(len(document))
            yield document
        self._check_size(len(self._rest))
        self._searched = max(0, len(self._rest) - 2 * _END_SIZE_BYTES)

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > COT_SIZE_BYTES_MAX:
            raise RemoteError("bytes.too-large", size_bytes=size_bytes, size_bytes_max=COT_SIZE_BYTES_MAX)
