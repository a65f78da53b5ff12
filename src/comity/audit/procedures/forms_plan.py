"""Contingency plans: the entries of P76."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Entry, Name, Party, Text, ascends
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Bytes32

__all__ = [
    "Line",    "PlanAccepted", "PlanActivated", "PlanDeclined", "PlanOpened", "PlanRetired", "PlanStoodDown",
    "PlanVersionProposed",
]  # fmt: skip


class Line(Shape, frozen=True):
    """P76: what is wanted of whom, counted from the start."""

    id: Name
    instrument: Literal[
        "diplomatic", "public-statement", "exercise", "deployment", "patrol", "missile-defence", "surveillance",
        "cyber-defence", "sanctions", "export-control", "economic-support", "relief",
    ]  # fmt: skip
    by: Annotated[tuple[Party, ...], Meta(max_length=1)]
    target: Annotated[tuple[Name, ...], Meta(max_length=1)]
    after_ms: At
    for_ms: Annotated[int, Meta(ge=1, le=INSTANT_MS_MAX)]


class PlanOpened(Entry, frozen=True):
    """P76."""

    binds: ClassVar[bool] = True
    name: Name
    kind: Literal[
        "missile-launch", "nuclear-test", "maritime-incident", "air-incident", "land-incident", "space-incident",
        "cyber-incident", "economic-pressure", "information-manipulation", "disaster", "other",
    ]  # fmt: skip


class PlanVersionProposed(Entry, frozen=True):
    """P76."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    plan: Bytes32
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=64)]
    body: Text

    def is_sound(self) -> bool:
        return ascends(line.id for line in self.lines) and self.body.is_sound()


class PlanAccepted(Entry, frozen=True):
    """P76."""

    binds: ClassVar[bool] = True
    plan: Bytes32
    version: Bytes32


class PlanDeclined(Entry, frozen=True):
    """P76."""

    binds: ClassVar[bool] = True
    plan: Bytes32
    version: Bytes32
    reason: Literal["not-able", "not-needed", "collides", "no-instructions", "national-decision"]


class PlanActivated(Entry, frozen=True):
    """P76."""

    binds: ClassVar[bool] = True
    plan: Bytes32
    version: Bytes32
    consultation: Bytes32
    begins_at: At


class PlanStoodDown(Entry, frozen=True):
    """P76."""

    binds: ClassVar[bool] = True
    plan: Bytes32
    activation: Bytes32


class PlanRetired(Entry, frozen=True):
    """P76."""

    binds: ClassVar[bool] = True
    plan: Bytes32
