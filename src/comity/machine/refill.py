"""Filling holes: which pages are known to exist and are not here, and whom to ask next (law 7).

Any reader of a journal can supply its pages, the author included. One fetch per journal is under way at a time, and a
few per reader; who did not answer is asked again last.

A page that was named may be nowhere: whoever lies can name what was never written, in journals that never were. So what
all readers have answered without is asked for less and less often, until the hole changes or a link comes up; and what
is due waits for its turn (`turns`). A step costs in proportion to what changed, however many holes there are.
"""

import heapq
import itertools
from typing import Final

from comity.base.instants import SECOND_MS, Instant
from comity.base.limits import PAGES_WAITING_COUNT_MAX
from comity.base.names import Audience, Digest, Party
from comity.journal.ledger import Ledger
from comity.machine.effect import Fetch
from comity.machine.input import FetchEnded, LinkChanged, LostPage
from comity.machine.own_clock import set_back
from comity.machine.step import Step
from comity.machine.turns import Attempt, Hole, Turns
from comity.procedure.receipt import Links, Receipts

__all__ = ["ASKED_COUNT_MAX", "FETCH_COUNT_MAX", "FETCH_INTERVAL_MS", "Refill"]

FETCH_INTERVAL_MS: Final = 2 * SECOND_MS
"""Between two fetches of one journal: a page on its way by the ordinary stream gets there first."""
FETCH_INTERVAL_MS_MAX: Final = 64 * SECOND_MS
"""Between two fetches of what nobody seems to have: it may still have come to one of them by now."""
FETCH_COUNT_MAX: Final = 512
"""Pages asked for at once."""
ASKED_COUNT_MAX: Final = PAGES_WAITING_COUNT_MAX - 2
"""Fetches under way at one reader: all it has in work for us, but for a question of the reckoning and for a blob."""


