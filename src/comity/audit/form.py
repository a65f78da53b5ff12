"""The shapes of signed bytes: journal id, header, page (J1 to J9), read a second time from the spec.

Rules
- Bytes of another shape are `page.malformed` (J1); values that their *kind* forbids are `page.kind` (J9).
- Only shape is judged here: nothing is compared with keys, other pages or the pact.
- Decoding either returns or raises `RemoteError`, whatever the bytes.

What a page's body holds is in `body`.
"""

import itertools
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import (
    AUDIENCE_COUNT_MAX,
    BULK_PAGE_SIZE_BYTES_MAX,
    ENTRY_COUNT_MAX,
    INCARNATION_MAX,
    INSTANT_MS_MAX,
    OPENING_COUNT_MAX,
    SEEN_COUNT_MAX,
    STATEMENT_SIZE_BYTES_MAX,
)
from comity.base.names import Bytes32, Uint, is_audience, is_realm
from comity.crypto.suite import ED25519_SIGNATURE_SIZE

__all__ = [
    "CHECKPOINT",
    "ENTRIES",
    "FEEDS",
    "GENESIS",
    "HEADS_SEEN",
    "KEYS",
    "OPEN",
    "Head",
    "Header",
    "JournalId",
    "Page",
    "Shape",
    "decode_header",
    "decode_page",
    "is_ascending",
    "is_journal_id",
    "is_sound",
    "keeps_its_kind",
]

GENESIS: Final = "genesis"
FEEDS: Final = (GENESIS, "record", "bulk", "warning")
OPEN, KEYS, ENTRIES, HEADS_SEEN, CHECKPOINT = range(5)

Head = tuple[Bytes32, Uint, Bytes32]
"""Journal digest, page number, page digest (J7)."""


class Shape(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """A MessagePack array with exactly the elements that its class names (J1).

    What was decoded can't hold itself, so no shape is ever searched for garbage: a record has millions of them.
    """


class JournalId(Shape, frozen=True):
    """J4."""

    lineage: Bytes32
    realm: str
    feed: str
    author: str
    audience: tuple[str, ...]
    incarnation: Uint


class Header(Shape, frozen=True):
    """J7."""

    format: Uint
    suite: Uint
    kind: Uint
    pact: Bytes32
    journal: JournalId
    number: Uint
    previous: Bytes32
    written_at: Uint
    salt: Bytes32
    epoch: Uint
    entry_count: Uint
    body_digest: Bytes32
    entries_root: Bytes32
    seen: tuple[Head, ...]
    opening: tuple[bytes, ...]


class Page(Shape, frozen=True):
    """J6."""

    header: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=ED25519_SIGNATURE_SIZE, max_length=ED25519_SIGNATURE_SIZE)]
    body: bytes


_SIZE = BULK_PAGE_SIZE_BYTES_MAX
_PAGE = Decoder(Page, size_max=_SIZE, code="page.malformed")
_HEADER = Decoder(Header, size_max=_SIZE, code="page.malformed")
_PARTS = msgspec.msgpack.Decoder(list[msgspec.Raw])
_UINT = msgspec.msgpack.Decoder(Uint)


def decode_page(raw: bytes) -> Page:
    """Decode the outer three parts (J6)."""
    return _PAGE.decode(raw)


def decode_header(raw: bytes) -> Header:
    """Decode a header (J7). A format or suite of another number is told apart whatever the rest is."""
    if _is_newer(raw):
        raise RemoteError("page.format-unknown", evidence=raw)
    return _HEADER.decode(raw)


def _is_newer(raw: bytes) -> bool:
    """Look at the format, and if it is ours at the suite: what comes after them is theirs to say."""
    try:
        parts = _PARTS.decode(raw)
        return any(_UINT.decode(part) != 1 for part in parts[:2])
    except (msgspec.DecodeError, RecursionError, ValueError):
        return False


def is_journal_id(journal: JournalId) -> bool:
    """Tell whether the names in a journal id have their forms (J3, J4)."""
    return (
        is_realm(journal.realm)
        and journal.feed in FEEDS
        and len(journal.audience) <= AUDIENCE_COUNT_MAX
        and is_audience(journal.audience)
        and journal.author in journal.audience
        and journal.incarnation <= INCARNATION_MAX
    )


def is_ascending(seen: tuple[Head, ...]) -> bool:
    """Tell whether heads are strictly ascending and few enough (J12)."""
    return len(seen) <= SEEN_COUNT_MAX and all(a < b for a, b in itertools.pairwise(seen))


def is_sound(header: Header, *, journal_digest: bytes) -> bool:
    """Tell whether a header that decoded keeps J7's and J12's bounds, its journal's names aside."""
    return (
        header.written_at <= INSTANT_MS_MAX
        and is_ascending(header.seen)
        and all(head[0] != journal_digest for head in header.seen)
        and len(header.opening) <= OPENING_COUNT_MAX
        and all(len(statement) <= STATEMENT_SIZE_BYTES_MAX for statement in header.opening)
    )


def keeps_its_kind(header: Header, *, body: bytes, empty_root: bytes) -> bool:
    """Tell whether the header's values are those that its kind allows (J7, J9); bodies are decoded elsewhere."""
    kind, in_genesis = header.kind, header.journal.feed == GENESIS
    if kind in (OPEN, ENTRIES):
        epoch_fits = header.epoch == 0 if kind == OPEN else header.epoch >= 1
        return (kind == OPEN) == in_genesis and 1 <= header.entry_count <= ENTRY_COUNT_MAX and epoch_fits
    if header.entry_count != 0 or header.entries_root != empty_root:
        return False
    if kind == KEYS:
        return not in_genesis and header.epoch >= 1
    if kind == HEADS_SEEN:
        return header.epoch == 0 and body == b"" and bool(header.seen)
    return kind == CHECKPOINT and header.epoch == 0 and header.number >= 1
