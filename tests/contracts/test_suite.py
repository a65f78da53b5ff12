"""What every suite keeps: the production one and the stand-in of rehearsals (`comity.crypto.suite`).

A rehearsal is only worth as much as its cryptography behaves like the real one: same sizes, same refusals.
"""

from dataclasses import dataclass

import pytest

from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.crypto.suite import (
    AEAD_TAG_SIZE,
    ED25519_PUBLIC_SIZE,
    ED25519_SIGNATURE_SIZE,
    HPKE_OVERHEAD,
    HPKE_PUBLIC_SIZE,
    HPKE_SECRET_SIZE,
    KEY_SIZE,
    MLDSA_PUBLIC_SIZE,
    MLDSA_SIGNATURE_SIZE,
    Ceremony,
    Suite,
)
from comity.rehearsal.standin import StandInCeremony, StandInSuite


@dataclass(frozen=True)
class Both:
    """The two halves of one cryptography."""

    suite: Suite
    ceremony: Ceremony


@pytest.fixture(params=["production", "stand-in"])
def crypto(request: pytest.FixtureRequest) -> Both:
    """Each test runs on both."""
    if request.param == "production":
        return Both(ProductionSuite(), ProductionCeremony())
    return Both(StandInSuite(), StandInCeremony(b"contract"))


def test_random_bytes_have_their_size_and_do_not_repeat(crypto: Both) -> None:
    """Salts and keys come from here."""
    first, second = crypto.ceremony.random(KEY_SIZE), crypto.ceremony.random(KEY_SIZE)
    assert len(first) == len(second) == KEY_SIZE
    assert first != second


def test_hash_and_derivation_give_32_bytes_that_depend_on_all_they_are_given(crypto: Both) -> None:
    """Every argument counts."""
    suite, key, other = crypto.suite, bytes(32), b"\x01" + bytes(31)
    derived = {
        suite.hash(b"a"), suite.hash(b"b"), suite.expand(key, b"a"), suite.expand(key, b"b"), suite.expand(other, b"a"),
        suite.extract(key, other), suite.extract(other, key),
    }  # fmt: skip
    assert {len(value) for value in derived} == {32}
    assert len(derived) == 7


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_what_is_sealed_opens_with_the_same_key_and_context_alone(crypto: Both, size: int) -> None:
    """The seal adds a tag and nothing else; every flipped byte, other key, other context and cut closes it."""
    suite, key = crypto.suite, crypto.ceremony.random(KEY_SIZE)
    plaintext = crypto.ceremony.random(size)
    sealed = suite.seal(key=key, plaintext=plaintext, aad=b"here")
    assert len(sealed) == size + AEAD_TAG_SIZE
    assert suite.open(key=key, sealed=sealed, aad=b"here") == plaintext
    assert suite.open(key=key, sealed=sealed, aad=b"there") is None
    assert suite.open(key=crypto.ceremony.random(KEY_SIZE), sealed=sealed, aad=b"here") is None
    assert suite.open(key=key, sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]), aad=b"here") is None
    assert suite.open(key=key, sealed=bytes([sealed[0] ^ 1]) + sealed[1:], aad=b"here") is None
    assert suite.open(key=key, sealed=sealed[: AEAD_TAG_SIZE - 1], aad=b"here") is None


def test_sealing_is_deterministic(crypto: Both) -> None:
    """The machine seals inside `handle`: one seed, one trace."""
    key = bytes(range(32))
    first = crypto.suite.seal(key=key, plaintext=b"words", aad=b"")
    assert first == crypto.suite.seal(key=key, plaintext=b"words", aad=b"")


def test_a_signature_verifies_for_its_key_and_message_alone(crypto: Both) -> None:
    """And for its own bytes: one flipped bit, another size, another key, another message: no."""
    suite, secret = crypto.suite, crypto.ceremony.random(KEY_SIZE)
    public = suite.public_of_signing(secret)
    signature = suite.sign(secret=secret, message=b"words")
    assert (len(public), len(signature)) == (ED25519_PUBLIC_SIZE, ED25519_SIGNATURE_SIZE)
    assert signature == suite.sign(secret=secret, message=b"words")
    assert suite.verify(public=public, message=b"words", signature=signature)
    assert not suite.verify(public=public, message=b"other", signature=signature)
    assert not suite.verify(public=public, message=b"words", signature=bytes([signature[0] ^ 1]) + signature[1:])
    assert not suite.verify(public=public, message=b"words", signature=signature[:-1])
    stranger = suite.public_of_signing(crypto.ceremony.random(KEY_SIZE))
    assert not suite.verify(public=stranger, message=b"words", signature=signature)


