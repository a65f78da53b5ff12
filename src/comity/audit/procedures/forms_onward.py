"""What is answered to a request to pass an item on, and to what should not have come: the entries of R51 and R53."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.procedures.forms import Clause, Entry, Name, Party, ascends
from comity.base.names import Bytes32

__all__ = ["FindingReported", "PassOnDeclined", "PassOnGranted", "QuarantineReleased", "RefusalGroundStated"]

Reason = Literal["source", "recipient", "not-now", "another-version", "unstated"]
Officers = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=8)]


class RefusalGroundStated(Entry, frozen=True):
    """R51."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    recipient: Party
    clause: Clause
    reason: Reason


class PassOnGranted(Entry, frozen=True):
    """R51."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    recipient: Party
    role: Name
    officers: Officers

    def is_sound(self) -> bool:
        return ascends(self.officers)


class PassOnDeclined(Entry, frozen=True):
    """R51."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    recipient: Party
    clause: Clause
    reason: Reason
    role: Name
    officers: Officers

    def is_sound(self) -> bool:
        return ascends(self.officers)


class FindingReported(Entry, frozen=True):
    """R53."""

    binds: ClassVar[bool] = True
    entry: Bytes32
    clause: Clause
    reason: Name


class QuarantineReleased(Entry, frozen=True):
    """R53."""

    binds: ClassVar[bool] = True
    entry: Bytes32
    clause: Clause
    role: Name
    officers: Officers

    def is_sound(self) -> bool:
        return ascends(self.officers)
