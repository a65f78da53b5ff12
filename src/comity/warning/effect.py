"""What the warning feed's core hands to its driver, and what comes back: values, nothing done (law 4)."""

import enum
from dataclasses import dataclass
from typing import NamedTuple

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import JournalId, Page
from comity.journal.statement import Certificate
from comity.warning.quarantine import Quarantined
from comity.warning.rows import Block

__all__ = ["Anchor", "AnchorFault", "Fate", "Fork", "Gap", "PageOut", "Received", "Taken", "WrapWish"]


@dataclass(frozen=True, slots=True)
class WrapWish:
    """Draw an epoch key for an own journal and wrap it to these readers; answer with `Channel.take_wrapped`."""

    journal: JournalId
    epoch: int
    readers: tuple[Certificate, ...]


class PageOut(NamedTuple):
    """An own page: make it durable, put it into its stream, then say so (`Channel.note_out`). In this order (W24)."""

    page: Page
    row_count: int

    @property
    def journal(self) -> JournalId:
        """The journal that it is a page of."""
        return self.page.header.journal

    @property
    def digest(self) -> Digest:
        """The page's digest."""
        return self.page.digest

    @property
    def number(self) -> int:
        """The page's number."""
        return self.page.header.number

    @property
    def raw(self) -> bytes:
        """The page's bytes."""
        return self.page.raw


class Anchor(NamedTuple):
    """How far an own journal has gone out: what the record is to say of it (W30)."""

    audience: Audience
    incarnation: int
    number: int
    page: Digest


class AnchorFault(enum.Enum):
    """What an anchor shows to be wrong with what a reader has of a journal (W31)."""

    DIFFERS = "differs"
    """Its author signed another page of that number than those that are here."""
    AHEAD = "ahead"
    """Pages up to it have not come."""


class Gap(NamedTuple):
    """A run of pages of one journal that did not come within their time and is not waited for any more (W28)."""

    journal: Digest
    author: Party
    first: int
    last: int
    noticed_at: Instant


class Fork(NamedTuple):
    """Two pages that its author signed for one place of a journal (J16); both are kept as evidence."""

    journal: Digest
    author: Party
    number: int
    page: Digest
    other: Digest
    """The rival: a page that is held, or one that a page names as the one before it."""


class Fate(enum.Enum):
    """What became of bytes that came as a page of the feed."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    HELD = "held"
    """It waits for a key or a certificate."""
    PASSED = "passed"
    """Its number lies before all that is remembered of its journal."""
    REFUSED = "refused"


class Received(NamedTuple):
    """What one page of another party says. `is_late`: a page of a higher number was taken before it.

    `quarantined` are blocks of it that should not have come, and are not among `blocks` (W75).
    """

    author: Party
    incarnation: int
    audience: Audience
    journal: Digest
    number: int
    page: Digest
    written_at: Instant
    is_late: bool
    blocks: tuple[Block, ...]
    quarantined: tuple[Quarantined, ...] = ()


class Taken(NamedTuple):
    """What became of one page; `received` is also of pages that it set free.

    `faults` are codes of what is wrong in pages that stand: a seal that does not open, an entry that is no block.
    """

    fate: Fate
    code: str = ""
    received: tuple[Received, ...] = ()
    faults: tuple[str, ...] = ()
    forks: tuple[Fork, ...] = ()
    is_closing: bool = False
    """Whether a later incarnation opened by it: what was read of an earlier one may count no more (W76)."""
