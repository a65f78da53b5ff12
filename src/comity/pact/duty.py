"""Commitments and clocks, compiled to duty rules: who owes what, by when, by which clause.

A rule says what is owed; whether it was *met, open, overdue or excused* is judged over the signed record elsewhere
(`procedure`), and what happened outside is judged only as evidence found or not. `unspecified` stays so: a commitment
without a cadence compiles to a rule without any instant, never to a guessed clock.
"""

import datetime as dt
import enum
import functools
from collections.abc import Iterator
from typing import Final

import msgspec

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Audience
from comity.pact.commitment import Cadence, Commitment, EvidenceKind
from comity.pact.model import Pact
from comity.pact.policy import YearlyMeans
from comity.pact.signatory import ZoneRules
from comity.pact.zone import year_end_at

__all__ = ["DutyKind", "DutyRule", "DutyTrigger", "compile_duties", "due_instants"]


class DutyKind(enum.Enum):
    """What is owed."""

    ACKNOWLEDGEMENT = "acknowledgement"
    POSITION = "position"
    RECEIPT = "receipt"
    SILENCE_ANSWER = "silence-answer"
    LINE_TEST = "line-test"
    LINE_ANSWER_BY_MACHINE = "line-answer-by-machine"
    LINE_ANSWER_BY_PERSON = "line-answer-by-person"
    EVIDENCE = "evidence"
    SPILLAGE_REPORT = "spillage-report"
    SPILLAGE_RESULT = "spillage-result"
    INDICATOR_REPORT = "indicator-report"
    MEETING = "meeting-held"
    CORRECTIVE_ACTION = "corrective-action"
    """Of an after-action report that its owner adopted; no rule of the pact says it."""


class DutyTrigger(enum.Enum):
    """What starts the clock."""

    CALLED = "called"
    PAGE_STORED = "page-stored"
    TEXT_PROPOSED = "text-proposed"
    LINE_TESTED = "line-tested"
    PERIODIC = "periodic"
    YEARLY = "yearly"
    ONCE = "once"
    STANDING = "standing"
    UNSPECIFIED = "unspecified"
    SPILLED = "spilled"


class DutyRule(msgspec.Struct, frozen=True, kw_only=True):
    """One thing owed. `within_ms` counts from the trigger; a silence answer is due at the S-time of its text."""

    id: str
    owed_by: Audience
    jointly: bool
    """True = the parties owe it together (a meeting); False = each owes its own."""
    kind: DutyKind
    evidence: tuple[EvidenceKind, ...] = ()
    roles: tuple[str, ...] = ()
    trigger: DutyTrigger
    within_ms: int | None = None
    interval_ms: int | None = None
    year_ends_at: tuple[Instant, ...] = ()
    """For `yearly`: the end of each year owed until `YEAR_MAX`, when it has ended for every party."""
    begins_at: Instant | None = None
    """For a meeting owed: when its first period begins."""
    due_at: Instant | None = None
    """For `once`: the end of the last day promised, or None where no day was."""
    clause: str
    """The clause that is cited."""
    policy: str | None = None
    """The policy clause that supplied the clock, if the pact's own text has none."""


YEAR_MAX: Final = 2199
"""The last year for which yearly duties are laid out."""
_YEAR_MIN: Final = 1971


def compile_duties(pact: Pact) -> tuple[DutyRule, ...]:
    """Return every duty that follows from the pact and its policy, triggered ones first, in the file's order."""
    return (
        *_compile_clocks(pact),
        *_compile_spillage(pact),
        *_compile_lines(pact),
        *(_compile_commitment(pact, row) for row in pact.commitments),
        *_compile_meetings(pact),
    )


