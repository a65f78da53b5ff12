"""A fast, deterministic stand-in for the cryptography, for rehearsals and their tests alone.

It keeps every size and every rule of `crypto.suite` but the strength: whoever knows a public key could sign. Nothing
outside `rehearsal` can choose it (an import contract forbids it), and no page it makes verifies in production.
"""

import hashlib
import hmac
from collections.abc import Iterable

from comity.crypto.suite import AEAD_TAG_SIZE, HPKE_OVERHEAD, HPKE_PUBLIC_SIZE, MLDSA_PUBLIC_SIZE, MLDSA_SIGNATURE_SIZE

__all__ = ["StandInCeremony", "StandInSuite"]


def _stretch(seed: bytes, size: int) -> bytes:
    return hashlib.shake_128(seed).digest(size)


class StandInSuite:
    """See `crypto.suite.Suite`."""

    def hash(self, content: bytes, /) -> bytes:
        return hashlib.sha256(content).digest()

    def expand(self, key: bytes, info: bytes, /) -> bytes:
        return hmac.digest(key, info + b"\x01", "sha256")

    def expand_each(self, key: bytes, infos: Iterable[bytes], /) -> list[bytes]:
        return [self.expand(key, info) for info in infos]

    def extract(self, salt: bytes, key: bytes, /) -> bytes:
        return hmac.digest(salt, key, "sha256")

    def seal(self, *, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        stream = _stretch(b"seal" + key, len(plaintext))
        masked = (int.from_bytes(plaintext, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(plaintext), "big")
        return masked + self._tag(key, masked, aad)

    def open(self, *, key: bytes, sealed: bytes, aad: bytes) -> bytes | None:
        masked, tag = sealed[:-AEAD_TAG_SIZE], sealed[-AEAD_TAG_SIZE:]
        if len(sealed) < AEAD_TAG_SIZE or tag != self._tag(key, masked, aad):
            return None
        stream = _stretch(b"seal" + key, len(masked))
        return (int.from_bytes(masked, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(masked), "big")

    def _tag(self, key: bytes, masked: bytes, aad: bytes) -> bytes:
        return hashlib.blake2b(masked, key=key, digest_size=AEAD_TAG_SIZE, person=self.hash(aad)[:16]).digest()

    def sign(self, *, secret: bytes, message: bytes) -> bytes:
        return hashlib.blake2b(message, key=self.public_of_signing(secret)).digest()

    def verify(self, *, public: bytes, message: bytes, signature: bytes) -> bool:
        return signature == hashlib.blake2b(message, key=public).digest()

    def verify_mldsa(self, *, public: bytes, message: bytes, signature: bytes, context: bytes) -> bool:
        return signature == _stretch(b"mldsa" + public + context + message, MLDSA_SIGNATURE_SIZE)

    def unwrap(self, *, secret: bytes, sealed: bytes, info: bytes) -> bytes | None:
        if len(sealed) <= HPKE_OVERHEAD:
            return None
        head, rest = sealed[: HPKE_OVERHEAD - AEAD_TAG_SIZE], sealed[HPKE_OVERHEAD - AEAD_TAG_SIZE :]
        key = self.hash(b"wrap" + head + self.public_of_receiving(secret))
        return self.open(key=key, sealed=rest, aad=info)

    def public_of_signing(self, secret: bytes, /) -> bytes:
        return self.hash(b"signing" + secret)

    def public_of_receiving(self, secret: bytes, /) -> bytes:
        return _stretch(b"receiving" + secret, HPKE_PUBLIC_SIZE)

    def public_of_mldsa(self, secret: bytes, /) -> bytes:
        return _stretch(b"mldsa-public" + secret, MLDSA_PUBLIC_SIZE)


class StandInCeremony:
    """See `crypto.suite.Ceremony`: "random" bytes are drawn from a seed, in the order of the calls."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._count = 0
        self._suite = StandInSuite()

    def random(self, size: int, /) -> bytes:
        self._count += 1
        return _stretch(b"random" + self._seed + self._count.to_bytes(8, "big"), size)

    def draw_salt(self) -> bytes:
        """Return the random bytes that come with one input."""
        return self.random(32)

    def generate_receiving(self) -> bytes:
        return self.random(96)

    def sign_mldsa(self, *, secret: bytes, message: bytes, context: bytes) -> bytes:
        return _stretch(b"mldsa" + self._suite.public_of_mldsa(secret) + context + message, MLDSA_SIGNATURE_SIZE)

    def wrap(self, *, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        head = self.random(HPKE_OVERHEAD - AEAD_TAG_SIZE)
        key = self._suite.hash(b"wrap" + head + public)
        return head + self._suite.seal(key=key, plaintext=plaintext, aad=info)
