"""What the machine asks its driver to do. Effects are carried out in order; each `Commit` is answered.

A driver carries out `Commit`s strictly one after another and never skips one: if the disk is full it tries again or
stops. Everything that others could see waits in the machine until the commit before it is answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed, JournalId, Page
from comity.journal.keypage import CheckpointStatement
from comity.journal.ledger import Verdict
from comity.journal.statement import Certificate

__all__ = [
    "Acknowledge", "Alarm", "Answer", "Commit", "Effect", "Fetch", "Follow", "OpenStream", "Publish", "Refusal",
    "SignCheckpoint", "Wake", "Wrap",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """Bytes that were refused, with the code: evidence, kept beside the pages."""

    raw: bytes
    code: str


@dataclass(frozen=True, slots=True)
class Commit:
    """Make pages and evidence durable in one transaction, then answer `Committed(number)`.

    `answers` are those that will follow: a driver that must not say a thing twice keeps them in the same transaction.
    """

    number: int
    pages: tuple[Page, ...]
    refusals: tuple[Refusal, ...] = ()
    answers: "tuple[Answer, ...]" = ()


@dataclass(frozen=True, slots=True)
class Publish:
    """Put an own, stored page into the own outbox; answer `Published`. Repeating it is harmless.

    Where nobody else is in the audience there is no outbox: the driver answers at once.
    """

    feed: Feed
    audience: Audience
    digest: Digest
    raw: bytes


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Tell the link that this delivery is stored (or refused for good)."""

    delivery: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Wrap:
    """Draw an epoch key for an own journal, or take `key`, and wrap it to these readers; answer `Wrapped`."""

    journal: JournalId
    epoch: int
    readers: tuple[Certificate, ...]
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class SignCheckpoint:
    """Sign this statement with the checkpoint key; answer `CheckpointSigned`."""

    journal: JournalId
    statement: CheckpointStatement


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask a peer for pages `first`..`last` of a journal; feed them in as `Arrived`, then `FetchEnded`."""

    party: Party
    journal: Digest
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class OpenStream:
    """See that the own outbox has a stream for this audience, with a consumer for each reader."""

    feed: Feed
    audience: Audience


@dataclass(frozen=True, slots=True)
class Follow:
    """See that a peer's stream is being pulled."""

    party: Party
    feed: Feed
    audience: Audience


@dataclass(frozen=True, slots=True)
class Wake:
    """Send `Ticked` at this instant or soon after; replaces an earlier wish."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a command: `ids` of its stored entries, or `code` (with details) of why it was refused."""

    command: int
    ids: tuple[Digest, ...] = ()
    code: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something an officer has to know: a code of the message catalogue and its arguments."""

    code: str
    details: Mapping[str, object]


Effect = Commit | Publish | Acknowledge | Wrap | SignCheckpoint | Fetch | OpenStream | Follow | Wake | Answer | Alarm
