"""One warning journal of another party: which pages came, which lack, where its author contradicts itself (W27 to W29).

Unlike in the record a page does not wait for the one before it: what is late is told late, and a picture orders what it
is told by time. So the chain is checked where both its ends are here, and never holds up a warning.

Memory is bounded: of the pages that lie `WARNING_WINDOW_PAGE_COUNT` before the last nothing is remembered.
"""

import bisect
import heapq
from collections.abc import Iterator
from typing import NamedTuple

from comity.base.instants import Instant
from comity.base.limits import BRANCH_COUNT_MAX, WARNING_GAP_COUNT_MAX, WARNING_WINDOW_PAGE_COUNT
from comity.base.names import Digest
from comity.journal.header import JournalId, Page
from comity.warning.effect import Fate, Fork, Gap

__all__ = ["Inlet"]


class _Known(NamedTuple):
    page: Digest
    previous: Digest


class _Run(NamedTuple):
    first: int
    last: int
    noticed_at: Instant


class Inlet:
    """What is known of one journal."""

    def __init__(self, id_: JournalId, digest: Digest) -> None:
        self.id = id_
        self.digest = digest
        self.commitments: dict[int, bytes] = {}
        """By epoch, what its key pages commit to."""
        self.is_forked = False
        self.page_count = 0
        self.row_count = 0
        self.late_count = 0
        self.lost_count = 0
        """Pages that were given up."""
        self.disowned_count = 0
        """Pages that a later incarnation leaves out: they stand, and are not read (W76)."""
        self.first: int = -1
        self.last: int = -1
        self._known: dict[int, list[_Known]] = {}
        self._numbers: list[int] = []
        """Those remembered, as a heap."""
        self._remembered_count = 0
        self._floor = 0
        """The lowest number of which anything may be remembered."""
        self._runs: list[_Run] = []
        self._settled = -1
        """Up to here nothing is said to be missing: an earlier run of this reader came so far."""

    def find_fate(self, page: Page) -> Fate | None:
        """Return what becomes of a page for its number alone: None where it is news."""
        number = page.header.number
        if number < self._floor:
            return Fate.PASSED
        known = self._known.get(number, ())
        if any(one.page == page.digest for one in known):
            return Fate.DUPLICATE
        return Fate.PASSED if len(known) >= BRANCH_COUNT_MAX else None

    def place(self, page: Page, at: Instant) -> tuple[Fork, ...]:
        """Take a page in; return what it shows of a second history."""
        number, header = page.header.number, page.header
        forks = tuple(self._find_forks(page))
        self.is_forked = self.is_forked or bool(forks)
        self._remember(number, _Known(page.digest, header.previous))
        self.page_count += 1
        self.late_count += number < self.last
        if self.first < 0:
            self.first = self.last = number
        elif number > self.last:
            if number > self.last + 1:
                self._add_run(_Run(self.last + 1, number - 1, at))
            self.last = number
        elif number < self.first:
            # Before the first that came here nothing was missed: who begins to read begins somewhere.
            lowest = max(number, self._settled) + 1
            if lowest < self.first:
                self._add_run(_Run(lowest, self.first - 1, at))
            self.first = number
        else:
            self._fill(number)
        return forks

    def resume(self, page: Page) -> None:
        """Take note of a page that an earlier run took, ascending: what lay before it is not missing now."""
        self.first = self.last = self._settled = page.header.number
        self._remember(page.header.number, _Known(page.digest, page.header.previous))

    def _find_forks(self, page: Page) -> Iterator[Fork]:
        number, author = page.header.number, self.id.author
        for rival in self._known.get(number, ()):
            yield Fork(self.digest, author, number, page.digest, rival.page)
        before = self._known.get(number - 1, ())
        if before and all(one.page != page.header.previous for one in before):
            yield Fork(self.digest, author, number - 1, before[0].page, page.header.previous)
        after = self._known.get(number + 1, ())
        if after and number not in self._known and all(one.previous != page.digest for one in after):
            yield Fork(self.digest, author, number, page.digest, after[0].previous)

    def _add_run(self, run: _Run) -> None:
        bisect.insort(self._runs, run)

    def _fill(self, number: int) -> None:
        """Take a number out of the run that it is in, if it was missing."""
        place = bisect.bisect_right(self._runs, number, key=lambda run: run.first) - 1
        if place < 0 or self._runs[place].last < number:
            return
        first, last, at = self._runs.pop(place)
        if number < last:
            self._runs.insert(place, _Run(number + 1, last, at))
        if number > first:
            self._runs.insert(place, _Run(first, number - 1, at))

    def _remember(self, number: int, known: _Known) -> None:
        if number not in self._known:
            heapq.heappush(self._numbers, number)
        self._known.setdefault(number, []).append(known)
        self._remembered_count += 1
        while self._remembered_count > WARNING_WINDOW_PAGE_COUNT:
            lowest = heapq.heappop(self._numbers)
            self._remembered_count -= len(self._known.pop(lowest))
            self._floor = lowest + 1

    def give_up(self, at: Instant, *, after_ms: int) -> tuple[Gap, ...]:
        """Return, once each, the runs that have lacked for so long, or for which there is no more room."""
        kept: list[_Run] = []
        lost: list[_Run] = []
        spare = len(self._runs) - WARNING_GAP_COUNT_MAX
        for index, run in enumerate(self._runs):
            is_over = at - run.noticed_at >= after_ms or index < spare
            (lost if is_over else kept).append(run)
        self._runs = kept
        self.lost_count += sum(run.last - run.first + 1 for run in lost)
        return tuple(Gap(self.digest, self.id.author, *run) for run in lost)

    @property
    def missing_count(self) -> int:
        """How many pages lack that may still come."""
        return sum(run.last - run.first + 1 for run in self._runs)

    def find_previous(self, number: int, page: Digest) -> Digest | None:
        """Return the page before one that is remembered."""
        return next((one.previous for one in self._known.get(number, ()) if one.page == page), None)

    def find_page(self, number: int) -> tuple[Digest, ...]:
        """Return the pages of a number that are remembered."""
        return tuple(one.page for one in self._known.get(number, ()))
