"""Other systems, public warnings and indicators, as the API shows them."""

from typing import Annotated, Any, NotRequired, TypedDict

from comity.api.views.basic import At, Clause, Code, Decided, EntryForm, Id, MarkingShown, Party, one_of
from comity.api.views.floor import DutyShown
from comity.api.views.record import CapacityShown
from comity.exchange.consumer import Format
from comity.pact.indicator import Direction
from comity.procedure.indicator import Grade

__all__ = [
    "AddedConsumer",
    "AlertBody",
    "AlertShown",
    "AlertTaken",
    "CameInShown",
    "ConsumerShown",
    "DepositTaken",
    "DroppedIn",
    "DroppedOut",
    "FaultShown",
    "History",
    "ImportShown",
    "ImportedItem",
    "IndicatorRow",
    "Named",
    "PartRead",
    "ReadingGiven",
    "TakenBundle",
    "ThreatDraft",
    "ValueRowShown",
    "ValuesReported",
]


class AddingShown(TypedDict):
    """What becomes of what a consumer puts in."""

    to: list[Party]
    topics: list[str]
    level: str
    caveats: list[str]


class MeaningShown(TypedDict):
    """What a word of a marking means, by a level of the own scheme."""

    word: str
    level: str


class ReportingShown(TypedDict):
    """What becomes of the tracks that a consumer reports; the numbers are standard deviations of what says none."""

    classes: list[Clause]
    ce_m: float | None
    le_m: float | None
    speed_m_s: float | None
    levels: list[MeaningShown]


class ConsumerShown(TypedDict):
    """A system that may poll this node."""

    name: str
    party: Party
    formats: list[Annotated[str, one_of(Format)]]
    added_at: At
    level: str
    topics: list[str]
    adding: AddingShown | None
    reporting: ReportingShown | None


class AddedConsumer(ConsumerShown):
    """The same, with its token, which is shown this once."""

    token: str


class Named(TypedDict):
    """What was taken away, by its name."""

    name: str


class ImportedItem(TypedDict):
    """One item that an import came to; in a preview `item` is empty. `awaits`: the act that it waits for, if any.

    `code` says why it was not stored, where it was not; `is_known`: it stood here already. `supersedes` are the items
    whose place it takes.
    """

    item: str
    awaits: str
    code: Code
    is_known: bool
    supersedes: list[Id]
    marking: MarkingShown
    object_count: int
    to: list[Party]
    decisions: Decided


class CameInShown(TypedDict):
    """An item that came in by an import: by which format, when it was given, to whom, under which marking, by whom.

    `awaits`: the act that waits for a second officer, while it is not given; then `at` is until when it may wait.
    """

    item: Id
    format: str
    object_count: int
    at: At
    to: list[Party]
    marking: MarkingShown
    acted_by: list[CapacityShown]
    awaits: str


class RefusedObject(TypedDict):
    """An object that was not imported, and why."""

    index: int
    id: str
    code: Code


class ImportShown(TypedDict):
    """What became of every object of a file."""

    items: list[ImportedItem]
    object_count: int
    given_count: int
    known_count: int
    failed_count: int
    refused: list[RefusedObject]


class FaultShown(TypedDict):
    """What does not fit the pact in force: in which file, on which line (0: no file of lines), which row, and why."""

    file: str
    line: int
    row: str
    code: Code
    why: str


class DepositTaken(ImportShown):
    """What became of a deposit that an officer took."""

    deposit: str


class AlertBody(TypedDict):
    """What a list says of a public warning."""

    sender: str
    identifier: str
    sent: str
    status: str
    message_type: str
    scope: str
    restriction: str
    references: str
    version: str
    is_signed: bool
    is_verified: bool
    languages: list[str]
    headlines: list[str]


class AlertShown(AlertBody):
    """A public warning that a party may have; `kind` says what it was made of, `item`: it came as it is."""

    id: Id
    kind: str


class AlertTaken(TypedDict):
    """An alert that was taken in as an item, or only previewed. `is_known`: it stood here already."""

    alert: AlertBody
    marking: MarkingShown
    is_known: bool
    supersedes: list[Id]
    decided: NotRequired[Decided]
    item: NotRequired[Id]


class ReadingGiven(TypedDict):
    """A value that a party gave of an indicator."""

    id: Id
    indicator: Clause
    party: Party
    observed_at: At
    value: str
    grade: Annotated[str, one_of(Grade)]
    is_asked: bool
    audience: list[Party]
    marking: MarkingShown | None


class Wording(TypedDict):
    """Words in three languages."""

    en: str
    ja: str
    ko: str


class IndicatorRow(TypedDict):
    """What is watched, the last value of each party, and who owes a report."""

    id: Clause
    title: Wording
    unit: str
    direction: Annotated[str, one_of(Direction)]
    watch_at: str
    warning_at: str
    commitment: Clause
    last: list[ReadingGiven]
    overdue: list[Party]


class History(TypedDict):
    """One indicator as the pact has it, with every value that stands here and the duties to report it."""

    indicator: dict[str, Any]
    readings: list[ReadingGiven]
    duties: list[DutyShown]


class ThreatDraft(TypedDict):
    """A threat report that an officer may send, and the values that it rests on."""

    draft: EntryForm
    evidence: list[ReadingGiven]


class ValueRowShown(TypedDict):
    """A value of a table, with its grade."""

    indicator: Clause
    observed_at: At
    value: str
    grade: Annotated[str, one_of(Grade)]


class ValuesReported(TypedDict):
    """The values of a table that were new, and the ids under which they were stated; none in a preview."""

    values: list[ValueRowShown]
    ids: list[Id]


class TakenBundle(TypedDict):
    """What came of a bundle."""

    page_count: int
    new_count: int
    unknown_count: int


class DroppedOut(TypedDict):
    """That a part is noted as written."""

    number: int


class PartRead(TypedDict):
    """A part of a file drop: whose, which one, and the version that wrote it."""

    author: Party
    number: int
    version: str


class DroppedIn(PartRead):
    """What came of a part of a file drop, and which parts before it are missing; `is_signed` by its author's node."""

    is_signed: bool
    is_known: bool
    is_waiting: bool
    page_count: int
    new_count: int
    blob_count: int
    missing: list[int]
