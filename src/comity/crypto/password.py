"""Secrets that somebody shows to be let in: kept as argon2id (RFC 9106), never as themselves.

Argon2id with 19 MiB, two passes and one lane, under a salt of its own for each secret; written in the PHC form, which
says how it was made, so that a later version may ask for more and still read what is there. The same for an officer's
token and for a consumer's.

Rules
- What is kept tells nothing of the secret; whoever copies the file can let nobody in.
- A check takes as long for a name that nobody has as for one that somebody has: `verify_nothing`.
- A form that asks for more memory or passes than we would ever write is damaged, and opens to nothing.
"""

import re
import secrets
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

__all__ = ["SECRET_SIZE_BYTES_MAX", "draw_secret", "hash_password", "is_password_form", "verify_nothing",
           "verify_password"]  # fmt: skip

SECRET_SIZE_BYTES_MAX: Final = 1024
"""A longer secret is none of ours, and is not worked on."""

_MEMORY_KIB, _PASSES, _LANES, _LENGTH = 19_456, 2, 1, 32
_MEMORY_KIB_MAX, _PASSES_MAX, _LANES_MAX = 262_144, 16, 8
_FORM: Final = re.compile(
    r"\$argon2id\$v=19\$m=([1-9][0-9]{0,6}),t=([1-9][0-9]?),p=([1-9])\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}"
)
_NOTHING: Final = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"
"""What no secret that anybody could find opens: zeros, in the form of the others."""


def draw_secret() -> str:
    """Draw a secret of 256 bits, in letters that survive a terminal, a header and a file."""
    return secrets.token_urlsafe(32)


def hash_password(secret: bytes) -> str:
    """Return what is kept of a secret; every call draws a new salt."""
    assert 0 < len(secret) <= SECRET_SIZE_BYTES_MAX, "a secret has bounds"
    return _make(secrets.token_bytes(16)).derive_phc_encoded(secret)


def is_password_form(kept: str) -> bool:
    """Tell whether this is what `hash_password` of this version or of another writes, within bounds."""
    found = _FORM.fullmatch(kept)
    if found is None:
        return False
    memory, passes, lanes = map(int, found.groups())
    return 8 * lanes <= memory <= _MEMORY_KIB_MAX and passes <= _PASSES_MAX and lanes <= _LANES_MAX


def verify_password(secret: bytes, kept: str) -> bool:
    """Tell whether a secret is the one that is kept; a damaged form is no secret's, after as much work."""
    if not is_password_form(kept):
        return verify_nothing(secret)
    if not 0 < len(secret) <= SECRET_SIZE_BYTES_MAX:
        return verify_nothing(b"-")
    try:
        Argon2id.verify_phc_encoded(secret, kept)
    except InvalidKey:
        return False
    return True


def verify_nothing(secret: bytes) -> bool:
    """Do the work of a check for a name that nobody has; false."""
    try:
        Argon2id.verify_phc_encoded(secret[:SECRET_SIZE_BYTES_MAX], _NOTHING)
    except InvalidKey:
        return False
    raise AssertionError("a secret that opens to zeros was found")


def _make(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=_LENGTH, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB)
