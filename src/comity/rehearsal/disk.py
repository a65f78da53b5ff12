"""A disk on virtual time: commits become durable one after another, and a crash loses those that are not yet.

What is in `pages` is durable and in the order of the commits; nothing else survives a crash. Which own pages the
outbox has taken is noted here too, as a node's store notes it.

A disk can fail in more ways than to be slow. It can be full: commits wait, each try failing, until there is room. It
can tear a write: power is lost within a commit, and what was written of it has no end mark, so that the next start
passes it over. It can rot: the bytes of a page change where they lie. Every row has its digest beside it; whoever reads
a row asks for it, sets a damaged page aside as evidence, and has to be given it again.
"""

import bisect
import hashlib
import random
from dataclasses import dataclass, field

import msgspec

from comity.base.names import Digest
from comity.journal.header import Page
from comity.machine.effect import Commit, Refusal

__all__ = ["Disk"]


@dataclass(slots=True)
class Disk:
    """One node's store. `stalled_until` delays every commit: a controller that thinks; `full_until` refuses them."""

    chance: random.Random
    fsync_ms_max: int
    pages: list[Page] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    out: set[Digest] = field(default_factory=set)
    pending: list[Commit] = field(default_factory=list)
    is_restored: bool = False
    """Whether the disk ever came up in an older state."""
    has_queue: bool = True
    """Whether one commit waits for another; where all take the same time they need not, to be durable in order."""
    stalled_until: int = 0
    full_until: int = 0
    aside: list[Page] = field(default_factory=list)
    """Pages whose bytes had changed when they were read, as they were found."""
    torn: list[bytes] = field(default_factory=list)
    """What was written of commits within which power was lost; never read as pages."""
    _busy_until: int = 0
    _begun: list[tuple[int, int]] = field(default_factory=list)
    _sums: dict[Digest, bytes] = field(default_factory=dict)
    _places: dict[Digest, int] = field(default_factory=dict)
    _rotten: set[Digest] = field(default_factory=set)

    def begin(self, commit: Commit, now: int) -> int:
        """Take a commit in line and return the instant at which it will be durable."""
        self.pending.append(commit)
        begins_at = max(now, self._busy_until if self.has_queue else now, self.stalled_until, self.full_until)
        self._busy_until = begins_at + self.chance.randint(1, self.fsync_ms_max)
        self._begun.append((begins_at, self._busy_until))
        return self._busy_until

    def finish(self, commit: Commit) -> tuple[Page, ...]:
        """Make the commit durable, which must be the next in line; return the pages that were not here before.

        A page that waits for another is stored when it comes and again when it is accepted: it is kept once.
        """
        assert self.pending[0] is commit, "commits become durable in their order"
        self.pending.pop(0)
        self._begun.pop(0)
        new = tuple(page for page in commit.pages if page.digest not in self._sums)
        for page in new:
            self._keep(page)
        self.refusals += commit.refusals
        return new

    def _keep(self, page: Page) -> None:
        """Write a page at the end, or one that was lost in its old place, where the order of the store has it."""
        self._sums[page.digest] = hashlib.sha256(page.raw).digest()
        place = self._places.setdefault(page.digest, len(self._places))
        if place == len(self._places) - 1:
            self.pages.append(page)
        else:
            bisect.insort(self.pages, page, key=lambda row: self._places[row.digest])

    def crash(self, now: int = 0) -> int:
        """Forget what was not durable; return how many commits were lost. The one that was being written is torn."""
        lost_count = len(self.pending)
        if self.pending and self._begun[0][0] < now < self._begun[0][1]:
            begins_at, ends_at = self._begun[0]
            raw = b"".join(page.raw for page in self.pending[0].pages)
            self.torn.append(raw[: len(raw) * (now - begins_at) // (ends_at - begins_at)])
        self.pending.clear()
        self._begun.clear()
        self._busy_until = 0
        return lost_count

    def holds(self, digest: Digest) -> bool:
        """Tell whether a page is durable, and its bytes are those that were written."""
        return digest in self._sums and digest not in self._rotten

    def is_sound(self, page: Page) -> bool:
        """Tell whether a row's bytes are those that were written."""
        return hashlib.sha256(page.raw).digest() == self._sums[page.digest]

    def set_aside(self) -> tuple[Page, ...]:
        """Read every row; take those that are damaged out of the store, keep them as evidence, and return them."""
        damaged = tuple(page for page in self.pages if not self.is_sound(page))
        for page in damaged:
            del self._sums[page.digest]
            self._rotten.discard(page.digest)
        if damaged:
            self.aside += damaged
            self.pages = [page for page in self.pages if page.digest in self._sums]
        return damaged

    def is_full(self, now: int) -> bool:
        """Tell whether a commit waits for room; its node takes no page until then."""
        return bool(self.pending) and now < self.full_until

    def find_lost(self) -> tuple[Page, ...]:
        """Return what was set aside and is not here again."""
        return tuple({page.digest: page for page in self.aside if page.digest not in self._sums}.values())

    def rot(self, index: int) -> None:
        """Turn over one bit of a page where it lies; nobody notices before it is read."""
        page = self.pages[index]
        at = self.chance.randrange(len(page.raw))
        raw = page.raw[:at] + bytes([page.raw[at] ^ 1 << self.chance.randrange(8)]) + page.raw[at + 1 :]
        self.pages[index] = msgspec.structs.replace(page, raw=raw)
        self._rotten.add(page.digest)

    def find_unpublished(self, author: str) -> list[Digest]:
        """Return the own pages that the outbox has not answered for, in their order."""
        rows = (*self.pages, *self.find_lost())
        return [page.digest for page in rows if page.header.journal.author == author and page.digest not in self.out]

    def forget(self, count: int) -> None:
        """Lose the last pages, as a restored backup does and a disk that lied."""
        for page in self.pages[-count:]:
            self._sums.pop(page.digest, None)
            self._places.pop(page.digest, None)
            self._rotten.discard(page.digest)
        del self.pages[-count:]
