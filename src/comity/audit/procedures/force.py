"""Which version of the pact was in force for whom, and under which one a statement is judged (P34 to P36, P38).

Rules
- Everything is asked at a cut: the cut of one statement or, without one, all that the record has.
- Along the line, from the first version on, each stands if it was accepted and the one that it amends stands; that
  last is not asked for readers who came by it and so could not read how that one was accepted.
- Whoever left is bound until the others have acted on its notice: no clock moves anybody out.

Invariant: of the same statements the answer is the same, whatever their order.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.audit.form import GENESIS, JournalId
from comity.audit.procedures.forms_pact import PactAccepted, WithdrawalNotified, WithdrawalRevoked
from comity.audit.procedures.said import Knowing, Said
from comity.audit.version import Line, Version
from comity.base.instants import DAY_MS
from comity.base.names import Audience, Party
from comity.pact.model import Pact

__all__ = ["Force", "Misjudged", "notice_ms"]

_ACTS: Final = frozenset({PactAccepted, WithdrawalNotified, WithdrawalRevoked})


def notice_ms(pact: Pact) -> int:
    """Return how long before it leaves a party gives notice: the pact's clause, else its policy, else no time (P38)."""
    days = None if pact.withdrawal is None else pact.withdrawal.notice_days
    if isinstance(days, int):
        return days * DAY_MS
    return 0 if pact.policy.withdrawal is None else pact.policy.withdrawal.notice_ms


@dataclass(frozen=True, slots=True)
class Misjudged:
    """J31, J33: a page under another version than its cut supports, or to one who had left; `said` is in it."""

    said: Said
    code: str


