"""The keys of a party's links: one secret seed, and the public half that the party's root certifies.

A link is a connection from one party's node to another's outbox (docs/spec/transport.md, T10 to T16). Two proofs
stand on it, both out of the one seed:

- TLS: an Ed25519 *authority* held by the node signs the leaves that its server and its client show (`crypto.tls`).
  The other side trusts that one authority for that one link and no other.
- Login: an Ed25519 key pair (NATS calls it an NKey) that signs the server's challenge. It is derived for each
  *pair* of nodes from their X25519 keys and is never the same at two servers. One key for all servers would let a
  server pass another server's challenge on to a caller and log in there under the caller's name, because the
  challenge is not bound to the TLS channel (tests/integration/outbox/test_relayed_login.py shows it done).

Everything here is deterministic: no clock, no randomness. The seed comes from a `Ceremony`.
"""

import base64
import binascii
import hmac
from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from comity.base.errors import RemoteError
from comity.base.limits import AUTHORITY_SIZE_BYTES_MAX
from comity.base.names import Bytes32
from comity.crypto.tls import check_authority, get_authority_pin, issue_authority

__all__ = [
    "LinkKeys",
    "LinkPublic",
    "check_link_public",
    "derive_login",
    "derive_part",
    "format_login_public",
    "format_login_seed",
    "get_link_public",
    "get_pin",
]

_USER_PREFIX: Final = 20 << 3
_SEED_PREFIX: Final = 18 << 3
_LOGIN_LABEL: Final = b"comity/link/login/1"


class LinkKeys(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The secret of one party's links in one realm. `leaf_number` counts up to replace the leaves, not the identity."""

    seed: Bytes32
    leaf_number: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 0

    def __repr__(self) -> str:
        return f"LinkKeys(leaf_number={self.leaf_number})"


class LinkPublic(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What others need to know of a party's links in one realm: certified by its root, announced in its genesis."""

    exchange: Bytes32
    """X25519 public key, from which the login of each pair is derived."""
    authority: Annotated[bytes, msgspec.Meta(max_length=AUTHORITY_SIZE_BYTES_MAX)]
    """The X.509 authority certificate, DER."""


def derive_part(keys: LinkKeys, label: bytes) -> bytes:
    """Derive one 32-byte secret of these keys (HKDF-Expand, RFC 5869); `label` says which, and never repeats."""
    return hmac.digest(keys.seed, b"comity/link/" + label + b"\x01", "sha256")


def get_link_public(keys: LinkKeys) -> LinkPublic:
    """Return the public half. The same seed gives the same bytes on every machine and in every year."""
    exchange = X25519PrivateKey.from_private_bytes(derive_part(keys, b"exchange/1")).public_key().public_bytes_raw()
    return LinkPublic(exchange=exchange, authority=issue_authority(derive_part(keys, b"authority/1")))


def get_pin(public: LinkPublic) -> bytes:
    """Return the pin of these links: SHA-256 of the authority's SubjectPublicKeyInfo (RFC 7469, 2.4), 32 bytes.

    Raises:
        RemoteError: `link.malformed`, if the authority is no certificate.
    """
    return get_authority_pin(public.authority)


def check_link_public(public: LinkPublic) -> None:
    """Check what another party announced, before it reaches a configuration file or a TLS library.

    Raises:
        RemoteError: `link.malformed`: the authority is not of the one permitted form, or the exchange key is weak.
    """
    check_authority(public.authority)
    _agree(bytes(31) + b"\x01", public.exchange)


def derive_login(keys: LinkKeys, *, client: LinkPublic, server: LinkPublic, account: str) -> bytes:
    """Derive the Ed25519 seed with which `client` logs in at `server` as `account`; `keys` are those of either.

    Both ends derive the same seed, so nothing more need be announced. That the server could compute its caller's
    login gains it nothing: that login opens no other server. A node's login at its own server is the case
    `client == server`.

    Raises:
        RemoteError: `link.malformed`, if the other's exchange key is weak.
    """
    own = get_link_public(keys)
    assert own in (client, server), "these keys are of neither end"
    other = server if own == client else client
    secret = _agree(derive_part(keys, b"exchange/1"), other.exchange)
    context = server.exchange + client.exchange + account.encode()
    return hmac.digest(hmac.digest(_LOGIN_LABEL, secret, "sha256"), context + b"\x01", "sha256")


def format_login_public(public: bytes) -> str:
    """Format a 32-byte Ed25519 public key as NATS writes the public NKey of a user (`U…`)."""
    return _format_nkey(bytes([_USER_PREFIX]) + public)


def format_login_seed(seed: bytes) -> str:
    """Format a 32-byte Ed25519 seed as NATS writes the secret NKey of a user (`SU…`)."""
    return _format_nkey(bytes([_SEED_PREFIX | _USER_PREFIX >> 5, (_USER_PREFIX & 31) << 3]) + seed)


def _format_nkey(content: bytes) -> str:
    # An NKey is base32 without padding of prefix, key and CRC-16/XMODEM, low byte first.
    checksum = binascii.crc_hqx(content, 0).to_bytes(2, "little")
    return base64.b32encode(content + checksum).decode().rstrip("=")


def _agree(secret: bytes, public: bytes) -> bytes:
    """X25519 (RFC 7748, 6.1); a point of low order, which gives zero, is refused."""
    try:
        return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise RemoteError("link.malformed", what="exchange key") from error
