"""The own journals: what waits to be said, the one page in flight, the epoch key in use (DESIGN, section 3).

Invariant: at most one page of a journal is in flight, that is, built and not yet both stored and answered by the own
outbox. What is said meanwhile leaves together in the next page: that is the batching.
"""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from comity.base.instants import NEVER, Instant
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX, ENTRY_COUNT_MAX, PAGE_SIZE_BYTES_MAX
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed, JournalId
from comity.journal.readers import ReaderKeys
from comity.machine.own_clock import set_back
from comity.procedure.entry import Entry
from comity.procedure.officer import ActedBy, Capacity
from comity.procedure.registry import prove_entry

__all__ = ["Acting", "Outgoing", "OwnJournal", "Waiting"]

Acting = tuple[Capacity, ...]
"""Who acts, in which capacity: ascending by officer, nobody for what a node says by itself."""

HEADER_ROOM_BYTES = 12 * 1024
"""Left free in a page for header, audience, heads and seal."""
_ACTED_SIZE_BYTES, _CAPACITY_SIZE_BYTES_MAX = 24, 168
"""An entry that says who acted, without its officers; and one officer with three names of 48 letters."""
BULK_ENTRY_COUNT: Final = 256
"""Entries in one page of an import: a few milliseconds of work for its author and for each reader, for which a
statement that comes just then has to wait; hash, seal, signature and commit are a hundredth of that."""


ACTING_ROOM_BYTES: Final = 2 * 1024
"""Left free for who acted in what has to go on one page together."""


class Waiting(NamedTuple):
    """One encoded entry that waits for its page, the command that it came with, and the entry itself if it was read."""

    raw: bytes
    command: int
    entry: Entry | None = None
    acting: Acting = ()


@dataclass(slots=True)
class OwnJournal:
    """One journal of ours."""

    id: JournalId
    digest: Digest
    queue: deque[Waiting] = field(default_factory=deque)
    key_bodies: deque[tuple[int, bytes]] = field(default_factory=deque)
    in_flight: Digest | None = None
    epoch: int = 0
    epoch_at: Instant = NEVER
    wrapped: dict[int, frozenset[tuple[Party, bytes]]] = field(default_factory=dict)
    """Whose keys, receiving and recovery, each epoch was wrapped to."""
    is_in_use: bool = False
    """Whether anything was said under the current epoch."""
    requests: set[tuple[int, Party]] = field(default_factory=set)
    """Epochs that readers asked for once more."""
    is_wrapping: bool = False
    is_signing: bool = False
    signing_number: int = -1
    """The page that the checkpoint being signed covers."""
    checkpoint: bytes = b""
    checkpoint_at: Instant = NEVER
    has_new_pages: bool = False
    receipt_at: Instant | None = None
    wanted: tuple[int, ReaderKeys] = (-1, frozenset())
    """The receiving keys that its readers have by the root statements of that version."""

    @property
    def may_write(self) -> bool:
        """Whether there is anything to write, and no page or signature is under way."""
        if self.in_flight is not None or self.is_signing:
            return False
        return bool(self.queue or self.key_bodies or self.checkpoint) or self.receipt_at is not None

    @property
    def is_bulk(self) -> bool:
        """Whether this is an import, which never goes before anybody's words."""
        return self.id.feed is Feed.BULK

    @property
    def is_sealed(self) -> bool:
        """Whether pages of this journal are sealed."""
        return self.id.feed is not Feed.GENESIS

    def keep(self, words: Iterable[Waiting]) -> None:
        """Let these words wait, and no others."""
        self.queue = deque(words)

    def take_batch(self) -> list[Waiting]:
        """Take as many waiting entries as one page of this feed holds, in order; at least one.

        What came with one command and fits on one page is not cut in two: it is stored, and answered, whole or not. In
        front of what officers said stands who acted (P41), which came with no command.
        """
        batch: list[Waiting] = []
        size, count_max = HEADER_ROOM_BYTES, BULK_ENTRY_COUNT if self.is_bulk else ENTRY_COUNT_MAX
        size_max = BULK_PAGE_SIZE_BYTES_MAX if self.is_bulk else PAGE_SIZE_BYTES_MAX
        acting: Acting = ()
        while self.queue and len(batch) < count_max:
            first = self.queue[0]
            size += len(first.raw) + 5
            if first.acting and first.acting != acting:
                size += _ACTED_SIZE_BYTES + _CAPACITY_SIZE_BYTES_MAX * len(first.acting)
                count_max -= 1
            acting = first.acting
            if batch and (size > size_max or len(batch) >= count_max):
                break
            batch.append(self.queue.popleft())
        cut = self.queue[0].command if self.queue else 0
        if cut and batch[0].command != cut:
            while batch[-1].command == cut:
                self.queue.appendleft(batch.pop())
        return list(_cover(batch))

    @staticmethod
    def fits_one_page(raws: Iterable[bytes]) -> bool:
        """Tell whether these encoded entries go on one page together."""
        sizes = [len(raw) + 5 for raw in raws]
        room = HEADER_ROOM_BYTES + ACTING_ROOM_BYTES
        return len(sizes) <= ENTRY_COUNT_MAX and room + sum(sizes) <= PAGE_SIZE_BYTES_MAX


def _cover(batch: Sequence[Waiting]) -> Iterator[Waiting]:
    """Yield what goes on a page, with who acted in front of each run of what the same officers said."""
    for acting, run in itertools.groupby(batch, lambda waiting: waiting.acting):
        rows = list(run)
        if acting:
            raw, entry = prove_entry(ActedBy(acting, len(rows)))
            yield Waiting(raw, 0, entry, acting)
        yield from rows


class Outgoing:
    """All own journals of one realm, by feed and audience."""

    def __init__(self) -> None:
        self._journals: dict[tuple[Feed, Audience], OwnJournal] = {}
        self._by_digest: dict[Digest, OwnJournal] = {}
        self._in_order: tuple[OwnJournal, ...] = ()

    def add(self, own: OwnJournal) -> None:
        """Begin to write a journal."""
        self._journals[own.id.feed, own.id.audience] = own
        self._by_digest[own.digest] = own
        self._in_order = tuple(self._journals[key] for key in sorted(self._journals))

    def find(self, feed: Feed, audience: Audience) -> OwnJournal | None:
        """Return the journal to this audience, if there is one."""
        return self._journals.get((feed, audience))

    def find_by_digest(self, digest: Digest) -> OwnJournal | None:
        """Return a journal of ours by its digest."""
        return self._by_digest.get(digest)

    def all(self) -> tuple[OwnJournal, ...]:
        """Return every own journal in a fixed order."""
        return self._in_order

    def set_back(self, by_ms: int) -> None:
        """Write receipts and checkpoints as soon as was meant: the clock was set back."""
        for own in self._in_order:
            own.receipt_at = set_back(own.receipt_at, by_ms)
            own.checkpoint_at = set_back(own.checkpoint_at, by_ms)

    def find_readers(self) -> tuple[Party, ...]:
        """Return every party that any own journal is written to."""
        return tuple(sorted({party for _, audience in self._journals for party in audience}))

    def has_words_waiting(self, audience: Audience) -> bool:
        """Tell whether an officer's words to this audience were taken and are on no page yet."""
        own = self.find(Feed.RECORD, audience)
        return own is not None and any(waiting.command for waiting in own.queue)
