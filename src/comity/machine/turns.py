"""Which journal one reader is asked for next (law 7).

A liar can name any number of journals that nobody has, and each of them has to be asked for: the name may be true. So
there is a line for each party that says that there is something (its *sponsor*), and the lines take turns: what others
name is not behind what a liar names. In a line an attempt has a *place*, an instant: when it became due, sooner for a
journal that is here in part, later for one that brought nothing before, by an hour at most each. So whatever joins the
line, an attempt comes to its turn.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Audience, Digest, Party

__all__ = ["Attempt", "Hole", "Turns"]

PLACE_MS: Final = MINUTE_MS
"""What one fruitless answer costs in the line."""
PLACE_COUNT_MAX: Final = 60
"""Fruitless answers that are counted; a journal that is here in part is ahead by as many."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A range of pages that somebody named or that a held page needs; `readers` may have it, `sponsors` say so."""

    journal: Digest
    first: int
    last: int
    readers: Audience
    sponsors: Audience = field(default=(), compare=False)
    is_known: bool = field(default=False, compare=False)
    """Whether pages of the journal are here."""

    def is_backed_as(self, other: "Hole") -> bool:
        """Tell whether it stands in the same line as another."""
        return (self.sponsors, self.is_known) == (other.sponsors, other.is_known)


@dataclass(slots=True, eq=False)
class Attempt:
    """The effort to fill the hole of one journal. It waits for an instant, or for its turn, or for an answer."""

    hole: Hole | None
    next_at: Instant
    target: Party = ""
    """The reader in whose line it stands, or who is being asked."""
    is_under_way: bool = False
    ticket: int = 0
    """Of its one place among the timers or in a line; 0 where it has none. What has another ticket is stale."""
    asked: dict[Party, int] = field(default_factory=dict)
    """Who was asked, and the place of that in the order of all questions about this journal."""
    fruitless_count: int = 0
    """Answers since the hole last changed: none of them filled it."""

    def find_place(self) -> int:
        """Return its place in a line."""
        ahead = PLACE_COUNT_MAX if self.hole is not None and self.hole.is_known else 0
        return self.next_at + PLACE_MS * (min(self.fruitless_count, PLACE_COUNT_MAX) - ahead)


class Turns:
    """The lines before one reader."""

    def __init__(self) -> None:
        self.under_way_count = 0
        """How many fetches this reader has not answered yet."""
        self.waiting_count = 0
        self._lines: dict[Party, list[tuple[int, int, Attempt]]] = {}
        """In the order of their turns."""

    def add(self, attempt: Attempt, sponsors: Iterable[Party]) -> None:
        """Let an attempt wait for its turn, in the shortest line of its sponsors."""
        sponsor = min(sponsors, key=lambda party: (len(self._lines.get(party, ())), party))
        heapq.heappush(self._lines.setdefault(sponsor, []), (attempt.find_place(), attempt.ticket, attempt))
        self.waiting_count += 1

    def take(self) -> Attempt | None:
        """Return whose turn it is, and let go of it."""
        while self._lines:
            sponsor = next(iter(self._lines))
            line = self._lines.pop(sponsor)
            _, ticket, attempt = heapq.heappop(line)
            self.waiting_count -= 1
            if line:
                self._lines[sponsor] = line
            if ticket == attempt.ticket:
                return attempt
        return None

    def drain(self) -> Iterator[Attempt]:
        """Yield all that wait, each let go of."""
        while (attempt := self.take()) is not None:
            yield attempt

    def set_back(self, by_ms: int) -> None:
        """Keep every place as far from now as it was: the clock was set back."""
        for party, line in self._lines.items():
            self._lines[party] = [(place - by_ms, ticket, attempt) for place, ticket, attempt in line]
