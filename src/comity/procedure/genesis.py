"""What a party says in its genesis journal, and the few statements about journals themselves.

A pact is in force in a realm when every party of it has signed its digest in its own genesis journal (DESIGN,
section 4).
"""

from typing import Annotated, ClassVar

import msgspec

from comity.base.limits import AUDIENCE_COUNT_MAX, STATEMENT_SIZE_BYTES_MAX
from comity.base.names import Bytes32, Uint
from comity.procedure.entry import Entry
from comity.procedure.fields import PartyField, check_ascending

__all__ = ["ENTRIES", "AudienceOpened", "KeysRequested", "PactAccepted", "RootStatementPublished"]


class PactAccepted(Entry, frozen=True):
    """The author accepts the version of the pact with this digest."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    pact: Bytes32


class RootStatementPublished(Entry, frozen=True):
    """A root statement: links or a succession (docs/spec/sealing.md, S11). It is authentic by its own signatures."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    statement: Annotated[bytes, msgspec.Meta(max_length=STATEMENT_SIZE_BYTES_MAX)]


class AudienceOpened(Entry, frozen=True):
    """The author has begun a journal for this audience; said to each pair in it (docs/spec/journal.md, J37)."""

    procedural: ClassVar[bool] = True
    feed: Annotated[str, msgspec.Meta(max_length=16)]
    readers: Annotated[tuple[PartyField, ...], msgspec.Meta(min_length=2, max_length=AUDIENCE_COUNT_MAX)]

    def __post_init__(self) -> None:
        """Keep the readers a set."""
        check_ascending(self.readers)


class KeysRequested(Entry, frozen=True):
    """The author cannot open an epoch of the named journal and asks its writer to wrap the key again."""

    procedural: ClassVar[bool] = True
    journal: Bytes32
    epoch: Uint


ENTRIES = (PactAccepted, RootStatementPublished, AudienceOpened, KeysRequested)
