"""Own heads before the first append: what this party may have said and its store does not hold (journal.md, J22).

A store that was put back from a copy does not know what was signed since. Whoever writes on from there signs a second
history, and every reader has the proof. So a node that starts looks round first:

- The **look**, at every start: each reader of each own journal is asked for the pages after the last one held, again
  and again until it answers. Nothing of ours is written until all have, for `LOOK_MS` at most.
- The **reckoning**, where the store may be old, or where a page of ours came from outside that was not here: an own
  journal stays closed until every other reader of it has answered to its end, for as long as that takes. Other parties'
  journals are asked for as well, since what was acknowledged does not come again by itself.

Rules: one request to a reader at a time. Who answered to the end has given nothing beyond what is held. Nobody but the
party itself can sign the page that begins a reckoning, so no other can close its journals. Not here: putting pages
back, which come in by the ordinary door.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from comity.base.instants import NEVER, SECOND_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.suite import Suite
from comity.journal.header import Feed, JournalId
from comity.journal.ledger import Ledger
from comity.machine.effect import Fetch
from comity.machine.input import FetchEnded
from comity.machine.own_clock import set_back
from comity.machine.refill import FETCH_COUNT_MAX, FETCH_INTERVAL_MS
from comity.machine.step import Step

__all__ = ["WAITING", "Reckoning"]

WAITING: Final = ("page.gap", "page.previous")
"""What held pages wait for that were signed by their author's key and lack one before them (J11)."""

LOOK_MS: Final = 3 * SECOND_MS
"""How long the look holds up a node's first word: enough for a link to come up and answer, too short to matter."""
LOOK_AGAIN_MS: Final = SECOND_MS // 4
"""Before a reader is asked again in the look: one whose node is just starting does not answer, and will."""


@dataclass(slots=True)
class _Question:
    """One reader asked for one journal; `first` is the page asked for last."""

    first: int = -1
    is_under_way: bool = False
    is_answered: bool = False
    """To the end: the reader has nothing beyond what is held here."""
    next_at: Instant = NEVER


