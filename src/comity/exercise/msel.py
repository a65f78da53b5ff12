"""The master list of injects of one exercise, as it is written down (docs/spec/exercise.md, E1 to E6).

Rules
- An inject comes at an exercise time since the start, or so long after another one; then perhaps only if what that one
  expects came, or did not.
- What is expected stands in words for people and, where the journal can tell it, as an act: of whom, within how long.
- Who speaks is a cell: control, or whoever plays those who do not take part. Who is spoken to is a party or a cell.
- The list is data. It is never signed in realm `real`, and no node obeys it there (law 5).
"""

import enum
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from comity.base.limits import PACT_ROW_COUNT_MAX
from comity.exercise.offset import Offset, parse_offset
from comity.pact.offices import Act
from comity.pact.terms import Id, Note, PartyId, Words

__all__ = ["NUMBER_PATTERN", "Cell", "CellKind", "Condition", "Inject", "Method", "Msel", "Objective", "Task"]

_Rows = Meta(max_length=256)
_Ids = Annotated[tuple[Id, ...], Meta(max_length=64)]
Played = Annotated[str, Meta(pattern=r"[^;\s](?:[^;\n]{0,118}[^;\s])?")]
NUMBER_PATTERN: Final = r"[0-9]{1,4}(\.[0-9]{1,3}){0,2}[a-z]?"
Number = Annotated[str, Meta(pattern=NUMBER_PATTERN)]
"""What controllers call an inject: `7`, `7.2`, `12b`."""


class CellKind(enum.Enum):
    """What a cell plays, by the usual colours."""

    WHITE = "white"
    """Control: who runs the exercise."""
    RED = "red"
    """The adversary."""
    GREEN = "green"
    """Whoever else does not take part: absent parties, press, public, firms."""


class Condition(enum.Enum):
    """When an inject comes that follows another."""

    ALWAYS = "always"
    MET = "met"
    """What the other one expects was found in time."""
    MISSED = "missed"
    """It was not: a contingency."""
    CHOSEN = "chosen"
    """Control says so: one of several branches."""


class Method(enum.Enum):
    """By which door it comes; each is one through which life comes too."""

    TRACK = "track"
    """A report into the warning feed."""
    STIX = "stix"
    """A bundle through TAXII."""
    CAP = "cap"
    """A public alert of another system."""
    HOTLINE = "hotline"
    REPORT = "report"
    """A threat report."""
    ITEM = "item"
    """An item of intelligence."""
    LINK = "link"
    """A link fails, or is there again."""
    VOICE = "voice"
    """By a person: telephone, a note handed over, a broadcast that is read out."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A critical task: without it the objective is not reached."""

    id: Id
    title: Words


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """What the exercise is to show."""

    id: Id
    title: Words
    text: Note = ""
    domains: _Ids = ()
    tasks: Annotated[tuple[Task, ...], _Rows] = msgspec.field(name="task", default=())


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """Role players: who speaks in injects."""

    id: Id
    kind: CellKind
    title: Words
    plays: Annotated[tuple[Played, ...], _Rows] = ()
    """Whom: parties that do not take part, by their short names, and others in words."""


class Inject(msgspec.Struct, frozen=True, kw_only=True):
    """One event given to players."""

    number: Number
    at: Offset
    """Since the start of the exercise; where it follows another, since that one came."""
    after: Number | None = None
    only_if: Condition = Condition.ALWAYS
    from_: Id = msgspec.field(name="from")
    to: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=64)]
    method: Method
    text: Words
    expected: Words | None = None
    """The action that is expected, in words."""
    act: Act | None = None
    """The act by which the journal tells that it came."""
    by: Annotated[tuple[PartyId, ...], Meta(max_length=64)] = ()
    within: Offset | None = None
    """How long it may take."""
    objectives: _Ids = msgspec.field(name="objective", default=())
    domain: Id | None = None
    remarks: Note = ""

    @property
    def at_ms(self) -> int:
        """When it comes, in milliseconds since the start or since the one before."""
        return parse_offset(self.at)


class Msel(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A list of injects, in the order in which they are numbered."""

    id: Id
    title: Words
    text: Note = ""
    objectives: Annotated[tuple[Objective, ...], _Rows] = msgspec.field(name="objective", default=())
    cells: Annotated[tuple[Cell, ...], _Rows] = msgspec.field(name="cell", default=())
    injects: Annotated[tuple[Inject, ...], Meta(min_length=1, max_length=PACT_ROW_COUNT_MAX)] = msgspec.field(
        name="inject"
    )

    @cached_property
    def by_number(self) -> Mapping[str, Inject]:
        """Injects by what they are called."""
        return {inject.number: inject for inject in self.injects}

    def find_earliest(self) -> Mapping[str, int]:
        """Return when each inject comes at the earliest, in ms since the start; of a list that was checked."""
        found: dict[str, int] = {}
        for inject in self.injects:
            chain = [inject]
            while chain[-1].after is not None and chain[-1].after not in found:
                chain.append(self.by_number[chain[-1].after])
            for one in reversed(chain):
                found[one.number] = one.at_ms + (found[one.after] if one.after is not None else 0)
        return found
