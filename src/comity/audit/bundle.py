"""Reads a bundle file into a `Record` (J20), and a sealed one with a receiving secret (J21).

Whatever the bytes are, the answer is a record or a `RemoteError`. A record that comes out has had its count and digest
checked, so it is what its writer wrote; nothing in it has been judged yet.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import msgspec

from comity.audit.digest import hash_labelled, label, u64
from comity.audit.form import Shape
from comity.audit.record import EpochKey, Record
from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import (
    BUNDLE_CHUNK_SIZE_BYTES,
    BUNDLE_FRAME_SIZE_BYTES_MAX,
    BUNDLE_SIZE_BYTES_MAX,
    BUNDLE_TYPE_SIZE_MAX,
    INSTANT_MS_MAX,
)
from comity.base.names import Bytes32, Uint, is_realm
from comity.crypto.suite import AEAD_TAG_SIZE, HPKE_OVERHEAD, KEY_SIZE, Suite

__all__ = ["read_bundle"]

_PLAIN: Final = b"COMITYB1"
_SEALED: Final = b"COMITYE1"
_MAGIC_SIZE: Final = 8
_LENGTH_SIZE: Final = 4


class _Frame(Shape, frozen=True):
    type: Annotated[str, msgspec.Meta(max_length=BUNDLE_TYPE_SIZE_MAX)]
    payload: bytes


class _Head(Shape, frozen=True):
    format: Uint
    lineage: Bytes32
    realm: str
    holder: str
    written_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]


class _KeyDisclosed(Shape, frozen=True):
    journal_digest: Bytes32
    epoch: Uint
    key: Bytes32


class _End(Shape, frozen=True):
    count: Uint
    digest: Bytes32


class _Lock(Shape, frozen=True):
    key_id: Bytes32
    wrapped: bytes


_CODE: Final = "bundle.malformed"
_FRAME = Decoder(_Frame, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code=_CODE)
_HEAD = Decoder(_Head, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code=_CODE)
_KEY = Decoder(_KeyDisclosed, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code=_CODE)
_END = Decoder(_End, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code=_CODE)
_LOCK = Decoder(_Lock, size_max=BUNDLE_FRAME_SIZE_BYTES_MAX, code=_CODE)
_PARTS = msgspec.msgpack.Decoder(list[msgspec.Raw])
_UINT = msgspec.msgpack.Decoder(Uint)


def read_bundle(raw: bytes, suite: Suite, receiving_secrets: Sequence[bytes] = ()) -> Record:
    """Read a bundle file, plain or sealed.

    `receiving_secrets` are tried on a sealed bundle (S8) and not put into the record. Page bytes come out as they lay
    in the file, in its order.

    Raises:
        RemoteError: `bundle.malformed`, `.damaged`, `.format-unknown`, `.sealed`; `bytes.not-canonical`,
            `bytes.too-large`; `key.not-unwrapped`.
    """
    if len(raw) > BUNDLE_SIZE_BYTES_MAX:
        raise RemoteError("bytes.too-large", size_bytes=len(raw), size_bytes_max=BUNDLE_SIZE_BYTES_MAX)
    magic = raw[:_MAGIC_SIZE]
    if magic == _SEALED:
        raw = _open_bundle(raw, suite, receiving_secrets)
        magic = raw[:_MAGIC_SIZE]
    if magic != _PLAIN:
        raise RemoteError(_CODE)
    return _Reader(suite).read(raw)


def _iterate_frames(raw: bytes, size_bytes_max: int) -> Iterator[tuple[int, bytes]]:
    """Yield each frame with the offset at which it begins, its length bytes included (J20)."""
    at, end = _MAGIC_SIZE, len(raw)
    while at < end:
        size = int.from_bytes(raw[at : at + _LENGTH_SIZE], "big")
        until = at + _LENGTH_SIZE + size
        if until > end or size > size_bytes_max:
            raise RemoteError(_CODE, offset=at)
        yield at, raw[at + _LENGTH_SIZE : until]
        at = until


class _Reader:
    """Gathers frames by type. `end` must be the last: what follows it was not covered by the digest."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._head: _Head | None = None
        self._pacts: list[bytes] = []
        self._pages: list[bytes] = []
        self._statements: list[bytes] = []
        self._keys: list[EpochKey] = []
        self._others: list[tuple[str, bytes]] = []

    def read(self, raw: bytes) -> Record:
        end: _End | None = None
        for count, (offset, content) in enumerate(_iterate_frames(raw, BUNDLE_FRAME_SIZE_BYTES_MAX)):
            frame = _FRAME.decode(content)
            if (count == 0) != (frame.type == "head"):
                raise RemoteError(_CODE, offset=offset)
            if frame.type == "end":
                end = _END.decode(frame.payload)
                digest = hash_labelled(self._suite, "bundle", raw[_MAGIC_SIZE:offset])
                # No byte may follow: the digest does not cover it.
                is_last = offset + _LENGTH_SIZE + len(content) == len(raw)
                if end.count != count or end.digest != digest or not is_last:
                    raise RemoteError("bundle.damaged", offset=offset)
                break
            self._take(frame)
        if end is None or self._head is None:
            raise RemoteError(_CODE)
        return self._finish(self._head)

    def _take(self, frame: _Frame) -> None:
        match frame.type:
            case "head":
                self._head = _decode_head(frame.payload)
            case "pact":
                self._pacts.append(frame.payload)
            case "page":
                self._pages.append(frame.payload)
            case "statement":
                self._statements.append(frame.payload)
            case "epoch-key":
                key = _KEY.decode(frame.payload)
                self._keys.append(EpochKey(key.journal_digest, key.epoch, key.key))
            case _:
                self._others.append((frame.type, frame.payload))

    def _finish(self, head: _Head) -> Record:
        return Record(
            holder=head.holder,
            lineage=head.lineage,
            realm=head.realm,
            pages=tuple(self._pages),
            pacts=tuple(self._pacts),
            statements=tuple(self._statements),
            epoch_keys=tuple(self._keys),
            others=tuple(self._others),
            written_at=head.written_at,
        )


