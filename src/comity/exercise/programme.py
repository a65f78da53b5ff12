"""A programme of exercises over several years: what is to be trained when, by whom, and where gaps are (E51, E52).

Pure: the file's bytes and the day as of which it is judged go in. What is held was sourced by whoever wrote the file.
"""

import datetime as dt
import enum
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from comity.exercise.msel import Objective
from comity.pact.document import read_document
from comity.pact.findings import FileRefused, Finding, Findings
from comity.pact.model import Pact
from comity.pact.terms import Id, Note, PartyId, Source, Words

__all__ = ["Gap", "GapKind", "Programme", "ProgrammeRefused", "Row", "RowState", "find_gaps", "parse_programme"]

_CODE: Final = "programme.row"
_Rows = Meta(max_length=256)
_Ids = Annotated[tuple[Id, ...], Meta(max_length=64)]
Year = Annotated[int, Meta(ge=1950, le=2199)]


class RowState(enum.Enum):
    """Whether an exercise is still to come."""

    PLANNED = "planned"
    HELD = "held"
    CALLED_OFF = "called-off"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise. `retest` are objectives that its corrective actions want tested again."""

    id: Id
    title: Words
    state: RowState
    begins: dt.date
    ends: dt.date
    host: PartyId | None = None
    parties: Annotated[tuple[PartyId, ...], Meta(min_length=1, max_length=256)]
    domains: _Ids
    objectives: _Ids = msgspec.field(name="objective", default=())
    retest: _Ids = ()
    place: Note = ""
    remarks: Note = ""
    sources: _Ids = ()


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """All years of it. Hosts follow each other in the order of `hosts`."""

    id: Id
    title: Words
    first_year: Year
    last_year: Year
    domains: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=64)]
    hosts: Annotated[tuple[PartyId, ...], Meta(max_length=256)] = ()
    objectives: Annotated[tuple[Objective, ...], _Rows] = msgspec.field(name="objective", default=())
    rows: Annotated[tuple[Row, ...], _Rows] = msgspec.field(name="exercise", default=())
    sources: Annotated[tuple[Source, ...], _Rows] = msgspec.field(name="source", default=())


class ProgrammeRefused(FileRefused):
    """The file can't be taken as a programme."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("programme.refused", findings)


class GapKind(enum.StrEnum):
    """What is missing in a programme."""

    YEAR = "year-without"
    OVERDUE = "not-held"
    DOMAIN = "domain-never"
    DOMAIN_OF_PARTY = "domain-without-party"
    OBJECTIVE = "objective-never"
    HOST = "never-host"
    HOST_OUT_OF_TURN = "host-out-of-turn"
    HOST_UNKNOWN = "host-unknown"
    RETEST = "not-tested-again"


class Gap(NamedTuple):
    """One gap: of which kind, about what (a year, a domain, an exercise), and of which party or objective, if any."""

    kind: GapKind
    about: str
    of: str = ""


def parse_programme(raw: bytes, pact: Pact) -> Programme:
    """Read a programme of exercises under a pact.

    Raises:
        ProgrammeRefused: with every finding, each with line, row and code.
    """
    programme, findings = read_document(raw, Programme)
    if programme is not None:
        _check(programme, pact, findings)
    if programme is None or findings.list():
        raise ProgrammeRefused(findings.list())
    return programme


def _check(programme: Programme, pact: Pact, findings: Findings) -> None:
    parties, domains, sources = set(pact.audience), set(programme.domains), {row.id for row in programme.sources}
    objectives, seen = {row.id for row in programme.objectives}, set[str]()
    if not set(programme.hosts) <= parties:
        findings.add(("hosts",), _CODE, why="this is no party of the pact")
    if programme.last_year < programme.first_year:
        findings.add(("last_year",), _CODE, why="the last year lies before the first")
    for index, row in enumerate(programme.rows):
        at = ("exercise", index)
        if row.id in seen:
            findings.add((*at, "id"), _CODE, why="an id stands twice")
        seen.add(row.id)
        if not {*row.parties, *([row.host] if row.host else [])} <= parties:
            findings.add((*at, "parties"), _CODE, why="this is no party of the pact")
        if not set(row.domains) <= domains:
            findings.add((*at, "domains"), _CODE, why="this domain is not one of the programme")
        if not {*row.objectives, *row.retest} <= objectives:
            findings.add((*at, "objective"), _CODE, why="there is no objective of this name")
        if not set(row.sources) <= sources:
            findings.add((*at, "sources"), _CODE, why="there is no source of this name")
        if not programme.first_year <= row.begins.year <= programme.last_year or row.ends < row.begins:
            findings.add((*at, "begins"), _CODE, why="its days lie outside the years, or end before they begin")


def find_gaps(programme: Programme, as_of: dt.date) -> tuple[Gap, ...]:
    """Return what is missing in a programme as of a day; what was called off trains nobody."""
    rows = sorted((row for row in programme.rows if row.state is not RowState.CALLED_OFF), key=lambda row: row.begins)
    return (*_find_empty(programme, rows, as_of), *_find_untrained(programme, rows), *_find_hosts(programme, rows),
            *_find_untested(rows))  # fmt: skip


def _find_empty(programme: Programme, rows: Sequence[Row], as_of: dt.date) -> Iterator[Gap]:
    held = {row.begins.year for row in rows}
    for year in range(programme.first_year, programme.last_year + 1):
        if year not in held:
            yield Gap(GapKind.YEAR, str(year))
    yield from (Gap(GapKind.OVERDUE, row.id) for row in rows if row.state is RowState.PLANNED and row.ends < as_of)


def _find_untrained(programme: Programme, rows: Sequence[Row]) -> Iterator[Gap]:
    parties = sorted({party for row in rows for party in row.parties} | set(programme.hosts))
    for domain in programme.domains:
        trained = {party for row in rows if domain in row.domains for party in row.parties}
        if not trained:
            yield Gap(GapKind.DOMAIN, domain)
            continue
        yield from (Gap(GapKind.DOMAIN_OF_PARTY, domain, party) for party in parties if party not in trained)
    served = {id_ for row in rows for id_ in row.objectives}
    yield from (Gap(GapKind.OBJECTIVE, row.id) for row in programme.objectives if row.id not in served)


def _find_hosts(programme: Programme, rows: Sequence[Row]) -> Iterator[Gap]:
    hosts = programme.hosts
    if not hosts:
        return
    last: str | None = None
    for row in rows:
        if row.host is None:
            yield Gap(GapKind.HOST_UNKNOWN, row.id)
            continue
        if last in hosts and row.host != hosts[(hosts.index(last) + 1) % len(hosts)]:
            yield Gap(GapKind.HOST_OUT_OF_TURN, row.id, row.host)
        last = row.host
    yield from (Gap(GapKind.HOST, party) for party in hosts if party not in {row.host for row in rows})


def _find_untested(rows: Sequence[Row]) -> Iterator[Gap]:
    for index, row in enumerate(rows):
        later = {id_ for other in rows[index + 1 :] for id_ in other.objectives}
        yield from (Gap(GapKind.RETEST, row.id, id_) for id_ in row.retest if id_ not in later)
