"""Which heads a page of an own journal names: of every journal that its readers may read (docs/spec/journal.md, J12).

Asked before every page, while the journals held grow with the square of the parties. So the books that an audience may
hear of are listed once, and of those a journal looks again only at what grew since it was last asked.

Invariant: a book that is not among the stirred ones of a journal has no tip which that journal has not named.
"""

from collections.abc import Iterator, Mapping

from comity.base.names import Audience, Digest
from comity.crypto.suite import Suite
from comity.journal.branch import Book
from comity.journal.header import JournalId, SeenHead
from comity.journal.trail import Trail

__all__ = ["Heads"]

_Stirred = dict[Digest, Book]


class Heads:
    """The tips of the journals in `books`, which whoever holds them reports by `note_book` and `note_page`."""

    def __init__(self, books: Mapping[Digest, Book], suite: Suite) -> None:
        self._books = books
        self._suite = suite
        self._wider: dict[Audience, list[Book]] = {}
        self._stirred: dict[Digest, tuple[Audience, _Stirred]] = {}
        self._stirred_by: dict[Digest, list[_Stirred]] = {}

    def note_book(self, book: Book) -> None:
        """Take note of a journal that has just begun."""
        readers = set(book.id.audience)
        for audience, books in self._wider.items():
            if readers.issuperset(audience):
                books.append(book)
        self._stirred_by[book.digest] = [
            stirred
            for own, (audience, stirred) in self._stirred.items()
            if own != book.digest and readers.issuperset(audience)
        ]

    def note_page(self, book: Book) -> None:
        """Take note that a journal has grown, or that a rival page of it came."""
        for stirred in self._stirred_by[book.digest]:
            stirred[book.digest] = book

    def list_wider(self, audience: Audience) -> list[Book]:
        """Return the journals that every reader of this audience may read."""
        if audience not in self._wider:
            self._wider[audience] = [book for book in self._books.values() if set(book.id.audience) >= set(audience)]
        return self._wider[audience]

    def find_all(self, audience: Audience, *, but: Digest) -> tuple[SeenHead, ...]:
        """Return the tips of all these journals, except `but`."""
        heads = (head for book in self.list_wider(audience) if book.digest != but for head in _list_tips(book))
        return tuple(sorted(heads, key=lambda head: head.order))

    def find_unnamed(self, journal: JournalId) -> tuple[SeenHead, ...]:
        """Return the tips that this own journal has not named yet."""
        own = journal.find_digest(self._suite)
        book = self._books.get(own)
        if book is not None and book.is_forked:
            heads = self.find_all(journal.audience, but=own)
            return tuple(head for head in heads if self._is_unnamed(head, book))
        stirred = self._get_stirred(own, journal.audience)
        found: list[SeenHead] = []
        for digest, other in list(stirred.items()):
            unnamed = [head for head in _list_tips(other) if self._is_unnamed(head, book)]
            found += unnamed
            if not unnamed and not other.is_forked:
                del stirred[digest]
        return tuple(sorted(found, key=lambda head: head.order))

    def find_news(self, journal: JournalId) -> tuple[SeenHead, ...]:
        """Return those that a receipt names: not the tips after which only receipts and checkpoints came (J12).

        Of a journal with two histories all are named, since the name is what shows them.
        """
        own = self._books.get(journal.find_digest(self._suite))
        tips = own.find_tips() if own is not None else ()
        named: Trail[bytes, SeenHead] = tips[0].named if tips else Trail()
        return tuple(head for head in self.find_unnamed(journal) if self._is_news(head, named.find(head.journal)))

    def _is_news(self, head: SeenHead, named: SeenHead | None) -> bool:
        book = self._books[head.journal]
        return book.is_forked or book.by_number[-1][0].news_number > (-1 if named is None else named.number)

    def _get_stirred(self, own: Digest, audience: Audience) -> _Stirred:
        if own not in self._stirred:
            stirred = {book.digest: book for book in self.list_wider(audience) if book.digest != own}
            self._stirred[own] = (audience, stirred)
            for digest in stirred:
                self._stirred_by[digest].append(stirred)
        return self._stirred[own][1]

    def _is_unnamed(self, head: SeenHead, own: Book | None) -> bool:
        tips = own.find_tips() if own is not None else ()
        named = tips[0].named.find(head.journal) if tips else None
        if named is None or head.number > named.number:
            return True
        # A rival's tip may lie before what was named of its other branch: name it once, as a witness.
        is_other = head.page != named.page and self._books[head.journal].is_forked
        return is_other and not any(head in page.header.seen for page in tips[0].walk_back())


def _list_tips(book: Book) -> Iterator[SeenHead]:
    return (SeenHead(book.digest, tip.header.number, tip.digest) for tip in book.find_named_tips())
