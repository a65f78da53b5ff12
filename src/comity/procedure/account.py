"""The account: what public evidence there is for each commitment, as of a day.

Rules
- A verdict is `evidence-found`, `no-evidence-found` with the day until which was searched, or `unspecified`. That
  something did not happen is never said: absence from a record proves nothing.
- Only a fact of a kind that the commitment lists is evidence: a statement on an anniversary is no meeting.
- A fact is seen once its last day is reached; facts before adoption are not evidence.
- What is yearly is judged by the periods of the policy clause (`policy.yearly`): by the running period if it has
  evidence, else by the last one that ended and was owed, else by all since adoption.
- What has no cadence in the text and no evidence is `unspecified`: there is nothing to hold it against.

Whether *signed* duties were met is another question, answered over the record (`duty`).
"""

import calendar
import datetime as dt
import enum
from collections.abc import Iterator
from typing import Final

import msgspec

from comity.pact.commitment import Cadence, Commitment
from comity.pact.model import Pact
from comity.pact.policy import YearlyMeans
from comity.procedure.public_record import Fact, PublicRecord, Search

__all__ = ["AccountRow", "AccountVerdict", "Period", "account"]

_DAY: Final = dt.timedelta(days=1)


class AccountVerdict(enum.Enum):
    """What can be said of the outside world."""

    EVIDENCE_FOUND = "evidence-found"
    NO_EVIDENCE_FOUND = "no-evidence-found"
    UNSPECIFIED = "unspecified"


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """One year of a yearly commitment, both days included."""

    first_day: dt.date
    last_day: dt.date
    owed: bool
    """False for the year of adoption, where policy does not count it."""
    ended: bool
    """False for the running period: it may still be met."""
    verdict: AccountVerdict
    evidence: tuple[Fact, ...]
    searched_until: dt.date | None
    """None where the search ended before this period began, so that not even absence is known."""


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one commitment. Citations: the commitment, and `policy` where the period rests on it."""

    commitment: Commitment
    last: Fact | None
    next_due_on: dt.date | None
    verdict: AccountVerdict
    searched_until: dt.date
    periods: tuple[Period, ...]
    policy: str | None
    searches: tuple[Search, ...]
    """What was looked for by name after the last evidence."""


def account(pact: Pact, record: PublicRecord, as_of: dt.date) -> tuple[AccountRow, ...]:
    """Return one row for each commitment, in the pact's order, from what was public on the day `as_of`.

    `as_of` is a calendar day as the sources date their facts. A record that was searched for less long says so in
    each row's `searched_until`.
    """
    return tuple(_judge(pact, commitment, record, as_of) for commitment in pact.commitments)


def _judge(pact: Pact, commitment: Commitment, record: PublicRecord, as_of: dt.date) -> AccountRow:
    searched_until = min(as_of, record.record.searched_until)
    evidence = _find_evidence(pact, commitment, record, as_of)
    last = evidence[-1] if evidence else None
    yearly = commitment.cadence is Cadence.YEARLY
    periods = tuple(_lay_periods(pact, evidence, as_of, searched_until)) if yearly else ()
    return AccountRow(
        commitment=commitment,
        last=last,
        next_due_on=_find_next_due(pact, commitment, periods, last),
        verdict=_decide_verdict(commitment, periods, last),
        searched_until=searched_until,
        periods=periods,
        policy=pact.policy.yearly.id if yearly else None,
        searches=tuple(
            search
            for search in record.searches
            if commitment.id in search.commitments
            and search.until <= as_of
            and (not last or search.since > last.last_day)
        ),
    )


def _find_evidence(pact: Pact, commitment: Commitment, record: PublicRecord, as_of: dt.date) -> tuple[Fact, ...]:
    """Return the facts that count, oldest first; of facts that end on one day, in the order of their ids."""
    found = (
        fact
        for fact in record.facts
        if commitment.id in fact.commitments
        and fact.kind in commitment.evidence
        and pact.identity.adopted <= fact.last_day <= as_of
    )
    return tuple(sorted(found, key=lambda fact: (fact.last_day, fact.id)))


def _lay_periods(pact: Pact, evidence: tuple[Fact, ...], as_of: dt.date, searched_until: dt.date) -> Iterator[Period]:
    """Yield every period that has begun by `as_of`, the one of adoption first."""
    for number in range(as_of.year - pact.identity.adopted.year + 1):
        first, last = _span(pact, number)
        if first > as_of:
            return
        held = tuple(fact for fact in evidence if first <= fact.last_day <= last)
        yield Period(
            first_day=first,
            last_day=last,
            owed=number > 0 or pact.policy.yearly.adoption_year_owed or _is_anniversary(pact),
            ended=last < as_of,
            verdict=AccountVerdict.EVIDENCE_FOUND if held else AccountVerdict.NO_EVIDENCE_FOUND,
            evidence=held,
            searched_until=min(last, searched_until) if first <= searched_until else None,
        )


def _is_anniversary(pact: Pact) -> bool:
    return pact.policy.yearly.means is YearlyMeans.ANNIVERSARY_YEAR


def _span(pact: Pact, number: int) -> tuple[dt.date, dt.date]:
    """First and last day of the period `number`, counted from 0 for that of adoption."""
    adopted = pact.identity.adopted
    if _is_anniversary(pact):
        return _add_years(adopted, number), _add_years(adopted, number + 1) - _DAY
    year = min(adopted.year + number, dt.MAXYEAR)
    return max(adopted, dt.date(year, 1, 1)), dt.date(year, 12, 31)


def _add_years(day: dt.date, years: int) -> dt.date:
    """The same day of a later year; 29 February has its anniversary on 1 March. Stops where the calendar does."""
    year = min(day.year + years, dt.MAXYEAR)
    leap = (day.month, day.day) == (2, 29) and not calendar.isleap(year)
    return dt.date(year, 3, 1) if leap else day.replace(year=year)


def _decide_verdict(commitment: Commitment, periods: tuple[Period, ...], last: Fact | None) -> AccountVerdict:
    if commitment.cadence is Cadence.YEARLY:
        running = [period for period in periods if not period.ended and period.evidence]
        ended = [period for period in periods if period.ended and period.owed]
        if judged := (running or ended)[-1:]:
            return judged[0].verdict
    if last is not None:
        return AccountVerdict.EVIDENCE_FOUND
    unspecified = commitment.cadence is Cadence.UNSPECIFIED
    return AccountVerdict.UNSPECIFIED if unspecified else AccountVerdict.NO_EVIDENCE_FOUND


def _find_next_due(
    pact: Pact, commitment: Commitment, periods: tuple[Period, ...], last: Fact | None
) -> dt.date | None:
    """Return the last day on which the next evidence is due, or None where the text sets no day.

    A yearly commitment with evidence in the running period is next due in the one after.
    """
    if commitment.cadence is Cadence.ONCE and last is None:
        return commitment.due_on
    if commitment.cadence is not Cadence.YEARLY:
        return None
    if not periods:
        return _span(pact, 0 if pact.policy.yearly.adoption_year_owed else 1)[1]
    running = periods[-1]
    if running.owed and not running.evidence and not running.ended:
        return running.last_day
    return _span(pact, len(periods))[1]
