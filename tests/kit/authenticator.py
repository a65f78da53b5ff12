"""An authenticator made of arithmetic: what a security key would answer, right or wrong in one way at a time."""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["Authenticator"]

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


class Authenticator:
    """One key, with a counter; `flags` say whether somebody was there and proved who he is."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.credential = b"credential-of-a-test-" + self._key.private_numbers().private_value.to_bytes(32)[:11]
        self.count = 0
        self.flags = PRESENT | VERIFIED

    def make(self, options: str, origin: str) -> str:
        """Answer what a browser is asked to make."""
        asked = json.loads(options)
        numbers = self._key.public_key().public_numbers()
        point = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        head = self._make_head(asked["rp"]["id"], ATTESTED)
        attested = bytes(16) + len(self.credential).to_bytes(2) + self.credential + cbor2.dumps(point)
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": head + attested})
        said = self._say("webauthn.create", asked["challenge"], origin)
        return self._write({"clientDataJSON": _text(said), "attestationObject": _text(statement)})

    def show(self, options: str, origin: str) -> str:
        """Answer what a browser is asked to show."""
        asked = json.loads(options)
        self.count += 1
        head = self._make_head(asked["rpId"], 0)
        said = self._say("webauthn.get", asked["challenge"], origin)
        signature = self._key.sign(head + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._write(
            {"clientDataJSON": _text(said), "authenticatorData": _text(head), "signature": _text(signature)}
        )

    def _make_head(self, site: str, more: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _say(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _write(self, response: dict[str, Any]) -> str:
        id_ = _text(self.credential)
        return json.dumps({"id": id_, "rawId": id_, "type": "public-key", "response": response,
                           "clientExtensionResults": {}})  # fmt: skip
