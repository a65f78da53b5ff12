"""Bundles: pages in a file, for another way of carrying and for auditors (docs/spec/journal.md, J20, J21).

A bundle is read whole, frame by frame; it is believed only when its last frame has been checked, and even then every
page in it goes through the same door as any other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import (
    BUNDLE_CHUNK_SIZE_BYTES,
    BUNDLE_FRAME_SIZE_BYTES_MAX,
    BUNDLE_TYPE_SIZE_MAX,
    INSTANT_MS_MAX,
)
from comity.base.names import Bytes32, Party, Realm, Uint, is_realm
from comity.crypto.label import label, u32, u64
from comity.crypto.suite import AEAD_TAG_SIZE, KEY_SIZE, Ceremony, Suite
from comity.journal.keypage import find_key_id

__all__ = [
    "BUNDLE_FORMAT",
    "MAGIC",
    "Bundle",
    "BundleHead",
    "EpochKey",
    "encode_end",
    "encode_frame",
    "read_bundle",
    "seal_bundle",
    "unseal_bundle",
    "write_bundle",
]

MAGIC: Final = b"COMITYB1"
SEALED_MAGIC: Final = b"COMITYE1"
BUNDLE_FORMAT: Final = 1


class BundleHead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The first frame: whose record this is, of which pact and realm."""

    format: Uint
    lineage: Bytes32
    realm: Realm
    holder: Party
    written_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]


