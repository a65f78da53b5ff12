"""MessagePack in one permitted form.

Rules (docs/spec/journal.md, J1): structs are arrays; integers and lengths are minimal; there are no maps, floats or
extension types in signed bytes; re-encoding what was decoded must give the very same bytes. msgspec accepts
non-minimal integers and duplicate keys, so the comparison is what makes the form unique. No type of ours is recursive,
which bounds depth; what is decoded without a type is bounded by its reader (`procedure.registry`), and what msgspec
skips on the way by the interpreter's own limit, which is caught.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from comity.base.errors import RemoteError

__all__ = ["Decoder", "encode"]

T = TypeVar("T")

encode: Final[Callable[[object], bytes]] = msgspec.msgpack.Encoder().encode
"""Encode a struct or tuple of ours. What does not encode is a bug of ours, so nothing is caught."""


class Decoder(Generic[T]):
    """Decodes one type from bytes that a stranger may have made.

    `size_max` is in bytes. `code` is the error raised for anything but the one permitted form; a size over the
    limit is always `bytes.too-large`.
    """

    def __init__(self, type_: type[T], *, size_max: int, code: str = "bytes.malformed") -> None:
        self._decoder = msgspec.msgpack.Decoder(type_)
        self._size_max = size_max
        self._code = code

    def decode(self, raw: bytes) -> T:
        """Return the value, or raise `RemoteError` with the bytes as evidence; nothing else, ever."""
        if len(raw) > self._size_max:
            raise RemoteError("bytes.too-large", size_bytes=len(raw), size_bytes_max=self._size_max)
        try:
            value = self._decoder.decode(raw)
        except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeDecodeError, ValueError) as error:
            raise RemoteError(self._code, evidence=raw) from error
        if encode(value) != raw:
            raise RemoteError("bytes.not-canonical", evidence=raw)
        return value
