"""Requests for information, and spillage: the entries of R54 and R55."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.procedures.forms import At, Entry, Name, Text, ascends
from comity.base.names import Bytes32

__all__ = [
    "GivenInAnswer", "InformationAnswered", "InformationRequestClosed", "InformationRequested", "SpillageConcluded",
    "SpillageReported",
]  # fmt: skip

Officers = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=8)]
Step = Literal[
    "access-withdrawn", "copies-destroyed", "copies-recovered", "keys-replaced", "persons-instructed",
    "procedure-changed", "referred-to-authorities",
]  # fmt: skip


class InformationRequested(Entry, frozen=True):
    """R54."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    topic: Name
    level: Annotated[str, Meta(max_length=48)]
    answer_by_at: At
    text: Text

    def is_sound(self) -> bool:
        return self.text.is_sound()


class InformationAnswered(Entry, frozen=True):
    """R54."""

    binds: ClassVar[bool] = True
    request: Bytes32
    answer: Literal["given", "given-in-part", "nothing-held", "declined"]
    reason: Literal["source", "level", "not-now", "national-law", "unstated"]


class InformationRequestClosed(Entry, frozen=True):
    """R54."""

    binds: ClassVar[bool] = True
    request: Bytes32


class GivenInAnswer(Entry, frozen=True):
    """R54."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    request: Bytes32


class SpillageReported(Entry, frozen=True):
    """R55."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    kind: Literal["loss", "compromise", "possible-loss", "possible-compromise"]
    noticed_at: At
    role: Name
    officers: Officers

    def is_sound(self) -> bool:
        return ascends(self.officers)


class SpillageConcluded(Entry, frozen=True):
    """R55."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    report: Bytes32
    result: Literal["lost", "compromised", "recovered", "no-loss-found", "not-to-be-found-out"]
    steps: Annotated[tuple[Step, ...], Meta(max_length=7)]
    role: Name
    officers: Officers

    def is_sound(self) -> bool:
        return ascends(self.steps) and ascends(self.officers)
