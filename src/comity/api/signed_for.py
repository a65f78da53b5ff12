"""Since when it is proved that a party had a page: by the earliest page of its own that names that page or a later one.

Rules (docs/spec/journal.md, J12 and J15; docs/spec/procedure.md, P9)
- Proof is a signature of the party's own, and its clock is that party's claim. Where there is none nothing is said: a
  party may have read what it has not signed for.
- Of what a party signed for in a journal only the steps are kept that prove more, or the same earlier: so asking costs
  a search in a short list, however long the record is.
- A journal with two histories is looked through page by page: a name proves only the branch that it stands on.
"""

import asyncio
import bisect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from comity.base.names import Digest, Party
from comity.crypto.suite import Suite
from comity.journal.authenticity import find_checkpoint_heads
from comity.journal.branch import Book, Placed
from comity.journal.header import Kind, SeenHead, parse_page
from comity.journal.ledger import Ledger
from comity.procedure.stated import Stated

__all__ = ["SignedFor"]

SLICE_COUNT: Final = 500


@dataclass(slots=True)
class _Steps:
    """How far one party signed for one journal: page numbers, and the clocks of the pages that say so; both rise."""

    numbers: list[int] = field(default_factory=list)
    clocks: list[int] = field(default_factory=list)
    pages: list[Placed] = field(default_factory=list)

    def note(self, number: int, page: Placed) -> None:
        at = page.header.written_at
        first = last = bisect.bisect_left(self.numbers, number)
        if last < len(self.numbers):
            if self.clocks[last] <= at:
                return
            last += self.numbers[last] == number
        while first and self.clocks[first - 1] >= at:
            first -= 1
        self.numbers[first:last], self.clocks[first:last], self.pages[first:last] = [number], [at], [page]

    def find_first(self, number: int) -> Placed | None:
        at = bisect.bisect_left(self.numbers, number)
        return self.pages[at] if at < len(self.pages) else None


class SignedFor:
    """What every party signed for, as the pages show that one ledger holds."""

    def __init__(self, ledger: Ledger, suite: Suite, read: Callable[[Digest, int], Iterable[bytes]]) -> None:
        """Set up; `read` returns the pages of a journal with a number, as they are stored: checkpoints name more."""
        self._ledger = ledger
        self._suite = suite
        self._read = read
        self._steps: dict[tuple[bytes, Party], _Steps] = {}
        self._taken: dict[Digest, int] = {}
        self._turn = asyncio.Lock()

    async def catch_up(self) -> None:
        """Take up the pages that came since, with other work in between."""
        async with self._turn:
            count = 0
            for book in self._ledger.books():
                for page in self._list_new(book):
                    self._take(page)
                    count += 1
                    if count % SLICE_COUNT == 0:
                        await asyncio.sleep(0)

    def _list_new(self, book: Book) -> Iterator[Placed]:
        """Yield what was not taken yet; of a journal with two histories everything, for a rival can come late."""
        number = 0 if book.is_forked else self._taken.get(book.digest, 0)
        while number < len(book.by_number):
            yield from book.by_number[number]
            number += 1
            self._taken[book.digest] = number

    def _take(self, page: Placed) -> None:
        party = page.header.journal.author
        for head in self._find_heads(page):
            self._steps.setdefault((head.journal, party), _Steps()).note(head.number, page)

    def _find_heads(self, page: Placed) -> Iterable[SeenHead]:
        heads = page.header.seen
        return (*heads, *self._read_checkpoint(page)) if page.header.kind is Kind.CHECKPOINT else heads

    def _read_checkpoint(self, page: Placed) -> Iterator[SeenHead]:
        for read in (parse_page(raw, self._suite) for raw in self._read(page.journal, page.header.number)):
            if read.digest == page.digest:
                yield from find_checkpoint_heads(read)

    def is_forked(self, stated: Stated) -> bool:
        """Tell whether the journal of a statement has two histories."""
        book = self._ledger.find_book(stated.journal)
        return book is not None and book.is_forked

    def find_first(self, stated: Stated, party: Party) -> Placed | None:
        """Return the earliest page, by its author's clock, by which a party signed for a statement's page."""
        if party == stated.author:
            return self._ledger.find_page(stated.page_digest)
        if self.is_forked(stated):
            return self._find_on_branch(stated, party)
        steps = self._steps.get((stated.journal, party))
        return None if steps is None else steps.find_first(stated.page)

    def _find_on_branch(self, stated: Stated, party: Party) -> Placed | None:
        book = self._ledger.find_book(stated.journal)
        assert book is not None, "what was read was accepted"
        after = {stated.page_digest}
        for rivals in book.by_number[stated.page + 1 :]:
            after.update(page.digest for page in rivals if page.parent is not None and page.parent.digest in after)
        own = (one for other in self._ledger.books() if other.id.author == party for one in other.pages())
        proofs = (page for page in own if any(head.page in after for head in self._find_heads(page)))
        return min(proofs, key=lambda page: (page.header.written_at, page.digest), default=None)
