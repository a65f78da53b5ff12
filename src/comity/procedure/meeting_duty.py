"""Meetings owed: each party's own word that the meeting which the pact promises for a year was held.

Rules (docs/spec/procedure.md, P85 to P88)
- Owed is a statement on the signed record, by a version whose policy has `meetings`. That nobody met is never said:
  evidence from outside is the account's (`account`).
- A meeting that one party says it was not at, or that was told to some parties alone, meets nobody's duty.
- Each answers for its own word. That another has not spoken makes nobody overdue.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.pact.duty import DutyKind, DutyRule
from comity.procedure.duty import Duty, DutyVerdict, ExcuseReason
from comity.procedure.genesis import PactAccepted
from comity.procedure.meeting import Attendance, MeetingHeld, MeetingState, MeetingStatus
from comity.procedure.own import own_order
from comity.procedure.stated import Stated

__all__ = ["MeetingTerms", "Period", "find_periods", "judge_duties_of_meetings"]

_OFF = (MeetingStatus.AWAITING, MeetingStatus.WITHDRAWN, MeetingStatus.CONTESTED)


@dataclass(frozen=True, slots=True)
class MeetingTerms:
    """By what meetings owed are judged.

    `version` is the one in force; `versions` are all that have the clause; `ends_at` is when the notice of each party
    that is leaving ends (P38).
    """

    version: Digest
    parties: Audience
    rules: tuple[DutyRule, ...]
    versions: Collection[Digest]
    ends_at: Mapping[Party, Instant]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From `begins_at` on, until just before `ends_at`."""

    begins_at: Instant
    ends_at: Instant


def find_periods(rule: DutyRule, *, as_of: Instant) -> tuple[Period, ...]:
    """Return the last period that has ended and the one that runs, where there are such (P85)."""
    assert rule.begins_at is not None, "a meeting that is owed is owed for a period"
    ends = rule.year_ends_at if rule.due_at is None else (rule.due_at,)
    begins = (rule.begins_at, *ends[:-1])
    begun = [Period(first, last) for first, last in zip(begins, ends, strict=True) if first <= as_of]
    running = [period for period in begun[-1:] if as_of < period.ends_at]
    return (*[period for period in begun[-2:] if period.ends_at <= as_of][-1:], *running)


def judge_duties_of_meetings(
    terms: MeetingTerms, states: Iterable[MeetingState], accepted: Iterable[Stated], *, as_of: Instant
) -> tuple[Duty, ...]:
    """Judge who owes a word on which meeting, by the version in force; in the file's order, then by period and party.

    `accepted` are the acceptances that are known: a party owes nothing for a period that ended before its first.
    """
    since: dict[Party, Instant] = {}
    for stated in accepted:
        if isinstance(stated.entry, PactAccepted) and stated.entry.pact in terms.versions and stated.counts:
            since[stated.author] = min(stated.written_at, since.get(stated.author, stated.written_at))
    held = [state for state in states if state.held is not None and state.held.stated.counts]
    told = [state for state in held if state.scope.audience == terms.parties and state.status not in _OFF]
    return tuple(
        _judge(terms, rule, party, period, words.get(party), as_of=as_of)
        for rule in terms.rules
        if rule.kind is DutyKind.MEETING
        for period in find_periods(rule, as_of=as_of)
        for words in [_find_words(terms, rule, period, told)]
        for party in rule.owed_by
        if party in since and since[party] < period.ends_at
    )


def _find_words(
    terms: MeetingTerms, rule: DutyRule, period: Period, told: Iterable[MeetingState]
) -> Mapping[Party, Stated]:
    """Return the first word of each party on a meeting that counts for this period (P86)."""
    words: dict[Party, Stated] = {}
    needed = {party for party in terms.parties if not _is_leaving(terms, party, period)}
    for state in told:
        assert state.held is not None, "only those that were stated are looked at"
        entry = state.held.stated.entry
        assert isinstance(entry, MeetingHeld)
        is_within = period.begins_at <= entry.began_at < period.ends_at
        if entry.commitment == rule.clause and is_within and needed <= set(entry.attended):
            for stated in _list_words(state, state.held.stated):
                words[stated.author] = min(words.get(stated.author, stated), stated, key=own_order)
    return words


def _list_words(state: MeetingState, held: Stated) -> Iterator[Stated]:
    yield held
    for cell in state.cells:
        if cell.stated is not None and cell.attendance is Attendance.ATTENDED:
            yield cell.stated


def _is_leaving(terms: MeetingTerms, party: Party, period: Period) -> bool:
    return party in terms.ends_at and terms.ends_at[party] <= period.ends_at


def _judge(
    terms: MeetingTerms, rule: DutyRule, party: Party, period: Period, met_by: Stated | None, *, as_of: Instant
) -> Duty:
    assert rule.within_ms is not None, "the policy says by when a meeting is stated"
    due_at, is_leaving = Instant(period.ends_at + rule.within_ms), _is_leaving(terms, party, period)
    if met_by is not None:
        verdict = DutyVerdict.MET
    elif is_leaving:
        verdict = DutyVerdict.EXCUSED
    else:
        verdict = DutyVerdict.OPEN if as_of <= due_at else DutyVerdict.OVERDUE
    return Duty(
        rule=rule.id,
        kind=DutyKind.MEETING,
        party=party,
        subject=terms.version,
        due_at=due_at,
        verdict=verdict,
        met_by=None if met_by is None else met_by.id,
        is_late=met_by is not None and met_by.written_at > due_at,
        excuse=ExcuseReason.LEFT if verdict is DutyVerdict.EXCUSED else None,
        clause=rule.clause,
        policy=rule.policy,
    )
