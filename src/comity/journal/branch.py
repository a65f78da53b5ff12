"""Accepted pages and how they hang together: branches, rivals, closures (docs/spec/journal.md, J11, J16, J17).

A journal of an honest author is a line; a liar's is a tree, and all of it is kept. Nothing here depends on the order
in which the pages came.
"""

import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from comity.base.limits import BRANCH_COUNT_MAX
from comity.base.names import Digest
from comity.journal.header import Header, JournalId, SeenHead
from comity.journal.statement import Closure
from comity.journal.trail import Trail

__all__ = ["Book", "Placed", "find_disputed", "find_rival_branches", "is_left_out"]


class Placed(msgspec.Struct, frozen=True, eq=False):
    """One accepted page: its header without its bytes, the page before it, and what its branch has said so far.

    `named` gives by journal digest the head of the highest number named on this branch up to here, `epochs` by epoch
    the commitment announced on it. `latest_at` is the latest clock on it, `news_number` the number of the last page on
    it that obliges a receipt, -1 if none does.

    A struct because a start makes one of every page in the store. The search for garbage knows of it, needless as that
    is: only so is a long chain of them let go of without a call within a call for each.
    """

    header: Header
    digest: Digest
    journal: Digest
    parent: "Placed | None"
    named: Trail[bytes, SeenHead]
    epochs: Trail[int, bytes]
    latest_at: int = 0
    news_number: int = -1

    def walk_back(self) -> "Iterator[Placed]":
        """Yield this page and those before it on its branch, latest first."""
        node: Placed | None = self
        while node is not None:
            yield node
            node = node.parent


@dataclass(slots=True, eq=False)
class Book:
    """All accepted pages of one journal id."""

    id: JournalId
    digest: Digest
    by_number: list[list[Placed]] = field(default_factory=list)
    is_forked: bool = False
    """Whether two pages share a number."""

    def place(self, placed: Placed) -> int:
        """Add an accepted page; return how many rivals it has."""
        number = placed.header.number
        if number == len(self.by_number):
            self.by_number.append([placed])
            return 0
        self.is_forked = True
        bisect.insort(self.by_number[number], placed, key=lambda rival: rival.digest)
        return len(self.by_number[number]) - 1

    def find_tips(self) -> tuple[Placed, ...]:
        """Return the last page of every branch; one, for an honest author. Deterministic order."""
        if not self.by_number:
            return ()
        if not self.is_forked:
            return (self.by_number[-1][0],)
        parents = {id(page.parent) for rivals in self.by_number for page in rivals}
        return tuple(page for rivals in self.by_number for page in rivals if id(page) not in parents)

    def find_named_tips(self) -> tuple[Placed, ...]:
        """Return the tips that a writer names: all, or of a liar's flood those of the highest numbers (J12)."""
        tips = self.find_tips()
        if len(tips) <= BRANCH_COUNT_MAX:
            return tips
        return tuple(sorted(tips, key=lambda tip: (-tip.header.number, tip.digest))[:BRANCH_COUNT_MAX])

    def pages(self) -> Iterator[Placed]:
        """Yield every accepted page by number, rivals by digest."""
        for rivals in self.by_number:
            yield from rivals


def find_disputed(book: Book, named: frozenset[tuple[int, bytes]]) -> frozenset[Digest]:
    """Return the pages of a forked journal that are disputed (J16).

    `named` are the pages, by number and digest, that accepted pages of other authors name.
    """
    reached: set[Digest] = set()
    for rivals in reversed(book.by_number):
        for page in rivals:
            if (page.header.number, page.digest) in named or page.digest in reached:
                reached.add(page.digest)
                if page.parent is not None:
                    reached.add(page.parent.digest)
    disputed: set[Digest] = set()
    for rivals in book.by_number:
        reached_count = sum(page.digest in reached for page in rivals)
        for page in rivals:
            has_named_rival = reached_count > (page.digest in reached)
            if has_named_rival or (page.parent is not None and page.parent.digest in disputed):
                disputed.add(page.digest)
    return frozenset(disputed)


def find_rival_branches(page: Placed, book: Book) -> frozenset[Digest]:
    """Return every page that lies on a branch which parts from this page's, from the parting on (J16)."""
    branch = {node.digest for node in page.walk_back()}
    rival: set[Digest] = set()
    for pages in book.by_number:
        is_shared = any(other.digest in branch for other in pages)
        rival.update(
            other.digest
            for other in pages
            if other.digest not in branch and (is_shared or (other.parent is not None and other.parent.digest in rival))
        )
    return frozenset(rival)


def is_left_out(page: Placed, closure: Closure | None, pages: Mapping[Digest, Placed]) -> bool:
    """Tell whether a later incarnation's opening leaves this page out (J17). No closure leaves out everything.

    While the last good page is not accepted, nothing shows the pages up to its number to be on another branch.
    """
    closed = next(
        (row for row in closure.closed if row.incarnation == page.header.journal.incarnation) if closure else iter(()),
        None,
    )
    if closed is None or page.header.number > closed.number:
        return True
    last_good = pages.get(Digest(closed.page))
    if last_good is None or (last_good.journal, last_good.header.number) != (page.journal, closed.number):
        return False
    return not any(node is page for node in last_good.walk_back())
