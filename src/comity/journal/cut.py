"""What an author knew at least when it wrote a page: its cut (docs/spec/journal.md, J12).

A cut grows as pages of its author's come in, and never shrinks; it is no proof that the author knew no more.
"""

from collections.abc import Mapping

from comity.base.instants import Instant
from comity.base.names import Digest
from comity.journal.branch import Book, Placed
from comity.journal.header import Header, SeenHead
from comity.journal.trail import Trail

__all__ = ["find_cut", "find_latest_at", "is_whole", "merge_seen"]


def find_cut(placed: Placed, pages: Mapping[Digest, Placed]) -> Mapping[Digest, int]:
    """Return journal digest to highest number: a branch's own names, and the cuts of the author's pages among them.

    A name that gives a page another journal or number than its own is no name of that page.
    """
    cut: dict[Digest, int] = {}
    author = placed.header.journal.author
    queue, done = [placed], {placed.digest}
    while queue:
        page = queue.pop()
        for _, head in page.named.pairs():
            cut[head.journal] = max(cut.get(head.journal, -1), head.number)
            named = pages.get(head.page)
            if named is None or named.header.journal.author != author or named.digest in done:
                continue
            if named.journal == head.journal and named.header.number == head.number:
                done.add(named.digest)
                queue.append(named)
    return cut


def find_latest_at(placed: Placed, cut: Mapping[Digest, int], books: Mapping[Digest, Book]) -> Instant:
    """Return the latest clock in a page's cut, receipts and checkpoints included, and on its own branch (R10)."""
    found = [placed.latest_at]
    for journal, number in cut.items():
        book = books.get(journal)
        if book is not None and book.by_number:
            last = min(number, len(book.by_number) - 1)
            found += [page.latest_at for page in book.by_number[last]]
    return Instant(max(found))


def is_whole(cut: Mapping[Digest, int], books: Mapping[Digest, Book]) -> bool:
    """Tell whether every page of a cut is here."""
    return all(journal in books and number < len(books[journal].by_number) for journal, number in cut.items())


def merge_seen(parent: Placed | None, header: Header) -> Trail[bytes, SeenHead]:
    """Return what a branch has named up to a page: of each journal the head of the highest number."""
    named: Trail[bytes, SeenHead] = Trail() if parent is None else parent.named
    if not header.seen:
        return named
    fresh: dict[bytes, SeenHead] = {}
    for head in header.seen:
        before = named.find(head.journal)
        if before is None or head.number >= before.number:
            fresh[head.journal] = head
    return named.extend(header.number, fresh)
