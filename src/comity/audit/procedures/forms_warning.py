"""What the record says of the warning feed: the entry of W30."""

from typing import Annotated, ClassVar

from msgspec import Meta

from comity.audit.procedures.forms import Entry, Party, ascends
from comity.base.limits import AUDIENCE_COUNT_MAX, INCARNATION_MAX
from comity.base.names import Bytes32, Uint

__all__ = ["WarningAnchored"]


class WarningAnchored(Entry, frozen=True):
    """W30."""

    binds: ClassVar[bool] = True
    audience: Annotated[tuple[Party, ...], Meta(min_length=2, max_length=AUDIENCE_COUNT_MAX)]
    incarnation: Annotated[int, Meta(ge=0, le=INCARNATION_MAX)]
    number: Uint
    page: Bytes32

    def is_sound(self) -> bool:
        return ascends(self.audience)