def _compile_clocks(pact: Pact) -> Iterator[DutyRule]:
    policy, consultation = pact.policy, pact.consultation
    clock = consultation.clock.within_ms
    own = clock if isinstance(clock, int) else None
    yield DutyRule(
        id="duty.acknowledge",
        owed_by=pact.audience,
        jointly=False,
        kind=DutyKind.ACKNOWLEDGEMENT,
        roles=policy.acknowledge.roles,
        trigger=DutyTrigger.CALLED,
        within_ms=policy.acknowledge.within_ms if own is None else min(own, policy.acknowledge.within_ms),
        clause=consultation.id,
        policy=policy.acknowledge.id,
    )
    yield DutyRule(
        id="duty.position",
        owed_by=pact.audience,
        jointly=False,
        kind=DutyKind.POSITION,
        trigger=DutyTrigger.CALLED,
        within_ms=policy.position.within_ms if own is None else own,
        clause=consultation.id if own is None else consultation.clock.id,
        policy=policy.position.id if own is None else None,
    )
    yield DutyRule(
        id="duty.receipt",
        owed_by=pact.audience,
        jointly=False,
        kind=DutyKind.RECEIPT,
        trigger=DutyTrigger.PAGE_STORED,
        within_ms=policy.receipt.within_ms,
        clause=policy.receipt.id,
        policy=policy.receipt.id,
    )
    yield DutyRule(
        id="duty.silence",
        owed_by=pact.audience,
        jointly=False,
        kind=DutyKind.SILENCE_ANSWER,
        trigger=DutyTrigger.TEXT_PROPOSED,
        clause=policy.silence.id,
        policy=policy.silence.id,
    )


def _compile_spillage(pact: Pact) -> Iterator[DutyRule]:
    clause = pact.policy.spillage
    if clause is None:
        return
    clocks = (
        (DutyKind.SPILLAGE_REPORT, clause.report_within_ms),
        (DutyKind.SPILLAGE_RESULT, clause.result_within_ms),
    )
    for kind, within_ms in clocks:
        yield DutyRule(
            id=f"duty.{kind.value}",
            owed_by=pact.audience,
            jointly=False,
            kind=kind,
            trigger=DutyTrigger.SPILLED,
            within_ms=within_ms,
            clause=clause.id,
            policy=clause.id,
        )


def _compile_lines(pact: Pact) -> Iterator[DutyRule]:
    test = pact.policy.line_test
    answers = (
        (DutyKind.LINE_ANSWER_BY_MACHINE, test.answer_within_ms),
        (DutyKind.LINE_ANSWER_BY_PERSON, test.person_within_ms),
    )
    for line in pact.hotlines:
        ends = tuple(sorted(line.parties))
        yield DutyRule(
            id=f"duty.line-test.{line.id}",
            owed_by=ends,
            jointly=False,
            kind=DutyKind.LINE_TEST,
            trigger=DutyTrigger.PERIODIC,
            interval_ms=test.interval_ms,
            clause=line.id,
            policy=test.id,
        )
        for kind, within_ms in answers:
            yield DutyRule(
                id=f"duty.{kind.value}.{line.id}",
                owed_by=ends,
                jointly=False,
                kind=kind,
                trigger=DutyTrigger.LINE_TESTED,
                within_ms=within_ms,
                clause=line.id,
                policy=test.id,
            )


def _compile_commitment(pact: Pact, row: Commitment) -> DutyRule:
    yearly = row.cadence is Cadence.YEARLY
    trigger = {
        Cadence.YEARLY: DutyTrigger.YEARLY,
        Cadence.ONCE: DutyTrigger.ONCE,
        Cadence.WHEN_TRIGGERED: DutyTrigger.CALLED,
        Cadence.STANDING: DutyTrigger.STANDING,
        Cadence.UNSPECIFIED: DutyTrigger.UNSPECIFIED,
    }[row.cadence]
    return DutyRule(
        id=f"duty.{row.id}",
        owed_by=pact.audience,
        jointly=True,
        kind=DutyKind.EVIDENCE,
        evidence=row.evidence,
        trigger=trigger,
        year_ends_at=_find_year_ends(pact) if yearly else (),
        due_at=None if row.due_on is None else _day_end(pact, row.due_on),
        clause=row.id,
        policy=pact.policy.yearly.id if yearly else None,
    )


