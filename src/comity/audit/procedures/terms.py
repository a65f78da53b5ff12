"""By what each thing is judged: the policy, the duties and the funnel of the version that governs it (P36).

What a version means is worked out once, and only when something is under it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from comity.audit.procedures.agreement import Agreements
from comity.audit.procedures.consent import Consents
from comity.audit.procedures.force import Force
from comity.audit.procedures.funnel import Funnel
from comity.audit.procedures.said import Said
from comity.audit.procedures.scope import Scope
from comity.audit.version import Version
from comity.base.names import Party, Realm
from comity.crypto.suite import Suite
from comity.pact.duty import DutyRule, compile_duties
from comity.pact.policy import Policy

__all__ = ["FindTerms", "Funnels", "OneVersion", "Terms", "UnderForce"]


class Terms(NamedTuple):
    """What one version says of procedures."""

    policy: Policy
    rules: Sequence[DutyRule]


class FindTerms(Protocol):
    """What the judge asks."""

    def find(self, scope: Scope, statements: Sequence[Said], /) -> Terms:
        """Return what an object is judged by."""

    def has_left(self, party: Party, asked_by: Said, /) -> bool:
        """Tell whether what a statement asks of a party is excused, because it had left (P32)."""


class OneVersion:
    """The same terms for everything, and nobody leaves."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def find(self, scope: Scope, statements: Sequence[Said]) -> Terms:  # noqa: ARG002 -- whatever it is
        """Return the terms."""
        return self._terms

    def has_left(self, party: Party, asked_by: Said) -> bool:  # noqa: ARG002 -- whoever it is
        """Tell that it has not."""
        return False


class UnderForce:
    """The terms of the version that governs each object, to its end."""

    def __init__(self, force: Force) -> None:
        self._force = force
        self._terms: dict[bytes, Terms] = {}

    def find(self, scope: Scope, statements: Sequence[Said]) -> Terms:
        """Return the terms of an object's version; a line's day and what awaits its opener go by their statements."""
        version = self._force.find_of_object(statements, scope.ref)
        if version.digest not in self._terms:
            self._terms[version.digest] = Terms(version.pact.policy, compile_duties(version.pact))
        return self._terms[version.digest]

    def has_left(self, party: Party, asked_by: Said) -> bool:
        """Tell whether a statement that asks something of a party knew that its notice had ended."""
        return self._force.is_excused(party, asked_by)


class Funnels:
    """The funnel of each version, over one record's statements."""

    def __init__(
        self,
        force: Force,
        statements: Sequence[Said],
        *,
        lineage: bytes,
        realm: Realm,
        node_keys: Mapping[Party, Sequence[bytes]],
        suite: Suite,
    ) -> None:
        self.force = force
        self._statements = statements
        self._lineage = lineage
        self._realm = realm
        self._node_keys = node_keys
        self._suite = suite
        self._funnels: dict[bytes, Funnel] = {}

    def find(self, said: Said) -> Funnel:
        """Return the funnel that decided for the author of a statement (R10, P36)."""
        return self.find_of(self.force.find_version(said))

    def find_of(self, version: Version) -> Funnel:
        """Return the funnel of one version."""
        if version.digest not in self._funnels:
            self._funnels[version.digest] = self._make(version)
        return self._funnels[version.digest]

    def _make(self, version: Version) -> Funnel:
        return Funnel(version.pact, self.read_agreements(version), self.read_consents(version))

    def read_consents(self, version: Version) -> Consents:
        """Return the consents, with the longest term that a version gives them."""
        return Consents(
            self._statements,
            lineage=self._lineage,
            realm=self._realm,
            node_keys=self._node_keys,
            valid_ms_max=version.pact.policy.consent.valid_ms_max,
            suite=self._suite,
        )

    def read_agreements(self, version: Version) -> Agreements:
        """Return the agreements of a version. States told to an earlier circle go on counting (R12)."""
        circles = [one.audience for one in self.force.line.list_back(version)]
        return Agreements(version.pact, self._statements, circles=circles)
