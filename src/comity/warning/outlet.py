"""One own warning journal: what waits, the tip of its chain, its epoch key (docs/spec/warning.md, W22 to W26).

Invariants
- One page at most is in flight: built, and not yet said to be out.
- No number is given twice. After a start the tip is what the driver read back (`restore`); where anything shows that
  more was said than is known here, nothing is written (`is_behind`): the journal goes on in a new incarnation, or once
  what is lacking came back.
- An epoch key serves until the next is wrapped; but once a reader's key changed nothing is sealed under the old one.
"""

from collections import deque
from contextlib import suppress
from typing import Final

from comity.base.errors import RemoteError
from comity.base.instants import MINUTE_MS, NEVER, Instant
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX
from comity.base.names import Digest
from comity.journal.building import Draft, Place, Signer
from comity.journal.epoch_day import find_next_epoch_at
from comity.journal.header import JournalId, Kind, Page
from comity.journal.keypage import Wrap, parse_key_body, split_wraps
from comity.journal.keyring import Keyring
from comity.journal.readers import ReaderKeys
from comity.warning.effect import Anchor, PageOut
from comity.warning.rows import encode_blocks
from comity.warning.waiting import Waiting

__all__ = ["Outlet"]

HEADER_ROOM_BYTES: Final = 8 * 1024
"""Left free in a page for header, the largest audience and the seal."""
KEYS_AGAIN_MS: Final = 5 * MINUTE_MS
"""A third of what the stream keeps: whoever reads it from its first page on comes by the key (W26)."""


