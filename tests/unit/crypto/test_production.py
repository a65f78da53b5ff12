"""The production suite against published vectors, and what it says of bytes that are no keys."""

import pytest

from comity.base.errors import RemoteError
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.crypto.suite import HPKE_PUBLIC_SIZE, MLDSA_PUBLIC_SIZE, Suite
from comity.rehearsal.standin import StandInSuite

SUITE = ProductionSuite()
CEREMONY = ProductionCeremony()


def test_hkdf_is_that_of_rfc_5869() -> None:
    """Appendix A.1; the first 32 bytes of its output, which are one block."""
    prk = SUITE.extract(bytes(range(13)), b"\x0b" * 22)
    assert prk.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    assert SUITE.expand(prk, bytes(range(0xF0, 0xFA))).hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
    )


@pytest.mark.parametrize("suite", [SUITE, StandInSuite()], ids=["production", "stand-in"])
@pytest.mark.parametrize("key", [b"", bytes(32), bytes(range(32)), b"\xff" * 64])
def test_expanding_many_is_expanding_each(suite: Suite, key: bytes) -> None:
    """One key, many infos of many sizes: the same bytes as one by one, in the same order."""
    infos = [bytes([size]) * size for size in (0, 1, 17, 55, 64, 65, 200)]
    assert suite.expand_each(key, infos) == [suite.expand(key, info) for info in infos]
    assert suite.expand_each(key, ()) == []


def test_ed25519_is_that_of_rfc_8032() -> None:
    """Section 7.1, test 2."""
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    assert SUITE.public_of_signing(secret).hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert SUITE.sign(secret=secret, message=b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_signature_with_s_not_below_the_group_order_is_refused() -> None:
    """S3: otherwise anyone could make a second signature, and with it a second form of a page."""
    secret = bytes(32)
    signature = SUITE.sign(secret=secret, message=b"words")
    order = 2**252 + 27742317777372353535851937790883648493
    second = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert not SUITE.verify(public=SUITE.public_of_signing(secret), message=b"words", signature=second)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_bytes_of_another_size_are_no_signing_key(size: int) -> None:
    """Secret or public: a damaged file is told by its code, not by an exception of the library's."""
    with pytest.raises(RemoteError, match=r"key\.malformed"):
        SUITE.verify(public=bytes(size), message=b"", signature=bytes(64))
    with pytest.raises(RemoteError, match=r"key\.malformed"):
        SUITE.sign(secret=bytes(size), message=b"")


def test_bytes_of_another_size_are_no_lattice_or_receiving_key() -> None:
    """The same for the other kinds of keys."""
    with pytest.raises(RemoteError, match=r"key\.malformed"):
        SUITE.verify_mldsa(public=bytes(MLDSA_PUBLIC_SIZE - 1), message=b"", signature=b"", context=b"")
    with pytest.raises(RemoteError, match=r"key\.malformed"):
        SUITE.public_of_mldsa(bytes(31))
    with pytest.raises(RemoteError, match=r"key\.malformed"):
        SUITE.public_of_receiving(bytes(95))
    with pytest.raises(RemoteError, match=r"key\.malformed"):
        CEREMONY.wrap(public=bytes(HPKE_PUBLIC_SIZE - 1), plaintext=b"", info=b"")


@pytest.mark.parametrize(
    "public", [b"\xff" * HPKE_PUBLIC_SIZE, bytes(HPKE_PUBLIC_SIZE)], ids=["not-reduced", "low-order"]
)
def test_a_receiving_key_of_the_right_size_may_still_be_none(public: bytes) -> None:
    """FIPS 203 refuses coefficients that are not reduced; X25519 points of low order give no secret."""
    with pytest.raises(RemoteError, match=r"key\.malformed"):
        CEREMONY.wrap(public=public, plaintext=bytes(32), info=b"")
