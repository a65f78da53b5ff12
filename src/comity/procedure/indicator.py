"""Indicators: values that parties report, what they mean by the pact's thresholds, and who owes a report.

Rules (docs/spec/procedure.md, P55 to P58)
- A report is one party's statement of one value. It is marked like any text and corrected like any entry.
- What a value means is a view: it is compared with the thresholds of the version in force, digit by digit. No report
  carries a verdict, and no verdict changes a report.
- A party that the pact names owes a report in each whole interval. Before it accepted the version it owes none.
- Another party's report is never quoted under one's own marking.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.pact.duty import DutyKind
from comity.pact.indicator import DECIMAL_PATTERN, Direction, Indicator, find_scaled
from comity.pact.model import Pact
from comity.procedure.correction import Settled, settle
from comity.procedure.duty import Duty, DutyVerdict
from comity.procedure.entry import Entry, InstantField, MarkedText
from comity.procedure.fields import ClauseField, check_languages
from comity.procedure.genesis import PactAccepted
from comity.procedure.own import own_order
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "Grade",
    "IndicatorReported",
    "IndicatorState",
    "Reading",
    "find_grade",
    "fold_indicator",
    "judge_duties_of_indicators",
    "list_readings",
]


class Grade(enum.StrEnum):
    """What a value means by the pact's thresholds; milder first."""

    NORMAL = "normal"
    WATCH = "watch"
    WARNING = "warning"
    UNKNOWN_INDICATOR = "unknown-indicator"
    """The version in force does not have this indicator."""


class IndicatorReported(Entry, frozen=True):
    """Its author reports that the indicator had this value at `observed_at`; the note says what it rests on."""

    belongs_to: ClassVar[tuple[str, str]] = ("indicator", "")
    indicator: ClauseField
    observed_at: InstantField
    value: Annotated[str, msgspec.Meta(pattern=rf"^{DECIMAL_PATTERN}\Z")]
    note: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.note)


ENTRIES: tuple[type[Entry], ...] = (IndicatorReported,)


@dataclass(frozen=True, slots=True)
class IndicatorState:
    """A report as it stands now, or None while only corrections of it are here."""

    scope: Scope
    reported: Settled | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One value in a history. `by_policy`: its author is one of those whom the pact asks."""

    indicator: str
    party: Party
    observed_at: Instant
    value: str
    grade: Grade
    by_policy: bool
    stated: Stated


def fold_indicator(scope: Scope, statements: Iterable[Stated], policy: Policy) -> IndicatorState:
    """Fold one report with its author's corrections."""
    del policy
    return IndicatorState(scope, next((row for row in settle(statements) if row.stated.id == scope.ref), None))


def find_grade(row: Indicator, value: str) -> Grade:
    """Return what a value means; at a threshold it is crossed."""
    sign = 1 if row.direction is Direction.ABOVE else -1
    scaled = sign * find_scaled(value)
    if scaled >= sign * find_scaled(row.warning_at):
        return Grade.WARNING
    return Grade.WATCH if scaled >= sign * find_scaled(row.watch_at) else Grade.NORMAL


def list_readings(states: Iterable[IndicatorState], pact: Pact) -> tuple[Reading, ...]:
    """Return every value that stands, by indicator and party, the latest observed last; what was withdrawn is left out.

    Of one statement made twice to several audiences each is a reading: what one party told two others stays two.
    """
    rows = {row.id: row for row in pact.indicators}
    readings = []
    for state in states:
        settled = state.reported
        if settled is None or settled.withdrawn_by is not None or not settled.stated.counts:
            continue
        entry = settled.stated.entry
        assert isinstance(entry, IndicatorReported)
        row = rows.get(entry.indicator)
        readings.append(
            Reading(
                indicator=entry.indicator,
                party=settled.stated.author,
                observed_at=Instant(entry.observed_at),
                value=entry.value,
                grade=Grade.UNKNOWN_INDICATOR if row is None else find_grade(row, entry.value),
                by_policy=row is not None and settled.stated.author in row.reported_by,
                stated=settled.stated,
            )
        )
    return tuple(sorted(readings, key=_order))


def _order(reading: Reading) -> tuple[object, ...]:
    return reading.indicator, reading.party, reading.observed_at, own_order(reading.stated)


def judge_duties_of_indicators(
    pact: Pact,
    readings: Sequence[Reading],
    accepted: Iterable[Stated],
    *,
    version: Digest,
    as_of: Instant,
) -> tuple[Duty, ...]:
    """Judge who owes a report in the interval that runs and in the one before it (P57); in the file's order.

    `accepted` are the acceptances of `version` that are known: a party owes nothing in an interval that began before
    its own.
    """
    since: dict[Party, Instant] = {}
    for stated in accepted:
        if isinstance(stated.entry, PactAccepted) and stated.entry.pact == version and stated.counts:
            since[stated.author] = min(stated.written_at, since.get(stated.author, stated.written_at))
    duties = []
    for row in pact.indicators:
        running = as_of - as_of % row.every_ms
        for party in row.reported_by:
            given = [one for one in readings if (one.indicator, one.party) == (row.id, party)]
            duties += [
                _judge(row, party, given, begins=begins, version=version, as_of=as_of)
                for begins in (running - row.every_ms, running)
                if party in since and since[party] <= begins
            ]
    return tuple(duties)


def _judge(
    row: Indicator, party: Party, given: Sequence[Reading], *, begins: int, version: Digest, as_of: Instant
) -> Duty:
    due_at = Instant(begins + row.every_ms)
    within = [one.stated for one in given if begins <= one.stated.written_at < due_at]
    met_by = min(within, key=own_order, default=None)
    missing = DutyVerdict.OVERDUE if as_of >= due_at else DutyVerdict.OPEN
    return Duty(
        rule=f"duty.{row.id}",
        kind=DutyKind.INDICATOR_REPORT,
        party=party,
        subject=version,
        due_at=due_at,
        verdict=missing if met_by is None else DutyVerdict.MET,
        met_by=None if met_by is None else met_by.id,
        is_late=False,
        excuse=None,
        clause=row.commitment,
        policy=row.id,
    )
