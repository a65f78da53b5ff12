"""What waits for an officer of this party: calls and messages of others that nobody here has answered.

A party's own view of what it holds; it is shown to its own officers alone. What of it alarms, and is carried from
officer to officer until somebody answers, is clause P90; no clock is read here, the instant comes in.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Digest, Party
from comity.procedure.consultation import ConsultationState, ConsultationView, Phase, judge_consultation
from comity.procedure.correction import Settled
from comity.procedure.hotline import MessageCell, MessageState, Precedence
from comity.procedure.receipt import ReceiptState

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = [
    "Alert",
    "AlertKind",
    "AlertState",
    "find_alerts",
    "find_calls",
    "find_messages",
    "find_unanswered",
    "find_unended",
    "judge_call",
]

_OPEN: Final = (Phase.CALLED, Phase.CONVENED)
WITHDRAWN_SHOWN_MS: Final = DAY_MS
"""How long what was taken back stays on the screen: a watch learns at its beginning what the one before heard."""


class AlertKind(enum.StrEnum):
    """What alerts."""

    CALL = "call"
    MESSAGE = "message"


class AlertState(enum.StrEnum):
    """Whether an alert sounds (P90)."""

    SOUNDS = "sounds"
    CORRECTED = "corrected"
    """It reads otherwise than it was first sent: it still waits for an answer, and is quiet."""
    WITHDRAWN = "withdrawn"
    """Its author took it back before anybody here had answered."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A call, or a message of any precedence, of another party that nobody here has answered."""

    id: Digest
    kind: AlertKind
    party: Party
    at: Instant
    precedence: Precedence | None
    state: AlertState

    @property
    def sounds(self) -> bool:
        """Whether it alarms until somebody answers: a call or a FLASH, as it was first sent (P90)."""
        return self.state is AlertState.SOUNDS and self.is_urgent

    @property
    def is_urgent(self) -> bool:
        """Whether it is of the kind that alarms."""
        return self.kind is AlertKind.CALL or self.precedence is Precedence.FLASH


def find_alerts(machine: "Machine", now: Instant) -> tuple[Alert, ...]:
    """Return what nobody here has answered, and what its author took back within a day; the oldest first."""
    found = [*_find_call_alerts(machine, now), *_find_message_alerts(machine, now)]
    return tuple(sorted(found, key=lambda alert: (alert.at, alert.id)))


def _find_call_alerts(machine: "Machine", now: Instant) -> Iterator[Alert]:
    for called, view, is_answered in _judge_calls(machine, now):
        state = _find_state(machine, called, now)
        if not is_answered and state is not None and (view.phase in _OPEN or state is AlertState.WITHDRAWN):
            stated = called.stated
            yield Alert(stated.id, AlertKind.CALL, stated.author, stated.written_at, None, state)


def _find_message_alerts(machine: "Machine", now: Instant) -> Iterator[Alert]:
    for state, own in _list_messages(machine):
        assert state.sent is not None, "only what was sent is listed"
        stands = _find_state(machine, state.sent, now)
        if stands is not None and (own is None or own.acknowledged is None):
            stated = state.sent.stated
            yield Alert(stated.id, AlertKind.MESSAGE, stated.author, stated.written_at, state.precedence, stands)


def _find_state(machine: "Machine", settled: Settled, now: Instant) -> AlertState | None:
    """Return where an alert stands by what its author said of it later; None where it is too long ago."""
    if settled.withdrawn_by is not None:
        act = machine.record.find_statement(settled.withdrawn_by)
        is_fresh = act is not None and now < act.written_at + WITHDRAWN_SHOWN_MS
        return AlertState.WITHDRAWN if is_fresh else None
    return AlertState.CORRECTED if settled.corrected_by is not None else AlertState.SOUNDS


def find_calls(machine: "Machine", now: Instant) -> Iterator[tuple[Settled, ConsultationView]]:
    """Yield the calls of others that nobody here has answered, as they stand now."""
    for called, view, is_answered in _judge_calls(machine, now):
        if view.phase in _OPEN and not is_answered:
            yield called, view


def _judge_calls(machine: "Machine", now: Instant) -> Iterator[tuple[Settled, ConsultationView, bool]]:
    """Yield each call of another party, as it stands now, and whether somebody here has answered it."""
    for _, state in sorted(machine.record.read_kept("consultation", find_unended).items()):
        if state.called is None or state.called.stated.author == machine.party:
            continue
        view = judge_call(machine, state, now)
        own = [row for row in view.parties if row.party == machine.party]
        yield state.called, view, any(row.declined or row.receipt is ReceiptState.ACKNOWLEDGED for row in own)


def find_messages(machine: "Machine") -> Iterator[tuple[MessageState, MessageCell | None]]:
    """Yield the messages and phrases of others that were not withdrawn, each with what was said of it here.

    Left out are those that every reader has acknowledged: nothing about them waits for anybody.
    """
    for state, own in _list_messages(machine):
        if state.sent is not None and state.sent.withdrawn_by is None:
            yield state, own


def _list_messages(machine: "Machine") -> Iterator[tuple[MessageState, MessageCell | None]]:
    for _, state in sorted(machine.record.read_kept("message", find_unanswered).items()):
        if state.sent is not None and state.sent.stated.author != machine.party:
            yield state, next((cell for cell in state.cells if cell.party == machine.party), None)


def find_unended(state: ConsultationState) -> ConsultationState | None:
    """Return a consultation unless every party has concluded it: then only a new statement can open it again.

    One that was withdrawn is not left out, for it is told of for a while, and none that only time closed.
    """
    is_withdrawn = state.called is not None and state.called.withdrawn_by is not None
    return None if state.called is not None and state.is_concluded and not is_withdrawn else state


def find_unanswered(state: MessageState) -> MessageState | None:
    """Return a message unless all its readers have acknowledged it."""
    return None if state.sent is not None and all(cell.acknowledged for cell in state.cells) else state


def judge_call(machine: "Machine", state: ConsultationState, now: Instant) -> ConsultationView:
    """Return how a consultation stands now, under the version of the pact that it is judged under (P36)."""
    policy = machine.versions.find_policy(state.scope, machine.record.get_held(state.scope))
    links = machine.find_links(state.scope.audience)
    return judge_consultation(state, policy, as_of=now, links=links)
