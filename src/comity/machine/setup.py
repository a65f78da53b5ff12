"""What a machine is made of: who it is, the pact, the pins, the secrets."""

from dataclasses import dataclass

from comity.base.names import Digest, Party
from comity.crypto.suite import Suite
from comity.journal.header import Feed
from comity.journal.identity import NodeSecrets
from comity.journal.trust import Pins
from comity.machine.pen import PenSettings
from comity.pact.lineage import Lineage, Version
from comity.pact.model import Pact

__all__ = ["Setup"]


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything a machine is made of. `certificate` is the root statement for these secrets."""

    party: Party
    pact: Pact
    pact_digest: Digest
    pins: Pins
    secrets: NodeSecrets
    certificate: bytes
    receiving_secrets: tuple[bytes, ...]
    """The receiving secret in use and the retired ones; they stay (sealing.md, S12)."""
    suite: Suite
    closures: tuple[tuple[Feed, tuple[Party, ...], bytes], ...] = ()
    successions: tuple[bytes, ...] = ()
    """From the pinned root to the one that signed the certificate; none where that is the pinned one."""
    versions: tuple[Version, ...] = ()
    """Every other version of the pact that the home holds; `pact` is the one that this party began with.

    What a party holds and is a party of, it accepts. The pins name the roots of all versions.
    """

    def find_lineage(self) -> Lineage:
        """Return the versions held, in line."""
        return Lineage((Version(self.pact, self.pact_digest), *self.versions))

    def find_pen_settings(self) -> PenSettings:
        """Return what the writing of own journals depends on."""
        return PenSettings(
            lineage=self.pins.lineage,
            realm=self.pins.realm,
            party=self.party,
            pact=self.pact_digest,
            receipt_delay_ms=self.pact.policy.receipt.within_ms // 2,
            closures={(feed, audience): raw for feed, audience, raw in self.closures},
            successions=self.successions,
            certificate=self.certificate,
        )
