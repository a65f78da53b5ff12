"""Keys, certificates and root statements for the tests of the audit, from docs/spec alone; see `audit_writer`."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from comity.audit import Pins, RootKeys
from comity.crypto.production import ProductionCeremony, ProductionSuite

SUITE = ProductionSuite()
CEREMONY = ProductionCeremony()
PACT = b"a pact between JPN, KOR and USA"
LINEAGE = hashlib.sha256(PACT).digest()
REALM = "exercise/audit"
ALL = ("JPN", "KOR", "USA")
PAIR = ("JPN", "USA")
T0 = 1_795_703_400_000
"""2026-11-26T14:30Z."""

encode = msgspec.msgpack.encode


def label(name: str) -> bytes:
    """S1."""
    return b"comity/1/" + name.encode() + b"\x00"


def digest(name: str, content: bytes) -> bytes:
    """`H` of S1."""
    return hashlib.sha256(label(name) + content).digest()


@dataclass(frozen=True)
class Root:
    """A root's two seeds."""

    ed25519: bytes
    mldsa: bytes

    @property
    def publics(self) -> tuple[bytes, bytes]:
        return SUITE.public_of_signing(self.ed25519), SUITE.public_of_mldsa(self.mldsa)

    @property
    def digest(self) -> bytes:
        return digest("root", b"".join(self.publics))

    def sign(self, body: object) -> bytes:
        """A root statement (S10)."""
        raw = encode(body)
        ed25519 = SUITE.sign(secret=self.ed25519, message=label("root") + raw)
        mldsa = CEREMONY.sign_mldsa(secret=self.mldsa, message=raw, context=b"comity/1/root")
        return encode([raw, ed25519, mldsa])


def make_root() -> Root:
    """A root that nobody has pinned."""
    return Root(CEREMONY.random(32), CEREMONY.random(32))


@dataclass(frozen=True)
class Node:
    """One party's keys of one incarnation; the certificate is by `signer`, the root if not said otherwise."""

    party: str
    root: Root
    next_root: Root
    secret: bytes
    checkpoint_secret: bytes
    receiving: bytes
    recovery: bytes
    incarnation: int = 0
    certificate: bytes = b""

    def certify(self, signer: Root | None = None, **changes: object) -> bytes:
        fields: dict[str, object] = {
            "lineage": LINEAGE,
            "realm": REALM,
            "party": self.party,
            "incarnation": self.incarnation,
            "node_key": SUITE.public_of_signing(self.secret),
            "checkpoint_key": SUITE.public_of_mldsa(self.checkpoint_secret),
            "receiving_key": SUITE.public_of_receiving(self.receiving),
            "recovery_key": SUITE.public_of_receiving(self.recovery),
            "issued_at": T0,
        }
        return (signer or self.root).sign(["certificate", *(fields | changes).values()])

    def closure(self, audience: Sequence[str], feed: str, closed: object, signer: Root | None = None) -> bytes:
        body = ["closure", LINEAGE, REALM, feed, self.party, audience, self.incarnation, closed]
        return (signer or self.root).sign(body)

    def succession(self, following: Root, after: bytes = b"\x07" * 32) -> bytes:
        return self.root.sign(["succession", LINEAGE, self.party, *following.publics, after, T0])


def renew(node: Node, incarnation: int, signer: Root | None = None) -> Node:
    """A party's next node key, certified."""
    fresh = replace(node, secret=CEREMONY.random(32), incarnation=incarnation)
    return replace(fresh, certificate=fresh.certify(signer))


def make_node(party: str) -> Node:
    """A party's first node under a new root."""
    secret, checkpoint_secret = CEREMONY.random(32), CEREMONY.random(32)
    receiving, recovery = CEREMONY.generate_receiving(), CEREMONY.generate_receiving()
    node = Node(party, make_root(), make_root(), secret, checkpoint_secret, receiving, recovery)
    return replace(node, certificate=node.certify())


@functools.cache
def nodes() -> dict[str, Node]:
    """The three parties, made once."""
    return {party: make_node(party) for party in ALL}


def pins() -> Pins:
    """What the pact pins."""
    return Pins(
        LINEAGE,
        REALM,
        {party: RootKeys(*node.root.publics, node.next_root.digest) for party, node in nodes().items()},
    )
