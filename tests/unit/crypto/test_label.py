"""Domain separation (docs/spec/sealing.md, S1)."""

import hashlib

from comity.crypto.label import digest, label, u32, u64
from comity.crypto.production import ProductionSuite


def test_a_label_ends_in_a_zero_byte() -> None:
    """So no label is the beginning of another."""
    assert label("page") == b"comity/1/page\x00"


def test_a_digest_is_sha_256_over_label_and_content() -> None:
    """`H(x, content)`, as the specification writes it."""
    expected = hashlib.sha256(b"comity/1/body\x00words").digest()
    assert digest(ProductionSuite(), "body", b"words") == expected


def test_numbers_are_big_endian_of_fixed_size() -> None:
    """What is hashed has one form."""
    assert u32(258) == b"\x00\x00\x01\x02"
    assert u64(258) == b"\x00\x00\x00\x00\x00\x00\x01\x02"
