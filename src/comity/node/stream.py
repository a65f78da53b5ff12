"""How things are named on the wire: streams, readers and the subjects that they use.

Names are hashes of what both ends know, so that nothing need be announced and nothing is revealed: a stranger who sees
a subject learns neither the audience nor that there is one (docs/spec/transport.md, T1 to T4). Nothing here does I/O.
"""

import hashlib
from typing import Final, NewType

import msgspec

from comity.base.encoding import encode
from comity.base.limits import (
    BULK_PAGE_SIZE_BYTES_MAX,
    PAGE_SIZE_BYTES_MAX,
    PULL_COUNT_MAX,
    PULL_SIZE_BYTES_MAX,
    WARNING_RETENTION_MS,
)
from comity.base.names import Audience, Digest, Party, Realm, is_audience, is_party, is_realm
from comity.crypto.label import label
from comity.journal.header import Feed

__all__ = ["PAGES_PREFIX", "Reader", "Stream", "StreamName"]

StreamName = NewType("StreamName", str)
"""32 hexadecimal digits."""

PAGES_PREFIX: Final = "PAGES."


class Stream(msgspec.Struct, frozen=True):
    """One stream of one party's own outbox: all that the party says to one audience in one feed, in order."""

    lineage: Digest
    realm: Realm
    feed: Feed
    audience: Audience

    def __post_init__(self) -> None:
        assert len(self.lineage) == 32
        assert is_realm(self.realm)
        assert is_audience(self.audience)

    @property
    def name(self) -> StreamName:
        """The stream's name: the same at every author, and telling nothing (T1)."""
        content = encode((self.lineage, self.realm, self.feed.value, self.audience))
        return StreamName(hashlib.sha256(label("stream") + content).hexdigest()[:32])

    @property
    def subject(self) -> str:
        """The one subject of its messages."""
        return f"page.{self.name}"

    @property
    def page_size_bytes_max(self) -> int:
        """The largest page of this feed (J6)."""
        return PAGE_SIZE_BYTES_MAX if self.feed in (Feed.GENESIS, Feed.RECORD) else BULK_PAGE_SIZE_BYTES_MAX

    @property
    def pull_count_max(self) -> int:
        """How many pages one pull may ask for: PULL_SIZE_BYTES_MAX is what a reader must be able to hold."""
        return min(PULL_COUNT_MAX, PULL_SIZE_BYTES_MAX // self.page_size_bytes_max)

    @property
    def retention_ms(self) -> int:
        """How long a page stays in the outbox; 0 is for ever. The page store keeps it in any case."""
        return WARNING_RETENTION_MS if self.feed is Feed.WARNING else 0

    def reader(self, party: Party) -> "Reader":
        """Return the reader that `party` is in this stream; its home asks for no membership, the caller decides."""
        return Reader(self.lineage, self.realm, party)


class Reader(msgspec.Struct, frozen=True, order=True):
    """One party as it reads another's outbox, in one pact and one realm. Each has an account of its own."""

    lineage: Digest
    realm: Realm
    party: Party

    def __post_init__(self) -> None:
        assert len(self.lineage) == 32
        assert is_realm(self.realm)
        assert is_party(self.party)

    @property
    def tag(self) -> str:
        """The name of its account and of its consumer in every stream (T2).

        The realm and the lineage are in the hash: with the party's name alone, its exercise account could pull from
        its real consumers, and two pacts could not share a server.
        """
        content = encode((self.lineage, self.realm, self.party))
        return f"{self.party.lower()}_{hashlib.sha256(label('reader') + content).hexdigest()[:16]}"

    def pull_subject(self, stream: StreamName | str) -> str:
        """Where this reader asks for the next pages of a stream."""
        return f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{self.tag}"

    @property
    def ack_subjects(self) -> str:
        """Where this reader acknowledges, in any stream."""
        return f"$JS.ACK.*.{self.tag}.>"

    @property
    def pages_subject(self) -> str:
        """Where this reader asks the node itself for pages. The server vouches for the name: nobody else reaches it."""
        return PAGES_PREFIX + self.tag
