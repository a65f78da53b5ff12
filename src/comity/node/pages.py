"""How pages are asked for and answered between two nodes (docs/spec/transport.md, T20 and T21).

A request is `[journal digest, from number, to number]`, both inclusive. An answer is a row of chunks
`[index, is_last, [page, …]]`, the index counting from 0, so that a lost or repeated chunk is noticed. Pure.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import (
    BULK_PAGE_SIZE_BYTES_MAX,
    PAGES_CHUNK_COUNT_MAX,
    PAGES_CHUNK_SIZE_BYTES,
    PEER_PAYLOAD_SIZE_BYTES_MAX,
)
from comity.base.names import Bytes32, Uint

__all__ = ["Answer", "PageRequest", "cut_answer", "decode_page_request", "encode_page_request"]

CHUNK_SIZE_BYTES_MAX: Final = BULK_PAGE_SIZE_BYTES_MAX + 64
"""The largest page alone, with the frame around it."""
_PAGE_FRAME_SIZE_BYTES: Final = 5
_CHUNK_FRAME_SIZE_BYTES: Final = 10


class PageRequest(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Pages `first` to `last` of one journal, both included."""

    journal: Bytes32
    first: Uint
    last: Uint


class _Chunk(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    index: Annotated[int, msgspec.Meta(ge=0, lt=PAGES_CHUNK_COUNT_MAX)]
    is_last: Annotated[int, msgspec.Meta(ge=0, le=1)]
    pages: tuple[Annotated[bytes, msgspec.Meta(max_length=BULK_PAGE_SIZE_BYTES_MAX)], ...]


_REQUEST: Final = Decoder(PageRequest, size_max=PEER_PAYLOAD_SIZE_BYTES_MAX, code="link.page-request")
_CHUNK: Final = Decoder(_Chunk, size_max=CHUNK_SIZE_BYTES_MAX, code="link.page-answer")


def encode_page_request(journal: bytes, *, first: int, last: int) -> bytes:
    """Encode a request for pages `first` to `last` of the journal with this digest, both included."""
    assert 0 <= first <= last
    return encode(PageRequest(journal, first, last))


def decode_page_request(raw: bytes) -> PageRequest:
    """Decode a peer's request.

    Raises:
        RemoteError: `link.page-request`, `bytes.too-large`, `bytes.not-canonical`.
    """
    request = _REQUEST.decode(raw)
    if request.first > request.last:
        raise RemoteError("link.page-request", evidence=raw)
    return request


def cut_answer(pages: Iterable[bytes]) -> Iterator[bytes]:
    """Cut pages into encoded chunks. After PAGES_CHUNK_COUNT_MAX chunks the rest is left out, for a later request."""
    held: list[bytes] = []
    index, size = 0, _CHUNK_FRAME_SIZE_BYTES
    for page in pages:
        assert len(page) <= BULK_PAGE_SIZE_BYTES_MAX
        if held and size + _PAGE_FRAME_SIZE_BYTES + len(page) > PAGES_CHUNK_SIZE_BYTES:
            if index == PAGES_CHUNK_COUNT_MAX - 1:
                break
            yield encode(_Chunk(index, 0, tuple(held)))
            index, held, size = index + 1, [], _CHUNK_FRAME_SIZE_BYTES
        held.append(page)
        size += _PAGE_FRAME_SIZE_BYTES + len(page)
    yield encode(_Chunk(index, 1, tuple(held)))


class Answer:
    """Puts the chunks of one answer together again."""

    def __init__(self) -> None:
        self.pages: list[bytes] = []
        self._index = 0

    def add(self, raw: bytes) -> bool:
        """Add the next chunk; tell whether it was the last.

        Raises:
            RemoteError: `link.page-answer` for another form, a chunk out of turn, or one too many;
                `bytes.too-large`, `bytes.not-canonical`.
        """
        chunk = _CHUNK.decode(raw)
        if chunk.index != self._index:
            raise RemoteError("link.page-answer", evidence=raw)
        self._index += 1
        self.pages.extend(chunk.pages)
        return bool(chunk.is_last)
