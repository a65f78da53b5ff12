"""Parts of a file drop: what one party carries to one other on a stick, in numbered files (docs/spec/exchange.md, X45).

A part is a header in clear, a sealed bundle of pages (J21) and blobs of items, which are sealed as they are. The
header says whose, for whom, of which pact and realm, and its number, and has the digest of the rest: so a file that
was cut off when a stick was pulled, or put into the wrong slot, is known before anything in it is opened. Since format
2 its author signs it, so that nobody else can say which parts there are.

Nothing else here is believed: pages go through the same door as any other, a blob counts if a page names it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import BLOB_SIZE_BYTES_MAX, DROP_SIZE_BYTES_MAX, INSTANT_MS_MAX, KEY_WRAP_SIZE_BYTES_MAX
from comity.base.names import Bytes32, Party, Realm, Uint, is_party, is_realm
from comity.crypto.label import label, u32
from comity.crypto.suite import Suite

__all__ = [
    "DROP_FORMAT",
    "DROP_SUFFIX",
    "BlobRecord",
    "DropHeader",
    "Part",
    "find_file_name",
    "format_part",
    "read_part",
]

DROP_FORMAT: Final = 2
DROP_SUFFIX: Final = ".drop"
_MAGIC: Final = b"COMITYD1"
_HEADER_SIZE_BYTES_MAX: Final = 1024
_RECORD_SIZE_BYTES_MAX: Final = BLOB_SIZE_BYTES_MAX + 64 * 1024


class DropHeader(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Who sends whom what. `version` is the sender's program, for people; `digest` is over everything that follows."""

    format: Uint
    lineage: Bytes32
    realm: Realm
    author: Party
    reader: Party
    number: Annotated[int, msgspec.Meta(ge=1, le=999_999)]
    made_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
    version: Annotated[str, msgspec.Meta(max_length=32)]
    size_bytes: Uint
    digest: Bytes32


class _SignedHeader(DropHeader, frozen=True, array_like=True, forbid_unknown_fields=True):
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


class BlobRecord(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A blob with the wraps of its key for the reader."""

    blob_id: Bytes32
    blob: Annotated[bytes, msgspec.Meta(min_length=1, max_length=BLOB_SIZE_BYTES_MAX)]
    wraps: Annotated[
        tuple[Annotated[bytes, msgspec.Meta(max_length=KEY_WRAP_SIZE_BYTES_MAX)], ...], msgspec.Meta(max_length=4)
    ]


@dataclass(frozen=True, slots=True)
class Part:
    """One part, whole and undamaged; `pages` is the sealed bundle, `signature` empty in format 1."""

    header: DropHeader
    pages: bytes
    blobs: tuple[BlobRecord, ...]
    signature: bytes = b""

    def is_signed_by(self, key: bytes, suite: Suite) -> bool:
        """Tell whether the header is signed under this node key."""
        return bool(self.signature) and suite.verify(
            public=key, message=_find_signed(self.header), signature=self.signature
        )


_FIELDS: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_UINT: Final = msgspec.msgpack.Decoder(Uint)
_HEADER: Final = Decoder(DropHeader, size_max=_HEADER_SIZE_BYTES_MAX, code="drop.malformed")
_SIGNED_HEADER: Final = Decoder(_SignedHeader, size_max=_HEADER_SIZE_BYTES_MAX, code="drop.malformed")
_RECORD: Final = Decoder(BlobRecord, size_max=_RECORD_SIZE_BYTES_MAX, code="drop.malformed")


def format_part(
    header: DropHeader, *, pages: bytes, blobs: Sequence[BlobRecord], suite: Suite, secret: bytes = b""
) -> bytes:
    """Return a part; size and digest of the header given are filled in. It is signed with `secret`, a node key's."""
    assert bool(secret) == (header.format == DROP_FORMAT), "format 2 is signed, and no other"
    body = b"".join(u32(len(frame)) + frame for frame in (pages, *map(encode, blobs)))
    digest = suite.hash(label("drop") + body)
    said = msgspec.structs.replace(header, size_bytes=len(body), digest=digest)
    head = encode(said)
    if secret:
        signature = suite.sign(secret=secret, message=_find_signed(said))
        head = encode(_SignedHeader(**msgspec.structs.asdict(said), signature=signature))
    return _MAGIC + u32(len(head)) + head + body


def read_part(raw: bytes, suite: Suite) -> Part:
    """Read a part and check that it is whole; what it holds is not judged.

    Raises:
        RemoteError: `bytes.too-large`, `drop.malformed`, `drop.format-unknown`, `drop.damaged`, `bytes.not-canonical`.
    """
    if len(raw) > DROP_SIZE_BYTES_MAX:
        raise RemoteError("bytes.too-large", size_bytes=len(raw), size_bytes_max=DROP_SIZE_BYTES_MAX)
    start = len(_MAGIC) + 4
    size = int.from_bytes(raw[len(_MAGIC) : start], "big")
    if not raw.startswith(_MAGIC) or len(raw) < start or size > _HEADER_SIZE_BYTES_MAX:
        raise RemoteError("drop.malformed")
    if len(raw) < start + size:
        raise RemoteError("drop.damaged", size_bytes=len(raw))
    (header, signature), body = _read_header(raw[start : start + size]), raw[start + size :]
    if (len(body), suite.hash(label("drop") + body)) != (header.size_bytes, header.digest):
        raise RemoteError("drop.damaged", size_bytes=len(body), size_bytes_wanted=header.size_bytes)
    frames = _split(body)
    if not frames:
        raise RemoteError("drop.malformed")
    return Part(header, frames[0], tuple(_RECORD.decode(frame) for frame in frames[1:]), signature)


def find_file_name(*, realm: Realm, author: Party, reader: Party, number: int) -> str:
    """Return the name of a part's file; what counts is the header."""
    return f"comity-{realm.replace('/', '-')}-{author}-{reader}-{number:06}{DROP_SUFFIX}"


def _find_signed(header: DropHeader) -> bytes:
    """Return what is signed: the header without its signature, under a label of its own."""
    said = msgspec.structs.asdict(header)
    return label("drop-header") + encode(tuple(said[name] for name in DropHeader.__struct_fields__))


def _read_header(raw: bytes) -> tuple[DropHeader, bytes]:
    """Tell a newer format from damaged bytes: look at the first field before the shape of the rest."""
    try:
        format_ = _UINT.decode(_FIELDS.decode(raw)[0])
    except (msgspec.DecodeError, IndexError, RecursionError, UnicodeDecodeError) as error:
        raise RemoteError("drop.malformed") from error
    if format_ not in (1, DROP_FORMAT):
        raise RemoteError("drop.format-unknown", format=format_)
    header, signature = _HEADER.decode(raw) if format_ == 1 else None, b""
    if header is None:
        signed = _SIGNED_HEADER.decode(raw)
        header = DropHeader(*(getattr(signed, name) for name in DropHeader.__struct_fields__))
        signature = signed.signature
    if not (is_realm(header.realm) and is_party(header.author) and is_party(header.reader)):
        raise RemoteError("drop.malformed")
    return header, signature


def _split(body: bytes) -> list[bytes]:
    frames, at = [], 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        if at + 4 + size > len(body):
            raise RemoteError("drop.malformed")
        frames.append(body[at + 4 : at + 4 + size])
        at += 4 + size
    return frames
