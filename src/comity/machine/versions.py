"""The versions of the pact as the machine follows them: what is in force now, and what each statement is judged under.

What a version means is compiled once. While only one version is held there is nothing to choose, and nothing is
computed for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed
from comity.machine.effect import Alarm
from comity.machine.setup import Setup
from comity.machine.statements import Cut, Statements
from comity.pact.duty import DutyRule, compile_duties
from comity.pact.lineage import Version
from comity.procedure.force import Force
from comity.procedure.genesis import PactAccepted
from comity.procedure.office import OfficeTerms, read_offices
from comity.procedure.policy import Policy, read_policy
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = ["Misjudged", "Versions"]

UNHELD_COUNT_MAX: Final = 16
"""Versions that are not held and are told of by an alarm; a liar can name as many as it likes."""


@dataclass(frozen=True, slots=True)
class Misjudged:
    """A finding against an author: it wrote under another version than its cut supports, or to one who had left."""

    entry: Digest
    author: Party
    code: str


class Versions:
    """One party's view of the line of versions."""

    def __init__(self, setup: Setup, statements: Statements) -> None:
        self.lineage = setup.find_lineage()
        self.force = Force(self.lineage, lambda: statements.all)
        self._party = setup.party
        self._statements = statements
        self._policies: dict[Digest, Policy] = {}
        self._terms: dict[Digest, ReleaseTerms] = {}
        self._duties: dict[Digest, tuple[DutyRule, ...]] = {}
        self._offices: dict[Digest, OfficeTerms | None] = {}
        self._in_force: dict[Audience, Version | None] = {}
        self._begun = setup.pact_digest
        self._asked: set[Digest] = set()
        self._told: set[Digest] = set()
        self.current = self._find_current()

    @property
    def is_single(self) -> bool:
        """Whether only one version is held: then it judges everything."""
        return len(self.lineage.placed) == 1

    @property
    def circles(self) -> tuple[Audience, ...]:
        """The audiences of all parties, one for each version that this party belongs to."""
        held = (version.audience for version in self.lineage.placed if self._party in version.audience)
        return tuple(dict.fromkeys(held))

    def take(self, new: Iterable[Stated]) -> bool:
        """Note new statements, or the worse standing of known ones; return whether what is in force may differ."""
        if not self.force.take(new):
            return False
        self._in_force.clear()
        self.current = self._find_current()
        return True

    def _find_current(self) -> Version:
        return self.force.find_governing((self._party,)) or self.lineage.first

    def find_in_force(self, readers: Audience) -> Version | None:
        """Return the version in force now for these readers; it may leave some of them out."""
        if not set(readers) <= set(self.lineage.parties):
            return self.force.find_in_force(readers)
        if readers not in self._in_force:
            self._in_force[readers] = self.force.find_in_force(readers)
        return self._in_force[readers]

    def may_say(self, readers: Audience) -> bool:
        """Tell whether something may be said to these readers now."""
        found = self.find_in_force(readers)
        return found is not None and (set(readers) <= set(found.audience) or readers == (self._party,))

    def check_may_say(self, readers: Audience) -> None:
        """Return if something may be said to these readers now.

        Raises:
            UsageError: `pact.not-in-force`; `pact.party-left` where one of them is no party any more.
        """
        if self.may_say(readers):
            return
        found = self.find_in_force(readers)
        left = self._find_left(readers, found)
        if left:
            raise UsageError("pact.party-left", party=left[0])
        wanted = self.force.find_governing(readers)
        if wanted is None and found is not None:
            return  # a stranger to every version: the funnel says so
        wanted = wanted or self.current
        accepted = self.force.find_accepting(wanted)
        raise UsageError("pact.not-in-force", accepted=len(accepted), parties=len(wanted.audience))

    def is_over(self, readers: Audience) -> bool:
        """Tell whether one of these readers has left: then nothing more is said to them (P38)."""
        if self.is_single or len(readers) == 1:
            return False
        return bool(self._find_left(readers, self.find_in_force(readers)))

    def _find_left(self, readers: Audience, in_force: Version | None) -> list[Party]:
        """Return the readers that were parties before the version in force, and are none of it."""
        known: set[Party] = set()
        step = in_force
        while step is not None:
            known |= set(step.audience)
            step = self.lineage.find_before(step)
        return [party for party in readers if party in known and in_force and party not in in_force.audience]

    def find_digest(self, feed: Feed, readers: Audience) -> Digest:
        """Return the version that a page to these readers names in its header now (J31)."""
        if self.is_single:
            return self.lineage.first.digest
        if feed is not Feed.GENESIS:
            return (self.force.find_governing(readers) or self.current).digest
        held = [version for version in self.lineage.placed if version.audience == readers]
        found = [version for version in held if self._is_in_force(version)]
        return (found[-1] if found else held[0] if held else self.current).digest

    def _is_in_force(self, version: Version) -> bool:
        found = self.find_in_force((self._party,))
        return found is not None and self.lineage.is_descended(found, of=version)

    def find_version(self, stated: Stated) -> Version:
        """Return the version that a statement, and what it opens, is judged under."""
        if self.is_single:
            return self.lineage.first
        return self.force.find_governing(stated.audience, when_stating=stated) or self.lineage.first

    def find_policy(self, scope: Scope, held: Mapping[Digest, Stated]) -> Policy:
        """Return the policy that an object is folded under: that of its opening statement's version (P36)."""
        return self.read_policy(self.find_version_of(scope, held))

    def find_version_of(self, scope: Scope, held: Mapping[Digest, Stated]) -> Version:
        """Return the version that an object is folded under, by the statements of its scope.

        A line's day, which nothing opens, and what awaits its opener are under the highest of their good statements'.
        """
        if self.is_single:
            return self.lineage.first
        opener = held.get(Digest(scope.ref))
        if opener is not None:
            return self.find_version(opener)
        found = (self.find_version(row) for row in held.values() if row.counts)
        return min(found, key=lambda version: (-version.number, version.digest), default=self.lineage.first)

    def read_policy(self, version: Version) -> Policy:
        """Return what the folds read of a version."""
        if version.digest not in self._policies:
            self._policies[version.digest] = read_policy(version.pact)
        return self._policies[version.digest]

    def read_duties(self, version: Version) -> tuple[DutyRule, ...]:
        """Return the duties that follow from a version."""
        if version.digest not in self._duties:
            self._duties[version.digest] = compile_duties(version.pact)
        return self._duties[version.digest]

    def read_terms(self, version: Version) -> ReleaseTerms:
        """Return what the funnel reads of a version. States told to an earlier circle go on counting (R12)."""
        if version.digest not in self._terms:
            circles: list[Audience] = []
            step: Version | None = version
            while step is not None:
                circles.append(step.audience)
                step = self.lineage.find_before(step)
            self._terms[version.digest] = compile_terms(version.pact, circles=circles)
        return self._terms[version.digest]

    def find_offices(self, readers: Audience) -> OfficeTerms | None:
        """Return what is asked now of officers who say something to these readers; None where nobody is asked for."""
        version = self.lineage.first if self.is_single else self.force.find_governing(readers) or self.current
        return self.read_offices(version)

    def read_offices(self, version: Version) -> OfficeTerms | None:
        """Return what a version says of officers."""
        if version.digest not in self._offices:
            self._offices[version.digest] = read_offices(version.pact)
        return self._offices[version.digest]

    def find_terms(self, readers: Audience) -> ReleaseTerms:
        """Return what decides now whether something may go to these readers."""
        return self.read_terms(self.force.find_governing(readers) or self.current)

    def find_terms_at(self, stated: Stated) -> ReleaseTerms:
        """Return what decided for the author of a statement, on what it provably knew."""
        return self.read_terms(self.find_version(stated))

    def find_due(self, at: Instant) -> list[tuple[Audience, PactAccepted]]:
        """Return the acceptances to state now, each once: holding a version's file is the party's word for it (P34).

        The version that this party began with was accepted at its birth. One that leaves somebody out waits until its
        acceptance would count; the genesis journal of the circle that remains begins once it is in force.
        """
        due: list[tuple[Audience, PactAccepted]] = []
        for version in self.lineage.placed:
            signers = self.lineage.find_signing_audience(version)
            if self._party not in signers or version.digest in {*self._asked, self._begun}:
                continue
            if self._party in self.force.find_accepting(version):
                self._asked.add(version.digest)
            elif self.force.may_accept(version, self._party, at=at):
                self._asked.add(version.digest)
                due.append((signers, PactAccepted(version.digest)))
        return due

    def find_wake(self, at: Instant) -> Instant | None:
        """Return when a notice ends that an acceptance waits for."""
        ends = [
            end
            for version in self.lineage.placed
            if version.digest not in self._asked and (before := self.lineage.find_before(version)) is not None
            for party in sorted(self.lineage.find_removed(version))
            if (end := self.force.find_end(party, before)) is not None and end > at
        ]
        return min(ends, default=None)

    def find_alarms(self) -> tuple[Alarm, ...]:
        """Return an alarm for each version that pages name and that is not held here, once each (P37)."""
        if not self._statements.unjudged:
            return ()
        new = sorted(self._statements.unjudged.keys() - self._told)[: max(0, UNHELD_COUNT_MAX - len(self._told))]
        self._told.update(new)
        return tuple(Alarm("alarm.pact-not-held", {"pact": digest.hex()}) for digest in new)

    def has_left(self, party: Party, trigger: Stated) -> bool:
        """Tell whether a statement that asks something of a party knew that its notice had ended (P38)."""
        ends_at = self.force.find_end(party, self.find_version(trigger), when_stating=trigger)
        return ends_at is not None and ends_at <= trigger.written_at

    def find_misjudged(self) -> tuple[Misjudged, ...]:
        """Return who wrote under another version than its cut supports, or to one who had left by it (J31, J33)."""
        if self.is_single:
            return ()
        found: dict[Digest, Misjudged] = {}
        for stated in self._statements.all:
            cut = stated.cut
            if isinstance(cut, Cut) and (not cut.is_whole or self._statements.has_unopened(cut)):
                continue
            code = self._find_fault(stated)
            if code:
                found.setdefault(stated.page_digest, Misjudged(stated.id, stated.author, code))
        return tuple(found.values())

    def _find_fault(self, stated: Stated) -> str:
        if self._statements.find_feed(stated) is Feed.GENESIS:
            version = self.lineage.find(stated.pact)
            return "" if version is not None and version.audience == stated.audience else "pact.other-version"
        if stated.pact != self.find_version(stated).digest:
            return "pact.other-version"
        in_force = self.force.find_in_force(stated.audience, when_stating=stated)
        if in_force is None or set(stated.audience) <= set(in_force.audience):
            return ""
        if not self._find_left(stated.audience, in_force):
            return "pact.other-version"
        # One who was left out after its notice, and without its word, need not hold the version that did it.
        signed = {*in_force.audience, *self.force.find_accepting(in_force, when_stating=stated)}
        return "pact.party-left" if stated.author in signed and len(stated.audience) > 1 else ""
