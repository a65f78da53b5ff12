"""What the record proves of who knew what: the answers that the folds ask for (P2, P9, P22), from the pages.

Nothing is computed before it is asked for; what makes a page disputed or disowned is looked for only where somebody
saw an adoption that rests on such a page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.audit.chain import Journal
from comity.audit.heads import Heads
from comity.audit.pool import Sheet
from comity.audit.procedures.cut import Cuts
from comity.audit.procedures.said import Said
from comity.audit.procedures.shown import Shown
from comity.base.names import Party

__all__ = ["Knowledge"]


@dataclass(frozen=True, slots=True)
class _Fault:
    """A page that names a rival (J16) or opens a later incarnation (J17): journal and number."""

    journal: bytes
    number: int


class Knowledge:
    """Answers from one record's accepted pages; see `said.Knowing`."""

    def __init__(
        self,
        journals: Mapping[bytes, Journal],
        heads: Heads,
        disowned: Mapping[bytes, frozenset[bytes]],
        first_sealed: Mapping[bytes, int],
    ) -> None:
        self.cuts = Cuts(journals)
        self._shown = Shown(journals, disowned)
        self._journals = journals
        self._heads = heads
        self._disowned = disowned
        self._first_sealed = first_sealed
        self._faults: dict[bytes, tuple[_Fault, ...]] = {}
        self._clocks: dict[bytes, _Clocks] = {}
        self._latest: dict[bytes, int | None] = {}

    def knows(self, later: Said, earlier: Said) -> bool:
        """Tell whether the author of `later` provably had `earlier` when stating it (P2)."""
        if later.spot.journal == earlier.spot.journal:
            return earlier.place <= later.place
        return self._reaches(later, earlier.spot.journal, earlier.place.number)

    def knows_fault(self, later: Said, doubted: Said) -> bool:
        """Tell whether he provably had a page that makes `doubted` disputed or disowned (P22)."""
        page = doubted.spot.page
        if page not in self._faults:
            self._faults[page] = tuple(self._find_faults(doubted))
        return any(self._has_page(later, fault) for fault in self._faults[page])

    def is_confirmed(self, said: Said, party: Party) -> bool:
        """Tell whether a party is the author of a statement, or a head signed by it covers the page (P9)."""
        confirmed = self._heads.confirmation(self._journals[said.spot.journal], party).number
        return party == said.author or (confirmed is not None and confirmed >= said.place.number)

    def find_latest_at(self, said: Said) -> int | None:
        """Return the latest clock in a statement's cut; None where not every page of it is here and opened (R10)."""
        page = said.spot.page
        if page not in self._latest:
            self._latest[page] = self._find_latest_at(said)
        return self._latest[page]

    def has_shown(self, later: Said, earlier: Said) -> bool:
        """Tell whether the author of `later` had `earlier` by its cut, or by what its other pages show (R57)."""
        if self.knows(later, earlier):
            return True
        journal = earlier.spot.journal
        return journal != later.spot.journal and self._shown.find_number(later, journal) >= earlier.place.number

    def is_shown_whole(self, said: Said) -> bool:
        """Tell whether a statement is its author's own, and all that its other pages name is here and opened."""
        return not self._shown.is_doubted(said) and all(
            self._is_opened(journal, number) for journal, number in self._shown.list_reach(said)
        )

    def _is_opened(self, journal: bytes, number: int) -> bool:
        held = self._journals.get(journal)
        is_here = held is not None and number in held.by_number
        return is_here and self._first_sealed.get(journal, number + 1) > number

    def _find_latest_at(self, said: Said) -> int | None:
        latest_at = self._find_clocks(said.spot.journal).by_page[said.spot.page]
        for journal, number in self.cuts.list_reach(said.spot.page, said.place.number):
            if not self._is_opened(journal, number):
                return None
            latest_at = max(latest_at, self._find_clocks(journal).by_number[number])
        return latest_at

    def _find_clocks(self, journal: bytes) -> "_Clocks":
        if journal not in self._clocks:
            self._clocks[journal] = _Clocks(self._journals[journal])
        return self._clocks[journal]

    def _reaches(self, later: Said, journal: bytes, number: int) -> bool:
        return self.cuts.find_number(later.spot.page, later.place.number, journal) >= number

    def _has_page(self, later: Said, fault: _Fault) -> bool:
        if later.spot.journal == fault.journal:
            return fault.number <= later.place.number
        return self._reaches(later, fault.journal, fault.number)

    def _find_faults(self, doubted: Said) -> Iterator[_Fault]:
        page = doubted.spot.page
        yield from (_Fault(journal, 0) for journal in self._disowned.get(page, ()))
        journal = self._journals[doubted.spot.journal]
        if journal.first_fork is None:
            return
        rivals = _find_rivals(journal, page, doubted.place.number)
        for other in self._journals.values():
            if other.id.author != journal.id.author:
                for sheets in other.by_number.values():
                    yield from (
                        _Fault(other.digest, sheet.header.number)
                        for sheet in sheets
                        if any(head in rivals for head in _list_heads(sheet))
                    )


class _Clocks:
    """For each page of a journal the latest clock on its branch up to it; for each number the latest of its pages."""

    def __init__(self, journal: Journal) -> None:
        self.by_page: dict[bytes, int] = {}
        self.by_number: dict[int, int] = {}
        for number in sorted(journal.by_number):
            for sheet in journal.by_number[number]:
                parent = journal.parents.get(sheet.digest)
                before = 0 if parent is None else self.by_page[parent.digest]
                at = self.by_page[sheet.digest] = max(sheet.header.written_at, before)
                self.by_number[number] = max(at, self.by_number.get(number, 0))


def _list_heads(sheet: Sheet) -> Iterator[tuple[bytes, int, bytes]]:
    yield from sheet.header.seen
    if sheet.checkpoint is not None:
        yield from sheet.checkpoint[1].seen


def _find_rivals(journal: Journal, page: bytes, number: int) -> set[tuple[bytes, int, bytes]]:
    """Return the heads of all pages that are neither before a page on its branch nor after it (J16)."""
    own = {page}
    at: bytes | None = page
    while at is not None:
        own.add(at)
        parent = journal.parents.get(at)
        at = None if parent is None else parent.digest
    for later in sorted(journal.by_number):
        if later > number:
            own |= {sheet.digest for sheet in journal.by_number[later] if journal.parents[sheet.digest].digest in own}
    return {
        (journal.digest, at_number, sheet.digest)
        for at_number, sheets in journal.by_number.items()
        for sheet in sheets
        if sheet.digest not in own
    }