class Force:
    """Answers from the statements of one record."""

    def __init__(self, line: Line, statements: Sequence[Said], knowing: Knowing) -> None:
        self.line = line
        self._knowing = knowing
        self._statements = statements
        self._accepted: dict[tuple[bytes, Party], list[Said]] = {}
        self._notices: dict[Party, list[Said]] = {}
        self._revoked: dict[bytes, list[Said]] = {}
        self._acting: set[bytes] = set()
        """Pages in which an act of these kinds stands: there the place within the page matters."""
        self._governing: dict[tuple[bytes, Audience], Version] = {}
        self._witnesses: list[Said] | None = None
        for said in statements:
            if type(said.entry) in _ACTS:
                self._acting.add(said.spot.page)
                self._sort_in(said)

    def _sort_in(self, said: Said) -> None:
        match said.entry:
            case PactAccepted(pact=pact):
                self._accepted.setdefault((pact, said.author), []).append(said)
            case WithdrawalNotified() if said.is_good:
                self._notices.setdefault(said.author, []).append(said)
            case WithdrawalRevoked(notice=notice) if said.is_good:
                self._revoked.setdefault(notice, []).append(said)
            case _:
                pass

    def find_version(self, said: Said) -> Version:
        """Return the version that a statement is judged under (P36)."""
        if self.line.is_single:
            return self.line.first
        if said.spot.page in self._acting:
            return self._find_governing(said.audience, said)
        key = (said.spot.page, said.audience)
        if key not in self._governing:
            self._governing[key] = self._find_governing(said.audience, said)
        return self._governing[key]

    def _find_governing(self, readers: Audience, cut: Said) -> Version:
        able = [version for version in self.line.fitting if set(readers) <= set(version.audience)]
        standing = [version for version in self.list_in_force(readers, cut) if version in able]
        return _pick(standing) or next(iter(able), self.line.first)

    def find_of_object(self, statements: Sequence[Said], ref: bytes) -> Version:
        """Return the version that an object is folded under: its opener's; else the highest of a good statement's."""
        if self.line.is_single:
            return self.line.first
        opener = next((said for said in statements if said.id == ref), None)
        if opener is not None:
            return self.find_version(opener)
        return _pick([self.find_version(said) for said in statements if said.is_good]) or self.line.first

    def find_ruling(self, readers: Audience, cut: Said | None = None) -> Version | None:
        """Return the version in force for readers; it may leave some of them out (P35)."""
        return _pick(self.list_in_force(readers, cut))

    def list_in_force_for(self, holders: Iterable[str]) -> list[Version]:
        """Return every version in force on all that the record has, for all or for a holder of it, the line's order.

        A newcomer's own record shows in force what let it in, though not how the version before was accepted.
        """
        readers: list[tuple[Party, ...]] = [(), *((holder,) for holder in sorted(set(holders)))]
        found = {version.digest for who in readers for version in self.list_in_force(who)}
        return [version for version in self.line.fitting if version.digest in found]

    def find_current(self, holders: Iterable[str]) -> Version:
        """Return the highest version in force on all that the record has of which a holder is a party, else the lowest.

        So the record of one who left shows what it left.
        """
        who = frozenset(holders)
        able = [version for version in self.line.fitting if not who.isdisjoint(version.audience)]
        able = able or list(self.line.fitting)
        return _pick([version for version in self.list_in_force_for(who) if version in able]) or able[0]

    def list_in_force(self, readers: Collection[Party], cut: Said | None = None) -> list[Version]:
        """Return every version in force for these readers at a cut, those that others amend included (P35)."""
        standing: list[Version] = []
        who = set(readers)
        for version in self.line.fitting:
            before = self.line.find_before(version)
            is_reached = before is None or before in standing
            if not is_reached and before is not None:
                is_reached = who <= set(version.audience) and not who <= set(before.audience)
            if is_reached and self._was_adopted(version, cut):
                standing.append(version)
        return standing

    def list_accepting(self, version: Version, cut: Said | None = None) -> Audience:
        """Return the signers whose acceptance counts, with the word or the ended notice of those left out."""
        return tuple(party for party in self.line.find_signers(version) if self._has_accepted(version, party, cut))

    def _was_adopted(self, version: Version, cut: Said | None) -> bool:
        return all(self._has_accepted(version, party, cut) for party in version.audience)

    def _has_accepted(self, version: Version, party: Party, cut: Said | None) -> bool:
        before = self.line.find_before(version)
        if before is None:
            return bool(self._list_acts(version, party, cut))
        silent = [
            other
            for other in before.audience
            if other not in version.audience and other != party and not self._list_acts(version, other, cut)
        ]
        return any(
            all(self.has_left(other, before, asked_by=act) for other in silent)
            for act in self._list_acts(version, party, cut)
        )

    def _list_acts(self, version: Version, party: Party, cut: Said | None) -> list[Said]:
        """Return the acceptances of one party that count (P34)."""
        signers = self.line.find_signers(version)
        acts = self._accepted.get((version.digest, party), ())
        return [act for act in acts if act.audience == signers and self._counts(act, cut)]

    def _counts(self, act: Said, cut: Said | None) -> bool:
        if cut is not None and not self._knowing.knows(cut, act):
            return False
        if act.is_good or (cut is not None and not self._knowing.knows_fault(cut, act)):
            return True
        return any(self._relies(witness, act, cut) for witness in self._list_witnesses())

    def _relies(self, witness: Said, act: Said, cut: Said | None) -> bool:
        """Tell whether another party spoke who knew of the acceptance and of no doubt, and the cut knows of that."""
        knowing = self._knowing
        return (
            witness.author != act.author
            and knowing.knows(witness, act)
            and not knowing.knows_fault(witness, act)
            and (cut is None or knowing.knows(cut, witness))
        )

    def _list_witnesses(self) -> list[Said]:
        """Return one good statement of each page, the first: what others said its author knew by his page."""
        if self._witnesses is None:
            first: dict[bytes, Said] = {}
            for said in self._statements:
                if said.is_good:
                    held = first.setdefault(said.spot.page, said)
                    if said.place < held.place:
                        first[said.spot.page] = said
            self._witnesses = list(first.values())
        return self._witnesses

    def has_left(self, party: Party, version: Version, *, asked_by: Said) -> bool:
        """Tell whether a statement knew a notice to leave this version that had ended by its own clock (P38)."""
        return any(end <= asked_by.at for end in self._list_ends(party, version, asked_by))

    def is_excused(self, party: Party, asked_by: Said) -> bool:
        """Tell whether what a statement asks of a party is excused, because it had left (P32)."""
        return bool(self._notices) and self.has_left(party, self.find_version(asked_by), asked_by=asked_by)

    def _list_ends(self, party: Party, version: Version, cut: Said) -> Iterator[int]:
        for notice in self._notices.get(party, ()):
            entry = notice.entry
            assert isinstance(entry, WithdrawalNotified)
            if notice.audience == version.audience and self._knowing.knows(cut, notice):
                revoked = (
                    act.author == party and act.audience == notice.audience and self._knowing.knows(cut, act)
                    for act in self._revoked.get(notice.id, ())
                )
                if not any(revoked):
                    yield max(entry.ends_at, notice.at + notice_ms(version.pact))

    def list_misjudged(
        self, statements: Iterable[Said], journals: Mapping[bytes, JournalId], named: Mapping[bytes, bytes]
    ) -> Iterator[Misjudged]:
        """Yield each page that names another version than its cut supports, or goes to one who had left (J31, J33).

        `statements` are those whose whole cut is here and opened; `named` gives the version that each page names.
        """
        told: set[bytes] = set()
        for said in sorted(statements, key=lambda said: said.place):
            page = said.spot.page
            if page not in told:
                is_genesis = journals[said.spot.journal].feed == GENESIS
                code = self._judge_genesis(said, named[page]) if is_genesis else self._judge_page(said, named[page])
                if code:
                    told.add(page)
                    yield Misjudged(said, code)

    def _judge_genesis(self, said: Said, named: bytes) -> str:
        version = self.line.find(named)
        return "" if version is not None and version.audience == said.audience else "pact.other-version"

    def _judge_page(self, said: Said, named: bytes) -> str:
        if named != self.find_version(said).digest:
            return "pact.other-version"
        ruling = self.find_ruling(said.audience, said)
        if ruling is None or set(said.audience) <= set(ruling.audience):
            return ""
        passed = {party for version in self.line.list_back(ruling) for party in version.audience}
        gone = passed - set(ruling.audience)
        if not gone & set(said.audience):
            return "pact.other-version"
        is_bound = said.author in ruling.audience or said.author in self.list_accepting(ruling, said)
        return "pact.party-left" if is_bound and len(said.audience) > 1 else ""


def _pick(versions: Iterable[Version]) -> Version | None:
    """Of several the highest number rules, of equal numbers the lowest digest (P35)."""
    return min(versions, key=lambda version: (-version.number, version.digest), default=None)
