"""A party's secrets in one realm, and the certificate that its root gives them (docs/spec/sealing.md, S10)."""

from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.names import Party, Realm
from comity.crypto.suite import KEY_SIZE, Ceremony, Suite
from comity.journal.statement import Certificate, RootSecret, sign_statement

__all__ = ["NodeSecrets", "certify", "generate_node_secrets", "generate_root"]


@dataclass(frozen=True, slots=True)
class NodeSecrets:
    """What a node holds for one incarnation. The recovery secret is made with these and then kept offline."""

    incarnation: int
    node: bytes
    checkpoint: bytes
    receiving: bytes


def generate_root(ceremony: Ceremony) -> RootSecret:
    """Draw a new root pair."""
    return RootSecret(ceremony.random(KEY_SIZE), ceremony.random(KEY_SIZE))


def generate_node_secrets(ceremony: Ceremony, *, incarnation: int) -> NodeSecrets:
    """Draw the secrets of one incarnation."""
    return NodeSecrets(incarnation, ceremony.random(KEY_SIZE), ceremony.random(KEY_SIZE), ceremony.generate_receiving())


def certify(
    secrets: NodeSecrets,
    *,
    recovery_public: bytes,
    lineage: bytes,
    realm: Realm,
    party: Party,
    root: RootSecret,
    issued_at: Instant,
    suite: Suite,
    ceremony: Ceremony,
) -> bytes:
    """Sign the certificate of one incarnation in a root ceremony."""
    certificate = Certificate(
        lineage=lineage,
        realm=realm,
        party=party,
        incarnation=secrets.incarnation,
        node_key=suite.public_of_signing(secrets.node),
        checkpoint_key=suite.public_of_mldsa(secrets.checkpoint),
        receiving_key=suite.public_of_receiving(secrets.receiving),
        recovery_key=recovery_public,
        issued_at=issued_at,
    )
    return sign_statement(certificate, root, suite=suite, ceremony=ceremony)
