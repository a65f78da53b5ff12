"""The one production suite: SHA-256, HKDF, AES-256-GCM, Ed25519, ML-DSA-65, HPKE with MLKEM768-X25519.

Everything is `cryptography` (OpenSSL and its Rust layer) but HMAC, which the standard library does faster for the
tiny inputs of leaf blinding. Sources: RFC 5869, RFC 8032, RFC 9180, FIPS 203, FIPS 204.
"""

import functools
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
)
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite

from comity.base.errors import RemoteError
from comity.crypto.suite import AEAD_TAG_SIZE, HPKE_PUBLIC_SIZE, HPKE_SECRET_SIZE, KEY_SIZE

__all__ = ["ProductionCeremony", "ProductionSuite"]

_ZERO_NONCE = bytes(12)
_HPKE = HpkeSuite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ML_KEM_PUBLIC_SIZE = 1184
_ML_KEM_SEED_SIZE = 64
_HMAC_BLOCK_SIZE: Final = 64
_INNER_PAD: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD: Final = bytes(byte ^ 0x5C for byte in range(256))


class ProductionSuite:
    """See `suite.Suite`. Parsed keys are cached: a node sees the same few hundred for years."""

    def hash(self, content: bytes, /) -> bytes:
        return hashlib.sha256(content).digest()

    def expand(self, key: bytes, info: bytes, /) -> bytes:
        return hmac.digest(key, info + b"\x01", "sha256")

    def expand_each(self, key: bytes, infos: Iterable[bytes], /) -> list[bytes]:
        # HMAC as RFC 2104 composes it, its two halves keyed once and copied: a third of what a keyed call costs.
        assert len(key) <= _HMAC_BLOCK_SIZE
        block = key.ljust(_HMAC_BLOCK_SIZE, b"\x00")
        inner, outer = hashlib.sha256(block.translate(_INNER_PAD)), hashlib.sha256(block.translate(_OUTER_PAD))
        copy_inner, copy_outer, expanded = inner.copy, outer.copy, []
        for info in infos:
            mac, whole = copy_inner(), copy_outer()
            mac.update(info + b"\x01")
            whole.update(mac.digest())
            expanded.append(whole.digest())
        return expanded

    def extract(self, salt: bytes, key: bytes, /) -> bytes:
        return hmac.digest(salt, key, "sha256")

    def seal(self, *, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        return AESGCM(key).encrypt(_ZERO_NONCE, plaintext, aad)

    def open(self, *, key: bytes, sealed: bytes, aad: bytes) -> bytes | None:
        if len(sealed) < AEAD_TAG_SIZE:
            return None
        try:
            return AESGCM(key).decrypt(_ZERO_NONCE, sealed, aad)
        except InvalidTag:
            return None

    def sign(self, *, secret: bytes, message: bytes) -> bytes:
        return _ed25519_secret(secret).sign(message)

    def verify(self, *, public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            _ed25519_public(public).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def verify_mldsa(self, *, public: bytes, message: bytes, signature: bytes, context: bytes) -> bool:
        try:
            _mldsa_public(public).verify(signature, message, context)
        except InvalidSignature:
            return False
        return True

    def unwrap(self, *, secret: bytes, sealed: bytes, info: bytes) -> bytes | None:
        private = _receiving_secret(secret)
        try:
            return _HPKE.decrypt(sealed, private, info)
        except (InvalidTag, ValueError):
            return None

    def public_of_signing(self, secret: bytes, /) -> bytes:
        return _ed25519_secret(secret).public_key().public_bytes_raw()

    def public_of_receiving(self, secret: bytes, /) -> bytes:
        kem, ecdh = _receiving_parts(secret)
        return kem.public_key().public_bytes_raw() + ecdh.public_key().public_bytes_raw()

    def public_of_mldsa(self, secret: bytes, /) -> bytes:
        return _mldsa_secret(secret).public_key().public_bytes_raw()


class ProductionCeremony:
    """See `suite.Ceremony`. Randomness is the operating system's."""

    def random(self, size: int, /) -> bytes:
        return secrets.token_bytes(size)

    def generate_receiving(self) -> bytes:
        return secrets.token_bytes(HPKE_SECRET_SIZE)

    def sign_mldsa(self, *, secret: bytes, message: bytes, context: bytes) -> bytes:
        return _mldsa_secret(secret).sign(message, context)

    def wrap(self, *, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        try:
            return _HPKE.encrypt(plaintext, _receiving_public(public), info)
        except ValueError as error:  # a point of low order
            raise _malformed("receiving key", public) from error


def _malformed(what: str, raw: bytes) -> RemoteError:
    return RemoteError("key.malformed", what=what, size_bytes=len(raw))


@functools.lru_cache(maxsize=1024)
def _ed25519_public(raw: bytes) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise _malformed("Ed25519 public key", raw) from error


@functools.lru_cache(maxsize=64)
def _ed25519_secret(raw: bytes) -> Ed25519PrivateKey:
    if len(raw) != KEY_SIZE:
        raise _malformed("Ed25519 seed", raw)
    return Ed25519PrivateKey.from_private_bytes(raw)


@functools.lru_cache(maxsize=1024)
def _mldsa_public(raw: bytes) -> MLDSA65PublicKey:
    try:
        return MLDSA65PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise _malformed("ML-DSA-65 public key", raw) from error


@functools.lru_cache(maxsize=64)
def _mldsa_secret(raw: bytes) -> MLDSA65PrivateKey:
    try:
        return MLDSA65PrivateKey.from_seed_bytes(raw)
    except ValueError as error:
        raise _malformed("ML-DSA-65 seed", raw) from error


def _receiving_parts(raw: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(raw) != HPKE_SECRET_SIZE:
        raise _malformed("receiving secret", raw)
    kem = MLKEM768PrivateKey.from_seed_bytes(raw[:_ML_KEM_SEED_SIZE])
    return kem, X25519PrivateKey.from_private_bytes(raw[_ML_KEM_SEED_SIZE:])


@functools.lru_cache(maxsize=64)
def _receiving_secret(raw: bytes) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(*_receiving_parts(raw))


@functools.lru_cache(maxsize=1024)
def _receiving_public(raw: bytes) -> MLKEM768X25519PublicKey:
    if len(raw) != HPKE_PUBLIC_SIZE:
        raise _malformed("receiving key", raw)
    try:
        kem = MLKEM768PublicKey.from_public_bytes(raw[:_ML_KEM_PUBLIC_SIZE])
        ecdh = X25519PublicKey.from_public_bytes(raw[_ML_KEM_PUBLIC_SIZE:])
    except ValueError as error:
        raise _malformed("receiving key", raw) from error
    return MLKEM768X25519PublicKey(kem, ecdh)
