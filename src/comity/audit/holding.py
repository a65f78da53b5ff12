"""What each holder has, lacks, or holds in other bytes, and which page proves it (J11.2, J19).

Rules
- A holder should have every page of every journal whose audience it is in. What it stored but what is refused counts
  as damaged, not as absent; the refusal names it already.
- A hole with later pages behind it is *dropped*. A missing tail is *lost* where the holder's own signed word shows
  that it once had it, *missing* where only another's word shows that it exists, *behind* where another record simply
  has more. Beyond the last page that any record holds nothing can be said, and that is said (`tail.no-witness`).
"""

import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from comity.audit.chain import Journal
from comity.audit.finding import Finding, Witness, make_finding
from comity.audit.form import JournalId
from comity.audit.heads import Heads
from comity.audit.pool import Sheet, Unread

__all__ = ["Holdings", "find_held", "find_refused"]


class _Run(NamedTuple):
    first: int
    last: int


class Holdings:
    """Compares holders, journal by journal."""

    def __init__(
        self,
        holders: Sequence[str],
        journals: Mapping[bytes, Journal],
        sheets: Iterable[Sheet],
        heads: Heads,
    ) -> None:
        self._holders = holders
        self._heads = heads
        self._named: defaultdict[bytes, list[str]] = defaultdict(list)
        for journal_digest, party in heads.highest:
            self._named[journal_digest].append(party)
        self._accepted: defaultdict[tuple[bytes, str], dict[int, Sheet]] = defaultdict(dict)
        self._waiting: defaultdict[tuple[bytes, str], dict[int, Sheet]] = defaultdict(dict)
        self._damaged: defaultdict[tuple[bytes, str], set[int]] = defaultdict(set)
        for sheet in sheets:
            self._sort_in(sheet)
        self._journals = journals

    def _sort_in(self, sheet: Sheet) -> None:
        for holder in sheet.index_by_holder:
            key = (sheet.journal_digest, holder)
            if sheet.code is None:
                self._accepted[key].setdefault(sheet.header.number, sheet)
            elif sheet.is_held and sheet.code != "page.stranger":
                self._waiting[key].setdefault(sheet.header.number, sheet)
            else:
                self._damaged[key].add(sheet.header.number)

    def should_hold(self, journal: JournalId) -> list[str]:
        """Return the holders that the journal is meant for."""
        return [holder for holder in self._holders if holder in journal.audience]

    def last_held(self, journal: Journal, holder: str) -> int | None:
        """Return the highest accepted page of a journal that a holder has."""
        return max(self._accepted.get((journal.digest, holder), ()), default=None)

    def agreed_count(self, journal: Journal) -> int:
        """Return how many pages from 0 on are accepted, without rival, and held by all that should hold them."""
        lengths = [len(journal.by_number) if journal.first_fork is None else journal.first_fork]
        for holder in self.should_hold(journal.id):
            numbers = self._accepted.get((journal.digest, holder), {})
            lengths.append(next((n for n in range(len(numbers)) if n not in numbers), len(numbers)))
        return min(lengths)

    def find_missing(self, journal: Journal) -> Iterator[Finding]:
        """Yield a finding for each run of pages that a holder lacks, and one for where knowledge ends."""
        known = [*journal.by_number, *(sheet.header.number for sheet in journal.held)]
        known += [self._heads.highest[journal.digest, party][0] for party in self._named.get(journal.digest, ())]
        for holder in self.should_hold(journal.id):
            key = (journal.digest, holder)
            present = {**self._waiting.get(key, {}), **self._accepted.get(key, {})}
            numbers = sorted(present)
            for run in _runs_missing(sorted({*numbers, *self._damaged.get(key, ())}), max(known, default=-1)):
                after = bisect.bisect_right(numbers, run.last)
                follower = present[numbers[after]] if after < len(numbers) else None
                yield self._describe(journal, holder, run, follower)
        if journal.last_number is not None:
            yield make_finding("tail.no-witness", journal=journal.id, number=journal.last_number)

    def _describe(self, journal: Journal, holder: str, run: _Run, follower: Sheet | None) -> Finding:
        others = tuple(
            other
            for other in self._holders
            if other != holder and run.first in self._accepted.get((journal.digest, other), ())
        )
        witness: Witness | None = None
        if follower is not None:
            code, witness = "page.dropped", follower.witness
        elif (own := self._witness(journal.digest, holder, run.first)) is not None:
            code, witness = "tail.lost", own
        else:
            witness = self._best_witness(journal.digest, run.first)
            # Only its author can have written it first: a record that lacks its own holder's page has lost it.
            code = "tail.lost" if holder == journal.id.author else "tail.missing" if witness else "holder.behind"
        return make_finding(
            code,
            holder=holder,
            journal=journal.id,
            number=run.first,
            witness=witness,
            last=run.last,
            held_by=others,
        )

    def _witness(self, journal_digest: bytes, party: str, first: int) -> Witness | None:
        named = self._heads.highest.get((journal_digest, party))
        return named[1].witness if named is not None and named[0] >= first else None

    def _best_witness(self, journal_digest: bytes, first: int) -> Witness | None:
        found = [self._witness(journal_digest, party, first) for party in sorted(self._named.get(journal_digest, ()))]
        return next((witness for witness in found if witness is not None), None)

    def find_unknown(self, names: Mapping[bytes, JournalId]) -> Iterator[Finding]:
        """Yield a finding for each run of missing pages in journals that heads name and of which none was accepted.

        What is here and refused, or waits for a certificate, is named elsewhere.
        """
        for digest in sorted(self._named):
            if digest in self._journals:
                continue
            last, witness = max(
                (self._heads.highest[digest, party] for party in sorted(self._named[digest])), key=lambda pair: pair[0]
            )
            name = names.get(digest)
            for holder in self.should_hold(name or witness.header.journal):
                own = (digest, holder) in self._heads.highest or (name is not None and name.author == holder)
                for run in _runs_missing(sorted(self._damaged.get((digest, holder), ())), last):
                    yield make_finding(
                        "tail.lost" if own else "tail.missing",
                        holder=holder,
                        journal=name,
                        number=run.first,
                        witness=witness.witness,
                        last=run.last,
                        held_by=(),
                        journal_digest=digest,
                    )


