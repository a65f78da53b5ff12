"""Which pages of the feed a later incarnation of their author leaves out: its page 0 says so (J14, J17; W76).

As in the record, but for what this feed does not hold: of pages before the last good one it is known that they lie on
another branch only as far as the pages between are remembered.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeAlias

from comity.base.names import Audience, Digest, Party
from comity.journal.authenticity import find_closure
from comity.journal.header import JournalId, Page
from comity.journal.statement import Closed

__all__ = ["Closings", "FindPrevious"]

FindPrevious: TypeAlias = Callable[[int, Digest], Digest | None]
"""Returns the page before a page of that number, where that page is remembered."""


class _Branch:
    """The pages that stand of one journal: the last good one, and those before it as far as they are known."""

    def __init__(self, closed: Closed) -> None:
        self._last = closed.number
        self._floor = closed.number
        self._pages = {closed.number: Digest(closed.page)}

    def leaves_out(self, number: int, page: Digest, find_previous: FindPrevious) -> bool:
        """Tell whether a page is none of them."""
        if number > self._last:
            return True
        while number < self._floor:
            previous = find_previous(self._floor, self._pages[self._floor])
            if previous is None:
                return False
            self._floor -= 1
            self._pages[self._floor] = previous
        is_here = number < self._last or find_previous(number, self._pages[number]) is not None
        return is_here and self._pages[number] != page


class Closings:
    """What page 0 of each later incarnation says, by family; whatever became of that one since."""

    def __init__(self) -> None:
        self._openings: defaultdict[tuple[Party, Audience], dict[Digest, tuple[int, dict[int, _Branch]]]] = defaultdict(
            dict
        )

    def note(self, page: Page) -> bool:
        """Take note of an accepted page; return whether it is a page 0 that leaves something out, and news."""
        header, journal = page.header, page.header.journal
        family = self._openings[journal.author, journal.audience]
        if header.number != 0 or journal.incarnation == 0 or page.digest in family:
            return False
        closure = find_closure(page)
        branches = {row.incarnation: _Branch(row) for row in closure.closed} if closure else {}
        family[page.digest] = journal.incarnation, branches
        return True

    def leave_out(self, journal: JournalId, number: int, page: Digest, find_previous: FindPrevious) -> bool:
        """Tell whether a page of a journal is disowned (J17)."""
        family = self._openings.get((journal.author, journal.audience))
        for opens, branches in family.values() if family else ():
            if opens <= journal.incarnation:
                continue
            branch = branches.get(journal.incarnation)
            if branch is None or branch.leaves_out(number, page, find_previous):
                return True
        return False
