"""The shapes of bodies: key pages, checkpoints, entries (J1, J9, J10, J13, S9), read a second time from the spec.

Entries come opened; whether they are those that were signed is for `seal` to say. One that is out of form is none, and
says nothing against its page (J10). Decoding either returns or raises `RemoteError`, whatever the bytes.
"""

from typing import Annotated, Final, cast

import msgspec

from comity.audit.form import Head, Shape, is_ascending
from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX, ENTRY_DEPTH_MAX, ENTRY_SIZE_BYTES_MAX, WRAP_COUNT_MAX
from comity.base.names import Bytes32, Uint
from comity.crypto.suite import HPKE_OVERHEAD, KEY_SIZE, MLDSA_SIGNATURE_SIZE

__all__ = [
    "CheckpointBody",
    "CheckpointStatement",
    "KeyBody",
    "decode_checkpoint",
    "decode_checkpoint_statement",
    "decode_entries",
    "decode_key_body",
    "find_value",
    "type_of_entry",
]

UINT_MAX: Final = 2**53
_SIZE: Final = BULK_PAGE_SIZE_BYTES_MAX
_WRAPPED: Final = KEY_SIZE + HPKE_OVERHEAD
_Wrapped = Annotated[bytes, msgspec.Meta(min_length=_WRAPPED, max_length=_WRAPPED)]


class KeyBody(Shape, frozen=True):
    """S9."""

    epoch: Uint
    commitment: Bytes32
    part: Uint
    parts: Uint
    wraps: Annotated[tuple[tuple[str, Bytes32, _Wrapped], ...], msgspec.Meta(max_length=WRAP_COUNT_MAX)]


class CheckpointBody(Shape, frozen=True):
    """J13: a statement and the ML-DSA-65 signature over it."""

    statement: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=MLDSA_SIGNATURE_SIZE, max_length=MLDSA_SIGNATURE_SIZE)]


class CheckpointStatement(Shape, frozen=True):
    """J13."""

    number: Uint
    digest: Bytes32
    seen: tuple[Head, ...]


_KEY_BODY = Decoder(KeyBody, size_max=_SIZE, code="page.malformed")
_CHECKPOINT = Decoder(CheckpointBody, size_max=_SIZE, code="page.checkpoint")
_STATEMENT = Decoder(CheckpointStatement, size_max=_SIZE, code="page.checkpoint")
_BODY = Decoder(list[bytes], size_max=_SIZE, code="page.entries-root")
_ENTRY = Decoder(list[object], size_max=ENTRY_SIZE_BYTES_MAX, code="entry.malformed")


def decode_key_body(raw: bytes, *, epoch: int) -> KeyBody:
    """Decode the body of a key page (S9)."""
    body = _KEY_BODY.decode(raw)
    if body.epoch != epoch or body.part >= body.parts:
        raise RemoteError("page.kind", evidence=raw)
    return body


def decode_checkpoint(raw: bytes) -> CheckpointBody:
    """Decode the body of a checkpoint: `page.checkpoint` for another shape than J13's."""
    return _CHECKPOINT.decode(raw)


def decode_checkpoint_statement(raw: bytes, *, journal_digest: bytes) -> CheckpointStatement:
    """Decode what a checkpoint states: `page.checkpoint` for another shape than J13's."""
    statement = _STATEMENT.decode(raw)
    if not is_ascending(statement.seen) or any(head[0] == journal_digest for head in statement.seen):
        raise RemoteError("page.checkpoint", evidence=raw)
    return statement


def decode_entries(raw: bytes, *, count: int) -> list[bytes]:
    """Decode an opened body into its entries, as bytes.

    Raises:
        RemoteError: `page.entries-root` for whatever is not `count` bins within their limit (S6).
    """
    try:
        entries = _BODY.decode(raw)
    except RemoteError as error:
        raise RemoteError("page.entries-root", evidence=raw) from error
    if len(entries) != count or max(map(len, entries), default=0) > ENTRY_SIZE_BYTES_MAX:
        raise RemoteError("page.entries-root", evidence=raw)
    return entries


def find_value(entry: bytes) -> list[object] | None:
    """Return what an entry says, or None for bytes that are no entry in the form of J1 and J10."""
    try:
        value = _ENTRY.decode(entry)
    except RemoteError:
        return None
    is_entry = bool(value) and type(value[0]) is str and _is_plain(value, depth=ENTRY_DEPTH_MAX)
    return value if is_entry else None


def _is_plain(values: list[object], depth: int) -> bool:
    """Tell whether J1 permits every element. msgspec also decodes maps, floats, nil, booleans and extensions."""
    for value in values:
        kind = type(value)
        if kind is str or kind is bytes:
            continue
        if kind is int:
            if not 0 <= cast("int", value) <= UINT_MAX:
                return False
        elif kind is not list or depth <= 1 or not _is_plain(cast("list[object]", value), depth - 1):
            return False
    return True


def type_of_entry(value: list[object]) -> str:
    """Return the type that an entry bears (J10); `find_value` has seen that it is there."""
    return cast("str", value[0])
