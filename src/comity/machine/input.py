"""What a driver tells the machine. Every input carries the instant and 32 fresh random bytes (laws 4; S5)."""

from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed
from comity.journal.keypage import Wrap
from comity.procedure.entry import Entry
from comity.procedure.officer import Capacity

__all__ = [
    "Arrived", "CheckpointSigned", "Committed", "FetchEnded", "Input", "LinkChanged", "LostPage", "PagesLost",
    "Published", "Say", "Ticked", "Wrapped",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LostPage:
    """A page that was stored, and that the store no longer holds whole."""

    digest: Digest
    journal: Digest
    number: int
    author: Party
    feed: Feed
    audience: Audience


@dataclass(frozen=True, slots=True)
class _Input:
    """`at` is the node's clock, never trusted beyond this party; `salt` must never be given twice."""

    at: Instant
    salt: bytes


@dataclass(frozen=True, slots=True)
class Arrived(_Input):
    """Bytes that may be a page, from a link, a fetch or a bundle. `delivery` is acknowledged once they are stored."""

    raw: bytes
    delivery: int = 0


@dataclass(frozen=True, slots=True)
class Say(_Input):
    """An officer's (or the driver's own) wish to state these entries to one audience; answered by `command`.

    `by` are the officers who act, each with the capacities in which it may act now, the preferred first.
    """

    command: int
    audience: Audience
    entries: tuple[Entry, ...]
    feed: Feed = Feed.RECORD
    by: tuple[tuple[Capacity, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Committed(_Input):
    """The store has made commit `number` durable."""

    number: int


@dataclass(frozen=True, slots=True)
class Published(_Input):
    """The own outbox has taken a page, or could not (`is_out` false: the machine tries again later)."""

    digest: Digest
    is_out: bool


@dataclass(frozen=True, slots=True)
class Wrapped(_Input):
    """A new epoch key of an own journal and its wraps, drawn by a `Ceremony`."""

    journal: Digest
    epoch: int
    key: bytes
    commitment: Digest
    wraps: tuple[Wrap, ...]


@dataclass(frozen=True, slots=True)
class CheckpointSigned(_Input):
    """The body of a checkpoint page, signed with ML-DSA-65."""

    journal: Digest
    body: bytes


@dataclass(frozen=True, slots=True)
class FetchEnded(_Input):
    """A fetch is over; its pages came as `Arrived` before this. `is_answered` false: the peer could not be reached."""

    party: Party
    journal: Digest
    is_answered: bool


@dataclass(frozen=True, slots=True)
class LinkChanged(_Input):
    """The link to a peer's outbox went up or down."""

    party: Party
    is_up: bool


@dataclass(frozen=True, slots=True)
class PagesLost(_Input):
    """The store found that it no longer holds these pages whole: a flipped bit, a bad sector. They are fetched anew."""

    pages: tuple[LostPage, ...]


@dataclass(frozen=True, slots=True)
class Ticked(_Input):
    """The time asked for by `Wake` has come, or the driver merely lets time pass."""


Input = (
    Arrived | Say | Committed | Published | Wrapped | CheckpointSigned | FetchEnded | LinkChanged | PagesLost | Ticked
)
