"""Reports that are adopted: the entries of E48."""

from typing import Annotated, ClassVar

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Clause, Entry, MaybeId, Name, Party, ascends
from comity.base.names import Bytes32

__all__ = ["ActionCompleted", "CorrectiveAction", "ReportAdopted", "ReportAdoptionJoined"]

Number = Annotated[int, Meta(ge=1, le=65_535)]


class CorrectiveAction(Shape, frozen=True):
    """E48."""

    number: Number
    owner: Party
    due_at: At


class ReportAdopted(Entry, frozen=True):
    """E48."""

    binds: ClassVar[bool] = True
    exercise: Name
    report: Bytes32
    commitment: Clause
    actions: Annotated[tuple[CorrectiveAction, ...], Meta(max_length=64)]
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        return ascends(action.number for action in self.actions)


class ReportAdoptionJoined(Entry, frozen=True):
    """E48."""

    binds: ClassVar[bool] = True
    adoption: Bytes32
    report: Bytes32
    role: Name
    officer: Name


class ActionCompleted(Entry, frozen=True):
    """E48."""

    binds: ClassVar[bool] = True
    adoption: Bytes32
    number: Number
    evidence: MaybeId
    role: Name
    officer: Name
