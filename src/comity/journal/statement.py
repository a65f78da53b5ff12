"""Root statements: what a party's offline root says, authentic wherever it is found (docs/spec/sealing.md, S10)."""

import itertools
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import (
    AUTHORITY_SIZE_BYTES_MAX,
    ENDPOINT_COUNT_MAX,
    ENDPOINT_SIZE_MAX,
    INCARNATION_MAX,
    INSTANT_MS_MAX,
    STATEMENT_SIZE_BYTES_MAX,
)
from comity.base.names import Audience, Bytes32, Digest, Party, Uint, is_audience, is_party, is_realm
from comity.crypto.label import digest, label
from comity.crypto.suite import (
    HPKE_PUBLIC_SIZE,
    MLDSA_PUBLIC_SIZE,
    MLDSA_SIGNATURE_SIZE,
    Ceremony,
    Suite,
)
from comity.journal.header import Feed

__all__ = [
    "Certificate", "Closed", "Closure", "Links", "RootKeys", "RootSecret", "RootStatement", "Statement", "Succession",
    "parse_statement", "sign_statement",
]  # fmt: skip

ROOT_CONTEXT: Final = b"comity/1/root"
_FEEDS: Final = frozenset(Feed)

_Instant = Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
_Incarnation = Annotated[int, msgspec.Meta(ge=0, le=INCARNATION_MAX)]
_MldsaPublic = Annotated[bytes, msgspec.Meta(min_length=MLDSA_PUBLIC_SIZE, max_length=MLDSA_PUBLIC_SIZE)]
_HpkePublic = Annotated[bytes, msgspec.Meta(min_length=HPKE_PUBLIC_SIZE, max_length=HPKE_PUBLIC_SIZE)]
_Endpoint = Annotated[str, msgspec.Meta(max_length=ENDPOINT_SIZE_MAX)]


@dataclass(frozen=True, slots=True)
class RootKeys:
    """A root's public pair; both signatures must verify (S3)."""

    ed25519: bytes
    mldsa: bytes

    def find_digest(self, suite: Suite) -> Digest:
        """Return the root digest, which the root before it pins as next (S11)."""
        return digest(suite, "root", self.ed25519 + self.mldsa)


@dataclass(frozen=True, slots=True)
class RootSecret:
    """A root's secret seeds. They live offline; only ceremonies hold them."""

    ed25519: bytes
    mldsa: bytes

    def find_public(self, suite: Suite) -> RootKeys:
        """Return the public pair."""
        return RootKeys(suite.public_of_signing(self.ed25519), suite.public_of_mldsa(self.mldsa))


class _Body(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=str.lower):
    lineage: Bytes32


class Certificate(_Body, frozen=True):
    """The keys of one party in one realm under one incarnation."""

    realm: str
    party: Party
    incarnation: _Incarnation
    node_key: Bytes32
    checkpoint_key: _MldsaPublic
    receiving_key: _HpkePublic
    recovery_key: _HpkePublic
    issued_at: _Instant


class Closed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last good page of an earlier incarnation of a family."""

    incarnation: _Incarnation
    number: Uint
    page: Bytes32


class Closure(_Body, frozen=True):
    """What of the earlier incarnations stands, said when a later one opens (J14, J17)."""

    realm: str
    feed: str
    party: Party
    audience: Audience
    opens: _Incarnation
    closed: tuple[Closed, ...]


class Links(_Body, frozen=True):
    """Where a party's outbox is and which keys answer there; the highest serial is in force."""

    realm: str
    party: Party
    serial: Uint
    exchange: Bytes32
    authority: Annotated[bytes, msgspec.Meta(max_length=AUTHORITY_SIZE_BYTES_MAX)]
    endpoints: Annotated[tuple[_Endpoint, ...], msgspec.Meta(max_length=ENDPOINT_COUNT_MAX)]
    issued_at: _Instant


class Succession(_Body, frozen=True):
    """The next root takes over; its digest was pinned by the one before."""

    party: Party
    ed25519: Bytes32
    mldsa: _MldsaPublic
    next_root: Bytes32
    issued_at: _Instant


Statement = Certificate | Closure | Links | Succession


class _Form(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    body: bytes
    ed25519: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
    mldsa: Annotated[bytes, msgspec.Meta(min_length=MLDSA_SIGNATURE_SIZE, max_length=MLDSA_SIGNATURE_SIZE)]


_FORM: Final = Decoder(_Form, size_max=STATEMENT_SIZE_BYTES_MAX, code="statement.malformed")
_BODY: Final[Decoder[Statement]] = Decoder(
    Statement,  # type: ignore[arg-type]
    size_max=STATEMENT_SIZE_BYTES_MAX,
    code="statement.malformed",
)


@dataclass(frozen=True, slots=True)
class RootStatement:
    """A statement with its signatures; `raw` is what travels."""

    raw: bytes
    body_raw: bytes
    body: Statement
    ed25519: bytes
    mldsa: bytes

    def is_signed_by(self, root: RootKeys, suite: Suite) -> bool:
        """Tell whether both signatures verify under one root."""
        return suite.verify(
            public=root.ed25519, message=label("root") + self.body_raw, signature=self.ed25519
        ) and suite.verify_mldsa(public=root.mldsa, message=self.body_raw, signature=self.mldsa, context=ROOT_CONTEXT)


def parse_statement(raw: bytes) -> RootStatement:
    """Parse a root statement; its signatures are not judged here.

    Raises:
        RemoteError: `statement.malformed`, `bytes.not-canonical` or `bytes.too-large`.
    """
    form = _FORM.decode(raw)
    body = _BODY.decode(form.body)
    if not _is_well_named(body) or (isinstance(body, Closure) and not _is_ascending(body)):
        raise RemoteError("statement.malformed", evidence=raw)
    return RootStatement(raw, form.body, body, form.ed25519, form.mldsa)


def _is_well_named(body: Statement) -> bool:
    """Tell whether names have their forms (J3, J4)."""
    if not is_party(body.party) or not (isinstance(body, Succession) or is_realm(body.realm)):
        return False
    if not isinstance(body, Closure):
        return True
    return body.feed in _FEEDS and is_audience(body.audience) and body.party in body.audience


def _is_ascending(closure: Closure) -> bool:
    incarnations = [*(closed.incarnation for closed in closure.closed), closure.opens]
    return all(a < b for a, b in itertools.pairwise(incarnations))


def sign_statement(body: Statement, root: RootSecret, *, suite: Suite, ceremony: Ceremony) -> bytes:
    """Sign a statement in a root ceremony and return what travels."""
    raw = encode(body)
    return encode(
        _Form(
            raw,
            suite.sign(secret=root.ed25519, message=label("root") + raw),
            ceremony.sign_mldsa(secret=root.mldsa, message=raw, context=ROOT_CONTEXT),
        )
    )
