"""Early warning at a node's desk: what is watched, the values given, and a report drafted where one crosses."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from comity.api.desk import Desk
from comity.api.form import simplify
from comity.api.readings import judge_reports_owed, list_readings
from comity.api.shape import Parties
from comity.api.terms import say_term_in
from comity.api.views.exchange import History, IndicatorRow, ReadingGiven, ThreatDraft, ValueRowShown, ValuesReported
from comity.api.words import LANGUAGES, say_in
from comity.base.errors import UsageError
from comity.base.instants import format_dtg
from comity.base.names import Digest
from comity.exchange.indicator_table import ValueRow, parse_number, parse_values
from comity.machine.machine import Machine
from comity.pact.indicator import Indicator
from comity.pact.model import Pact
from comity.pact.release import find_level
from comity.procedure.entry import MarkedText, Marking, Translation
from comity.procedure.indicator import (
    Grade,
    IndicatorReported,
    Reading,
    find_grade,
)
from comity.procedure.threat import (
    Credibility,
    Reliability,
    SourceKind,
    ThreatKind,
    ThreatReported,
    ThreatSource,
)

__all__ = ["Reporting", "draft_threat", "list_indicators", "report_values", "show_history"]

STATEMENT_COUNT_MAX = 200
"""Values stated on one page; a file may hold more."""


class Reporting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values to report, as a table. `level` and `caveats` narrow what the pact's row says of the marking."""

    to: Parties
    table: Annotated[str, msgspec.Meta(max_length=1_048_576)]
    level: Annotated[str, msgspec.Meta(max_length=48)] = ""
    caveats: Annotated[tuple[str, ...], msgspec.Meta(max_length=16)] = ()
    preview: bool = False


def list_indicators(desk: Desk) -> list[IndicatorRow]:
    """Return every indicator of the pact in force: its thresholds, the last value of each party, who owes a report."""
    machine = desk.node.machine
    readings, owed = list_readings(machine), judge_reports_owed(machine, desk.node.now())
    rows: list[IndicatorRow] = []
    for row in machine.pact.indicators:
        last = {one.party: one for one in readings if one.indicator == row.id}
        rows.append(
            {
                "id": row.id,
                "title": simplify(row.title),
                "unit": row.unit,
                "direction": row.direction.value,
                "watch_at": row.watch_at,
                "warning_at": row.warning_at,
                "commitment": row.commitment,
                "last": [_show(one) for _, one in sorted(last.items())],
                "overdue": [duty.party for duty in owed if duty.policy == row.id and duty.verdict.value == "overdue"],
            }
        )
    return rows


def show_history(desk: Desk, indicator: str) -> History:
    """Return every value of one indicator that stands here, own and given, and the duties to report it.

    Raises:
        UsageError: `indicator.unknown`.
    """
    machine = desk.node.machine
    row = _get_row(machine.pact, indicator)
    readings = [_show(one) for one in list_readings(machine) if one.indicator == row.id]
    owed = [simplify(duty) for duty in judge_reports_owed(machine, desk.node.now()) if duty.policy == row.id]
    return {"indicator": simplify(row), "readings": readings, "duties": owed}


async def report_values(desk: Desk, reporting: Reporting) -> ValuesReported:
    """State the values of a table that this party has not stated yet; or only preview them, each with its grade.

    Raises:
        UsageError: `indicator.table-malformed`, `indicator.unknown`, `indicator.not-asked`, as `Node.say`.
    """
    machine = desk.node.machine
    known = {
        (one.indicator, one.observed_at, one.value)
        for one in list_readings(machine)
        if one.party == machine.party and set(reporting.to) | {machine.party} == set(one.stated.audience)
    }
    new = [row for row in parse_values(reporting.table.encode()) if _key(row) not in known]
    new = list({_key(row): row for row in new}.values())
    entries = [_make_entry(machine, row, reporting) for row in new]
    shown: list[ValueRowShown] = [
        {"indicator": row.indicator, "observed_at": row.observed_at, "value": row.value, "grade": grade}
        for row, grade in zip(new, _grade(machine, new), strict=True)
    ]
    if reporting.preview:
        return {"values": shown, "ids": []}
    audience = tuple(sorted({*reporting.to, machine.party}))
    ids: list[Digest] = []
    for first in range(0, len(entries), STATEMENT_COUNT_MAX):
        ids += await desk.node.say(audience, tuple(entries[first : first + STATEMENT_COUNT_MAX]))
    return {"values": shown, "ids": [id_.hex() for id_ in ids]}


