"""What a machine answers about the pact that it goes by."""

from collections.abc import Iterable

from comity.base.names import Audience, Party
from comity.machine.statements import Statements
from comity.machine.versions import Versions
from comity.pact.model import Pact
from comity.procedure.genesis import RootStatementPublished
from comity.procedure.policy import Policy

__all__ = ["UnderPact"]


class UnderPact:
    """One party under the version of the pact that is in force for it or, before any is, the one that it accepts."""

    party: Party
    versions: Versions
    statements: Statements

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

    def find_unstated(self, raws: Iterable[bytes]) -> tuple[RootStatementPublished, ...]:
        """Return the root statements not yet said in the genesis journal of this circle; a new one is told anew."""
        told = [row.entry for row in self.statements.find(RootStatementPublished) if row.audience == self.parties]
        known = {entry.statement for entry in told if isinstance(entry, RootStatementPublished)}
        return tuple(RootStatementPublished(raw) for raw in raws if raw not in known)
