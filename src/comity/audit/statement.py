"""The shapes of root statements (S10): certificate, closure, links, succession. Signatures are judged in `root`."""

import itertools
from typing import Annotated, Final, cast

import msgspec

from comity.audit.form import FEEDS, JournalId
from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import (
    AUDIENCE_COUNT_MAX,
    AUTHORITY_SIZE_BYTES_MAX,
    ENDPOINT_COUNT_MAX,
    ENDPOINT_SIZE_MAX,
    INCARNATION_MAX,
    INSTANT_MS_MAX,
    STATEMENT_SIZE_BYTES_MAX,
)
from comity.base.names import Bytes32, Uint, is_audience, is_party, is_realm
from comity.crypto.suite import ED25519_SIGNATURE_SIZE, HPKE_PUBLIC_SIZE, MLDSA_PUBLIC_SIZE, MLDSA_SIGNATURE_SIZE

__all__ = ["Body", "Certificate", "Closure", "Links", "Statement", "Succession", "decode_statement"]

_At = Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
_Incarnation = Annotated[int, msgspec.Meta(ge=0, le=INCARNATION_MAX)]
_MldsaKey = Annotated[bytes, msgspec.Meta(min_length=MLDSA_PUBLIC_SIZE, max_length=MLDSA_PUBLIC_SIZE)]
_HpkeKey = Annotated[bytes, msgspec.Meta(min_length=HPKE_PUBLIC_SIZE, max_length=HPKE_PUBLIC_SIZE)]


class _Envelope(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    body: bytes
    ed25519: Annotated[bytes, msgspec.Meta(min_length=ED25519_SIGNATURE_SIZE, max_length=ED25519_SIGNATURE_SIZE)]
    mldsa: Annotated[bytes, msgspec.Meta(min_length=MLDSA_SIGNATURE_SIZE, max_length=MLDSA_SIGNATURE_SIZE)]


class Certificate(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="certificate"):
    """A node's keys for one party, realm and incarnation."""

    lineage: Bytes32
    realm: str
    party: str
    incarnation: _Incarnation
    node_key: Bytes32
    checkpoint_key: _MldsaKey
    receiving_key: _HpkeKey
    recovery_key: _HpkeKey
    issued_at: _At


class Closure(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="closure"):
    """Names the last good page of earlier incarnations of one family (J14)."""

    lineage: Bytes32
    realm: str
    feed: str
    party: str
    audience: tuple[str, ...]
    opens: _Incarnation
    closed: tuple[tuple[_Incarnation, Uint, Bytes32], ...]

    def fits(self, journal: JournalId) -> bool:
        """Tell whether it opens this very journal."""
        return (self.lineage, self.realm, self.feed, self.party, self.audience, self.opens) == (
            journal.lineage,
            journal.realm,
            journal.feed,
            journal.author,
            journal.audience,
            journal.incarnation,
        )


class Links(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="links"):
    """Where and under which link keys a party is reached; the audit only checks who said so."""

    lineage: Bytes32
    realm: str
    party: str
    serial: Uint
    exchange: Bytes32
    authority: Annotated[bytes, msgspec.Meta(max_length=AUTHORITY_SIZE_BYTES_MAX)]
    endpoints: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=ENDPOINT_SIZE_MAX)], ...],
        msgspec.Meta(max_length=ENDPOINT_COUNT_MAX),
    ]
    issued_at: _At


class Succession(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="succession"):
    """The root in force hands over to the one whose digest it had pinned as next."""

    lineage: Bytes32
    party: str
    ed25519: Bytes32
    mldsa: _MldsaKey
    next_digest: Bytes32
    issued_at: _At


Body = Certificate | Closure | Links | Succession


class Statement(msgspec.Struct, frozen=True):
    """A root statement that has the right shape; nobody has said yet that a root signed it."""

    raw: bytes
    signed: bytes
    body: Body
    ed25519: bytes
    mldsa: bytes


_ENVELOPE: Final = Decoder(_Envelope, size_max=STATEMENT_SIZE_BYTES_MAX, code="statement.malformed")
# Decoder wants one type; a union of tagged structs is one to msgspec.
_BODY: Final[Decoder[Body]] = Decoder(
    cast("type[Body]", Body), size_max=STATEMENT_SIZE_BYTES_MAX, code="statement.malformed"
)


def decode_statement(raw: bytes) -> Statement:
    """Decode a root statement.

    Raises:
        RemoteError: `statement.malformed`, `bytes.not-canonical`, `bytes.too-large`.
    """
    envelope = _ENVELOPE.decode(raw)
    body = _BODY.decode(envelope.body)
    if not _is_sound(body):
        raise RemoteError("statement.malformed", evidence=raw)
    return Statement(raw, envelope.body, body, envelope.ed25519, envelope.mldsa)


def _is_sound(body: Body) -> bool:
    """Tell whether names have their forms (J3) and a closure's rows their order (S10)."""
    if not is_party(body.party) or not (isinstance(body, Succession) or is_realm(body.realm)):
        return False
    if not isinstance(body, Closure):
        return True
    incarnations = [row[0] for row in body.closed]
    return (
        body.feed in FEEDS
        and len(body.audience) <= AUDIENCE_COUNT_MAX
        and is_audience(body.audience)
        and body.party in body.audience
        and all(a < b for a, b in itertools.pairwise([*incarnations, body.opens]))
    )