class Refill:
    """Plans fetches; knows which links are down."""

    def __init__(self, ledger: Ledger, party: Party) -> None:
        self._ledger = ledger
        self._party = party
        self.down: set[Party] = set()
        self.lost: dict[Digest, LostPage] = {}
        """Pages that the store lost, whether or not the ledger knows them from before."""
        self.wake_at: Instant | None = None
        self._holes: dict[Digest, Hole] = {}
        self._changed: dict[Digest, None] = {}
        """Journals whose hole is another than when `plan` last saw it."""
        self._lost: dict[Digest, list[LostPage]] = {}
        """The lost pages as last looked at, by journal."""
        self._lost_digests: frozenset[Digest] = frozenset()
        self._attempts: dict[Digest, Attempt] = {}
        self._timers: list[tuple[Instant, int, Attempt]] = []
        self._turns: dict[Party, Turns] = {}
        self._tickets = itertools.count(1)
        self._receipts: Receipts = {}
        self._receipts_version = -1
        """The ledger's when they were found: only a page that it accepts can prove another receipt."""

    def find_holes(self) -> tuple[Hole, ...]:
        """Return what is missing, one range per journal, in a fixed order."""
        self._look()
        return tuple(self._holes[journal] for journal in sorted(self._holes))

    def _look(self) -> None:
        """Follow what changed since the last look."""
        journals = dict.fromkeys(self._ledger.wanted.take_stirred())
        if self._lost_digests != self.lost.keys():
            before, self._lost = self._lost, {}
            for lost in self.lost.values():
                self._lost.setdefault(lost.journal, []).append(lost)
            self._lost_digests = frozenset(self.lost)
            journals |= dict.fromkeys((*before, *self._lost))
        for journal in journals:
            hole = self._find_hole(journal)
            if hole is None:
                self._holes.pop(journal, None)
            else:
                self._holes[journal] = hole
            self._changed[journal] = None

    def _find_hole(self, journal: Digest) -> Hole | None:
        want, lost = self._ledger.wanted.find(journal), self._lost.get(journal, [])
        numbers, readers, sponsors = [row.number for row in lost], set[Party](), [row.author for row in lost]
        readers.update(*(row.audience for row in lost))
        if want is not None:
            numbers += (want.lowest, want.highest)
            readers.update(want.readers)
            sponsors += want.sponsors
        if not numbers:
            return None
        book = self._ledger.find_book(journal)
        first = min(len(book.by_number), *numbers) if book else 0
        last = min(max(numbers), first + FETCH_COUNT_MAX - 1)
        if want is not None and want.end is not None:
            last = min(last, want.end - 1)
        return Hole(journal, first, last, tuple(sorted(readers)), tuple(sponsors), book is not None)

    def plan(self, step: Step) -> None:
        """Ask for what is due, as far as the readers can be asked; `wake_at` says when to look again."""
        self._look()
        for journal in self._changed:
            self._follow(journal, step.at)
        self._changed.clear()
        while self._timers and self._timers[0][0] <= step.at:
            _, ticket, attempt = heapq.heappop(self._timers)
            if ticket == attempt.ticket:
                self._line_up(attempt)
        for party in sorted(self._turns):
            self._ask(party, step)
        while self._timers and self._timers[0][1] != self._timers[0][2].ticket:
            heapq.heappop(self._timers)
        self.wake_at = self._timers[0][0] if self._timers else None

    def _follow(self, journal: Digest, at: Instant) -> None:
        """Go by the hole of a journal as it is now; one that is new or another is asked for soon."""
        hole, attempt, soon_at = self._holes.get(journal), self._attempts.get(journal), Instant(at + FETCH_INTERVAL_MS)
        if attempt is None:
            if hole is not None:
                attempt = self._attempts[journal] = Attempt(hole, soon_at)
                self._set_timer(attempt, soon_at)
            return
        before, attempt.hole, next_at = attempt.hole, hole, attempt.next_at
        if before != hole:
            attempt.fruitless_count, next_at = 0, min(next_at, soon_at)
        if attempt.is_under_way:
            attempt.next_at = next_at
        elif hole is None:
            attempt.target, attempt.ticket = "", 0
        elif not (attempt.target in hole.readers and before is not None and before.is_backed_as(hole)):
            self._set_timer(attempt, next_at)

    def _set_timer(self, attempt: Attempt, at: Instant) -> None:
        """Let an attempt wait for an instant."""
        is_timed = attempt.ticket and not attempt.target
        if is_timed and attempt.next_at == at:
            return
        attempt.target, attempt.next_at, attempt.ticket = "", at, next(self._tickets)
        heapq.heappush(self._timers, (at, attempt.ticket, attempt))

    def _line_up(self, attempt: Attempt) -> None:
        """Let an attempt that is due wait before the reader asked longest ago, if a link leads to any."""
        hole = attempt.hole
        assert hole is not None, "without a hole nothing has a ticket"
        peers = [party for party in hole.readers if party != self._party and party not in self.down]
        attempt.target, attempt.ticket = "", 0
        if peers:
            attempt.target = min(peers, key=lambda party: (attempt.asked.get(party, -1), self._count_at(party), party))
            attempt.ticket = next(self._tickets)
            self._turns.setdefault(attempt.target, Turns()).add(attempt, hole.sponsors)

    def _count_at(self, party: Party) -> int:
        turns = self._turns.get(party)
        return turns.under_way_count + turns.waiting_count if turns else 0

    def _ask(self, party: Party, step: Step) -> None:
        turns = self._turns[party]
        while turns.under_way_count < ASKED_COUNT_MAX:
            attempt = turns.take()
            if attempt is None:
                return
            hole = attempt.hole
            assert hole is not None, "without a hole nothing has a ticket"
            attempt.ticket, attempt.is_under_way = 0, True
            attempt.asked[party] = max(attempt.asked.values(), default=0) + 1
            turns.under_way_count += 1
            step.now.append(Fetch(party, hole.journal, hole.first, hole.last))

    def set_back(self, by_ms: int) -> None:
        """Ask as soon as was meant: the clock was set back."""
        for attempt in self._attempts.values():
            attempt.next_at = set_back(attempt.next_at, by_ms)
        self._timers = [(set_back(at, by_ms), ticket, attempt) for at, ticket, attempt in self._timers]
        for turns in self._turns.values():
            turns.set_back(by_ms)
        self.wake_at = set_back(self.wake_at, by_ms)

    def take_link(self, changed: LinkChanged, step: Step) -> None:
        """Note which peers can be asked; one that was away may have what nobody else had."""
        if changed.is_up:
            self.down.discard(changed.party)
            soon_at = Instant(changed.at + FETCH_INTERVAL_MS)
            for attempt in self._attempts.values():
                if attempt.hole is not None and changed.party in attempt.hole.readers:
                    attempt.fruitless_count = 0
                    if not attempt.target:
                        self._set_timer(attempt, min(attempt.next_at, soon_at))
        else:
            self.down.add(changed.party)
            for attempt in tuple(self._turns.get(changed.party, Turns()).drain()):
                self._line_up(attempt)
        self.plan(step)

    def find_unreachable(self, audience: Audience) -> tuple[Party, ...]:
        """Return the other parties of an audience if no path leads to any of them now.

        Where one is reached it may relay to the rest; a journal of two parties has no relay (DESIGN, section 2).
        """
        others = tuple(party for party in audience if party != self._party)
        return () if any(party not in self.down for party in others) else others

    def find_links(self, audience: Audience) -> Links:
        """Return what is known of receipt besides statements: signed heads, and readers whom no path leads to now."""
        if self._receipts_version != self._ledger.version:
            self._receipts, self._receipts_version = self._find_receipts(), self._ledger.version
        return Links(self._receipts, self.find_unreachable(audience))

    def _find_receipts(self) -> Receipts:
        receipts: dict[Party, dict[Digest, int]] = {}
        for book in self._ledger.books():
            for party, (number, _) in sorted(self._ledger.witnesses.find_confirmed(book.digest).items()):
                receipts.setdefault(party, {})[book.digest] = number
        return receipts

    def end(self, ended: FetchEnded, step: Step) -> None:
        """Note that a fetch is over; others ask as well (`reckoning`), and theirs are none of these. Then go on."""
        attempt = self._attempts.get(ended.journal)
        if attempt is None or not attempt.is_under_way or attempt.target != ended.party:
            return
        self._turns[ended.party].under_way_count -= 1
        attempt.is_under_way, attempt.target = False, ""
        attempt.fruitless_count += ended.is_answered
        attempt.next_at = Instant(ended.at + self._find_interval_ms(attempt))
        if attempt.hole is not None:
            self._set_timer(attempt, attempt.next_at)
        self.plan(step)

    def _find_interval_ms(self, attempt: Attempt) -> int:
        """Return how long to wait after an answer: twice as long for each round of all readers without fruit."""
        readers = attempt.hole.readers if attempt.hole is not None else ()
        rounds = attempt.fruitless_count // max(1, len(readers) - 1)
        return int(min(FETCH_INTERVAL_MS << min(rounds, 8), FETCH_INTERVAL_MS_MAX))
