"""Sealing and opening a body, and the entries root that commits to it (docs/spec/sealing.md, S5 to S7)."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple, cast

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX, ENTRY_COUNT_MAX, ENTRY_SIZE_BYTES_MAX
from comity.base.names import Digest
from comity.crypto.label import label, u32
from comity.crypto.suite import Suite
from comity.journal.header import EMPTY_ROOT, JournalId, Kind, Page

__all__ = [
    "Opened", "decode_entries", "find_blind", "find_key_of_page", "find_leaf", "find_leaves", "find_page_key",
    "find_path", "find_root", "find_root_of_path", "open_page", "seal_body",
]  # fmt: skip

_ENTRIES: Final[Decoder[tuple[bytes, ...]]] = Decoder(
    Annotated[tuple[bytes, ...], msgspec.Meta(min_length=1, max_length=ENTRY_COUNT_MAX)],  # type: ignore[arg-type]
    size_max=BULK_PAGE_SIZE_BYTES_MAX,
    code="page.entries-root",
)


class Opened(NamedTuple):
    """What a page says: its entries as bytes, and their ids (leaves), in order."""

    entries: tuple[bytes, ...]
    ids: tuple[Digest, ...]


def find_page_key(suite: Suite, *, epoch_key: bytes, salt: bytes, journal: bytes, number: int, epoch: int) -> bytes:
    """Derive the key that seals one page and blinds its leaves (S5)."""
    info = label("page-key") + encode((journal, number, epoch))
    return suite.expand(suite.extract(salt, epoch_key), info)


def find_key_of_page(suite: Suite, page: Page, epoch_key: bytes) -> bytes:
    """Return the page key of a page with entries; that of an open page is its salt (S5)."""
    header = page.header
    if header.kind is Kind.OPEN:
        return header.salt
    return find_page_key(
        suite, epoch_key=epoch_key, salt=header.salt, journal=page.journal, number=header.number, epoch=header.epoch
    )


def seal_body(suite: Suite, *, page_key: bytes, entries: Sequence[bytes], journal: JournalId, number: int) -> bytes:
    """Seal the entries of one page. `page_key` must never have sealed anything else: take a new salt per page."""
    return suite.seal(key=page_key, plaintext=encode(tuple(entries)), aad=_aad(journal, number))


def open_page(suite: Suite, page: Page, epoch_key: bytes) -> Opened:
    """Open a page of kind 0 (where `epoch_key` is not used) or 2 and check what it opened to.

    Raises:
        RemoteError: `page.not-opened`; `page.entries-root` if the text is not the one that was committed to.
    """
    header = page.header
    assert header.kind.has_entries
    page_key = find_key_of_page(suite, page, epoch_key)
    if header.kind is Kind.OPEN:
        plaintext = page.body
    else:
        opened = suite.open(key=page_key, sealed=page.body, aad=_aad(header.journal, header.number))
        if opened is None:
            raise RemoteError("page.not-opened", evidence=page.raw, number=header.number)
        plaintext = opened
    entries = decode_entries(plaintext, page)
    ids = find_leaves(suite, page_key=page_key, entries=entries)
    if find_root(ids) != header.entries_root:
        raise RemoteError("page.entries-root", evidence=page.raw, number=header.number)
    return Opened(entries, ids)


def decode_entries(plaintext: bytes, page: Page) -> tuple[bytes, ...]:
    """Return the entries of an opened or open body as bytes (S6); what is in them is not looked at.

    Raises:
        RemoteError: `page.entries-root`.
    """
    try:
        entries: tuple[bytes, ...] = _ENTRIES.decode(plaintext)
    except RemoteError as error:
        raise RemoteError("page.entries-root", evidence=page.raw, number=page.header.number) from error
    if len(entries) != page.header.entry_count or any(len(entry) > ENTRY_SIZE_BYTES_MAX for entry in entries):
        raise RemoteError("page.entries-root", evidence=page.raw, number=page.header.number)
    return entries


def find_leaf(suite: Suite, *, blind: bytes, entry: bytes) -> Digest:
    """Return the leaf of one entry: its id (S7)."""
    return Digest(suite.hash(b"\x00" + blind + entry))


def find_blind(suite: Suite, *, page_key: bytes, index: int) -> bytes:
    """Derive the blind of entry `index`; disclosing it discloses that entry alone."""
    return suite.expand(page_key, label("leaf") + u32(index))


def find_leaves(suite: Suite, *, page_key: bytes, entries: Sequence[bytes]) -> tuple[Digest, ...]:
    """Return the blinded leaves of the entries, in order."""
    # As `find_leaf` of `find_blind`, written out: of a page with many entries this is most of the work.
    hash_, what = suite.hash, label("leaf")
    blinds = suite.expand_each(page_key, [what + index.to_bytes(4, "big") for index in range(len(entries))])
    leaves = [hash_(b"\x00" + blind + entry) for blind, entry in zip(blinds, entries, strict=True)]
    return cast("tuple[Digest, ...]", tuple(leaves))


def find_root(leaves: Sequence[bytes]) -> Digest:
    """Return the Merkle tree hash (RFC 6962, 2.1) over leaves that are already hashed.

    Pairing neighbours level by level and carrying an odd last node up gives the RFC's tree: its left part is always
    the largest full power of two.
    """
    if not leaves:
        return Digest(EMPTY_ROOT)
    level, sha256 = list(leaves), hashlib.sha256  # as `_node`, written out: once for every leaf
    while len(level) > 1:
        paired = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = paired if len(level) % 2 == 0 else [*paired, level[-1]]
    return Digest(level[0])


def find_path(leaves: Sequence[bytes], index: int) -> tuple[Digest, ...]:
    """Return the audit path of a leaf, from its sibling up (RFC 6962, 2.1.1)."""
    path: list[Digest] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(Digest(level[sibling]))
        paired = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired if len(level) % 2 == 0 else [*paired, level[-1]]
        index //= 2
    return tuple(path)


def find_root_of_path(leaf: bytes, path: Sequence[bytes], *, index: int, count: int) -> Digest | None:
    """Return the root that a leaf and its path give in a tree of `count` leaves, or None if the path does not fit."""
    node, rest, width = leaf, list(path), count
    while width > 1:
        if index ^ 1 < width:
            if not rest:
                return None
            sibling = rest.pop(0)
            node = _node(sibling, node) if index % 2 else _node(node, sibling)
        index, width = index // 2, (width + 1) // 2
    return Digest(node) if not rest else None


def _node(left: bytes, right: bytes) -> bytes:
    # SHA-256 whatever the suite: a stand-in for rehearsals saves on ciphers, never on what commits.
    return hashlib.sha256(b"\x01" + left + right).digest()


def _aad(journal: JournalId, number: int) -> bytes:
    return label("page-seal") + encode((journal, number))
