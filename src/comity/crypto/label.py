"""Domain separation: every hash, signature and derivation names what it is for (docs/spec/sealing.md, S1)."""

import functools

from comity.base.names import Digest
from comity.crypto.suite import Suite

__all__ = ["digest", "label", "u32", "u64"]


@functools.cache
def label(what: str) -> bytes:
    """Return the bytes `comity/1/WHAT` and one zero byte."""
    return b"comity/1/" + what.encode("ascii") + b"\x00"


def digest(suite: Suite, what: str, content: bytes) -> Digest:
    """Return `H(what, content)`."""
    return Digest(suite.hash(label(what) + content))


def u32(number: int) -> bytes:
    """Four bytes, big-endian."""
    return number.to_bytes(4, "big")


def u64(number: int) -> bytes:
    """Eight bytes, big-endian."""
    return number.to_bytes(8, "big")
