"""Seen heads: who proved to have had which page (J12, J15, J16)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from comity.base.names import Digest, Party
from comity.journal.branch import Book, Placed
from comity.journal.header import SeenHead

__all__ = ["Witnesses"]

_Name = tuple[int, bytes]
"""A page of a journal as heads name it: number and digest."""

_Confirmed = tuple[int, bytes, Placed]
"""A page, by number and digest, and the page that says that its author had it."""


class _Naming(NamedTuple):
    """The pages of one journal that name one page: the lowest number of them, and the one with the earliest clock."""

    first_number: int
    earliest: Placed


@dataclass(slots=True)
class Witnesses:
    """The index of all names in accepted pages. It only grows.

    `books` are the journals held: what is accepted tells a rival's name from that of a page that is merely not here.
    """

    books: Mapping[Digest, Book] = field(default_factory=dict)
    _named: dict[bytes, dict[_Name, dict[Digest, _Naming]]] = field(default_factory=dict)
    _highest: dict[bytes, dict[Party, _Confirmed]] = field(default_factory=dict)

    def add(self, head: SeenHead, witness: Placed) -> None:
        """Note that `witness` names `head`."""
        by_page, highest = self._named.get(head.journal), self._highest.get(head.journal)
        if by_page is None or highest is None:
            by_page, highest = self._named[head.journal], self._highest[head.journal] = {}, {}
        number, header, journal = head.number, witness.header, witness.journal
        offered, name = _Naming(header.number, witness), (number, head.page)
        namings = by_page.get(name)
        if namings is None:
            by_page[name] = {journal: offered}
        else:
            held = namings.get(journal)
            namings[journal] = offered if held is None else _merge(held, offered)
        party = header.journal.author
        before, confirmed = highest.get(party), (number, head.page, witness)
        if before is None or before[0] < number:
            highest[party] = confirmed
        elif before[0] == number:
            highest[party] = min(before, confirmed, key=_confirmation_order)

    def is_named_by(self, party: Party, page: Placed) -> bool:
        """Tell whether accepted pages of this party name that page."""
        by_page = self._named.get(page.journal)
        namings = by_page.get((page.header.number, page.digest)) if by_page else None
        if not namings:
            return False
        return any(naming.earliest.header.journal.author == party for naming in namings.values())

    def find_named(self, journal: Digest, *, except_by: Party) -> frozenset[_Name]:
        """Return the pages of a journal that anyone but its author has named, each as number and digest."""
        by_page = self._named.get(journal, {})
        return frozenset(name for name, namings in by_page.items() if any(_of_others(namings, except_by)))

    def find_naming(self, journal: Digest, pages: Collection[Digest], *, except_by: Party) -> Mapping[Digest, int]:
        """Return, for each journal of another author that names one of these pages, the number of its first to do so.

        Args:
            journal: that of the pages.
            pages: their digests; a name counts only with the number that the page has.
            except_by: the author of `journal`.
        """
        found: dict[Digest, int] = {}
        for (number, page), namings in self._named.get(journal, {}).items():
            if page in pages and self._is_accepted(journal, number, page):
                for naming in _of_others(namings, except_by):
                    by = naming.earliest.journal
                    found[by] = min(found.get(by, naming.first_number), naming.first_number)
        return found

    def find_confirmed(self, journal: Digest) -> dict[Party, tuple[int, Placed]]:
        """Return, per party, how far its signed heads confirm a journal (J15), and the page that says so."""
        found: dict[Party, tuple[int, Placed]] = {}
        for party, highest in self._highest.get(journal, {}).items():
            names = [highest]
            if self._is_rival(journal, highest):
                # It names another page than the one that is here, which proves no delivery: take the next lower name.
                names = [name for name in self._list_names_by(party, journal) if not self._is_rival(journal, name)]
            if names:
                number, _, witness = min(names, key=_confirmation_order)
                found[party] = (number, witness)
        return found

    def _list_names_by(self, party: Party, journal: Digest) -> Iterator[_Confirmed]:
        for (number, page), namings in self._named[journal].items():
            for naming in namings.values():
                if naming.earliest.header.journal.author == party:
                    yield number, page, naming.earliest

    def _find_accepted(self, journal: Digest, number: int) -> Collection[Placed]:
        book = self.books.get(journal)
        return book.by_number[number] if book is not None and number < len(book.by_number) else ()

    def _is_accepted(self, journal: Digest, number: int, page: bytes) -> bool:
        return any(held.digest == page for held in self._find_accepted(journal, number))

    def _is_rival(self, journal: Digest, name: _Confirmed) -> bool:
        number, page, _ = name
        return bool(self._find_accepted(journal, number)) and not self._is_accepted(journal, number, page)


def _merge(held: _Naming, offered: _Naming) -> _Naming:
    earliest = min(held.earliest, offered.earliest, key=lambda page: (page.header.written_at, page.digest))
    return _Naming(min(held.first_number, offered.first_number), earliest)


def _of_others(namings: Mapping[Digest, _Naming], author: Party) -> Iterator[_Naming]:
    return (naming for naming in namings.values() if naming.earliest.header.journal.author != author)


def _confirmation_order(confirmed: _Confirmed) -> tuple[int, int, bytes, bytes]:
    """The highest number first; of one number, the page with the earliest clock."""
    number, page, witness = confirmed
    return (-number, witness.header.written_at, witness.digest, page)
