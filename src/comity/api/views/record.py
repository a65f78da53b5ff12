"""Statements and the timeline, as the API shows them."""

from typing import Annotated, Any, TypedDict

from comity.api.views.basic import At, Clause, Code, EntryForm, Hex, Id, Party, one_of
from comity.journal.header import Feed
from comity.procedure.officer import Footing
from comity.procedure.reading import ReaderKind
from comity.procedure.stated import Standing

__all__ = [
    "AwaitingOfficer",
    "DisclosedStatement",
    "Disclosure",
    "NumberedRow",
    "ReadingShown",
    "Readings",
    "Row",
    "Saying",
    "Spillage",
    "StatementShown",
    "StatementStub",
    "Threat",
]


ScopeShown = tuple[str, Hex, list[Party]]
"""The object that a statement opens or belongs to: its kind, its id and its audience; an empty kind: none."""


class StatementStub(TypedDict):
    """What the journal says of a statement."""

    id: Id
    author: Party
    audience: list[Party]
    written_at: At
    journal: Id
    page: int
    index: int
    standing: Annotated[str, one_of(Standing)]


class StatementShown(StatementStub):
    """A statement: who, to whom, when, where in which journal, how it stands, and what it says."""

    entry: EntryForm


class Threat(StatementShown):
    """A threat as its party reported it."""

    is_withdrawn: bool


class CapacityShown(TypedDict):
    """In which capacity an officer acted."""

    officer: str
    role: str
    footing: Annotated[str, one_of(Footing)]
    stands_for: list[str]


class Row(TypedDict):
    """One statement as it stands now, for a person to read: a code to be worded, and its arguments.

    `first`: of what was corrected, how the fields that read otherwise now were stated at first.
    """

    at: At
    party: Party
    code: Code
    arguments: dict[str, Any]
    id: Id
    scope: ScopeShown
    standing: Annotated[str, one_of(Standing)]
    corrected_by: Id | None
    withdrawn_by: Id | None
    first: dict[str, Any]
    acted_by: list[CapacityShown]


class NumberedRow(Row):
    """A row of the timeline, and its number as shown now."""

    number: int


class DisclosedStatement(TypedDict):
    """Where a disclosed statement stands: by its author's clock."""

    author: Party
    audience: list[Party]
    written_at: At
    feed: Annotated[str, one_of(Feed)]
    incarnation: int
    page: int
    index: int
    pact: Id


class Saying(TypedDict):
    """What a statement says, as a code to be worded and its arguments."""

    party: Party
    code: Code
    arguments: dict[str, Any]


class Disclosure(TypedDict):
    """An earlier statement that was disclosed; `fault` says why that proves nothing, where it does not."""

    disclosed: StatementStub
    stated: DisclosedStatement | None
    entry: dict[str, Any] | None
    says: Saying | None
    is_proved: bool
    fault: Code


class Spillage(TypedDict):
    """What was lost or compromised or may be, and what came of it."""

    id: Id
    report: StatementShown
    concluded: StatementShown | None


class ReadingShown(TypedDict):
    """One reading of a secret."""

    id: Id
    item: Id
    portion: list[int]
    kind: Annotated[str, one_of(ReaderKind)]
    reader: str
    role: str
    read_at: At


class Readings(TypedDict):
    """Readings, the latest first, and how many there are in all."""

    reads: list[ReadingShown]
    read_count: int


class EntrySaid(TypedDict):
    """One statement of an act that waits."""

    type: str
    says: EntryForm


class AwaitingOfficer(TypedDict):
    """An act that waits for a second officer, as it will be stated."""

    digest: Id
    act: str
    clause: Clause
    officers: list[str]
    to: list[Party]
    until_at: At
    entries: list[EntrySaid]
