"""Notes on the play of an exercise: the entries of E43."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.procedures.forms import At, Clause, Entry, Ids, Name, Parties, Party, Text, ascends
from comity.base.names import Bytes32

__all__ = ["HotWashNoted", "ImprovementProposed", "ObservationNoted"]


class ObservationNoted(Entry, frozen=True):
    """E43."""

    is_procedural: ClassVar[bool] = False
    exercise: Bytes32
    about: Literal["inject", "objective", "critical-task"]
    of: Clause
    parties: Parties
    rating: Literal["performed", "some-challenges", "major-challenges", "unable", "not-rated"]
    observed: Text
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        return ascends(self.parties) and self.observed.is_sound()


class HotWashNoted(Entry, frozen=True):
    """E43."""

    is_procedural: ClassVar[bool] = False
    exercise: Bytes32
    sort: Literal["strength", "to-improve", "other-remark"]
    observed: Text
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        return self.observed.is_sound()


class ImprovementProposed(Entry, frozen=True):
    """E43."""

    is_procedural: ClassVar[bool] = False
    exercise: Bytes32
    objective: Annotated[tuple[Name, ...], Meta(max_length=1)]
    rests_on: Ids
    finding: Text
    remedy: Text
    owner: Party
    due_at: At
    role: Name
    officer: Name

    def is_sound(self) -> bool:
        return ascends(self.rests_on) and self.finding.is_sound() and self.remedy.is_sound()
