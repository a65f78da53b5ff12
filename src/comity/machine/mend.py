"""Pages that the store lost: which they are, and how each comes back (law 7).

A lost page is fetched as any missing page is, from whoever may read its journal: own pages too, for readers hold them.
Rules:

- What comes back must be the page that was lost: the digest, and the signature, which the digest does not cover. It
  comes back even if it would be refused now: it was stored while it waited, and what was stored is not lost.
- An own page that this machine never read leaves its journal closed until it is back, because the next page would else
  take its number: a fork. Where the lost page is of the genesis, all own journals are closed.
- A page that has not left for the outbox yet is still in memory, and is put back at once: nobody else has it.
"""

from collections.abc import Iterable, Mapping

from comity.base.errors import RemoteError
from comity.base.names import Digest, Party
from comity.crypto.suite import Suite
from comity.journal.authenticity import check_author
from comity.journal.header import Feed, Page, parse_page
from comity.journal.ledger import Judgement, Ledger, Verdict
from comity.machine.effect import Publish
from comity.machine.input import LostPage
from comity.machine.refill import Refill
from comity.machine.step import Step

__all__ = ["Mend"]


class Mend:
    """Keeps the list of lost pages in `refill`, which asks for them."""

    def __init__(self, ledger: Ledger, refill: Refill, *, party: Party, suite: Suite) -> None:
        self._ledger = ledger
        self._refill = refill
        self._party = party
        self._suite = suite
        self._closed: frozenset[Digest] = frozenset()
        self._is_all_closed = False

    def lose(self, pages: Iterable[LostPage]) -> None:
        """Take note of pages that the store lost."""
        self._refill.lost |= {lost.digest: lost for lost in pages}
        self._look_again()

    def take_lost(self, pages: Iterable[LostPage], unpublished: Mapping[Digest, Publish], step: Step) -> None:
        """Take note of what was lost while running; keep anew what is still in memory, since it has not gone out."""
        self.lose(pages)
        for digest in [digest for digest in self._refill.lost if digest in unpublished]:
            self._keep(parse_page(unpublished[digest].raw, self._suite), step)
        self._refill.plan(step)

    def take(self, judgement: Judgement, step: Step) -> None:
        """Keep a page that came if it is one that was lost; one that is news to the ledger is kept anyway.

        One that is refused was stored while it waited for another page, and is evidence against its author.
        """
        page = judgement.page
        if page is None or page.digest not in self._refill.lost:
            return
        if judgement.verdict in (Verdict.ACCEPTED, Verdict.HELD):
            self._forget(page.digest)
        elif judgement.verdict in (Verdict.DUPLICATE, Verdict.REFUSED) and self._is_authentic(page):
            self._keep(page, step)

    def is_closed(self, journal: Digest) -> bool:
        """Tell whether nothing may be written in an own journal, for want of a page of ours."""
        return self._is_all_closed or journal in self._closed

    def _is_authentic(self, page: Page) -> bool:
        try:
            return check_author(page, trust=self._ledger.trust, reader=self._party, suite=self._suite) is None
        except RemoteError:
            return False

    def _keep(self, page: Page, step: Step) -> None:
        step.pages.append(page)
        self._forget(page.digest)

    def _forget(self, digest: Digest) -> None:
        del self._refill.lost[digest]
        self._look_again()

    def _look_again(self) -> None:
        unread = [
            lost
            for lost in self._refill.lost.values()
            if lost.author == self._party and self._ledger.find_page(lost.digest) is None
        ]
        self._closed = frozenset(lost.journal for lost in unread)
        self._is_all_closed = any(lost.feed is Feed.GENESIS for lost in unread)
