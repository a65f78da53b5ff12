"""Building the next page of an own journal.

The caller vouches for two things: at most one page of a journal is in flight, and `salt` is fresh random bytes for
every page that is built, sent or not (docs/spec/journal.md, J7 row 8; sealing.md, S5).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.limits import SEEN_COUNT_MAX
from comity.base.names import Digest
from comity.crypto.suite import Ceremony, Suite
from comity.journal.building import Draft, Place, Signer
from comity.journal.header import EMPTY_ROOT, JournalId, Kind, SeenHead
from comity.journal.keypage import (
    CHECKPOINT_CONTEXT,
    CheckpointBody,
    CheckpointStatement,
    Wrap,
    find_checkpoint_message,
    find_commitment,
    find_key_id,
    find_wrap_info,
)
from comity.journal.ledger import Ledger
from comity.journal.seal import Opened, find_leaves, find_root
from comity.journal.statement import Certificate

__all__ = ["Draft", "Writer", "sign_checkpoint", "wrap_epoch_key"]


@dataclass(frozen=True, slots=True)
class Writer:
    """Builds pages on the tip that the ledger holds, naming every head not named yet; signs with the node key."""

    ledger: Ledger
    node_secret: bytes
    suite: Suite

    def build_open(self, draft: Draft, entries: Sequence[bytes]) -> bytes:
        """Build an open page of the genesis feed."""
        return self.write_open(draft, entries)[0]

    def write_open(self, draft: Draft, entries: Sequence[bytes]) -> tuple[bytes, Opened]:
        """As `build_open`; return also what the page opens to, which its author need not work out again."""
        leaves = find_leaves(self.suite, page_key=draft.salt, entries=entries)
        body, root = encode(tuple(entries)), find_root(leaves)
        raw = self._build(draft, Kind.OPEN, body=body, entry_count=len(entries), root=root)
        return raw, Opened(tuple(entries), leaves)

    def build_entries(self, draft: Draft, entries: Sequence[bytes], *, epoch: int, epoch_key: bytes) -> bytes:
        """Build a sealed page. The epoch must have been announced on this chain."""
        return self.write_entries(draft, entries, epoch=epoch, epoch_key=epoch_key)[0]

    def write_entries(
        self, draft: Draft, entries: Sequence[bytes], *, epoch: int, epoch_key: bytes
    ) -> tuple[bytes, Opened]:
        """As `build_entries`; return also what the page opens to, which its author need not work out again."""
        place = self._find_place(draft)
        page, opened = self._signer.write_entries(draft, entries, place, epoch=epoch, epoch_key=epoch_key)
        return page.raw, opened

    def build_keys(self, draft: Draft, body: bytes, *, epoch: int) -> bytes:
        """Build a key page from one body of `keypage.split_wraps`."""
        return self._build(draft, Kind.KEYS, body=body, epoch=epoch)

    def build_heads_seen(self, draft: Draft) -> bytes | None:
        """Build a receipt (J15), or return None where nothing new was seen."""
        news = self.ledger.find_news(draft.journal)
        return self._build(draft, Kind.HEADS_SEEN, body=b"", seen=news) if news else None

    def build_checkpoint(self, draft: Draft, body: bytes) -> bytes:
        """Build a checkpoint page from what `sign_checkpoint` made of `find_checkpoint_statement`."""
        return self._build(draft, Kind.CHECKPOINT, body=body)

    def find_checkpoint_statement(self, journal: JournalId) -> CheckpointStatement:
        """Return what the next checkpoint has to say; there must be a page before it."""
        own = journal.find_digest(self.suite)
        book = self.ledger.find_book(own)
        assert book is not None, "a checkpoint covers a chain"
        tip = book.find_tips()[0]
        heads = self.ledger.find_heads(journal.audience, but=own)[:SEEN_COUNT_MAX]
        return CheckpointStatement(tip.header.number, tip.digest, heads)

    def find_next_number(self, journal: Digest) -> int:
        """Return the number of the next page of an own journal."""
        book = self.ledger.find_book(journal)
        if book is None:
            return 0
        assert not book.is_forked, "a forked journal of ours is continued in a new incarnation"
        return len(book.by_number)

    def _find_heads(self, journal: JournalId) -> tuple[SeenHead, ...]:
        """Return the heads not named yet; of more than a page of ours names, those of what was said before receipts."""
        heads = self.ledger.find_unnamed(journal)
        if len(heads) <= SEEN_PER_PAGE:
            return heads
        news = self.ledger.find_news(journal)
        first = (*news, *(head for head in heads if head not in news))[:SEEN_PER_PAGE]
        return tuple(sorted(first, key=lambda head: head.order))

    def _find_place(self, draft: Draft, seen: tuple[SeenHead, ...] | None = None) -> Place:
        """Return where the next page stands; `seen` are the heads it names, if not all not named yet."""
        journal = draft.journal.find_digest(self.suite)
        number = self.find_next_number(journal)
        book = self.ledger.find_book(journal)
        previous = book.find_tips()[0].digest if book else journal
        heads = self._find_heads(draft.journal) if seen is None else seen[:SEEN_PER_PAGE]
        return Place(journal, number, previous, heads)

    @property
    def _signer(self) -> Signer:
        return Signer(self.node_secret, self.suite)

    def _build(
        self,
        draft: Draft,
        kind: Kind,
        *,
        body: bytes,
        entry_count: int = 0,
        root: bytes = EMPTY_ROOT,
        epoch: int = 0,
        seen: tuple[SeenHead, ...] | None = None,
    ) -> bytes:
        """Build a page; `seen` are the heads that it names, if not all that its journal has not named yet."""
        place = self._find_place(draft, seen)
        return self._signer.build(draft, kind, place, body=body, entry_count=entry_count, root=root, epoch=epoch).raw


SEEN_PER_PAGE = 96
"""Heads named in one page of ours: about 7 kB of the 64; the rest go into the next."""


def wrap_epoch_key(
    *, journal: JournalId, epoch: int, key: bytes, readers: Sequence[Certificate], suite: Suite, ceremony: Ceremony
) -> tuple[Digest, tuple[Wrap, ...]]:
    """Wrap an epoch key to every reader's receiving and recovery key; return its commitment and the wraps (S9).

    A certified key that is no key is left out: it must cost its owner, not keep an author from writing to the others.
    """
    commitment = find_commitment(suite, journal=journal.find_digest(suite), epoch=epoch, key=key)
    wraps: list[Wrap] = []
    for reader in readers:
        info = find_wrap_info(journal=journal, epoch=epoch, commitment=commitment, party=reader.party)
        for public in (reader.receiving_key, reader.recovery_key):
            try:
                wrapped = ceremony.wrap(public=public, plaintext=key, info=info)
            except RemoteError:
                continue
            wraps.append(Wrap(reader.party, find_key_id(suite, public), wrapped))
    return commitment, tuple(wraps)


def sign_checkpoint(
    *, journal: JournalId, statement: CheckpointStatement, checkpoint_secret: bytes, ceremony: Ceremony
) -> bytes:
    """Sign a checkpoint's statement with ML-DSA-65 and return the body of its page (J13)."""
    raw = encode(statement)
    signature = ceremony.sign_mldsa(
        secret=checkpoint_secret, message=find_checkpoint_message(journal, raw), context=CHECKPOINT_CONTEXT
    )
    return encode(CheckpointBody(raw, signature))
