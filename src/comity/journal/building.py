"""One signed page at a given place of a chain: header, seal, signature (journal.md, J6 to J8; sealing.md, S5).

Whoever asks says where the page stands and which heads it names: `writer` reads both off a ledger, the warning feed
keeps its own tip. Two things the caller vouches for: the place was given to no other page that may have gone out, and
`salt` is fresh random bytes for every page that is built, sent or not (S5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from comity.base.encoding import encode
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.crypto.label import digest, label
from comity.crypto.suite import Suite
from comity.journal.header import EMPTY_ROOT, FORMAT, SUITE, Header, JournalId, Kind, Page, SeenHead, encode_page
from comity.journal.seal import Opened, find_leaves, find_page_key, find_root, seal_body

__all__ = ["Draft", "Place", "Signer"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What goes into a page besides its place: journal, pact in force, the author's clock, a fresh salt."""

    journal: JournalId
    pact: Digest
    written_at: Instant
    salt: bytes
    opening: tuple[bytes, ...] = ()


class Place(NamedTuple):
    """Where a page stands: its journal, its number, what it follows, and the heads that it names."""

    journal: Digest
    number: int
    previous: Digest
    """The digest of the page before; of number 0, the journal's (J11, step 8)."""
    seen: tuple[SeenHead, ...] = ()


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs pages with one node key."""

    node_secret: bytes
    suite: Suite

    def write_entries(
        self, draft: Draft, entries: Sequence[bytes], place: Place, *, epoch: int, epoch_key: bytes
    ) -> tuple[Page, Opened]:
        """Seal entries into a page; return it, and what it opens to. The epoch must have been announced before it."""
        suite, number = self.suite, place.number
        page_key = find_page_key(
            suite, epoch_key=epoch_key, salt=draft.salt, journal=place.journal, number=number, epoch=epoch
        )
        leaves = find_leaves(suite, page_key=page_key, entries=entries)
        body = seal_body(suite, page_key=page_key, entries=entries, journal=draft.journal, number=number)
        root = find_root(leaves)
        page = self.build(draft, Kind.ENTRIES, place, body=body, entry_count=len(entries), root=root, epoch=epoch)
        return page, Opened(tuple(entries), leaves)

    def build(
        self,
        draft: Draft,
        kind: Kind,
        place: Place,
        *,
        body: bytes,
        entry_count: int = 0,
        root: bytes = EMPTY_ROOT,
        epoch: int = 0,
    ) -> Page:
        """Build a page of any kind around its body, as parsing its bytes would give it."""
        header = Header(
            format=FORMAT,
            suite=SUITE,
            kind=kind,
            pact=draft.pact,
            journal=draft.journal,
            number=place.number,
            previous=place.previous,
            written_at=draft.written_at,
            salt=draft.salt,
            epoch=epoch,
            entry_count=entry_count,
            body_digest=digest(self.suite, "body", body),
            entries_root=root,
            seen=place.seen,
            opening=draft.opening,
        )
        header_raw = encode(header)
        signature = self.suite.sign(secret=self.node_secret, message=label("page") + header_raw)
        raw = encode_page(header_raw=header_raw, signature=signature, body=body)
        return Page(
            raw=raw,
            header_raw=header_raw,
            signature=signature,
            body=body,
            header=header,
            digest=digest(self.suite, "page", header_raw),
            journal=place.journal,
        )
