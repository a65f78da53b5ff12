"""Key pages and checkpoints: the two bodies that are signed but not sealed (docs/spec/sealing.md, S4, S9; J13)."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX, SEEN_COUNT_MAX, WRAP_COUNT_MAX
from comity.base.names import Bytes32, Digest, Party, Uint
from comity.crypto.label import digest, label, u64
from comity.crypto.suite import HPKE_OVERHEAD, KEY_SIZE, MLDSA_SIGNATURE_SIZE, Suite
from comity.journal.header import JournalId, Page, SeenHead

__all__ = [
    "CHECKPOINT_CONTEXT", "CheckpointBody", "CheckpointStatement", "KeyBody", "Wrap", "find_checkpoint_message",
    "find_commitment", "find_key_id", "find_wrap_info", "parse_checkpoint", "parse_key_body", "split_wraps",
]  # fmt: skip

CHECKPOINT_CONTEXT: Final = b"comity/1/checkpoint"
WRAPPED_SIZE: Final = KEY_SIZE + HPKE_OVERHEAD
WRAP_COUNT_PER_PAGE: Final = 32
"""Wraps in one key page: 32 of about 1,250 bytes leave room for a long audience in the header."""


class Wrap(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One reader's copy of an epoch key, under the key that `key_id` names."""

    party: Party
    key_id: Bytes32
    wrapped: Annotated[bytes, msgspec.Meta(min_length=WRAPPED_SIZE, max_length=WRAPPED_SIZE)]


class KeyBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """S9."""

    epoch: Uint
    commitment: Bytes32
    part: Uint
    parts: Uint
    wraps: Annotated[tuple[Wrap, ...], msgspec.Meta(max_length=WRAP_COUNT_MAX)]


class CheckpointStatement(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """J13: the page before it, and every head held."""

    number: Uint
    page: Bytes32
    heads: Annotated[tuple[SeenHead, ...], msgspec.Meta(max_length=SEEN_COUNT_MAX)]


class CheckpointBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """J13: the body of kind 4."""

    statement: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=MLDSA_SIGNATURE_SIZE, max_length=MLDSA_SIGNATURE_SIZE)]


_KEYS: Final = Decoder(KeyBody, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="page.malformed")
_CHECKPOINT: Final = Decoder(CheckpointBody, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="page.checkpoint")
_STATEMENT: Final = Decoder(CheckpointStatement, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="page.checkpoint")


def parse_key_body(page: Page) -> KeyBody:
    """Parse the body of a key page.

    Raises:
        RemoteError: `page.malformed`, `bytes.not-canonical`, or `page.kind` where it contradicts its header.
    """
    body = _KEYS.decode(page.body)
    if body.epoch != page.header.epoch or body.part >= body.parts:
        raise RemoteError("page.kind", evidence=page.raw)
    return body


def parse_checkpoint(page: Page) -> tuple[CheckpointBody, CheckpointStatement]:
    """Parse the body of a checkpoint and the statement in it.

    Raises:
        RemoteError: `page.checkpoint` or `bytes.not-canonical`.
    """
    body = _CHECKPOINT.decode(page.body)
    statement = _STATEMENT.decode(body.statement)
    orders = [head.order for head in statement.heads]
    if sorted(set(orders)) != orders or any(head.journal == page.journal for head in statement.heads):
        raise RemoteError("page.checkpoint", evidence=page.raw)
    return body, statement


def find_checkpoint_message(journal: JournalId, statement: bytes) -> bytes:
    """Return what the checkpoint key signs."""
    return encode((journal, statement))


def find_commitment(suite: Suite, *, journal: Digest, epoch: int, key: bytes) -> Digest:
    """Return the commitment to an epoch key (S4)."""
    return digest(suite, "epoch-key", journal + u64(epoch) + key)


def find_key_id(suite: Suite, public: bytes) -> Digest:
    """Return the name of a receiving key (S8)."""
    return digest(suite, "receiving-key", public)


def find_wrap_info(*, journal: JournalId, epoch: int, commitment: bytes, party: Party) -> bytes:
    """Return the HPKE info that binds a wrap to its journal, epoch, key and reader (S9)."""
    return label("epoch-key") + encode((journal, epoch, commitment, party))


def split_wraps(*, epoch: int, commitment: bytes, wraps: Sequence[Wrap]) -> tuple[bytes, ...]:
    """Encode key bodies for all wraps, as many as the size of a record page needs."""
    pieces = [wraps[i : i + WRAP_COUNT_PER_PAGE] for i in range(0, len(wraps), WRAP_COUNT_PER_PAGE)] or [()]
    return tuple(
        encode(KeyBody(epoch, commitment, part, len(pieces), tuple(piece))) for part, piece in enumerate(pieces)
    )
