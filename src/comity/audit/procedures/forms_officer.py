"""Who acted, who read what, and whom a node called: the entries of P40, P48, P91 and P92."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Entry, Name, ascends
from comity.base.limits import ENTRY_COUNT_MAX, ESCALATION_STEP_COUNT_MAX, ITEM_PORTION_COUNT_MAX
from comity.base.names import Bytes32

__all__ = ["ActedBy", "AlarmEscalated", "CalledOut", "ItemRead", "Officer"]


class Officer(Shape, frozen=True):
    """One officer, in one capacity."""

    name: Name
    role: Name
    footing: Literal["office", "deputy", "delegation"]
    stands_for: Annotated[tuple[Name, ...], Meta(max_length=1)]

    @property
    def power(self) -> str:
        """The role whose power was used."""
        return (*self.stands_for, self.role)[0]

    def is_sound(self) -> bool:
        """One stands for a role exactly where it is not its own office."""
        return (self.footing == "office") != bool(self.stands_for)


class ActedBy(Entry, frozen=True):
    """P40."""

    binds: ClassVar[bool] = True
    officers: Annotated[tuple[Officer, ...], Meta(min_length=1, max_length=8)]
    covers: Annotated[int, Meta(ge=1, le=ENTRY_COUNT_MAX)]

    def is_sound(self) -> bool:
        return ascends(one.name for one in self.officers) and all(one.is_sound() for one in self.officers)


class ItemRead(Entry, frozen=True):
    """P48."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    portion: Annotated[tuple[Annotated[int, Meta(ge=1, le=ITEM_PORTION_COUNT_MAX)], ...], Meta(max_length=1)]
    kind: Literal["officer", "operator", "consumer"]
    reader: Name
    role: Annotated[tuple[Name, ...], Meta(max_length=1)]
    read_at: At

    def is_sound(self) -> bool:
        return (self.kind == "officer") == bool(self.role)


class _Alarm(Entry, frozen=True):
    """What P91 and P92 share: about which alert, and at which step."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    alert: Bytes32
    step: Annotated[int, Meta(ge=1, le=ESCALATION_STEP_COUNT_MAX)]


class AlarmEscalated(_Alarm, frozen=True):
    """P91."""

    roles: Annotated[tuple[Name, ...], Meta(max_length=64)]
    officers: Annotated[tuple[Name, ...], Meta(max_length=64)]
    called_at: At

    def is_sound(self) -> bool:
        return ascends(self.roles) and ascends(self.officers)


class CalledOut(_Alarm, frozen=True):
    """P92."""

    callout: Name
    outcome: Literal["sent", "failed"]
    attempt_count: Annotated[int, Meta(ge=1, le=255)]
    ended_at: At