def _decode_head(raw: bytes) -> _Head:
    """Decode the head; another format is told apart even where its shape is unknown."""
    try:
        parts = _PARTS.decode(raw)
        format_ = _UINT.decode(parts[0]) if parts else 1
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise RemoteError(_CODE) from error
    if format_ != 1:
        raise RemoteError("bundle.format-unknown", format=format_)
    head = _HEAD.decode(raw)
    if not is_realm(head.realm):
        raise RemoteError(_CODE)
    return head


def _open_bundle(raw: bytes, suite: Suite, secrets: Sequence[bytes]) -> bytes:
    """Open a sealed bundle (J21). `last` in a chunk's key is what makes a cut file fail instead of ending early."""
    frames = [content for _, content in _iterate_frames(raw, BUNDLE_CHUNK_SIZE_BYTES + AEAD_TAG_SIZE)]
    if len(frames) < 2:  # the lock and at least one chunk
        raise RemoteError(_CODE)
    key = _unlock(_LOCK.decode(frames[0]), suite, secrets)
    chunks = []
    for index, sealed in enumerate(frames[1:]):
        is_last = index == len(frames) - 2
        chunk_key = suite.expand(key, label("chunk") + u64(index) + (b"\x01" if is_last else b"\x00"))
        chunk = suite.open(key=chunk_key, sealed=sealed, aad=b"")
        if chunk is None:
            raise RemoteError("bundle.damaged", chunk=index)
        if len(chunk) != BUNDLE_CHUNK_SIZE_BYTES and not (is_last and (chunk or index == 0)):
            raise RemoteError(_CODE, chunk=index)
        chunks.append(chunk)
    return b"".join(chunks)


def _unlock(lock: _Lock, suite: Suite, secrets: Sequence[bytes]) -> bytes:
    for secret in secrets:
        if hash_labelled(suite, "receiving-key", suite.public_of_receiving(secret)) != lock.key_id:
            continue
        if len(lock.wrapped) != HPKE_OVERHEAD + KEY_SIZE:
            raise RemoteError("key.not-unwrapped")
        key = suite.unwrap(secret=secret, sealed=lock.wrapped, info=label("bundle"))
        if key is None or len(key) != KEY_SIZE:
            raise RemoteError("key.not-unwrapped")
        return key
    raise RemoteError("bundle.sealed")
