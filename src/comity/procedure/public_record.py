"""Sourced facts from outside about what was done under a pact, and what was searched until when.

Rules
- A fact is of one kind; whether it is evidence for a commitment depends on that kind (`account`), not on the fact.
- Absence is never a fact. `searched_until` says how far the search went, and a `search` names what was looked for.
- A date known only to a month or season spans it whole, and says so.
- Bounded and refused as a pact file is: any bytes give a record or findings with lines and codes.
"""

import datetime as dt
import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.base.errors import UsageError
from comity.base.instants import parse_instant
from comity.base.limits import PACT_ROW_COUNT_MAX
from comity.pact.commitment import EvidenceKind
from comity.pact.document import read_document
from comity.pact.findings import Finding, Findings, RecordRefused
from comity.pact.model import Pact
from comity.pact.terms import Confidence, Id, Note, Refs, Source, Text

__all__ = ["Fact", "Precision", "Prompt", "PublicRecord", "Search", "check_public_record", "parse_public_record"]

_ROWS = Meta(max_length=PACT_ROW_COUNT_MAX)
_Ids = Annotated[tuple[Id, ...], Meta(max_length=64)]


class Precision(enum.Enum):
    """How exactly the day is known."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that public sources report. Days are local; `until` is the last day, where there are several."""

    id: Id
    since: dt.date
    until: dt.date | None = None
    precision: Precision = Precision.DAY
    title: Text
    kind: EvidenceKind
    bodies: _Ids
    commitments: _Ids
    note: Note = ""
    sources: Refs
    confidence: Confidence

    @property
    def last_day(self) -> dt.date:
        """The day by which it had happened."""
        return self.until or self.since


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked for by name, over which days, and not found."""

    id: Id
    commitments: Refs
    since: dt.date
    until: dt.date
    text: Text


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a use of the commitment answered. `at` are date-times UTC, `exact` if the minute is known."""

    id: Id
    at: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=16)]
    exact: bool
    title: Text
    answered_by: Id
    level: Id
    note: Note = ""
    sources: Refs
    confidence: Confidence


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """Of which pact, and how far the search went."""

    format: Annotated[int, Meta(ge=1, le=1)]
    pact: Id
    searched_until: dt.date
    about: Text


class PublicRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All facts, searches and prompts of one pact."""

    record: Searched
    sources: Annotated[tuple[Source, ...], _ROWS] = msgspec.field(name="source")
    facts: Annotated[tuple[Fact, ...], _ROWS] = msgspec.field(name="fact", default=())
    searches: Annotated[tuple[Search, ...], _ROWS] = msgspec.field(name="search", default=())
    prompts: Annotated[tuple[Prompt, ...], _ROWS] = msgspec.field(name="prompt", default=())

    def list_sources(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Return the texts of these sources, in their order."""
        texts = {source.id: source.text for source in self.sources}
        return tuple(texts[id_] for id_ in ids)


def parse_public_record(raw: bytes, pact: Pact) -> PublicRecord:
    """Read the public record of `pact`.

    Raises:
        RecordRefused: with every finding, each with line, fact and code.
    """
    record, found = _read(raw, pact)
    if record is None or found:
        raise RecordRefused(found)
    return record


def check_public_record(raw: bytes, pact: Pact) -> tuple[Finding, ...]:
    """Return every finding in the order of the file."""
    return _read(raw, pact)[1]


def _read(raw: bytes, pact: Pact) -> tuple[PublicRecord | None, tuple[Finding, ...]]:
    record, findings = read_document(raw, PublicRecord)
    if record is None:
        return None, findings.list()
    if record.record.pact != pact.identity.id:
        findings.add(("record", "pact"), "record.other-pact", found=record.record.pact, wanted=pact.identity.id)
    _check_ids(record, findings)
    _check_references(record, pact, findings)
    _check_dates(record, findings)
    return record, findings.list()


def _check_ids(record: PublicRecord, findings: Findings) -> None:
    """Sources have a name space of their own; facts, searches and prompts share one."""
    sources = [("source", index, row.id) for index, row in enumerate(record.sources)]
    rows = [
        *(("fact", index, row.id) for index, row in enumerate(record.facts)),
        *(("search", index, row.id) for index, row in enumerate(record.searches)),
        *(("prompt", index, row.id) for index, row in enumerate(record.prompts)),
    ]
    for names in (sources, rows):
        lines: dict[str, int] = {}
        for table, index, id_ in names:
            place = (table, index, "id")
            if id_ in lines:
                findings.add(place, "pact.id-duplicate", id=id_, line=lines[id_])
            lines.setdefault(id_, findings.find_line(place))


def _check_references(record: PublicRecord, pact: Pact, findings: Findings) -> None:
    commitments = {row.id for row in pact.commitments}
    bodies = {row.id for row in pact.bodies}
    sources = {row.id for row in record.sources}
    facts = {row.id for row in record.facts}
    references = [
        *(
            (("fact", n, "commitments"), "commitment", row.commitments, commitments)
            for n, row in enumerate(record.facts)
        ),
        *((("fact", n, "bodies"), "body", row.bodies, bodies) for n, row in enumerate(record.facts)),
        *((("fact", n, "sources"), "source", row.sources, sources) for n, row in enumerate(record.facts)),
        *(
            (("search", n, "commitments"), "commitment", row.commitments, commitments)
            for n, row in enumerate(record.searches)
        ),
        *((("prompt", n, "sources"), "source", row.sources, sources) for n, row in enumerate(record.prompts)),
        *((("prompt", n, "answered_by"), "fact", (row.answered_by,), facts) for n, row in enumerate(record.prompts)),
        *((("prompt", n, "level"), "body", (row.level,), bodies) for n, row in enumerate(record.prompts)),
    ]
    for path, what, ids, known in references:
        for id_ in ids:
            if id_ not in known:
                findings.add(path, "pact.reference", what=what, id=id_)


def _check_dates(record: PublicRecord, findings: Findings) -> None:
    horizon = record.record.searched_until
    for index, fact in enumerate(record.facts):
        if fact.last_day < fact.since:
            findings.add(("fact", index, "until"), "record.dates", id=fact.id, why="it ends before it begins")
        if fact.last_day > horizon:
            findings.add(("fact", index, "since"), "record.dates", id=fact.id, why="it is later than the search")
        if fact.precision is not Precision.DAY and fact.until is None:
            findings.add(("fact", index), "record.dates", id=fact.id, why="what is not known to the day spans two days")
    for index, search in enumerate(record.searches):
        if not search.since <= search.until <= horizon:
            why = "it does not lie within the search as a whole"
            findings.add(("search", index), "record.dates", id=search.id, why=why)
    for index, prompt in enumerate(record.prompts):
        for number, text in enumerate(prompt.at):
            try:
                parse_instant(text)
            except UsageError:
                findings.add(
                    ("prompt", index, "at", number), "record.dates", id=prompt.id, why="not a date-time in UTC"
                )
