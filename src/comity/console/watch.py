"""What needs an officer of this party now: one view over the folds, judged at the moment of asking.

Nothing is kept and nothing is decided here. What is shown of a call, a message, a text or a duty is what the fold of it
says; what is the most urgent stands first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.drafts import list_drafts
from comity.api.hotline import find_words
from comity.api.line_view import judge_lines, list_days
from comity.api.pact_view import find_policy
from comity.api.views.drafts import DraftShown
from comity.api.waiting import find_calls, find_messages
from comity.base.instants import Instant
from comity.base.names import Party
from comity.console.area_warnings import AreaWarning, find_area_warnings
from comity.console.promises import NEAR_MS, OwedMeeting, group_owed
from comity.machine.appointments import Planned, find_invitations
from comity.machine.machine import Machine
from comity.node.approvals import Held
from comity.pact.duty import DutyKind
from comity.procedure.call import ConsultationCalled
from comity.procedure.duty import Duty, DutyVerdict
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.line import LinePattern
from comity.procedure.phrase import PhraseSent
from comity.procedure.text_view import TextStatus, find_under_silence, judge_text

__all__ = ["Call", "Message", "Silence", "Waiting", "Watch", "find_waiting", "find_watch", "order_versions"]

_RUNNING: Final = (TextStatus.RUNNING, TextStatus.CLOSING)
_ORDER: Final = {Precedence.FLASH: 0, Precedence.IMMEDIATE: 2, Precedence.PRIORITY: 3, Precedence.ROUTINE: 4}
_ORDER_OF_CALLS: Final = 1
OVERDUE_COUNT_MAX: Final = 40
"""Overdue duties that are shown; the page of duties has all of them."""
ALERT_COUNT_MAX: Final = 200
"""Calls and messages that are shown, the most urgent; the page of what waits has all of them, so many on each sheet."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call for consultation that nobody here has answered."""

    id: str
    party: Party
    at: Instant
    called: ConsultationCalled
    due_at: Instant
    clause: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Message:
    """A message that nobody here has acknowledged. `is_corrected`: it reads otherwise than it was first sent.

    `words` are by language; a standard phrase has no marking.
    """

    id: str
    party: Party
    at: Instant
    sent: MessageSent | PhraseSent
    words: Mapping[str, str]
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence procedure that runs. `is_ours`: this party has neither consented nor broken yet."""

    id: str
    until_at: Instant
    missing: tuple[Party, ...]
    clause: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """All of it; each row in the order in which it should be looked at; of what is overdue the latest.

    `alerts` are the most urgent of `alert_count`.
    """

    alerts: tuple[Call | Message, ...]
    alert_count: int
    clocks: tuple[Duty, ...]
    silences: tuple[Silence, ...]
    overdue: tuple[Duty, ...]
    overdue_count: int
    meetings: tuple[OwedMeeting, ...]
    """Words on meetings that are overdue; they do not take the calm, for they are owed for months."""
    meetings_due: tuple[OwedMeeting, ...]
    invitations: tuple[Planned, ...]
    """Meetings ahead to which this party has not answered; nobody owes an answer (P95)."""
    missed: tuple[LinePattern, ...]
    held: tuple[Held, ...]
    drafts: tuple[DraftShown, ...]
    """Reports that rules of the pact ask for and nobody here has decided on."""
    warnings: tuple[AreaWarning, ...]
    """Messages to people of own areas that are proposed and nobody here has issued."""

    @property
    def is_calm(self) -> bool:
        """Whether nothing waits for anybody here."""
        waiting = self.alerts or self.overdue or self.held or self.drafts or self.warnings
        return not (waiting or any(silence.is_ours for silence in self.silences))


def find_watch(desk: Desk) -> Watch:
    """Return what needs somebody now."""
    machine, now = desk.node.machine, desk.node.now()
    running = desk.judge_duties(is_running=True)
    found = sorted(running, key=lambda duty: (duty.party != machine.party, duty.due_at, duty.party))
    duties = [duty for duty in found if duty.kind is not DutyKind.MEETING]
    overdue = [duty for duty in duties if duty.verdict is DutyVerdict.OVERDUE]
    latest = sorted(overdue, key=lambda duty: (duty.party != machine.party, -duty.due_at))[:OVERDUE_COUNT_MAX]
    shown = {id(duty) for duty in latest}
    alerts = _find_alerts(desk)
    return Watch(
        alerts=alerts[:ALERT_COUNT_MAX],
        alert_count=len(alerts),
        clocks=tuple(duty for duty in duties if duty.verdict is DutyVerdict.OPEN),
        silences=tuple(sorted(_find_silences(machine, now), key=lambda silence: (silence.until_at, silence.id))),
        overdue=tuple(duty for duty in overdue if id(duty) in shown),
        overdue_count=len(overdue),
        meetings=group_owed(found, DutyVerdict.OVERDUE),
        meetings_due=group_owed(found, DutyVerdict.OPEN, until=now + NEAR_MS),
        invitations=find_invitations(machine, now),
        missed=_find_missed(machine, now),
        held=desk.node.approvals.list(now),
        drafts=tuple(list_drafts(desk, is_open=True)),
        warnings=tuple(row for row in find_area_warnings(desk) if row.proposed is not None),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """One sheet of all that waits for an answer from here, the most urgent first."""

    alerts: tuple[Call | Message, ...]
    count: int
    sheet: int
    sheet_count: int


def find_waiting(desk: Desk, sheet: int) -> Waiting:
    """Return one sheet of them; past the last, the last."""
    alerts = _find_alerts(desk)
    sheet_count = max(1, -(-len(alerts) // ALERT_COUNT_MAX))
    shown = min(sheet, sheet_count)
    return Waiting(alerts[(shown - 1) * ALERT_COUNT_MAX : shown * ALERT_COUNT_MAX], len(alerts), shown, sheet_count)


def _find_alerts(desk: Desk) -> tuple[Call | Message, ...]:
    """Return everything that waits for an answer from here, the most urgent first."""
    machine, now = desk.node.machine, desk.node.now()
    alerts: list[Call | Message] = [*_find_calls(machine, now), *_find_messages(machine)]
    return tuple(sorted(alerts, key=_find_urgency))


def _find_urgency(alert: Call | Message) -> tuple[int, Instant, str]:
    order = _ORDER[alert.sent.precedence] if isinstance(alert, Message) else _ORDER_OF_CALLS
    return order, alert.at, alert.id


def _find_calls(machine: Machine, now: Instant) -> Iterator[Call]:
    for settled, view in find_calls(machine, now):
        called, stated = settled.stated.entry, settled.stated
        if isinstance(called, ConsultationCalled):
            yield Call(stated.id.hex(), stated.author, stated.written_at, called, view.acknowledge_by_at,
                       view.acknowledge_clause, is_late=now > view.acknowledge_by_at)  # fmt: skip


def _find_messages(machine: Machine) -> Iterator[Message]:
    for state, own in find_messages(machine):
        if state.sent is None or own is None or own.acknowledged is not None:
            continue
        sent, stated = state.sent.stated.entry, state.sent.stated
        if isinstance(sent, MessageSent | PhraseSent):
            yield Message(stated.id.hex(), stated.author, stated.written_at, sent, find_words(machine, state),
                          is_corrected=state.sent.corrected_by is not None)  # fmt: skip


def _find_silences(machine: Machine, now: Instant) -> Iterator[Silence]:
    for scope, state in machine.record.read_kept("text", find_under_silence).items():
        view = judge_text(state, find_policy(machine, scope), as_of=now)
        if view.status in _RUNNING and view.until_at is not None:
            yield Silence(scope.ref.hex(), view.until_at, view.missing, view.clause,
                          is_ours=machine.party in view.missing)  # fmt: skip


def _find_missed(machine: Machine, now: Instant) -> tuple[LinePattern, ...]:
    return tuple(judge_lines(machine, list_days(machine), now)[1])


def order_versions(words: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """Return the versions of a text by language, the reader's own first."""
    return sorted(words.items(), key=lambda row: (row[0] != language, row[0]))