def _runs_missing(occupied: Sequence[int], last_known: int) -> Iterator[_Run]:
    """Yield the runs of numbers from 0 to `last_known` that are not in `occupied`, which ascends."""
    expected = 0
    for number in occupied:
        if number > last_known:
            break
        if number > expected:
            yield _Run(expected, number - 1)
        expected = number + 1
    if expected <= last_known:
        yield _Run(expected, last_known)


def find_refused(sheets: Iterable[Sheet], unread: Iterable[Unread], parties: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each refused page of each holder, named by its place in the record too.

    `parties` are those of the pact: a party that holds a page not meant for it is a leak; a holder that is no party
    (an auditor, a court) is expected to hold anything.
    """
    for bad in unread:
        for holder, index in bad.index_by_holder.items():
            yield make_finding(bad.code, holder=holder, index=index, digest=bad.digest)
    known = frozenset(parties)
    for sheet in sheets:
        header = sheet.header
        for holder, index in sheet.index_by_holder.items():
            if sheet.is_refused:
                assert sheet.code is not None
                yield _refusal(sheet.code, sheet, holder, index)
            elif holder in known and holder not in header.journal.audience:
                yield _refusal("page.other-audience", sheet, holder, index)


def _refusal(code: str, sheet: Sheet, holder: str, index: int) -> Finding:
    header = sheet.header
    return make_finding(
        code, holder=holder, journal=header.journal, number=header.number, index=index, digest=sheet.digest
    )


def find_held(sheets: Iterable[Sheet]) -> Iterator[Finding]:
    """Yield one finding for each run of held pages of one holder and journal: what they wait for is one thing."""
    waiting: defaultdict[tuple[str, JournalId, str], list[tuple[int, int]]] = defaultdict(list)
    for sheet in sheets:
        if sheet.is_held and sheet.code is not None:
            for holder, index in sheet.index_by_holder.items():
                key = (holder, sheet.header.journal, sheet.code)
                waiting[key].append((sheet.header.number, index))
    for (holder, journal, code), places in waiting.items():
        number, index = min(places)
        yield make_finding(
            code,
            holder=holder,
            journal=journal,
            number=number,
            is_held=True,
            index=index,
            last=max(places)[0],
            count=len(places),
        )
