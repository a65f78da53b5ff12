"""What the rest of Comity asks of cryptography.

Two halves, as law 4 wants them. `Suite` holds everything that is deterministic: the machine calls it inside `handle`.
`Ceremony` draws randomness: only drivers (node, rehearsal) and root ceremonies hold one, and what it returns comes
back to the machine as input.

Keys are raw bytes of fixed size; sizes are below. A key or ciphertext that is not of the right form is
`RemoteError("key.malformed")`; a signature that does not verify is `False`; a seal that does not open is `None`.
"""

from collections.abc import Iterable
from typing import Final, Protocol

__all__ = [
    "AEAD_TAG_SIZE",
    "ED25519_PUBLIC_SIZE",
    "ED25519_SIGNATURE_SIZE",
    "HPKE_OVERHEAD",
    "HPKE_PUBLIC_SIZE",
    "HPKE_SECRET_SIZE",
    "KEY_SIZE",
    "MLDSA_PUBLIC_SIZE",
    "MLDSA_SIGNATURE_SIZE",
    "Ceremony",
    "Suite",
]

KEY_SIZE: Final = 32
"""Bytes of an epoch key, page key, Ed25519 seed, ML-DSA-65 seed."""
AEAD_TAG_SIZE: Final = 16
ED25519_PUBLIC_SIZE: Final = 32
ED25519_SIGNATURE_SIZE: Final = 64
MLDSA_PUBLIC_SIZE: Final = 1952
MLDSA_SIGNATURE_SIZE: Final = 3309
HPKE_PUBLIC_SIZE: Final = 1184 + 32
"""ML-KEM-768 encapsulation key, then X25519 public key (X-Wing order, RFC 9180 KEM 0x647a)."""
HPKE_SECRET_SIZE: Final = 64 + 32
"""ML-KEM-768 seed (d || z), then X25519 private scalar."""
HPKE_OVERHEAD: Final = 1088 + 32 + AEAD_TAG_SIZE
"""Bytes by which a sealed message is longer: encapsulated key and tag."""


class Suite(Protocol):
    """The deterministic half. An implementation never draws randomness and never keeps state that shows."""

    def hash(self, content: bytes, /) -> bytes:
        """SHA-256 (FIPS 180-4), 32 bytes."""

    def expand(self, key: bytes, info: bytes, /) -> bytes:
        """HKDF-Expand-SHA-256 (RFC 5869, 2.3) to 32 bytes; `key` is 32 uniformly random bytes."""

    def expand_each(self, key: bytes, infos: Iterable[bytes], /) -> list[bytes]:
        """As `expand`, for many infos under one key: what depends on the key alone is worked out once."""

    def extract(self, salt: bytes, key: bytes, /) -> bytes:
        """HKDF-Extract-SHA-256 (RFC 5869, 2.2)."""

    def seal(self, *, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """AES-256-GCM with the all-zero 96-bit nonce: `key` must be used for this one message only."""

    def open(self, *, key: bytes, sealed: bytes, aad: bytes) -> bytes | None:
        """Open what `seal` made, or None. Does not commit to the key: the caller checks a commitment."""

    def sign(self, *, secret: bytes, message: bytes) -> bytes:
        """Ed25519 (RFC 8032, pure), deterministic. `secret` is the 32-byte seed."""

    def verify(self, *, public: bytes, message: bytes, signature: bytes) -> bool:
        """Verify Ed25519, cofactorless, non-canonical S refused."""

    def verify_mldsa(self, *, public: bytes, message: bytes, signature: bytes, context: bytes) -> bool:
        """Verify ML-DSA-65 (FIPS 204, pure, with context string)."""

    def unwrap(self, *, secret: bytes, sealed: bytes, info: bytes) -> bytes | None:
        """HPKE base mode open (RFC 9180; MLKEM768-X25519, HKDF-SHA256, AES-256-GCM), or None."""

    def public_of_signing(self, secret: bytes, /) -> bytes:
        """Ed25519 public key of a seed."""

    def public_of_receiving(self, secret: bytes, /) -> bytes:
        """HPKE public key of a receiving secret."""

    def public_of_mldsa(self, secret: bytes, /) -> bytes:
        """ML-DSA-65 public key of a seed."""


class Ceremony(Protocol):
    """The half that draws randomness."""

    def random(self, size: int, /) -> bytes:
        """`size` random bytes, fit for keys."""

    def generate_receiving(self) -> bytes:
        """A new HPKE secret, `HPKE_SECRET_SIZE` bytes."""

    def sign_mldsa(self, *, secret: bytes, message: bytes, context: bytes) -> bytes:
        """Sign with ML-DSA-65, hedged."""

    def wrap(self, *, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        """HPKE base mode seal to a receiving key; the encapsulated key comes first."""
