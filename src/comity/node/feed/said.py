"""Own blocks at rest: sealed under keys that follow from the node's own receiving secret, one for each block (W38)."""

from typing import Final

from comity.crypto.label import label
from comity.crypto.suite import Ceremony, Suite

__all__ = ["SaidBox"]

SALT_SIZE_BYTES: Final = 32
_LABEL: Final = label("warning-said")


class SaidBox:
    """Seals with the first of a party's receiving secrets, and opens with any: those that were replaced stay."""

    def __init__(self, receiving: tuple[bytes, ...], *, suite: Suite, ceremony: Ceremony) -> None:
        self._suite = suite
        self._ceremony = ceremony
        self._keys = [suite.expand(suite.extract(_LABEL, secret), _LABEL) for secret in receiving]

    def seal(self, raw: bytes) -> bytes:
        """Return bytes sealed, under a key that serves for them alone."""
        salt = self._ceremony.random(SALT_SIZE_BYTES)
        return salt + self._suite.seal(key=self._find_key(self._keys[0], salt), plaintext=raw, aad=b"")

    def open(self, sealed: bytes) -> bytes | None:
        """Return what was sealed, or None where it was not by one of these secrets."""
        salt, rest = sealed[:SALT_SIZE_BYTES], sealed[SALT_SIZE_BYTES:]
        found = (self._suite.open(key=self._find_key(key, salt), sealed=rest, aad=b"") for key in self._keys)
        return next((raw for raw in found if raw is not None), None)

    def _find_key(self, key: bytes, salt: bytes) -> bytes:
        return self._suite.expand(self._suite.extract(salt, key), _LABEL)
