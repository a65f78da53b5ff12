"""What an author knew at least: cuts over the chains that the audit built itself (J12, P2).

Rules
- A cut grows along a branch. So a journal is laid out in *strands*, runs of pages without a fork between, and of each
  strand it is kept at which of its pages which head was first named: a question costs one bisection.
- Where an author names a page of its own, that page's cut is taken in; of every strand only what is new is taken, so
  that all cuts together cost one look at each head for each journal of its author's.
- The number counts, whichever page of that number is named (P2).
"""

import bisect
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from comity.audit.chain import Journal
from comity.audit.pool import Sheet

__all__ = ["Cuts"]


@dataclass(slots=True, eq=False)
class _Strand:
    parent: "_Strand | None"
    first: int
    sheets: list[Sheet] = field(default_factory=list)
    done: int = 0
    """How many of the pages have been walked."""
    log: list[tuple[int, bytes, int, bytes]] = field(default_factory=list)
    """Position, journal, number, page: heads that were new at that page."""
    reach: dict[bytes, tuple[list[int], list[int]]] = field(default_factory=dict)
    """For each journal: positions, and the highest number named up to each."""
    named: set[tuple[bytes, int, bytes]] = field(default_factory=set)
    """Journal, number, page: a liar may name a page by another journal or number before he names it by its own."""
    taken: dict[int, int] = field(default_factory=dict)
    """For each other strand, by identity: how much of its log was taken in."""

    def find_number(self, journal: bytes, *, at: int) -> int:
        """Return the highest number of a journal named up to a position, -1 for none."""
        positions, numbers = self.reach.get(journal, ((), ()))
        index = bisect.bisect_right(positions, at)
        return numbers[index - 1] if index else -1

    def add(self, position: int, journal: bytes, number: int, page: bytes) -> None:
        """Note a head, unless it adds nothing."""
        if (journal, number, page) in self.named:
            return
        self.named.add((journal, number, page))
        self.log.append((position, journal, number, page))
        positions, numbers = self.reach.setdefault(journal, ([], []))
        if not numbers or number > numbers[-1]:
            positions.append(position)
            numbers.append(number)


class Cuts:
    """Answers what the author of a page knew at least. Nothing is computed before the first question."""

    def __init__(self, journals: Mapping[bytes, Journal]) -> None:
        self._journals = journals
        self._strands: dict[bytes, _Strand] = {}
        """By page digest."""
        for journal in journals.values():
            self._lay_out(journal)

    def _lay_out(self, journal: Journal) -> None:
        followed = Counter(parent.digest for parent in journal.parents.values())
        for number in sorted(journal.by_number):
            for sheet in journal.by_number[number]:
                parent = journal.parents.get(sheet.digest)
                strand = None if parent is None or followed[parent.digest] > 1 else self._strands[parent.digest]
                if strand is None:
                    before = None if parent is None else self._strands[parent.digest]
                    strand = _Strand(before, number)
                self._strands[sheet.digest] = strand
                strand.sheets.append(sheet)

    def _walk(self, strand: _Strand, upto: int) -> None:
        """Take in the heads of a strand's pages up to a number, and before them whatever they lean on."""
        waiting = [(strand, upto)]
        while waiting:
            current, last = waiting[-1]
            need = self._find_needed(current, last)
            if need is None:
                waiting.pop()
            else:
                waiting.append(need)

    def _find_needed(self, strand: _Strand, upto: int) -> tuple[_Strand, int] | None:
        """Walk on; return the strand of the author's own that has to be walked first, if there is one."""
        if strand.done == 0 and strand.parent is not None:
            if (need := self._is_behind(strand.parent, strand.first - 1)) is not None:
                return need
            self._take_in(strand, strand.first, strand.parent, strand.first - 1)
        while strand.first + strand.done <= upto:
            sheet = strand.sheets[strand.done]
            number = sheet.header.number
            own = [(self._strands[page], at) for page, at in self._list_own(sheet)]
            for other, at in own:
                if (need := self._is_behind(other, at)) is not None:
                    return need
            for journal, at, page in sheet.header.seen:
                strand.add(number, journal, at, page)
            for other, at in own:
                self._take_in(strand, number, other, at)
            strand.done += 1
        return None

    def _list_own(self, sheet: Sheet) -> Iterator[tuple[bytes, int]]:
        """Yield the accepted pages of its own author that a page names."""
        author = sheet.header.journal.author
        for journal, number, page in sheet.header.seen:
            named = self._journals.get(journal)
            strand = self._strands.get(page)
            if named is None or named.id.author != author or strand is None:
                continue
            index = number - strand.first
            own = strand.sheets[index] if 0 <= index < len(strand.sheets) else None
            if own is not None and (own.journal_digest, own.digest) == (journal, page):
                yield page, number

    @staticmethod
    def _is_behind(strand: _Strand, upto: int) -> tuple[_Strand, int] | None:
        return (strand, upto) if strand.first + strand.done <= upto else None

    @staticmethod
    def _take_in(strand: _Strand, position: int, other: _Strand, upto: int) -> None:
        """Take in the cut that another strand has at a number."""
        index = strand.taken.get(id(other), 0)
        while index < len(other.log) and other.log[index][0] <= upto:
            strand.add(position, *other.log[index][1:])
            index += 1
        strand.taken[id(other)] = index

    def find_number(self, page: bytes, number: int, journal: bytes) -> int:
        """Return the highest number of a journal that the author of a page had accepted when writing it, or -1."""
        strand = self._strands[page]
        self._walk(strand, number)
        return strand.find_number(journal, at=number)

    def list_reach(self, page: bytes, number: int) -> Iterator[tuple[bytes, int]]:
        """Yield every journal of a page's cut with its highest number."""
        strand = self._strands[page]
        self._walk(strand, number)
        for journal in strand.reach:
            found = strand.find_number(journal, at=number)
            if found >= 0:
                yield journal, found