class Reckoning:
    """Knows which own journals may be written. `plan` asks; `end` takes answers; `is_closed` is asked by the pen."""

    def __init__(self, ledger: Ledger, party: Party, suite: Suite, *, links_down: Collection[Party]) -> None:
        self._ledger = ledger
        self._party = party
        self._suite = suite
        self._links_down = links_down
        self._questions: dict[tuple[Digest, Party], _Question] = {}
        self._busy: set[Party] = set()
        self._stored: frozenset[Digest] = frozenset()
        self._later: frozenset[Digest] = frozenset()
        """Own journals of which a later page is here than the tip."""
        self._digests: dict[JournalId, Digest] = {}
        self._began_at: Instant | None = None
        self._is_looking = False
        self._is_restless = True
        """Whether something happened since the last `plan` that may let somebody be asked."""
        self._trust_version = ledger.trust.version
        self.wake_at: Instant | None = None
        self.is_reckoning = False
        """Whether the store may lack what was said from it; it stays so for the life of the machine."""

    def begin(self, *, may_be_old: bool) -> None:
        """Begin at a start over a store that has pages, or that should have; once all of it was read."""
        self._stored = frozenset(page.digest for page, _ in self._ledger.held())
        self._is_looking = True
        self.is_reckoning = may_be_old

    def skip(self) -> None:
        """Ask nobody: nothing was ever said from here."""
        self._is_looking = self.is_reckoning = False
        self.wake_at = None

    def doubt(self) -> bool:
        """Note that more was said than is here; return whether a reckoning begins with that."""
        is_news = not self.is_reckoning
        self.is_reckoning = self._is_restless = True
        return is_news

    def was_stored(self, page: Digest) -> bool:
        """Tell whether a page was in the store all the while, but waited there for one before it."""
        return page in self._stored

    def set_back(self, by_ms: int) -> None:
        """Ask as soon as was meant: the clock was set back."""
        for question in self._questions.values():
            question.next_at = set_back(question.next_at, by_ms)
        self._began_at = set_back(self._began_at, by_ms)
        self.wake_at = set_back(self.wake_at, by_ms)

    def look_again(self) -> None:
        """Let the next `plan` ask at once: a link came up, or a journal is new."""
        self._is_restless = True

    @property
    def is_active(self) -> bool:
        """Whether there is anybody to be waited for."""
        return self._is_looking or self.is_reckoning

    def is_due(self, at: Instant) -> bool:
        """Tell whether `plan` has anything to do."""
        if not self.is_active:
            return False
        # Another incarnation that its root has certified has journals of its own, known from then on.
        is_restless = self._is_restless or self._trust_version != self._ledger.trust.version
        return is_restless or (self.wake_at is not None and at >= self.wake_at)

    def plan(self, step: Step, *, own: Iterable[JournalId], others: Iterable[JournalId]) -> None:
        """Ask whoever has to be asked now; `others` are journals of other parties, asked for in a reckoning alone."""
        self._is_restless = False
        self._trust_version = self._ledger.trust.version
        if self._began_at is None:
            self._began_at = step.at
        if step.at - self._began_at >= LOOK_MS:
            self._is_looking = False
        journals = (*own, *others) if self.is_reckoning else tuple(own) if self._is_looking else ()
        pairs = [(journal, party) for journal in journals for party in journal.audience if party != self._party]
        for journal, party in pairs:
            self._ask(self._find_digest(journal), party, step)
        self._later = frozenset(
            page.journal
            for page, code in self._ledger.held()
            if page.header.journal.author == self._party and code in WAITING
        )
        is_awaited = any(self._is_awaited(self._find_digest(journal), party) for journal, party in pairs)
        # Once the look is over nobody asks any more: a wish to be woken would stand for ever in the past.
        waits = self.is_active and (is_awaited or bool(self._later))
        self.wake_at = Instant(step.at + FETCH_INTERVAL_MS) if waits else None
        if self._is_looking and waits:
            again = (self._questions[self._find_digest(journal), party].next_at for journal, party in pairs)
            soon = min((at for at in again if at > step.at), default=self.wake_at or NEVER)
            self.wake_at = min(soon, Instant(self._began_at + LOOK_MS))

    def _ask(self, journal: Digest, party: Party, step: Step) -> None:
        question = self._questions.setdefault((journal, party), _Question())
        if question.is_answered or party in self._busy or step.at < question.next_at:
            return
        if self.is_reckoning and party in self._links_down:
            return
        self._busy.add(party)
        question.is_under_way, question.first = True, self._find_next_number(journal)
        step.now.append(Fetch(party, journal, question.first, question.first + FETCH_COUNT_MAX - 1))

    def end(self, ended: FetchEnded) -> None:
        """Take note that a request is over; its pages came before this."""
        question = self._questions.get((ended.journal, ended.party))
        if question is None or not question.is_under_way:
            return
        self._busy.discard(ended.party)
        question.is_under_way, self._is_restless = False, True
        if ended.is_answered:
            question.is_answered = self._find_next_number(ended.journal) == question.first
        else:
            question.next_at = Instant(ended.at + (FETCH_INTERVAL_MS if self.is_reckoning else LOOK_AGAIN_MS))

    def is_closed(self, journal: JournalId) -> bool:
        """Tell whether an own journal must not be written yet.

        Also while a page of it is here that waits for one before it: its signature was verified before it was held
        (J11), so both were written. And while the certificate is not here, which page 0 of the genesis brings: without
        it no page of ours is known as ours, those that are here included.
        """
        is_certified = self._ledger.trust.find_certificates(self._party, journal.incarnation)
        if not is_certified and journal.feed is not Feed.GENESIS:
            return True
        if not self.is_active:
            return False
        return bool(self.find_unanswered(journal)) or self._find_digest(journal) in self._later

    def is_over(self, journals: Iterable[JournalId]) -> bool:
        """Tell whether every other reader of all these has answered to the end, so that nothing is missing here."""
        if not self.is_reckoning:
            return True
        pairs = ((self._find_digest(journal), party) for journal in journals for party in journal.audience)
        return not self._later and not any(self._is_awaited(*pair) for pair in pairs if pair[1] != self._party)

    def find_unanswered(self, journal: JournalId) -> Audience:
        """Return the readers whose answer an own journal waits for."""
        if not self.is_active:
            return ()
        digest = self._find_digest(journal)
        return tuple(party for party in journal.audience if party != self._party and self._is_awaited(digest, party))

    def _is_awaited(self, journal: Digest, party: Party) -> bool:
        return not self._questions.get((journal, party), _Question()).is_answered

    def _find_digest(self, journal: JournalId) -> Digest:
        if journal not in self._digests:
            self._digests[journal] = journal.find_digest(self._suite)
        return self._digests[journal]

    def _find_next_number(self, journal: Digest) -> int:
        book = self._ledger.find_book(journal)
        return len(book.by_number) if book else 0
