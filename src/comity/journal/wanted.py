"""What is known to exist and is not here, journal by journal: an index that is kept as pages come, never rebuilt.

Two things tell of a page that is not here: a signed head that names it (J19), and a page that waits for it (J11). One
that is here and waits for a version of the pact is not wanted.

Rules: a page that comes costs in proportion to what it names, however much is wanted already. A page may be named under
several journals, of which one at most is its own: each of them is wanted until the page comes, so that no false name
hides a true one.
"""

import bisect
from collections.abc import Mapping
from dataclasses import dataclass

from comity.base.names import Audience, Digest, Party
from comity.journal.branch import Book, Placed
from comity.journal.header import Page, SeenHead

__all__ = ["Missing", "Want", "Wanted"]


@dataclass(frozen=True, slots=True)
class Missing:
    """A page that somebody named and that is not held."""

    head: SeenHead
    witness: Placed

    @property
    def order(self) -> tuple[bytes, int, bytes, bytes]:
        """Of several who name one page, the least here is shown: which of them came first must not matter."""
        return (*self.head.order, self.witness.digest)


@dataclass(frozen=True, slots=True)
class Want:
    """The lowest and the highest number wanted of one journal; from `end` on, if it is set, pages are here and wait.

    `readers` may have them. `sponsors` say so: the author of a journal that is here, else all who named it.
    """

    lowest: int
    highest: int
    end: int | None
    readers: Audience
    sponsors: Audience


class Wanted:
    """The index. `books` are the journals that are here."""

    def __init__(self, books: Mapping[Digest, Book]) -> None:
        self._books = books
        self._missing: dict[Digest, Missing] = {}
        self._others: dict[Digest, set[SeenHead]] = {}
        """The names of a missing page besides the one that is shown."""
        self._named: dict[Digest, list[int]] = {}
        self._waiting: dict[Digest, list[int]] = {}
        """Numbers of pages that are here and wait for one before them."""
        self._unread: dict[Digest, int] = {}
        """Pages that are here and wait for a version of the pact, and in how many copies."""
        self._told: dict[Digest, tuple[Audience, Audience]] = {}
        """Of journals that are not here: who may read what tells of them, and who wrote that."""
        self._stirred: dict[Digest, None] = {}

    @property
    def is_any_missing(self) -> bool:
        """Whether anything is known only by name."""
        return bool(self._missing)

    def find_missing(self) -> tuple[Missing, ...]:
        """Return what is known only by name, each page once, in a fixed order."""
        return tuple(sorted(self._missing.values(), key=lambda missing: missing.head.order))

    def take_stirred(self) -> tuple[Digest, ...]:
        """Return the journals of which something else may be wanted than when this was last asked."""
        stirred = tuple(self._stirred)
        self._stirred.clear()
        return stirred

    def find(self, journal: Digest) -> Want | None:
        """Return what is wanted of a journal, if anything."""
        named, waiting = self._named.get(journal), self._waiting.get(journal)
        numbers = [*((named[0], named[-1]) if named else ()), *((waiting[0] - 1, waiting[-1] - 1) if waiting else ())]
        if not numbers:
            return None
        book, end = self._books.get(journal), None
        if waiting:
            place = bisect.bisect_right(waiting, len(book.by_number) if book else 0)
            end = waiting[place] if place < len(waiting) else None
        readers, sponsors = (book.id.audience, (book.id.author,)) if book else self._told[journal]
        return Want(min(numbers), max(numbers), end, readers, sponsors)

    def name(self, head: SeenHead, witness: Placed) -> None:
        """Note that an accepted page names one that is not accepted."""
        self._tell(head.journal, witness.header.journal.audience, witness.header.journal.author)
        missing, shown = Missing(head, witness), self._missing.get(head.page)
        self._missing[head.page] = missing if shown is None else min(shown, missing, key=lambda row: row.order)
        if shown is not None:
            others = self._others.get(head.page, set())
            if head == shown.head or head in others:
                return
            others.add(max(shown, missing, key=lambda row: row.order).head)
            self._others[head.page] = others
        if head.page not in self._unread:
            self._add(self._named, head.journal, head.number)

    def has_come(self, page: Placed) -> None:
        """Note that a page is accepted."""
        if page.journal in self._named or page.journal in self._waiting:
            self._stirred[page.journal] = None
        self._told.pop(page.journal, None)
        if page.digest not in self._unread:
            self._forget_names(page.digest)
        self._missing.pop(page.digest, None)
        self._others.pop(page.digest, None)

    def wait(self, page: Page) -> None:
        """Note that a page is here and waits for one before it."""
        self._tell(page.journal, page.header.journal.audience, page.header.journal.author)
        self._add(self._waiting, page.journal, page.header.number)

    def end_wait(self, page: Page) -> None:
        """Note that it waits no longer."""
        self._remove(self._waiting, page.journal, page.header.number)

    def wait_unread(self, page: Digest) -> None:
        """Note that a page is here and waits for a version of the pact."""
        self._unread[page] = self._unread.get(page, 0) + 1
        if self._unread[page] == 1:
            self._forget_names(page)

    def end_unread(self, page: Digest) -> None:
        """Note that it waits no longer."""
        self._unread[page] -= 1
        if self._unread[page] == 0:
            del self._unread[page]
            for head in self._list_names(page):
                self._add(self._named, head.journal, head.number)

    def _tell(self, journal: Digest, readers: Audience, sponsor: Party) -> None:
        if journal in self._books:
            return
        told = self._told.get(journal, ((), ()))
        now = (_join(told[0], readers), _join(told[1], (sponsor,)))
        if now != told:
            self._told[journal] = now
            self._stirred[journal] = None

    def _list_names(self, page: Digest) -> tuple[SeenHead, ...]:
        missing = self._missing.get(page)
        return () if missing is None else (missing.head, *sorted(self._others.get(page, ()), key=lambda h: h.order))

    def _forget_names(self, page: Digest) -> None:
        for head in self._list_names(page):
            self._remove(self._named, head.journal, head.number)

    def _add(self, numbers: dict[Digest, list[int]], journal: Digest, number: int) -> None:
        bisect.insort(numbers.setdefault(journal, []), number)
        self._stirred[journal] = None

    def _remove(self, numbers: dict[Digest, list[int]], journal: Digest, number: int) -> None:
        rest = numbers[journal]
        del rest[bisect.bisect_left(rest, number)]
        if not rest:
            del numbers[journal]
        self._stirred[journal] = None


def _join(one: Audience, other: Audience) -> Audience:
    """Return both without repeating any; the same object where nothing is new, since there may be many."""
    return one if set(other) <= set(one) else other if not one else tuple(sorted({*one, *other}))
