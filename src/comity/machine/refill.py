"""Filling holes: which pages are known to exist and are not here, and whom to ask next (law 7).

Any reader of a journal can supply its pages, the author included. One fetch per journal is under way at a time; who
did not answer is asked again last.

A page that was named may be nowhere: whoever lies can name what was never written. So what all readers have answered
without is asked for less and less often, until the hole changes or a link comes up.
"""

from dataclasses import dataclass, field
from typing import Final

from comity.base.instants import SECOND_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.ledger import Ledger
from comity.machine.effect import Fetch
from comity.machine.input import FetchEnded, LinkChanged, LostPage
from comity.machine.own_clock import set_back
from comity.machine.step import Step
from comity.procedure.receipt import Links

__all__ = ["FETCH_COUNT_MAX", "FETCH_INTERVAL_MS", "Hole", "Refill"]

FETCH_INTERVAL_MS: Final = 2 * SECOND_MS
"""Between two fetches of one journal: a page on its way by the ordinary stream gets there first."""
FETCH_INTERVAL_MS_MAX: Final = 64 * SECOND_MS
"""Between two fetches of what nobody seems to have: it may still have come to one of them by now."""
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
    hole: Hole
    next_at: Instant
    is_under_way: bool = False
    asked: dict[Party, int] = field(default_factory=dict)
    """Who was asked, and the place of that in the order of all questions about this journal."""
    asked_count: int = 0
    fruitless_count: int = 0
    """Answers since the hole last changed: none of them filled it."""

    def find_interval_ms(self) -> int:
        """Return how long to wait after an answer: twice as long for each round of all readers without fruit."""
        rounds = self.fruitless_count // max(1, len(self.hole.readers) - 1)
        return int(min(FETCH_INTERVAL_MS << min(rounds, 8), FETCH_INTERVAL_MS_MAX))


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
        self._found: tuple[object, tuple[Hole, ...]] = ((), ())

    def find_holes(self) -> tuple[Hole, ...]:
        """Return what is missing, one range per journal, in a fixed order."""
        state = (self._ledger.state, tuple(self.lost))
        if self._found[0] != state:
            self._found = (state, self._list_holes())
        return self._found[1]

    def _list_holes(self) -> tuple[Hole, ...]:
        wanted: dict[Digest, tuple[int, int, Audience]] = {}
        ends: dict[Digest, int] = {}
        """The first page of each journal that is here and waits for ones that are not: up to there is the hole."""

        def want(journal: Digest, number: int, audience: Audience) -> None:
            book = self._ledger.find_book(journal)
            first = min(len(book.by_number), number) if book else 0
            held = wanted.get(journal, (first, number, audience))
            # Of a journal that is not here all that is known is who may read what names it: some readers.
            readers = held[2] if held[2] == audience else tuple(sorted({*held[2], *audience}))
            wanted[journal] = (min(held[0], first), max(held[1], number), readers)

        held = self._ledger.held()
        waiting = {page.digest for page, code in held if code == "page.unknown-party"}
        for missing in self._ledger.find_missing():
            if missing.head.page in waiting:
                continue  # it is here, and waits for a version of the pact
            book = self._ledger.find_book(Digest(missing.head.journal))
            audience = book.id.audience if book else missing.witness.header.journal.audience
            want(Digest(missing.head.journal), missing.head.number, audience)
        for page, code in held:
            if code in ("page.gap", "page.previous"):
                want(page.journal, page.header.number - 1, page.header.journal.audience)
            if code == "page.gap":
                ends[page.journal] = min(page.header.number, ends.get(page.journal, page.header.number))
        for lost in self.lost.values():
            want(lost.journal, lost.number, lost.audience)
        return tuple(
            Hole(journal, first, min(last, first + FETCH_COUNT_MAX - 1, ends.get(journal, last + 1) - 1), audience)
            for journal, (first, last, audience) in sorted(wanted.items())
        )

    def plan(self, step: Step) -> None:
        """Ask for what is due; `wake_at` says when to look again."""
        holes = self.find_holes() if self._ledger.may_lack_pages or self.lost else ()
        for hole in holes:
            attempt = self._find_attempt(hole, step.at)
            if attempt.is_under_way or step.at < attempt.next_at:
                continue
            target = self._choose(hole, attempt)
            if target is not None:
                attempt.is_under_way = True
                attempt.asked_count += 1
                attempt.asked[target] = attempt.asked_count
                step.now.append(Fetch(target, hole.journal, hole.first, hole.last))
        waiting = (self._attempts[hole.journal] for hole in holes)
        next_at = min((attempt.next_at for attempt in waiting if not attempt.is_under_way), default=None)
        # What is due already waits for a link to somebody who may have it.
        self.wake_at = None if next_at is None else Instant(max(next_at, step.at + FETCH_INTERVAL_MS))

    def _find_attempt(self, hole: Hole, at: Instant) -> _Attempt:
        """Return the attempt to fill a hole, a new one for a new journal; what changed is asked for soon."""
        attempt = self._attempts.get(hole.journal)
        if attempt is None:
            attempt = self._attempts[hole.journal] = _Attempt(hole, Instant(at + FETCH_INTERVAL_MS))
        elif attempt.hole != hole:
            attempt.hole, attempt.fruitless_count = hole, 0
            attempt.next_at = min(attempt.next_at, Instant(at + FETCH_INTERVAL_MS))
        return attempt

    def set_back(self, by_ms: int) -> None:
        """Ask as soon as was meant: the clock was set back."""
        for attempt in self._attempts.values():
            attempt.next_at = set_back(attempt.next_at, by_ms)
        self.wake_at = set_back(self.wake_at, by_ms)

    def take_link(self, changed: LinkChanged) -> None:
        """Note which peers can be asked; one that was away may have what nobody else had."""
        (self.down.discard if changed.is_up else self.down.add)(changed.party)
        if changed.is_up and self._attempts:
            soon_at = Instant(changed.at + FETCH_INTERVAL_MS)
            for attempt in self._attempts.values():
                attempt.fruitless_count = 0
                attempt.next_at = min(attempt.next_at, soon_at)
            self._wake_by(soon_at)

    def _wake_by(self, at: Instant) -> None:
        self.wake_at = at if self.wake_at is None else min(self.wake_at, at)

    def find_unreachable(self, audience: Audience) -> tuple[Party, ...]:
        """Return the other parties of an audience if no path leads to any of them now.

        Where one is reached it may relay to the rest; a journal of two parties has no relay (DESIGN, section 2).
        """
        others = tuple(party for party in audience if party != self._party)
        return () if any(party not in self.down for party in others) else others

    def find_links(self, audience: Audience) -> Links:
        """Return what is known of receipt besides statements: signed heads, and readers whom no path leads to now."""
        receipts: dict[Party, dict[Digest, int]] = {}
        for book in self._ledger.books():
            for party, (number, _) in sorted(self._ledger.witnesses.find_confirmed(book.digest).items()):
                receipts.setdefault(party, {})[book.digest] = number
        return Links(receipts, self.find_unreachable(audience))

    def end(self, ended: FetchEnded) -> None:
        """Note that a fetch is over."""
        attempt = self._attempts.get(ended.journal)
        if attempt is not None:
            attempt.is_under_way = False
            attempt.fruitless_count += ended.is_answered
            attempt.next_at = Instant(ended.at + attempt.find_interval_ms())
            self._wake_by(attempt.next_at)

    def _choose(self, hole: Hole, attempt: _Attempt) -> Party | None:
        """Return the reader asked longest ago whose link is not known to be down."""
        peers = [party for party in hole.readers if party != self._party and party not in self.down]
        if not peers:
            return None
        return min(peers, key=lambda party: (attempt.asked.get(party, -1), party))
