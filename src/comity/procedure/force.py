"""Which version of the pact is in force, on what a party provably knew when it spoke.

Rules (docs/spec/procedure.md, P34 to P36, P38, P39)
- A version is in force in a cut if each of its parties has accepted it there, and each party that it leaves out has
  too or had its notice end; and if the version before it is in force there. That last is not asked where the readers
  of the page could not read that version's journals, because it had another circle.
- Of several, the highest number rules, and of rivals that everybody signed the lower digest: the same choice wherever
  the same statements are held.
- A page is judged under the highest version in force in its cut whose parties hold its whole audience; before there is
  one, under the lowest that does.
- An acceptance that came into doubt later still counts for whoever did not know of the doubt, and for whoever knew
  somebody who had relied on it: nobody escapes its word by a fork.

Not pure in form (it gathers statements), but in effect: any order and repetition of the same statements answers alike.
"""

from collections.abc import Callable, Iterable
from typing import Final

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.pact.lineage import Lineage, Version
from comity.procedure.genesis import PactAccepted
from comity.procedure.own import merge
from comity.procedure.stated import Stated, is_doubt_known, is_known_to
from comity.procedure.withdrawal import WithdrawalNotified, WithdrawalRevoked, find_end

__all__ = ["Force"]

_BEARING: Final = frozenset({PactAccepted, WithdrawalNotified, WithdrawalRevoked})
"""What bears on which version is in force, and for whom."""


class Force:
    """What one node knows of acceptances and withdrawals, and the answers that follow."""

    def __init__(self, lineage: Lineage, find_all: Callable[[], Iterable[Stated]] = tuple) -> None:
        """Set up; `find_all` gives every statement held, and is asked only where an acceptance is in doubt."""
        self.lineage = lineage
        self._find_all = find_all
        self._accepted: dict[tuple[Digest, Party], dict[Digest, Stated]] = {}
        self._withdrawals: dict[Digest, Stated] = {}

    def take(self, statements: Iterable[Stated]) -> bool:
        """Note statements, or the worse standing of known ones; return whether any bears on what is in force."""
        has_news = False
        for stated in statements:
            entry = stated.entry
            if type(entry) not in _BEARING:
                continue
            held = self._withdrawals
            if isinstance(entry, PactAccepted):
                held = self._accepted.setdefault((Digest(entry.pact), stated.author), {})
            known = held.get(stated.id)
            kept = stated if known is None else merge((known, stated))[stated.id]
            if known != kept:
                held[stated.id] = kept
                has_news = True
        return has_news

    def find_in_force(self, readers: Audience, *, when_stating: Stated | None = None) -> Version | None:
        """Return the version in force for these readers, at a statement's cut or on all that is held.

        It may be one that leaves some of the readers out: then nothing may be said to them any more.
        """
        found = [version for version in self.lineage.placed if self._is_in_force(version, readers, when_stating)]
        if not found:
            return None
        highest = max(version.number for version in found)
        return next(version for version in found if version.number == highest)

    def find_governing(self, readers: Audience, *, when_stating: Stated | None = None) -> Version | None:
        """Return the version that a page to these readers is judged under; None if no version has them all."""
        versions = [version for version in self.lineage.placed if set(readers) <= set(version.audience)]
        if len(versions) <= 1:
            return versions[0] if versions else None
        found = [version for version in versions if self._is_in_force(version, readers, when_stating)]
        if not found:
            return versions[0]
        highest = max(version.number for version in found)
        return next(version for version in found if version.number == highest)

    def find_accepting(self, version: Version, *, when_stating: Stated | None = None) -> frozenset[Party]:
        """Return the parties whose acceptance of this version counts, at a statement's cut or on all that is held."""
        signers = self.lineage.find_signing_audience(version)
        return frozenset(party for party in signers if self._has_accepted(version, party, when_stating))

    def find_claimed(self) -> frozenset[Digest]:
        """Return the digests that somebody accepted and that are no version held here."""
        return frozenset(digest for digest, _ in self._accepted) - self.lineage.digests

    def find_end(self, party: Party, version: Version, *, when_stating: Stated | None = None) -> Instant | None:
        """Return when a party's notice to leave this version ends, or None where none stands."""
        return find_end(self._withdrawals.values(), party, version.pact, when_stating=when_stating)

    def find_notice(self, party: Party, version: Version) -> Stated | None:
        """Return the notice of a party to leave this version that stands and ends first."""
        alone = ((find_end((act,), party, version.pact), act) for act in self._withdrawals.values())
        revoked = {act.entry.notice for act in self._withdrawals.values()
                   if isinstance(act.entry, WithdrawalRevoked) and act.author == party and act.counts}  # fmt: skip
        found = [(ends_at, act.id, act) for ends_at, act in alone if ends_at is not None and act.id not in revoked]
        return min(found)[2] if found else None

    def may_accept(self, version: Version, party: Party, *, at: Instant) -> bool:
        """Tell whether this party's acceptance, stated now at `at`, would count (P38)."""
        before = self.lineage.find_before(version)
        leaving = self.lineage.find_removed(version) - {party}
        return before is None or all(
            self._has_signed(version, other, None) or self._has_ended(other, before, at=at, when_stating=None)
            for other in leaving
        )

    def _is_in_force(self, version: Version, readers: Audience, when_stating: Stated | None) -> bool:
        if not all(self._has_accepted(version, party, when_stating) for party in version.audience):
            return False
        before = self.lineage.find_before(version)
        if before is None or (set(readers) <= set(version.audience) and not set(readers) <= set(before.audience)):
            # Readers who joined by this version cannot read what was signed before. Nobody left by it (P33).
            return True
        return self._is_in_force(before, readers, when_stating)

    def _has_accepted(self, version: Version, party: Party, when_stating: Stated | None) -> bool:
        """Tell whether an acceptance counts, with the consent or the ended notice of everybody left out."""
        before = self.lineage.find_before(version)
        leaving = self.lineage.find_removed(version) - {party}
        unsigned = [other for other in sorted(leaving) if not self._has_signed(version, other, when_stating)]
        return any(
            before is None
            or all(self._has_ended(other, before, at=act.written_at, when_stating=act) for other in unsigned)
            for act in self._find_acts(version, party, when_stating)
        )

    def _has_signed(self, version: Version, party: Party, when_stating: Stated | None) -> bool:
        return any(True for _ in self._find_acts(version, party, when_stating))

    def _has_ended(self, party: Party, before: Version, *, at: Instant, when_stating: Stated | None) -> bool:
        ends_at = self.find_end(party, before, when_stating=when_stating)
        return ends_at is not None and ends_at <= at

    def _find_acts(self, version: Version, party: Party, when_stating: Stated | None) -> list[Stated]:
        held = self._accepted.get((version.digest, party), {})
        audience = self.lineage.find_signing_audience(version)
        return [act for act in held.values() if act.audience == audience and self._counts(act, when_stating)]

    def _counts(self, act: Stated, when_stating: Stated | None) -> bool:
        if when_stating is not None:
            if not is_known_to(act, when_stating=when_stating):
                return False
            if act.counts or not is_doubt_known(act, when_stating=when_stating):
                return True
        return act.counts or self._was_relied_on(act, when_stating)

    def _was_relied_on(self, act: Stated, when_stating: Stated | None) -> bool:
        """Tell whether another party spoke who knew of the acceptance and of no doubt about it (P34)."""
        return any(
            row.author != act.author
            and row.counts
            and is_known_to(act, when_stating=row)
            and not is_doubt_known(act, when_stating=row)
            and (when_stating is None or is_known_to(row, when_stating=when_stating))
            for row in self._find_all()
        )
