"""Filling holes: which pages are known to exist and are not here, and whom to ask next (law 7).

Any reader of a journal can supply its pages, the author included. One fetch per journal is under way at a time; who
did not answer is asked again last.
"""

from dataclasses import dataclass, field
from typing import Final

from comity.base.instants import NEVER, SECOND_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.ledger import Ledger
from comity.machine.effect import Fetch
from comity.machine.input import FetchEnded, LinkChanged, LostPage
from comity.machine.step import Step

__all__ = ["Refill"]

FETCH_INTERVAL_MS: Final = 2 * SECOND_MS
"""Between two fetches of one journal: a page on its way by the ordinary stream gets there first."""
FETCH_COUNT_MAX: Final = 512
"""Pages asked for at once."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A range of pages that somebody named or that a held page needs; `readers` may have it."""

    journal: Digest
    first: int
    last: int
    readers: Audience


@dataclass(slots=True)
class _Attempt:
    is_under_way: bool = False
    next_at: Instant = NEVER
    asked: list[Party] = field(default_factory=list)


class Refill:
    """Plans fetches; knows which links are down."""

    def __init__(self, ledger: Ledger, party: Party) -> None:
        self._ledger = ledger
        self._party = party
        self._attempts: dict[Digest, _Attempt] = {}
        self.down: set[Party] = set()
        self.lost: dict[Digest, LostPage] = {}
        """Pages that the store lost, whether or not the ledger knows them from before."""
        self.wake_at: Instant | None = None

    def find_holes(self) -> tuple[Hole, ...]:
        """Return what is missing, one range per journal, in a fixed order."""
        wanted: dict[Digest, tuple[int, int, Audience]] = {}

        def want(journal: Digest, number: int, audience: Audience) -> None:
            book = self._ledger.find_book(journal)
            first = min(len(book.by_number), number) if book else 0
            held = wanted.get(journal, (first, number, audience))
            wanted[journal] = (min(held[0], first), max(held[1], number), held[2])

        for missing in self._ledger.find_missing():
            book = self._ledger.find_book(Digest(missing.head.journal))
            audience = book.id.audience if book else missing.witness.header.journal.audience
            want(Digest(missing.head.journal), missing.head.number, audience)
        for page, code in self._ledger.held():
            if code in ("page.gap", "page.previous"):
                want(page.journal, page.header.number - 1, page.header.journal.audience)
        for lost in self.lost.values():
            want(lost.journal, lost.number, lost.audience)
        return tuple(
            Hole(journal, first, min(last, first + FETCH_COUNT_MAX - 1), audience)
            for journal, (first, last, audience) in sorted(wanted.items())
        )

    def plan(self, step: Step) -> None:
        """Ask for what is due; `wake_at` says when to look again."""
        holes = self.find_holes() if self._ledger.may_lack_pages or self.lost else ()
        for hole in holes:
            attempt = self._attempts.setdefault(hole.journal, _Attempt(next_at=Instant(step.at + FETCH_INTERVAL_MS)))
            if attempt.is_under_way or step.at < attempt.next_at:
                continue
            target = self._choose(hole, attempt)
            if target is not None:
                attempt.is_under_way = True
                attempt.asked.append(target)
                step.now.append(Fetch(target, hole.journal, hole.first, hole.last))
        self.wake_at = Instant(step.at + FETCH_INTERVAL_MS) if holes else None

    def take_link(self, changed: LinkChanged) -> None:
        """Note which peers can be asked."""
        (self.down.discard if changed.is_up else self.down.add)(changed.party)

    def find_unreachable(self, audience: Audience) -> tuple[Party, ...]:
        """Return the other parties of an audience if no path leads to any of them now.

        Where one is reached it may relay to the rest; a journal of two parties has no relay (DESIGN, section 2).
        """
        others = tuple(party for party in audience if party != self._party)
        return () if any(party not in self.down for party in others) else others

    def end(self, ended: FetchEnded) -> None:
        """Note that a fetch is over."""
        attempt = self._attempts.get(ended.journal)
        if attempt is not None:
            attempt.is_under_way = False
            attempt.next_at = Instant(ended.at + FETCH_INTERVAL_MS)

    def _choose(self, hole: Hole, attempt: _Attempt) -> Party | None:
        """Return the reader asked longest ago whose link is not known to be down."""
        peers = [party for party in hole.readers if party != self._party and party not in self.down]
        if not peers:
            return None
        last_asked = {party: at for at, party in enumerate(attempt.asked)}
        return min(peers, key=lambda party: (last_asked.get(party, -1), party))