def test_the_second_signature_names_its_context(crypto: Both) -> None:
    """A checkpoint's signature is no root's, though the bytes be the same."""
    suite, secret = crypto.suite, crypto.ceremony.random(KEY_SIZE)
    public = suite.public_of_mldsa(secret)
    signature = crypto.ceremony.sign_mldsa(secret=secret, message=b"words", context=b"one")
    assert (len(public), len(signature)) == (MLDSA_PUBLIC_SIZE, MLDSA_SIGNATURE_SIZE)

    def verify(message: bytes, context: bytes, by: bytes = signature) -> bool:
        return suite.verify_mldsa(public=public, message=message, signature=by, context=context)

    assert verify(b"words", b"one")
    assert not verify(b"words", b"two")
    assert not verify(b"other", b"one")
    assert not verify(b"words", b"one", bytes([signature[0] ^ 1]) + signature[1:])


def test_what_is_wrapped_unwraps_for_its_reader_and_purpose_alone(crypto: Both) -> None:
    """Every wrap of one key differs; its size is fixed, so that a key page's size tells nothing."""
    suite, ceremony = crypto.suite, crypto.ceremony
    secret, key = ceremony.generate_receiving(), ceremony.random(KEY_SIZE)
    public = suite.public_of_receiving(secret)
    wrapped = ceremony.wrap(public=public, plaintext=key, info=b"one")
    assert (len(secret), len(public)) == (HPKE_SECRET_SIZE, HPKE_PUBLIC_SIZE)
    assert len(wrapped) == KEY_SIZE + HPKE_OVERHEAD
    assert wrapped != ceremony.wrap(public=public, plaintext=key, info=b"one")
    assert suite.unwrap(secret=secret, sealed=wrapped, info=b"one") == key
    assert suite.unwrap(secret=secret, sealed=wrapped, info=b"two") is None
    assert suite.unwrap(secret=ceremony.generate_receiving(), sealed=wrapped, info=b"one") is None
    assert suite.unwrap(secret=secret, sealed=bytes([wrapped[0] ^ 1]) + wrapped[1:], info=b"one") is None
    for cut in (b"", wrapped[:100], wrapped[:-1]):
        assert suite.unwrap(secret=secret, sealed=cut, info=b"one") is None


def test_a_public_key_follows_from_its_secret(crypto: Both) -> None:
    """A home needs to keep secrets alone."""
    suite, secret = crypto.suite, crypto.ceremony.random(KEY_SIZE)
    receiving = crypto.ceremony.generate_receiving()
    assert suite.public_of_signing(secret) == suite.public_of_signing(secret)
    assert suite.public_of_mldsa(secret) == suite.public_of_mldsa(secret)
    assert suite.public_of_receiving(receiving) == suite.public_of_receiving(receiving)


def test_no_page_of_the_stand_in_verifies_in_production() -> None:
    """A rehearsal's word can't be taken for a party's: its public keys and signatures are others."""
    secret = bytes(range(32))
    real, played = ProductionSuite(), StandInSuite()
    signature = played.sign(secret=secret, message=b"words")
    assert real.public_of_signing(secret) != played.public_of_signing(secret)
    for public in (real.public_of_signing(secret), played.public_of_signing(secret)):
        assert not real.verify(public=public, message=b"words", signature=signature)


def test_one_seed_gives_one_rehearsal() -> None:
    """The stand-in's "random" bytes come in the order of the calls, the same in every run."""
    draws = [
        [StandInCeremony(seed).random(32), StandInCeremony(seed).generate_receiving()] for seed in (b"a", b"a", b"b")
    ]
    assert draws[0] == draws[1] != draws[2]
