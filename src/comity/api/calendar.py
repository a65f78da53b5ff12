"""What stands in a reader's calendar: duties and meetings that it may know of, and the pact's own dates (X41, X42)."""

import functools
from collections.abc import Iterator, Mapping
from typing import Final

from comity.api.desk import Desk
from comity.api.pact_view import judge_duties
from comity.api.released import prepare_entries
from comity.api.terms import say_term_in
from comity.api.words import say_in
from comity.base.instants import DAY_MS, MINUTE_MS, Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Audience, Party
from comity.exchange.calendar import Date, DateStatus, format_calendar
from comity.machine.appointments import Planned, list_planned
from comity.machine.machine import Machine
from comity.machine.meetings import judge_meetings_owed, list_meetings
from comity.pact.commitment import Commitment
from comity.pact.duty import DutyKind, compile_duties, due_instants
from comity.pact.zone import format_local
from comity.procedure.appointment import AppointmentStatus, judge_appointment
from comity.procedure.call import ConsultationConvened
from comity.procedure.consultation import ConsultationState
from comity.procedure.correction import Settled, find_settled
from comity.procedure.duty import Duty, DutyVerdict
from comity.procedure.meeting import MeetingHeld, MeetingState, MeetingStatus
from comity.procedure.stated import Stated
from comity.procedure.verdict import Permit

__all__ = ["list_dates", "make_calendar"]

BEFORE_MS: Final = 92 * DAY_MS
AFTER_MS: Final = 400 * DAY_MS
"""How far back and ahead a calendar reaches."""
_QUIET: Final = (DutyVerdict.MET, DutyVerdict.EXCUSED)
_OF_LINES: Final = (DutyKind.LINE_TEST, DutyKind.LINE_ANSWER_BY_MACHINE, DutyKind.LINE_ANSWER_BY_PERSON)


def make_calendar(desk: Desk, *, to: Party, is_officer: bool, language: str) -> bytes:
    """Return the calendar of a reader that reads for `to`; an officer at this desk sees all that is here.

    A machine sees what was said to all parties, and of what was said to fewer only what its party was told itself: a
    machine of the own party is told nothing of that, for no ceiling could be held against what has no marking.
    """
    machine = desk.node.machine
    pins = machine.setup.pins
    dates = list_dates(desk, to=to, is_officer=is_officer, language=language)
    signatory = machine.pact.find_party(to)
    name = to if signatory is None else signatory.short.in_language(language)
    title = machine.pact.identity.title.in_language(language)
    return format_calendar(dates, name=f"{title} ({name})", realm=pins.realm)


def list_dates(
    desk: Desk, *, to: Party, is_officer: bool, language: str, from_at: int = 0, until_at: int = INSTANT_MS_MAX
) -> list[Date]:
    """Return what stands in that calendar, as `make_calendar` writes it; between two instants, for whoever shows those.

    The pact's own dates are all of them: there are few.
    """
    now = desk.node.now()
    span = range(max(from_at, now - BEFORE_MS), min(until_at, now + AFTER_MS) + 1)
    reader = _Reader(desk.node.machine, to, is_officer=is_officer, language=language, now=now, span=span)
    return [*reader.list_duties(_judge(desk.node.machine, now)), *reader.list_meetings(), *reader.list_held(),
            *reader.list_planned(), *reader.list_pact_dates()]  # fmt: skip


def _judge(machine: Machine, now: Instant) -> Iterator[Duty]:
    """Yield the duties, but those on line tests only while they run: of the others no calendar tells."""
    others = judge_duties(machine, now, lines_since=Instant(INSTANT_MS_MAX))
    yield from (duty for duty in others if duty.kind not in _OF_LINES)
    yield from (duty for duty in judge_duties(machine, now, is_running=True) if duty.kind in _OF_LINES)