class Outlet:
    """Builds the pages of one journal; `keyring` is the own one, which learns each epoch as its key page is built."""

    def __init__(self, id_: JournalId, *, signer: Signer, keyring: Keyring, closure: bytes | None = None) -> None:
        """Set up; with a `closure` page 0 has it, and is written though nothing is to be said (W76)."""
        self.id = id_
        self._opening = () if closure is None else (closure,)
        self.digest = id_.find_digest(signer.suite)
        self.waiting = Waiting()
        self.is_behind = False
        """Whether more was said in this journal than is known here."""
        self.is_wrapping = False
        self.epoch = 0
        self.row_count = 0
        """Rows put on pages since the start."""
        self.out: Anchor | None = None
        """The last page known to be out."""
        self._signer = signer
        self._keyring = keyring
        self._next = Place(self.digest, 0, self.digest)
        self._in_flight: PageOut | None = None
        self._epoch_at = NEVER
        self._wrapped: ReaderKeys = frozenset()
        self._meant_for: ReaderKeys = frozenset()
        self._bodies: tuple[bytes, ...] = ()
        """The key pages of the epoch in use, to be said again."""
        self._to_announce: deque[tuple[int, bytes]] = deque()
        self._announced_at = NEVER
        self._is_in_use = False
        """Whether anything was said since the key was last announced."""

    @property
    def is_in_flight(self) -> bool:
        """Whether a page is under way."""
        return self._in_flight is not None

    @property
    def _is_closing(self) -> bool:
        """Whether page 0 is still to say what of earlier incarnations stands."""
        return bool(self._opening) and self._next.number == 0

    @property
    def next_number(self) -> int:
        """The number of the next page."""
        return self._next.number

    def restore(self, page: Page) -> None:
        """Take note of an own page that is stored: of those read back at a start the key pages and the last, ascending.

        One that comes later from outside, beyond the tip, shows that this journal is behind until it too is restored.
        """
        number = page.header.number
        if page.header.kind is Kind.KEYS:
            self._note_keys(page)
        if number >= self._next.number:
            self._next = Place(self.digest, number + 1, page.digest)
            self.out = self._make_anchor(number, page.digest)

    def check_known(self, number: int, page: Digest) -> bool:
        """Hold a page that was said against the tip; return False, and write no more, where it lies beyond it."""
        is_known = number < self._next.number - 1 or (number, page) == (self._next.number - 1, self._next.previous)
        self.is_behind = self.is_behind or not is_known
        return is_known

    def needs_epoch(self, at: Instant, wanted: ReaderKeys) -> bool:
        """Tell whether the next epoch is to be wrapped: the first, another day's, or since a reader's key changed."""
        if self.is_wrapping or self._to_announce or self.is_behind:
            return False
        has_words = self.waiting.row_count > 0
        is_new_day = self.epoch > 0 and at >= find_next_epoch_at(self._epoch_at)
        is_over = is_new_day and (has_words or self._is_in_use)
        return is_over or ((has_words or self._is_closing) and not self._serves(wanted))

    def take_wrapped(
        self, *, epoch: int, key: bytes, commitment: Digest, wraps: tuple[Wrap, ...], meant_for: ReaderKeys
    ) -> None:
        """Put the key pages of the next epoch in line; all but the next is passed over.

        `meant_for` are the readers' keys at the time: one that is no key has no wrap, at its owner's loss (S9).
        """
        self.is_wrapping = False
        if epoch != self.epoch + 1 or self._to_announce:
            return
        self._keyring.add_epoch_key(journal=self.digest, epoch=epoch, key=key)
        self._meant_for = meant_for
        self._to_announce.extend((epoch, body) for body in split_wraps(epoch=epoch, commitment=commitment, wraps=wraps))

    def write(self, at: Instant, *, salt: bytes, pact: Digest, wanted: ReaderKeys) -> PageOut | None:
        """Build the next page, if anything may go on it: keys first, then all that waits and is ready."""
        if self._in_flight is not None or self.is_behind:
            return None
        draft = Draft(self.id, pact, at, salt, () if self._next.number else self._opening)
        if not self._to_announce and self._is_in_use and at - self._announced_at >= KEYS_AGAIN_MS:
            self._to_announce.extend((self.epoch, body) for body in self._bodies)
        if self._to_announce:
            epoch, body = self._to_announce.popleft()
            page = self._signer.build(draft, Kind.KEYS, self._next, body=body, epoch=epoch)
            self._note_keys(page)
            return self._send(page, 0)
        if not self._serves(wanted):
            return None
        blocks = self.waiting.take(at, size_bytes=BULK_PAGE_SIZE_BYTES_MAX - HEADER_ROOM_BYTES)
        if not blocks:
            return None
        key = self._keyring.find_epoch_key(journal=self.digest, epoch=self.epoch)
        assert key is not None, "an epoch in use has its key"
        entries = encode_blocks(blocks)
        page, _ = self._signer.write_entries(draft, entries, self._next, epoch=self.epoch, epoch_key=key)
        self._is_in_use = True
        return self._send(page, sum(len(block.rows) for block in blocks))

    def note_out(self, digest: Digest) -> None:
        """Take note that the page in flight is stored and in its stream."""
        page = self._in_flight
        if page is not None and page.digest == digest:
            self._in_flight = None
            self.out = self._make_anchor(page.number, page.digest)

    def _send(self, page: Page, row_count: int) -> PageOut:
        assert len(page.raw) <= BULK_PAGE_SIZE_BYTES_MAX
        number = self._next.number
        self._next = Place(self.digest, number + 1, page.digest)
        self.row_count += row_count
        self._in_flight = PageOut(page, row_count)
        return self._in_flight

    def _note_keys(self, page: Page) -> None:
        with suppress(RemoteError):
            self._keyring.learn(page)
        header, body = page.header, parse_key_body(page)
        if header.epoch > self.epoch:
            self.epoch, self._epoch_at = header.epoch, Instant(header.written_at)
            self._wrapped, self._meant_for, self._bodies = self._meant_for, frozenset(), ()
        if page.body not in self._bodies:
            self._bodies = (*self._bodies, page.body)
            self._wrapped |= {(wrap.party, wrap.key_id) for wrap in body.wraps}
        self._announced_at, self._is_in_use = Instant(header.written_at), False

    def _serves(self, wanted: ReaderKeys) -> bool:
        """Tell whether the epoch in use is open to us and wrapped to the newest key of every reader."""
        is_open = self._keyring.find_epoch_key(journal=self.digest, epoch=self.epoch) is not None
        return self.epoch > 0 and is_open and wanted <= self._wrapped

    def _make_anchor(self, number: int, page: Digest) -> Anchor:
        return Anchor(self.id.audience, self.id.incarnation, number, page)