def draft_threat(desk: Desk, indicator: str) -> ThreatDraft:
    """Return the form of a threat report that an officer may send: this party's own values since it last was normal.

    Raises:
        UsageError: `indicator.unknown`, `indicator.not-crossed`.
    """
    machine = desk.node.machine
    row = _get_row(machine.pact, indicator)
    own = [one for one in list_readings(machine) if (one.indicator, one.party) == (row.id, machine.party)]
    crossed = _find_crossed(own)
    if not crossed:
        raise UsageError("indicator.not-crossed", indicator=row.id)
    markings = [one.stated.entry.note.marking for one in crossed if isinstance(one.stated.entry, IndicatorReported)]
    source = ThreatSource(SourceKind.OWN_REPORTING, Reliability.F, Credibility.NOT_JUDGED)
    text = tuple(Translation(language, _say_draft(row, crossed, language)) for language in LANGUAGES)
    marked = MarkedText(_narrow(markings, machine.pact), text)
    threat = ThreatReported(ThreatKind.ECONOMIC_PRESSURE, crossed[0].observed_at, (), (source,), marked)
    return {"draft": simplify(threat), "evidence": [_show(one) for one in crossed]}


def _find_crossed(own: Sequence[Reading]) -> list[Reading]:
    """Return the last values in a row that are not normal, earliest first."""
    crossed: list[Reading] = []
    for reading in own:
        crossed = [*crossed, reading] if reading.grade in (Grade.WATCH, Grade.WARNING) else []
    return crossed


def _say_draft(row: Indicator, crossed: Sequence[Reading], language: str) -> str:
    worst = Grade.WARNING if any(one.grade is Grade.WARNING for one in crossed) else Grade.WATCH
    threshold = row.warning_at if worst is Grade.WARNING else row.watch_at
    head = say_in(language, "{title}: {grade} threshold of {threshold} {unit} crossed [{clause}]").format(
        title=row.title.in_language(language),
        grade=say_term_in(worst, language),
        threshold=threshold,
        unit=row.unit,
        clause=row.id,
    )
    lines = [f"{format_dtg(one.observed_at)}  {one.value} {row.unit}" for one in crossed[-50:]]
    return "\n".join([head, *lines])


def _make_entry(machine: Machine, row: ValueRow, reporting: Reporting) -> IndicatorReported:
    indicator = _get_row(machine.pact, row.indicator)
    party = machine.party
    own = [level for level in indicator.levels if _get_party(machine.pact, level) == party]
    if not own and not reporting.level:
        raise UsageError("indicator.not-asked", indicator=indicator.id)
    levels = [*own, *([reporting.level] if reporting.level else [])]
    caveats = tuple(sorted({*indicator.caveats, *reporting.caveats}))
    marking = Marking(party, party, _find_highest(levels, machine.pact), (indicator.topic,), caveats)
    value = parse_number(row.value)
    assert value == row.value, "a table gives numbers in their one form"
    note = row.note or f"{indicator.title.en}: {value} {indicator.unit}"
    return IndicatorReported(indicator.id, row.observed_at, value, MarkedText(marking, (Translation("en", note),)))


def _narrow(markings: Sequence[Marking], pact: Pact) -> Marking:
    """Return one marking as narrow as all of these, which are this party's own."""
    highest = _find_highest([marking.level for marking in markings], pact)
    first = markings[0]
    topics = tuple(sorted({topic for marking in markings for topic in marking.topics}))
    caveats = tuple(sorted({caveat for marking in markings for caveat in marking.caveats}))
    return Marking(first.originator, first.scheme, highest, topics, caveats)


def _find_highest(levels: Sequence[str], pact: Pact) -> str:
    """Return the level of the highest rank; one that the pact does not have is left for the funnel to refuse."""

    def rank(level: str) -> int:
        found = find_level(pact, level)
        return 1_000_000 if found is None else found[1].rank

    return max(levels, key=rank)


def _grade(machine: Machine, rows: Sequence[ValueRow]) -> list[str]:
    return [find_grade(_get_row(machine.pact, row.indicator), row.value).value for row in rows]


def _get_row(pact: Pact, indicator: str) -> Indicator:
    for row in pact.indicators:
        if row.id == indicator:
            return row
    raise UsageError("indicator.unknown", indicator=indicator[:80])


def _get_party(pact: Pact, level: str) -> str:
    found = find_level(pact, level)
    assert found is not None, "a parsed pact has every level that it names"
    return found[0]


def _key(row: ValueRow) -> tuple[str, int, str]:
    return row.indicator, row.observed_at, row.value


def _show(reading: Reading) -> ReadingGiven:
    return {
        "id": reading.stated.id.hex(),
        "indicator": reading.indicator,
        "party": reading.party,
        "observed_at": reading.observed_at,
        "value": reading.value,
        "grade": reading.grade.value,
        "is_asked": reading.by_policy,
        "audience": list(reading.stated.audience),
        "marking": simplify(reading.stated.entry.note.marking)
        if isinstance(reading.stated.entry, IndicatorReported)
        else None,
    }
