"""Duties, meetings and dates as the page shows them: who owes what by when, what was held, what comes.

Nothing is decided here. Duties are judged as everywhere else (P31, P57), meetings as their fold says (P79), and
the month shows exactly what stands in the officer's calendar (`api.calendar`), by the day of this party's own clock.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.api.calendar import list_dates
from comity.api.desk import Desk
from comity.api.pact_view import judge_duties
from comity.api.titles import Titles
from comity.base.instants import DAY_MS, Instant, to_datetime
from comity.base.names import Party
from comity.console.handover import find_path
from comity.console.promises import NEAR_MS, OwedMeeting, group_owed
from comity.console.shown import say_entry
from comity.exchange.calendar import Date, DateStatus
from comity.pact.duty import DutyKind
from comity.pact.zone import local_offset_ms
from comity.procedure.duty import Duty, DutyVerdict

__all__ = ["VERDICTS", "Duties", "Month", "find_duties", "find_month", "read_month", "show_duty"]

VERDICTS: Final = (DutyVerdict.OVERDUE, DutyVerdict.OPEN, DutyVerdict.MET, DutyVerdict.EXCUSED)
LINES_MS: Final = 31 * DAY_MS
"""How far back line tests are looked at."""
OF_LINES: Final = (DutyKind.LINE_TEST, DutyKind.LINE_ANSWER_BY_MACHINE, DutyKind.LINE_ANSWER_BY_PERSON)
DONE_COUNT: Final = 30
"""How many of the latest that are met or excused are shown."""
RUNNING_COUNT: Final = 100
"""How many that are open or overdue are shown: of each the latest, those of this party first."""
_MONTHS_BACK, _MONTHS_AHEAD = 3, 13
_EPOCH: Final = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty with what it answers, in a sentence. `is_of_line`: a line test; one missed alarms nobody."""

    duty: Duty
    about: str
    path: str
    is_of_line: bool = False


@dataclass(frozen=True, slots=True)
class GridRow:
    """One kind of duty under one clause: how many of each verdict each party has."""

    kind: DutyKind
    clause: str
    policy: str
    cells: Mapping[Party, Counter[DutyVerdict]]


