"""How a blob is carried over the pages service (docs/spec/transport.md, T22).

A request for pages 0 to 0 of the "journal" whose digest is a blob's id is a request for the blob: the digests never
meet, and no second service has to be opened that an attacker could probe. The answer is pieces in place of pages: a
head `[blob size, wrap count]`, the wraps for the asker, then the blob in pieces.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import BLOB_SIZE_BYTES_MAX
from comity.node.carrier import BlobAnswer

__all__ = ["BLOB_TIMEOUT_MS", "cut_blob", "join_blob"]

BLOB_TIMEOUT_MS: Final = 60_000
"""For one blob: 16 MiB at two megabits a second. Who waits for it holds up nothing else."""
PIECE_SIZE_BYTES: Final = 256 * 1024
WRAP_COUNT_MAX: Final = 16


class _Head(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    blob_size_bytes: Annotated[int, msgspec.Meta(ge=0, le=BLOB_SIZE_BYTES_MAX)]
    wrap_count: Annotated[int, msgspec.Meta(ge=0, le=WRAP_COUNT_MAX)]


_HEAD: Final = Decoder(_Head, size_max=64, code="link.page-answer")


def cut_blob(answer: BlobAnswer) -> Iterator[bytes]:
    """Yield the pieces of a blob's answer."""
    blob, wraps = answer
    yield encode(_Head(len(blob), len(wraps)))
    yield from wraps
    yield from (blob[at : at + PIECE_SIZE_BYTES] for at in range(0, len(blob), PIECE_SIZE_BYTES))


def join_blob(pieces: Sequence[bytes]) -> BlobAnswer | None:
    """Put an answer together; None where the peer has nothing for us.

    Raises:
        RemoteError: `link.page-answer` where the pieces do not give what the head says.
    """
    if not pieces:
        return None
    head = _HEAD.decode(pieces[0])
    wraps, blob = tuple(pieces[1 : 1 + head.wrap_count]), b"".join(pieces[1 + head.wrap_count :])
    if len(wraps) != head.wrap_count or len(blob) != head.blob_size_bytes:
        raise RemoteError("link.page-answer")
    return blob, wraps
