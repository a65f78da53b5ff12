"""Labels, hashes, page keys and the entries root (S1, S2, S5, S7), derived a second time.

Everything goes through the `Suite` that the caller passes, so that a rehearsal's record is judged by the same code.
"""

from collections.abc import Sequence
from typing import Final

from comity.base.encoding import encode
from comity.base.limits import ENTRY_COUNT_MAX
from comity.crypto.suite import Suite

__all__ = ["derive_page_key", "hash_labelled", "label", "leaves_of_entries", "root_of_leaves", "u32", "u64"]


def label(name: str) -> bytes:
    """Return the prefix that keeps one use of a key or hash apart from another (S1)."""
    return b"comity/1/" + name.encode() + b"\x00"


def u32(number: int) -> bytes:
    """Encode big-endian in four bytes (S1)."""
    return number.to_bytes(4, "big")


def u64(number: int) -> bytes:
    """Encode big-endian in eight bytes (S1)."""
    return number.to_bytes(8, "big")


_PREFIX: Final = {
    name: label(name)
    for name in ("page", "body", "journal", "root", "epoch-key", "receiving-key", "bundle", "text-version")
}
_PAGE_KEY: Final = label("page-key")
# A million entries ask for a million of these; 4,096 short strings are made once instead.
_LEAF: Final = tuple(label("leaf") + u32(index) for index in range(ENTRY_COUNT_MAX))


def hash_labelled(suite: Suite, name: str, content: bytes) -> bytes:
    """Return `H(name, content)` of S1."""
    return suite.hash(_PREFIX[name] + content)


def derive_page_key(
    suite: Suite, *, epoch_key: bytes, salt: bytes, journal_digest: bytes, number: int, epoch: int
) -> bytes:
    """Return the key that seals one page and blinds its leaves (S5)."""
    return suite.expand(suite.extract(salt, epoch_key), _PAGE_KEY + encode((journal_digest, number, epoch)))


def leaves_of_entries(suite: Suite, *, page_key: bytes, entries: Sequence[bytes]) -> list[bytes]:
    """Return the blinded leaves of entries, which are their ids (S7, J10)."""
    hash_, blinds = suite.hash, suite.expand_each(page_key, _LEAF[: len(entries)])
    return [hash_(b"\x00" + blind + entry) for blind, entry in zip(blinds, entries, strict=True)]


def root_of_leaves(suite: Suite, leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle root over one or more leaves (S7; RFC 6962, 2.1).

    Pairing level by level and carrying an odd last node up unchanged gives the same tree as the RFC's split at the
    largest power of two, without recursion.
    """
    hash_, level = suite.hash, list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [hash_(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd
    return level[0]
