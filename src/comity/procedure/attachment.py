"""Attachments: files of an item, cut into chunks and sealed chunk by chunk (docs/spec/release.md, R40, R41).

The originator signs name, size and the digest of every chunk, as the content of a portion. How the chunks travel is the
giver's own: under a key of his, in blobs that the packing of the item names. So an attachment is addressed by what it
holds, can be fetched in any order and taken up where it stopped, and is given on without its originator.

Rule: nothing of a chunk is used before its digest was compared with the one that the originator signed.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder
from comity.base.errors import RemoteError, UsageError
from comity.base.limits import (
    ATTACHMENT_CHUNK_SIZE_BYTES,
    ATTACHMENT_COUNT_MAX,
    ATTACHMENT_HEAD_SIZE_BYTES_MAX,
    ATTACHMENT_SIZE_BYTES_MAX,
    ITEM_SIZE_BYTES_MAX,
)
from comity.base.names import Bytes32, Digest, Uint
from comity.crypto.label import digest, u32
from comity.crypto.suite import Suite

__all__ = [
    "Attachment",
    "ChunkKeys",
    "Packing",
    "check_chunk",
    "check_name",
    "check_packing",
    "count_chunks",
    "decode_attachment",
    "decode_packing",
    "find_chunk_digest",
]

_NAME: Final = re.compile(
    r'[^\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb/\\:*?"<>|]{1,200}\Z'
)
_NAME_SIZE_BYTES_MAX: Final = 240
_CHUNK_COUNT_MAX: Final = ATTACHMENT_SIZE_BYTES_MAX // ATTACHMENT_CHUNK_SIZE_BYTES


class Attachment(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The content of a portion of kind `attachment`: what its originator signed of it."""

    name: str
    size_bytes: Annotated[int, msgspec.Meta(ge=1, le=ATTACHMENT_SIZE_BYTES_MAX)]
    chunks: Annotated[tuple[Bytes32, ...], msgspec.Meta(min_length=1, max_length=_CHUNK_COUNT_MAX)]

    def __post_init__(self) -> None:
        if not _is_name(self.name) or len(self.chunks) != count_chunks(self.size_bytes):
            raise ValueError("not an attachment")


class ChunkKeys(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How one giver sealed an attachment: the key of all its chunks, and the blob of each."""

    portion: Uint
    key: Bytes32
    blobs: Annotated[tuple[Bytes32, ...], msgspec.Meta(min_length=1, max_length=_CHUNK_COUNT_MAX)]


class Packing(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the blob of an item of format 2 holds (R39)."""

    rendition: bytes
    attached: Annotated[tuple[ChunkKeys, ...], msgspec.Meta(max_length=ATTACHMENT_COUNT_MAX)] = ()


_ATTACHMENT: Final = Decoder(Attachment, size_max=ATTACHMENT_HEAD_SIZE_BYTES_MAX, code="item.malformed")
_PACKING: Final = Decoder(Packing, size_max=ITEM_SIZE_BYTES_MAX, code="item.malformed")


def decode_attachment(content: bytes) -> Attachment:
    """Read the content of a portion of kind `attachment`.

    Raises:
        RemoteError: `bytes.too-large`, `bytes.not-canonical`, `item.malformed`.
    """
    return _ATTACHMENT.decode(content)


def decode_packing(raw: bytes) -> Packing:
    """Read what the blob of an item of format 2 holds; the rendition in it is not yet verified.

    Raises:
        RemoteError: as `decode_attachment`.
    """
    return _PACKING.decode(raw)


def count_chunks(size_bytes: int) -> int:
    """Return into how many chunks a content of this size is cut."""
    return -(-size_bytes // ATTACHMENT_CHUNK_SIZE_BYTES)


def find_chunk_digest(suite: Suite, *, number: int, content: bytes) -> Digest:
    """Return the digest of chunk `number`, counted from 0."""
    return digest(suite, "attachment-chunk", u32(number) + content)


def check_chunk(suite: Suite, attachment: Attachment, *, number: int, content: bytes) -> None:
    """Check an opened chunk against what the originator signed.

    Raises:
        RemoteError: `attachment.chunk`.
    """
    if find_chunk_digest(suite, number=number, content=content) != attachment.chunks[number]:
        raise RemoteError("attachment.chunk", chunk=number)


def check_name(name: str) -> None:
    """Check that a file may bear this name on every system that it may be saved on.

    Raises:
        UsageError: `attachment.name`.
    """
    if not _is_name(name):
        raise UsageError("attachment.name")


def check_packing(packing: Packing, attachments: Sequence[tuple[int, Attachment]]) -> None:
    """Check that a packing names a blob for each chunk of each attachment, and none besides.

    Raises:
        RemoteError: `item.attachments`.
    """
    named = tuple((one.portion, len(one.blobs)) for one in packing.attached)
    if named != tuple((number, len(attachment.chunks)) for number, attachment in attachments):
        raise RemoteError("item.attachments")


def _is_name(name: str) -> bool:
    return (
        _NAME.match(name) is not None
        and len(name.encode("utf-8", "surrogatepass")) <= _NAME_SIZE_BYTES_MAX
        and name.strip(" .") == name
    )
