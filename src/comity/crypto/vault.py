"""Secrets at rest: one file of named secrets under a key that a passphrase, or the operator's key file, unlocks.

scrypt (RFC 7914) with N = 2^15, r = 8, p = 1, then AES-256-GCM with a random nonce. Unattended unlocking means that the
unlocking bytes lie on the same machine: a choice that the operator makes and that `comity doctor` repeats.
"""

import secrets
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError, UsageError

__all__ = ["open_vault", "seal_vault"]

VAULT_SIZE_BYTES_MAX: Final = 1024 * 1024
SALT_SIZE: Final = 16
_N, _R, _P = 2**15, 8, 1


class _Form(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    format: Annotated[str, msgspec.Meta(pattern="^comity-vault-1$")]
    salt: Annotated[bytes, msgspec.Meta(min_length=SALT_SIZE, max_length=SALT_SIZE)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]
    sealed: bytes


_FORM: Final = Decoder(_Form, size_max=VAULT_SIZE_BYTES_MAX, code="vault.malformed")
_CONTENT: Final[Decoder[tuple[tuple[str, bytes], ...]]] = Decoder(
    tuple[tuple[str, bytes], ...], size_max=VAULT_SIZE_BYTES_MAX, code="vault.malformed"
)


def seal_vault(content: dict[str, bytes], *, passphrase: bytes) -> bytes:
    """Seal named secrets; every call draws a new salt and nonce."""
    salt, nonce = secrets.token_bytes(SALT_SIZE), secrets.token_bytes(12)
    plaintext = encode(tuple(sorted(content.items())))
    sealed = AESGCM(_derive(passphrase, salt)).encrypt(nonce, plaintext, b"comity-vault-1")
    return encode(_Form("comity-vault-1", salt, nonce, sealed))


def open_vault(raw: bytes, *, passphrase: bytes) -> dict[str, bytes]:
    """Open what `seal_vault` made.

    Raises:
        UsageError: `vault.passphrase`.
        RemoteError: `vault.malformed` where the file is damaged beyond its form.
    """
    form = _FORM.decode(raw)
    try:
        plaintext = AESGCM(_derive(passphrase, form.salt)).decrypt(form.nonce, form.sealed, b"comity-vault-1")
    except InvalidTag as error:
        raise UsageError("vault.passphrase") from error
    try:
        return dict(_CONTENT.decode(plaintext))
    except RemoteError as error:
        raise RemoteError("vault.malformed") from error


def _derive(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase)
