"""The pact's life and the journals themselves: the entries of P34, P38, S11, S15 and J37."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.procedures.forms import At, Entry, Party, ascends
from comity.base.limits import AUDIENCE_COUNT_MAX, STATEMENT_SIZE_BYTES_MAX
from comity.base.names import Bytes32, Uint

__all__ = [
    "AudienceOpened",
    "KeysRequested",
    "PactAccepted",
    "RootStatementPublished",
    "WithdrawalNotified",
    "WithdrawalRevoked",
]


class PactAccepted(Entry, frozen=True):
    """P34."""

    binds: ClassVar[bool] = True
    pact: Bytes32


class WithdrawalNotified(Entry, frozen=True):
    """P38."""

    binds: ClassVar[bool] = True
    reason: Literal["national-decision", "pact-superseded", "unstated"]
    ends_at: At


class WithdrawalRevoked(Entry, frozen=True):
    """P38."""

    binds: ClassVar[bool] = True
    notice: Bytes32


class RootStatementPublished(Entry, frozen=True):
    """S11. What it carries proves itself and is judged elsewhere (`root`)."""

    binds: ClassVar[bool] = True
    statement: Annotated[bytes, Meta(max_length=STATEMENT_SIZE_BYTES_MAX)]


class AudienceOpened(Entry, frozen=True):
    """J37."""

    feed: Annotated[str, Meta(max_length=16)]
    readers: Annotated[tuple[Party, ...], Meta(min_length=2, max_length=AUDIENCE_COUNT_MAX)]

    def is_sound(self) -> bool:
        return ascends(self.readers)


class KeysRequested(Entry, frozen=True):
    """S15."""

    journal: Bytes32
    epoch: Uint