def _compile_meetings(pact: Pact) -> Iterator[DutyRule]:
    """P85: what has a date, and is met by a meeting and by nothing else."""
    clause = pact.policy.meetings
    for row in pact.commitments if clause is not None else ():
        yearly = row.cadence is Cadence.YEARLY
        if row.evidence != (EvidenceKind.MEETING,) or not (yearly or row.due_on is not None):
            continue
        assert clause is not None, "without it there are no rows"
        yield DutyRule(
            id=f"duty.meeting.{row.id}",
            owed_by=pact.audience,
            jointly=False,
            kind=DutyKind.MEETING,
            trigger=DutyTrigger.YEARLY if yearly else DutyTrigger.ONCE,
            within_ms=clause.state_within_ms,
            year_ends_at=_find_year_ends(pact) if yearly else (),
            begins_at=_find_begin(pact, is_yearly=yearly),
            due_at=None if yearly or row.due_on is None else _day_end(pact, row.due_on),
            clause=row.id,
            policy=clause.id,
        )


def _find_begin(pact: Pact, *, is_yearly: bool) -> Instant:
    """Return when the first period begins: with a calendar year, else as the day of adoption does."""
    adopted, yearly = pact.identity.adopted, pact.policy.yearly
    if is_yearly and yearly.means is YearlyMeans.CALENDAR_YEAR:
        first = max(adopted.year + (0 if yearly.adoption_year_owed else 1), _YEAR_MIN)
        return Instant(max(year_end_at(zone, first - 1) for zone in _list_zones(pact)))
    return Instant(max(0, _day_end(pact, adopted - dt.timedelta(days=1))))


def _find_year_ends(pact: Pact) -> tuple[Instant, ...]:
    """Return the end of each year owed. Pacts may be older than 1970; instants are not."""
    adopted, yearly, zones = pact.identity.adopted, pact.policy.yearly, _list_zones(pact)
    if yearly.means is YearlyMeans.CALENDAR_YEAR:
        first = adopted.year + (0 if yearly.adoption_year_owed else 1)
        return _lay_out_years(zones, first=max(first, _YEAR_MIN))
    # 29 February has its anniversary on 1 March.
    leap = (adopted.month, adopted.day) == (2, 29)
    days = (
        dt.date(year, 3, 1) if leap else adopted.replace(year=year)
        for year in range(max(adopted.year + 1, _YEAR_MIN), YEAR_MAX + 1)
    )
    return tuple(_day_end(pact, day - dt.timedelta(days=1)) for day in days)


def _list_zones(pact: Pact) -> tuple[ZoneRules, ...]:
    return tuple(party.zone for party in pact.parties)


@functools.lru_cache(maxsize=16)
def _lay_out_years(zones: tuple[ZoneRules, ...], *, first: int) -> tuple[Instant, ...]:
    """Return when each year has ended in all zones; kept, since laying out two centuries takes long."""
    return tuple(Instant(max(year_end_at(zone, year) for zone in zones)) for year in range(first, YEAR_MAX + 1))


def _day_end(pact: Pact, day: dt.date) -> Instant:
    """The end of a day when it has ended for every party, standard time."""
    west_minutes = min(party.zone.offset_minutes for party in pact.parties)
    days = day.toordinal() - dt.date(1970, 1, 1).toordinal() + 1
    return Instant(days * DAY_MS - west_minutes * 60_000)


def due_instants(rule: DutyRule, *, from_at: Instant, to_at: Instant) -> Iterator[Instant]:
    """Yield the instants in [`from_at`, `to_at`) at which `rule` falls due by the calendar or its interval.

    Periodic duties fall on whole intervals of UTC, so that every node tests in the same slots. Triggered and standing
    rules have none: their instants follow from the record. Lazy, because an interval may be short.
    """
    if rule.interval_ms is not None:
        at = -(-from_at // rule.interval_ms) * rule.interval_ms
        while at < to_at:
            yield Instant(at)
            at += rule.interval_ms
    yield from (at for at in rule.year_ends_at if from_at <= at < to_at)
    if rule.due_at is not None and from_at <= rule.due_at < to_at:
        yield rule.due_at
