"""A disk on virtual time: commits become durable one after another, and a crash loses those that are not yet.

What is in `pages` is durable and in the order of the commits; nothing else survives a crash. Which own pages the
outbox has taken is noted here too, as a node's store notes it.
"""

import random
from dataclasses import dataclass, field

from comity.base.names import Digest
from comity.journal.header import Page
from comity.machine.effect import Commit, Refusal

__all__ = ["Disk"]


@dataclass(slots=True)
class Disk:
    """One node's store. `stalled_until` delays every commit: a controller that thinks, a full queue."""

    chance: random.Random
    fsync_ms_max: int
    pages: list[Page] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    out: set[Digest] = field(default_factory=set)
    pending: list[Commit] = field(default_factory=list)
    stalled_until: int = 0
    _busy_until: int = 0
    _digests: set[Digest] = field(default_factory=set)

    def begin(self, commit: Commit, now: int) -> int:
        """Take a commit in line and return the instant at which it will be durable."""
        self.pending.append(commit)
        begins_at = max(now, self._busy_until, self.stalled_until)
        self._busy_until = begins_at + self.chance.randint(1, self.fsync_ms_max)
        return self._busy_until

    def finish(self, commit: Commit) -> tuple[Page, ...]:
        """Make the commit durable, which must be the next in line; return the pages that were not here before.

        A page that waits for another is stored when it comes and again when it is accepted: it is kept once.
        """
        assert self.pending[0] is commit, "commits become durable in their order"
        self.pending.pop(0)
        new = tuple(page for page in commit.pages if page.digest not in self._digests)
        self._digests.update(page.digest for page in new)
        self.pages += new
        self.refusals += commit.refusals
        return new

    def crash(self) -> int:
        """Forget what was not durable; return how many commits were lost."""
        lost_count = len(self.pending)
        self.pending.clear()
        self._busy_until = 0
        return lost_count

    def holds(self, digest: Digest) -> bool:
        """Tell whether a page is durable."""
        return digest in self._digests

    def find_unpublished(self, author: str) -> list[Digest]:
        """Return the own pages that the outbox has not answered for, in their order."""
        return [
            page.digest for page in self.pages if page.header.journal.author == author and page.digest not in self.out
        ]

    def forget(self, count: int) -> None:
        """Lose the last pages, as a restored backup does. No honest disk: for canaries."""
        for page in self.pages[-count:]:
            self._digests.discard(page.digest)
        del self.pages[-count:]