@dataclass(frozen=True, slots=True)
class Duties:
    """All of it. `rows` by verdict, the most urgent first; what is done is the latest alone, `counts` are of all.

    Words on meetings have rows and a panel of their own, and stand in the counts.
    """

    counts: Counter[DutyVerdict]
    grid: tuple[GridRow, ...]
    rows: Mapping[DutyVerdict, tuple[DutyRow, ...]]
    meetings: Mapping[DutyVerdict, tuple[OwedMeeting, ...]]
    """Words owed on meetings, a row for each clock: all of each verdict, but of what is open only what is due soon."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a month, on this party's clock; `is_of_month` False for the days round it that fill its weeks."""

    day: dt.date
    is_of_month: bool
    is_today: bool
    dates: tuple[Date, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month by weeks from Monday on; `before` and `after` are empty where the calendar does not reach."""

    first: dt.date
    weeks: tuple[tuple[Day, ...], ...]
    before: str
    after: str

    @property
    def days(self) -> tuple[Day, ...]:
        """The month's own days that have something."""
        return tuple(day for week in self.weeks for day in week if day.is_of_month and day.dates)


def find_duties(desk: Desk, titles: Titles, *, party: Party = "") -> Duties:
    """Return the duties as they stand now, of one party or of all."""
    machine, now = desk.node.machine, desk.node.now()
    since = Instant(max(0, now - LINES_MS))
    found = [duty for duty in judge_duties(machine, now, lines_since=since) if party in ("", duty.party)]
    cells: dict[tuple[DutyKind, str, str], dict[Party, Counter[DutyVerdict]]] = {}
    others = [duty for duty in found if duty.kind is not DutyKind.MEETING]
    for duty in others:
        key = (duty.kind, duty.clause, duty.policy or "")
        cells.setdefault(key, {}).setdefault(duty.party, Counter())[duty.verdict] += 1
    order = list(DutyKind)
    keys = sorted(cells, key=lambda key: (order.index(key[0]), key[1:]))
    return Duties(
        counts=Counter(duty.verdict for duty in found),
        grid=tuple(GridRow(*key, cells[key]) for key in keys),
        rows={verdict: tuple(_list_rows(desk, titles, others, verdict)) for verdict in VERDICTS},
        meetings={
            verdict: group_owed(found, verdict, until=now + NEAR_MS if verdict is DutyVerdict.OPEN else None)
            for verdict in VERDICTS
        },
    )


def _list_rows(desk: Desk, titles: Titles, duties: Iterable[Duty], verdict: DutyVerdict) -> Iterable[DutyRow]:
    own, is_done = desk.node.machine.party, verdict in (DutyVerdict.MET, DutyVerdict.EXCUSED)
    rows = [duty for duty in duties if duty.verdict is verdict]
    if is_done:
        rows.sort(key=lambda duty: (-duty.due_at, duty.party, duty.subject))
        del rows[DONE_COUNT:]
    else:
        rows.sort(key=lambda duty: (duty.party != own, -duty.due_at))
        del rows[RUNNING_COUNT:]
        rows.sort(key=lambda duty: (duty.party != own, duty.due_at, duty.party, duty.subject))
    return [show_duty(desk, titles, duty) for duty in rows]


def show_duty(desk: Desk, titles: Titles, duty: Duty) -> DutyRow:
    """Return a duty with what it answers, and where that is looked at: of a line's tests, which line."""
    is_of_line, stated = duty.kind in OF_LINES, desk.node.machine.record.find_statement(duty.subject)
    path = f"/hotline/on/{duty.clause}" if is_of_line else ""
    if stated is None:
        return DutyRow(duty, titles.title_of("channel", duty.clause) if is_of_line else "", path, is_of_line)
    about = say_entry(stated.entry, stated.author, titles)
    return DutyRow(duty, about, path or find_path(stated.entry, stated.id.hex()), is_of_line)


def read_month(desk: Desk, text: str) -> dt.date:
    """Return the first day of a month written as `2026-11`; the present one where that is none within reach."""
    today = find_day(desk, desk.node.now())
    try:
        first = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    distance = (first.year - today.year) * 12 + first.month - today.month
    return first if -_MONTHS_BACK <= distance <= _MONTHS_AHEAD else today.replace(day=1)


def find_day(desk: Desk, at: Instant) -> dt.date:
    """Return the day on this party's own clock."""
    machine = desk.node.machine
    signatory = machine.pact.find_party(machine.party)
    offset_ms = 0 if signatory is None else local_offset_ms(signatory.zone, at)
    return to_datetime(Instant(max(0, at + offset_ms))).date()


def find_month(desk: Desk, first: dt.date, *, language: str) -> Month:
    """Return a month of the officer's calendar."""
    today = find_day(desk, desk.node.now())
    begins = first - dt.timedelta(days=first.weekday())
    after = _add_month(first, 1)
    week_count = -(-(after - begins).days // 7)
    # A day more on either side: no clock on earth is further from UTC.
    from_at = (begins - _EPOCH).days * DAY_MS - DAY_MS
    span = {"from_at": max(0, from_at), "until_at": from_at + (7 * week_count + 2) * DAY_MS}
    by_day: dict[dt.date, list[Date]] = {}
    for date in list_dates(desk, to=desk.node.machine.party, is_officer=True, language=language, **span):
        by_day.setdefault(find_day(desk, date.starts_at), []).append(date)
    weeks = tuple(
        tuple(
            Day(day, day.month == first.month, day == today, tuple(sorted(by_day.get(day, ()), key=_order)))
            for day in (begins + dt.timedelta(days=7 * week + number) for number in range(7))
        )
        for week in range(week_count)
    )
    distance = (first.year - today.year) * 12 + first.month - today.month
    before = "" if distance <= -_MONTHS_BACK else f"{_add_month(first, -1):%Y-%m}"
    return Month(first, weeks, before, "" if distance >= _MONTHS_AHEAD else f"{after:%Y-%m}")


def _order(date: Date) -> tuple[bool, int, str]:
    return date.status is DateStatus.CANCELLED, date.starts_at, date.uid


def _add_month(first: dt.date, count: int) -> dt.date:
    number = first.year * 12 + first.month - 1 + count
    return dt.date(number // 12, number % 12 + 1, 1)