class _Reader:
    def __init__(
        self, machine: Machine, party: Party, *, is_officer: bool, language: str, now: Instant, span: range
    ) -> None:
        self._span = span
        self._machine = machine
        self._party = party
        self._is_officer = is_officer
        self._language = language
        self._now = now
        self._decide = prepare_entries(machine, to=party, at=now)
        self._domain = f"{machine.setup.pins.lineage.hex()[:16]}.comity"

    def list_duties(self, duties: Iterator[Duty] | object) -> Iterator[Date]:
        """Yield the duties that the reader may know of: an officer all, a machine those that its party owes."""
        assert isinstance(duties, Iterator)
        for duty in duties:
            if not self._is_near(duty.due_at) or (duty.kind in _OF_LINES and duty.verdict in _QUIET):
                continue
            if not self._is_officer and duty.party != self._party:
                continue
            subject = self._machine.record.find_statement(duty.subject)
            if subject is None and duty.kind is not DutyKind.INDICATOR_REPORT:
                continue
            if subject is None or self._may_know(subject):
                yield self._make_duty(duty, subject)

    def _make_duty(self, duty: Duty, subject: Stated | None) -> Date:
        kind, verdict = say_term_in(duty.kind, self._language), say_term_in(duty.verdict, self._language)
        of = duty.subject.hex()[:16] if subject is not None else f"{duty.policy}-{duty.due_at}"
        is_changed = duty.verdict in _QUIET
        summary = say_in(self._language, "{party}: {kind} due [{clause}] ({verdict})")
        return Date(
            uid=f"duty-{duty.kind.value}-{duty.party}-{of}@{self._domain}",
            starts_at=duty.due_at,
            ends_at=duty.due_at,
            stated_at=Instant(duty.due_at if subject is None else subject.written_at),
            summary=summary.format(party=duty.party, kind=kind, clause=duty.clause, verdict=verdict),
            description=self._describe(duty.due_at, duty.party),
            categories=(duty.kind.value,),
            status=DateStatus.CANCELLED if duty.verdict is DutyVerdict.EXCUSED else DateStatus.CONFIRMED,
            sequence=int(is_changed),
        )

    def list_meetings(self) -> Iterator[Date]:
        """Yield each convening with a beginning; one that was taken back, or whose call was, is cancelled."""
        record = self._machine.record
        for scope in record.list_scopes("consultation"):
            state = record.get_state(scope)
            statements = record.list_statements(scope)
            for stated in statements:
                if not isinstance(stated.entry, ConsultationConvened) or not stated.counts:
                    continue
                if not stated.entry.starts_at or not self._may_know(stated):
                    continue
                assert isinstance(state, ConsultationState)
                is_called = state.called is not None and state.called.withdrawn_by is None
                settled = find_settled(statements, stated.id)
                if settled is None or not isinstance(settled.stated.entry, ConsultationConvened):
                    continue
                is_off = settled.withdrawn_by is not None or not is_called
                is_changed = is_off or settled.corrected_by is not None
                if self._is_near(settled.stated.entry.starts_at):
                    yield self._make_meeting(stated, settled.stated.entry, is_off=is_off, is_changed=is_changed)

    def _make_meeting(self, stated: Stated, entry: ConsultationConvened, *, is_off: bool, is_changed: bool) -> Date:
        summary = say_in(self._language, "Consultation at the level of {level}, by {medium}, convened by {party}")
        level, medium = say_term_in(entry.level, self._language), say_term_in(entry.medium, self._language)
        starts_at = Instant(entry.starts_at)
        return Date(
            uid=f"meeting-{stated.id.hex()[:32]}@{self._domain}",
            starts_at=starts_at,
            ends_at=Instant(starts_at + 60 * MINUTE_MS),
            stated_at=stated.written_at,
            summary=summary.format(level=level, medium=medium, party=stated.author),
            description=self._describe(starts_at, *stated.audience),
            categories=("consultation",),
            status=DateStatus.CANCELLED if is_off else DateStatus.CONFIRMED,
            sequence=int(is_changed),
        )

    def list_held(self) -> Iterator[Date]:
        """Yield each other meeting that is stated on the record; one that was taken back is cancelled."""
        shown = {state.scope for row in self._planned for state in row.held}
        for state in list_meetings(self._machine):
            if state.scope in shown:
                continue
            entry = None if state.held is None else state.held.stated.entry
            if state.held is None or not isinstance(entry, MeetingHeld) or not self._is_near(entry.began_at):
                continue
            if self._may_know(state.held.stated):
                yield self._make_held(state, state.held, entry)

    def _make_held(self, state: MeetingState, held: Settled, entry: MeetingHeld) -> Date:
        rule = self._machine.pact.find_clause(entry.commitment)
        title = rule.title.in_language(self._language) if isinstance(rule, Commitment) else entry.commitment
        summary = say_in(self._language, "{title}: meeting of {parties} [{clause}] ({status})")
        status, is_off = say_term_in(state.status, self._language), held.withdrawn_by is not None
        return Date(
            uid=f"held-{held.stated.id.hex()[:32]}@{self._domain}",
            starts_at=Instant(entry.began_at),
            ends_at=Instant(entry.ended_at),
            stated_at=held.stated.written_at,
            summary=summary.format(
                title=title, parties=", ".join(entry.attended), clause=entry.commitment, status=status
            ),
            description=self._describe(Instant(entry.began_at), *entry.attended),
            categories=("meeting",),
            status=DateStatus.CANCELLED if is_off else DateStatus.CONFIRMED,
            sequence=int(is_off or held.corrected_by is not None or state.status is not MeetingStatus.STATED),
        )

    def list_planned(self) -> Iterator[Date]:
        """Yield each planned meeting, under one identity when it moves, is called off, is held."""
        for row in self._planned:
            yield self._make_planned(row, [state for state in row.held if self._may_know_held(state)])

    @functools.cached_property
    def _planned(self) -> tuple[Planned, ...]:
        """The planned meetings that this calendar has."""
        return tuple(row for row in list_planned(self._machine, as_of=self._now)
                     if self._may_know_of(row) and self._is_near(row.setting.starts_at))  # fmt: skip

    def _may_know_of(self, row: Planned) -> bool:
        return self._may_know(row.stated) and self._may_know(row.state.settings[-1])

    def _may_know_held(self, state: MeetingState) -> bool:
        return state.held is not None and self._may_know(state.held.stated)

    def _make_planned(self, row: Planned, held: list[MeetingState]) -> Date:
        rule, setting = self._machine.pact.find_clause(row.entry.commitment), row.setting
        title = rule.title.in_language(self._language) if isinstance(rule, Commitment) else row.entry.commitment
        summary = say_in(self._language, "{title}: meeting planned by {party}, with {parties} [{clause}] ({status})")
        status = judge_appointment(row.state, held, as_of=self._now)
        called_off = row.state.called_off
        changes = [*row.state.settings[1:], *([called_off] if called_off is not None else [])]
        changes += [state.held.stated for state in held if state.held is not None]
        return Date(
            uid=f"planned-{row.stated.id.hex()[:32]}@{self._domain}",
            starts_at=Instant(setting.starts_at),
            ends_at=Instant(setting.ends_at),
            stated_at=max(stated.written_at for stated in (row.stated, *changes)),
            summary=summary.format(
                title=title, party=row.stated.author, parties=", ".join(row.entry.invited),
                clause=row.entry.commitment, status=say_term_in(status, self._language),
            ),
            description=self._describe(Instant(setting.starts_at), row.stated.author, *row.entry.invited),
            categories=("meeting",),
            status=DateStatus.CANCELLED if status is AppointmentStatus.CALLED_OFF else DateStatus.CONFIRMED,
            sequence=len(changes),
        )  # fmt: skip

    def list_pact_dates(self) -> Iterator[Date]:
        """Yield when commitments fall due by the calendar: the pact's own words, which all parties have."""
        version = self._machine.versions.current
        first, last = Instant(max(0, self._now - BEFORE_MS)), Instant(self._now + AFTER_MS)
        titles = {row.id: row.title for row in version.pact.commitments}
        owed = self._say_owed()
        for rule in compile_duties(version.pact):
            if rule.kind is not DutyKind.EVIDENCE:
                continue
            for at in due_instants(rule, from_at=first, to_at=last):
                summary = say_in(self._language, "{title}: due by now [{clause}]")
                title, states = titles[rule.clause].in_language(self._language), owed.get((rule.clause, at), "")
                yield Date(
                    uid=f"pact-{rule.clause}-{at}@{self._domain}",
                    starts_at=at,
                    ends_at=at,
                    stated_at=at,
                    summary=summary.format(title=title, clause=rule.clause) + (f" ({states})" if states else ""),
                    description=self._describe(at, *rule.owed_by),
                    categories=("commitment",),
                )

    def _say_owed(self) -> Mapping[tuple[str, int], str]:
        """Return who has said of which meeting that it was held, by commitment and end of its year (P85).

        That rests on what was said to all parties, and so is for every reader.
        """
        after_ms = {rule.clause: rule.within_ms or 0 for rule in compile_duties(self._machine.versions.current.pact)
                    if rule.kind is DutyKind.MEETING}  # fmt: skip
        found: dict[tuple[str, int], dict[DutyVerdict, list[Party]]] = {}
        for duty in judge_meetings_owed(self._machine, self._now):
            ends_at = duty.due_at - after_ms[duty.clause]
            found.setdefault((duty.clause, ends_at), {}).setdefault(duty.verdict, []).append(duty.party)
        return {
            key: "; ".join(f"{say_term_in(verdict, self._language)}: {', '.join(rows[verdict])}"
                           for verdict in DutyVerdict if verdict in rows)
            for key, rows in found.items()
        }  # fmt: skip

    def _may_know(self, stated: Stated) -> bool:
        if self._is_officer:
            return True
        audience: Audience = stated.audience
        if audience != self._machine.pact.audience and self._party not in audience:
            return False
        if self._party == self._machine.party:
            return audience == self._machine.pact.audience
        return isinstance(self._decide(stated.entry), Permit)

    def _describe(self, at: Instant, *parties: Party) -> str:
        lines = []
        for party in sorted({*parties, self._party}):
            signatory = self._machine.pact.find_party(party)
            if signatory is not None:
                lines.append(f"{party}: {format_local(signatory.zone, at)}")
        return "\n".join(lines)

    def _is_near(self, at: int) -> bool:
        return at in self._span
