"""Pages that no honest node would make, under the true key of their author: each breaks one rule.

A rule here is a change to a well-made header or body, signed again. So what judges them is the rule, and not a
signature that fails. Which they are is in `FORGERIES`; a few of them are accepted by right, because what is wrong with
them can be seen only later, or only by some.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from comity.base.encoding import encode
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Digest
from comity.crypto.label import digest, label
from comity.journal.header import EMPTY_ROOT, Header, Kind, Page, SeenHead, encode_page
from comity.journal.seal import find_leaves, find_page_key, find_root, seal_body
from comity.rehearsal.shadow import Shadow

__all__ = ["FORGERIES", "Forger"]

STRANGE_COUNT: Final = 5
"""Journals that nobody has, named in one page: more than all readers are asked for at once."""
_BAD_ENTRIES: Final = (
    encode(("ThreatReported", 1, 2)),
    encode(("NotKnownYet", 7, b"x", ("y",))),
    encode(("Acknowledged", b"short", "watch", "duty-1")),
    b"\xc1\x00 no entry at all",
    b"\xdd\x00\x00\x00\x01\xa1x",
)
"""A known type with other fields, one that nobody knows, a field out of form, no MessagePack, and not the shortest."""


@dataclass(slots=True)
class Forger:
    """Forges the page after `tip`, the last one that the shadow wrote to an audience."""

    shadow: Shadow
    tip: Page
    chance: random.Random

    def forge(self, name: str) -> bytes:
        """Return the bytes of one forgery, signed."""
        return FORGERIES[name](self)

    def sign(self, body: bytes = b"", /, **changes: object) -> bytes:
        """Return a page that follows the tip, with these fields changed."""
        suite, header = self.shadow.setup.suite, self.tip.header
        plain = msgspec.structs.replace(
            header,
            kind=Kind.HEADS_SEEN,
            number=header.number + 1,
            previous=self.tip.digest,
            written_at=self.shadow.at,
            salt=self.shadow.ceremony.random(32),
            epoch=0,
            entry_count=0,
            entries_root=EMPTY_ROOT,
            seen=(self.name_page(0),),
            opening=(),
        )
        changed: Header = msgspec.structs.replace(plain, body_digest=digest(suite, "body", body), **changes)
        raw = encode(changed)
        signature = suite.sign(secret=self.shadow.setup.secrets.node, message=label("page") + raw)
        return encode_page(header_raw=raw, signature=signature, body=body)

    def name_page(self, beyond: int) -> SeenHead:
        """Return the name of a page that nobody has: `beyond` how many after the last of some journal for all."""
        audience = set(self.tip.header.journal.audience)
        books = [
            book
            for book in self.shadow.machine.ledger.books()
            if book.digest != self.tip.journal and audience <= set(book.id.audience)
        ]
        book = self.chance.choice(books)
        tip = book.find_tips()[0]
        if not beyond:
            return SeenHead(book.digest, tip.header.number, tip.digest)
        return SeenHead(book.digest, tip.header.number + beyond, Digest(self.shadow.ceremony.random(32)))

    def name_pages(self, beyond: int) -> tuple[SeenHead, ...]:
        """Return a name as `name_page`, some in journals that never were, and a true page's in one of these."""

        def draw() -> Digest:
            return Digest(self.shadow.ceremony.random(32))

        audience, books = set(self.tip.header.journal.audience), self.shadow.machine.ledger.books()
        true = next(book.find_tips()[0] for book in books if audience <= set(book.id.audience))
        heads = [self.name_page(beyond), SeenHead(draw(), true.header.number, true.digest)]
        heads += [SeenHead(draw(), number, draw()) for number in range(STRANGE_COUNT)]
        return tuple(sorted(heads, key=lambda head: head.order))

    def seal(self, *entries: bytes) -> bytes:
        """Return a page of entries sealed as it should be, whatever is in them."""
        suite, journal = self.shadow.setup.suite, self.tip.journal
        own = self.shadow.machine.pen.get_journal(self.tip.header.journal.feed, self.tip.header.journal.audience)
        key = self.shadow.machine.keyring.find_epoch_key(journal=journal, epoch=own.epoch)
        assert key is not None, "the shadow wrote to this audience"
        salt, number = self.shadow.ceremony.random(32), self.tip.header.number + 1
        page_key = find_page_key(suite, epoch_key=key, salt=salt, journal=journal, number=number, epoch=own.epoch)
        return self.sign(
            seal_body(suite, page_key=page_key, entries=entries, journal=own.id, number=number),
            kind=Kind.ENTRIES,
            salt=salt,
            epoch=own.epoch,
            entry_count=len(entries),
            entries_root=find_root(find_leaves(suite, page_key=page_key, entries=entries)),
        )


FORGERIES: Final[Mapping[str, Callable[[Forger], bytes]]] = {
    "names-a-page-that-nobody-has": lambda forger: forger.sign(seen=forger.name_pages(3)),
    "names-a-rival-that-nobody-has": lambda forger: forger.sign(
        seen=(msgspec.structs.replace(forger.name_page(0), page=forger.shadow.ceremony.random(32)),)
    ),
    "leaves-a-gap": lambda forger: forger.sign(
        number=forger.tip.header.number + 5, previous=forger.shadow.ceremony.random(32)
    ),
    "follows-nothing": lambda forger: forger.sign(previous=forger.shadow.ceremony.random(32)),
    "follows-another-journal": lambda forger: forger.sign(previous=forger.name_page(0).page),
    "is-older-than-time": lambda forger: forger.sign(written_at=0),
    "is-from-the-end-of-time": lambda forger: forger.sign(written_at=INSTANT_MS_MAX),
    "is-of-another-pact": lambda forger: forger.sign(pact=forger.shadow.ceremony.random(32)),
    "is-sealed-under-no-epoch": lambda forger: forger.sign(
        b"sealed to nobody" * 3, kind=Kind.ENTRIES, epoch=999, entry_count=1, entries_root=bytes(32)
    ),
    "does-not-open": lambda forger: forger.sign(
        b"not what was sealed" * 3,
        kind=Kind.ENTRIES,
        epoch=max(
            forger.shadow.machine.pen.get_journal(
                forger.tip.header.journal.feed, forger.tip.header.journal.audience
            ).epoch,
            1,
        ),
        entry_count=2,
        entries_root=bytes(32),
    ),
    "holds-bad-entries": lambda forger: forger.seal(*_BAD_ENTRIES),
    "is-of-an-incarnation-without-certificate": lambda forger: forger.sign(
        journal=msgspec.structs.replace(forger.tip.header.journal, incarnation=7)
    ),
    "opens-what-is-open": lambda forger: forger.sign(opening=(forger.shadow.setup.certificate,)),
    "is-a-checkpoint-of-nothing": lambda forger: forger.sign(b"\x92\xc0\xc0", kind=Kind.CHECKPOINT, seen=()),
    "announces-no-key": lambda forger: forger.sign(b"\x90", kind=Kind.KEYS, epoch=50),
    "is-another-format": lambda forger: forger.sign(format=2),
}
"""What each forgery breaks, and how it is made."""