class EpochKey(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An epoch key disclosed on purpose: its reader can open those pages."""

    journal: Bytes32
    epoch: Uint
    key: Bytes32


class _Frame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    type: Annotated[str, msgspec.Meta(max_length=BUNDLE_TYPE_SIZE_MAX)]
    payload: bytes


class _End(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    count: Uint
    digest: Bytes32


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle holds; `unknown_count` frames were of types that this version does not know."""

    head: BundleHead
    pacts: tuple[bytes, ...]
    pages: tuple[bytes, ...]
    statements: tuple[bytes, ...]
    epoch_keys: tuple[EpochKey, ...]
    unknown_count: int


_FRAME: Final = Decoder(_Frame, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code="bundle.malformed")
_HEAD: Final = Decoder(BundleHead, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code="bundle.malformed")
_FIELDS: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_UINT: Final = msgspec.msgpack.Decoder(Uint)
_CHUNK_FRAME_SIZE_MAX: Final = BUNDLE_CHUNK_SIZE_BYTES + AEAD_TAG_SIZE
_END: Final = Decoder(_End, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code="bundle.malformed")
_EPOCH_KEY: Final = Decoder(EpochKey, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code="bundle.malformed")


def write_bundle(
    suite: Suite,
    head: BundleHead,
    *,
    pacts: Iterable[bytes],
    pages: Iterable[bytes],
    statements: Iterable[bytes] = (),
    epoch_keys: Iterable[EpochKey] = (),
) -> bytes:
    """Encode a bundle whole."""
    frames = [encode_frame("head", encode(head))]
    frames += [encode_frame("pact", raw) for raw in pacts]
    frames += [encode_frame("statement", raw) for raw in statements]
    frames += [encode_frame("page", raw) for raw in pages]
    frames += [encode_frame("epoch-key", encode(key)) for key in epoch_keys]
    content = b"".join(frames)
    return MAGIC + content + encode_end(len(frames), suite.hash(label("bundle") + content))


def encode_frame(type_: str, payload: bytes) -> bytes:
    """Return one frame of a bundle, for whoever writes one piece by piece."""
    return _lengthen(encode(_Frame(type_, payload)))


def encode_end(count: int, digest: bytes) -> bytes:
    """Return the last frame, after so many; the digest is of their bytes, behind the label `bundle`."""
    return encode_frame("end", encode(_End(count, digest)))


def read_bundle(raw: bytes, suite: Suite) -> Bundle:
    """Parse a whole bundle and check its digest; pages inside are not judged.

    Raises:
        RemoteError: `bundle.malformed`, `bundle.format-unknown`, `bundle.damaged`; `bundle.sealed` for a sealed one
            (see `unseal_bundle`); `bytes.not-canonical`.
    """
    if raw.startswith(SEALED_MAGIC):
        raise RemoteError("bundle.sealed")
    if not raw.startswith(MAGIC):
        raise RemoteError("bundle.malformed")
    head: BundleHead | None = None
    found: dict[str, list[bytes]] = {}
    epoch_keys: list[EpochKey] = []
    for count, (start, frame_raw) in enumerate(_split(raw, len(MAGIC), size_max=BUNDLE_FRAME_SIZE_BYTES_MAX)):
        frame = _FRAME.decode(frame_raw)
        if (frame.type == "head") != (count == 0):
            raise RemoteError("bundle.malformed", offset=start)
        if frame.type == "head":
            head = _parse_head(frame.payload)
        elif frame.type == "end":
            _check_end(raw, frame.payload, count=count, start=start, until=start + 4 + len(frame_raw), suite=suite)
            break
        elif frame.type == "epoch-key":
            epoch_keys.append(_EPOCH_KEY.decode(frame.payload))
        else:
            found.setdefault(frame.type, []).append(frame.payload)
    else:
        raise RemoteError("bundle.malformed")
    assert head is not None, "the first frame is the head"
    return Bundle(
        head=head,
        pacts=tuple(found.pop("pact", ())),
        pages=tuple(found.pop("page", ())),
        statements=tuple(found.pop("statement", ())),
        epoch_keys=tuple(epoch_keys),
        unknown_count=sum(map(len, found.values())),
    )


def seal_bundle(bundle: bytes, *, public: bytes, suite: Suite, ceremony: Ceremony) -> bytes:
    """Seal a bundle for the holder of a receiving key (J21)."""
    key = ceremony.random(32)
    wrapped = ceremony.wrap(public=public, plaintext=key, info=label("bundle"))
    pieces = _cut(bundle)
    sealed = [encode((find_key_id(suite, public), wrapped))]
    for index, piece in enumerate(pieces):
        chunk_key = _chunk_key(suite, key, index=index, is_last=index == len(pieces) - 1)
        sealed.append(suite.seal(key=chunk_key, plaintext=piece, aad=b""))
    return SEALED_MAGIC + b"".join(map(_lengthen, sealed))


def unseal_bundle(raw: bytes, *, secret: bytes, suite: Suite) -> bytes:
    """Open a sealed bundle.

    Raises:
        RemoteError: `bundle.malformed`; `bundle.sealed` if it is for another key; `key.not-unwrapped` if it names
            this key and does not open with it; `bundle.damaged` if a chunk is altered, missing, doubled or misplaced.
    """
    if not raw.startswith(SEALED_MAGIC):
        raise RemoteError("bundle.malformed")
    frames = [frame for _, frame in _split(raw, len(SEALED_MAGIC), size_max=_CHUNK_FRAME_SIZE_MAX)]
    if len(frames) < 2:
        raise RemoteError("bundle.malformed")
    key_id, wrapped = _ENVELOPE.decode(frames[0])
    if key_id != find_key_id(suite, suite.public_of_receiving(secret)):
        raise RemoteError("bundle.sealed")
    key = suite.unwrap(secret=secret, sealed=wrapped, info=label("bundle"))
    if key is None or len(key) != KEY_SIZE:
        raise RemoteError("key.not-unwrapped")
    pieces: list[bytes] = []
    for index, frame in enumerate(frames[1:]):
        chunk_key = _chunk_key(suite, key, index=index, is_last=index == len(frames) - 2)
        piece = suite.open(key=chunk_key, sealed=frame, aad=b"")
        if piece is None:
            raise RemoteError("bundle.damaged", chunk=index)
        is_last = index == len(frames) - 2
        is_empty_bundle = is_last and index == 0
        if len(piece) != BUNDLE_CHUNK_SIZE_BYTES and not (is_last and (piece or is_empty_bundle)):
            raise RemoteError("bundle.malformed", chunk=index)
        pieces.append(piece)
    return b"".join(pieces)


_ENVELOPE: Final[Decoder[tuple[bytes, bytes]]] = Decoder(
    tuple[Bytes32, bytes], size_max=BUNDLE_CHUNK_SIZE_BYTES, code="bundle.malformed"
)


def _cut(bundle: bytes) -> list[bytes]:
    return [bundle[i : i + BUNDLE_CHUNK_SIZE_BYTES] for i in range(0, len(bundle), BUNDLE_CHUNK_SIZE_BYTES)] or [b""]


def _chunk_key(suite: Suite, key: bytes, *, index: int, is_last: bool) -> bytes:
    return suite.expand(key, label("chunk") + u64(index) + bytes([is_last]))


def _lengthen(frame: bytes) -> bytes:
    return u32(len(frame)) + frame


def _split(raw: bytes, start: int, *, size_max: int) -> Iterator[tuple[int, bytes]]:
    """Yield (offset of the length, frame) for each frame, none of more than `size_max` bytes."""
    at = start
    while at < len(raw):
        size = int.from_bytes(raw[at : at + 4], "big")
        if size > size_max or at + 4 + size > len(raw):
            raise RemoteError("bundle.malformed", offset=at)
        yield at, raw[at + 4 : at + 4 + size]
        at += 4 + size


def _parse_head(payload: bytes) -> BundleHead:
    """Tell a newer format from damaged bytes: look at the first field before the shape of the rest (J20)."""
    try:
        format_ = _UINT.decode(_FIELDS.decode(payload)[0])
    except (msgspec.DecodeError, IndexError, RecursionError, UnicodeDecodeError) as error:
        raise RemoteError("bundle.malformed") from error
    if format_ != BUNDLE_FORMAT:
        raise RemoteError("bundle.format-unknown", format=format_)
    head = _HEAD.decode(payload)
    if not is_realm(head.realm):
        raise RemoteError("bundle.malformed")
    return head


def _check_end(raw: bytes, payload: bytes, *, count: int, start: int, until: int, suite: Suite) -> None:
    """Compare the end frame, which lies at `start` to `until`, with what went before; nothing may come after it."""
    end = _END.decode(payload)
    content = raw[len(MAGIC) : start]
    if (end.count, end.digest, until) != (count, suite.hash(label("bundle") + content), len(raw)):
        raise RemoteError("bundle.damaged")
