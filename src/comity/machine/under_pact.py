"""What a machine answers about the pact that it goes by."""

from comity.base.names import Audience, Party
from comity.machine.versions import Versions
from comity.pact.model import Pact
from comity.procedure.policy import Policy

__all__ = ["UnderPact"]


class UnderPact:
    """One party under the version of the pact that is in force for it or, before any is, the one that it accepts."""

    party: Party
    versions: Versions

    @property
    def pact(self) -> Pact:
        """The version of the pact that this party goes by now: the one in force or, before that, the one it accepts."""
        return self.versions.current.pact

    @property
    def policy(self) -> Policy:
        """What the folds read of that version."""
        return self.versions.read_policy(self.versions.current)

    @property
    def parties(self) -> Audience:
        """All parties of that version."""
        return self.versions.current.audience

    def find_accepting(self) -> frozenset[Party]:
        """Return the parties that have accepted that version."""
        return self.versions.force.find_accepting(self.versions.current) & frozenset(self.parties)

    @property
    def is_in_force(self) -> bool:
        """Whether a version of the pact is in force of which this party is one."""
        found = self.versions.find_in_force((self.party,))
        return found is not None and self.party in found.audience
