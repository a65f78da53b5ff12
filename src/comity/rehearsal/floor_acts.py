"""What officers of a watch floor say besides the main line: handovers, meetings, plans, phrases, calls by voice.

As in `acts`: each looks at its own desk only, and is None while what it needs is not on the screen yet.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS
from comity.base.names import Audience, Party
from comity.pact.indicator import Indicator
from comity.pact.phrase import Phrase, count_gaps
from comity.procedure.appointment import MeetingCalledOff, MeetingMoved, MeetingPlanned, PlannedMeetingHeld, Setting
from comity.procedure.bracket import BracketLifted
from comity.procedure.call import ConsultationCalled, Medium
from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.indicator import IndicatorReported
from comity.procedure.measure import Instrument, MeasureAmended, MeasureReason, MeasureWithdrawn, Terms
from comity.procedure.meeting import EvidenceForm, MeetingEvidenceGiven, MeetingHeld
from comity.procedure.national import NationalActionEnded, NationalActionStated
from comity.procedure.phrase import Filled, PhraseSent
from comity.procedure.plan import Line, PlanActivated, PlanOpened, PlanRetired, PlanStoodDown, PlanVersionProposed
from comity.procedure.shift import ShiftHandedOver, ShiftRelieved
from comity.procedure.text import TextWithdrawn
from comity.procedure.threat import ThreatKind
from comity.procedure.voice import VoiceCallLogged, VoiceCheck
from comity.procedure.withdrawal import WithdrawalNotified, WithdrawalReason, WithdrawalRevoked
from comity.rehearsal.desk import NOTHING, Act, Desk, Wish
from comity.rehearsal.phrase import Phrases

__all__ = [
    "activate_plan",
    "amend_measure",
    "call_meeting_off",
    "fill",
    "give_evidence",
    "give_notice",
    "hand_over_watch",
    "hold_meeting",
    "hold_planned_meeting",
    "lift_bracket",
    "log_voice_call",
    "move_meeting",
    "open_plan",
    "plan_meeting",
    "put_plan",
    "relieve_watch",
    "report_indicator",
    "retire_plan",
    "revoke_notice",
    "send_phrase",
    "stand_plan_down",
    "withdraw_entry",
    "withdraw_measure",
    "withdraw_text",
]

NAMED_COUNT_MAX: Final = 6


def _list_newest(desk: Desk, type_: type[Entry]) -> tuple[bytes, ...]:
    """Return the newest few statements of a type on the screen, by their ids."""
    return tuple(sorted(row.id for row, _ in list(desk.find(type_))[-NAMED_COUNT_MAX:]))


def hand_over_watch(phrases: Phrases, *, role: str, officer: str) -> Act:
    """Hand the watch over with what is on the screen."""

    def act(desk: Desk) -> Wish:
        note = phrases.open_text(desk.party, "Quiet so far.", to=(desk.party,))
        calls, messages = _list_newest(desk, ConsultationCalled), _list_newest(desk, MessageSent)
        return Wish((desk.party,), (ShiftHandedOver(role, officer, desk.now, calls, messages, (), (), (note,)),))

    return act


def relieve_watch(name: str, *, role: str, officer: str) -> Act:
    """Take the watch that the cue `name` handed over."""

    def act(desk: Desk) -> Wish | None:
        if name not in desk.said:
            return None
        return Wish((desk.party,), (ShiftRelieved(desk.said[name][0], role, officer, ()),))

    return act


def hold_meeting(commitment: str) -> Act:
    """State that all met a while ago, in the consultation that is on the screen if there is one."""

    def act(desk: Desk) -> Wish:
        call = desk.first(ConsultationCalled)
        cited = () if call is None or call.audience != desk.everyone else (call.id,)
        began_at, ended_at = desk.now - HOUR_MS, desk.now - MINUTE_MS
        held = MeetingHeld(commitment, (), Level.ADVISERS, Medium.VIDEO, began_at, ended_at, desk.everyone, cited)
        return Wish(desk.everyone, (held,))

    return act


def give_evidence(phrases: Phrases, name: str) -> Act:
    """Name a document that shows the meeting of the cue `name`."""

    def act(desk: Desk) -> Wish | None:
        if name not in desk.said:
            return None
        source = phrases.open_text(desk.party, "On our page.", to=desk.everyone)
        digest = hashlib.sha256(name.encode()).digest()
        given = MeetingEvidenceGiven(desk.said[name][0], EvidenceForm.MINUTES, 0, (), (digest,), source)
        return Wish(desk.everyone, (given,))

    return act


def _make_setting(desk: Desk, in_ms: int) -> Setting:
    starts_at = desk.now + in_ms
    return Setting(starts_at, starts_at + HOUR_MS, Medium.VIDEO, (desk.party,), (), ())


def plan_meeting(commitment: str) -> Act:
    """Plan a meeting of all for soon."""

    def act(desk: Desk) -> Wish:
        invited = tuple(party for party in desk.everyone if party != desk.party)
        setting = _make_setting(desk, 10 * MINUTE_MS)
        return Wish(desk.everyone, (MeetingPlanned(commitment, (), Level.ADVISERS, invited, (), setting),))

    return act


def move_meeting(name: str) -> Act:
    """Put the meeting that the cue `name` planned an hour later."""

    def act(desk: Desk) -> Wish | None:
        if name not in desk.said:
            return None
        return Wish(desk.everyone, (MeetingMoved(desk.said[name][0], _make_setting(desk, HOUR_MS)),))

    return act


def call_meeting_off(name: str) -> Act:
    """Take the meeting that the cue `name` planned off."""

    def act(desk: Desk) -> Wish | None:
        if name not in desk.said:
            return None
        return Wish(desk.everyone, (MeetingCalledOff(desk.said[name][0], MeasureReason.NOT_NEEDED),))

    return act


def hold_planned_meeting(name: str, commitment: str) -> Act:
    """State that the meeting which the cue `name` planned was held."""

    def act(desk: Desk) -> Wish | None:
        if name not in desk.said:
            return None
        span = (desk.now - 4 * MINUTE_MS, desk.now - MINUTE_MS)
        held = PlannedMeetingHeld(commitment, (), Level.ADVISERS, Medium.VIDEO, *span, desk.everyone, (),
                                  desk.said[name][0])  # fmt: skip
        return Wish(desk.everyone, (held,))

    return act


def open_plan(name: str) -> Act:
    """Open a plan for launches."""
    return lambda desk: Wish(desk.everyone, (PlanOpened(name, ThreatKind.MISSILE_LAUNCH),))


def put_plan(phrases: Phrases, name: str, *, by: Sequence[Party]) -> Act:
    """Put a version of the plan that the cue `name` opened: one line, of a party or of anybody."""

    def act(desk: Desk) -> Wish | None:
        if name not in desk.said:
            return None
        line = Line("line-1", Instrument.PATROL, tuple(by), ("target-1",), 0, 4 * HOUR_MS)
        body = phrases.open_text(desk.party, "As agreed before.", to=desk.everyone)
        return Wish(desk.everyone, (PlanVersionProposed(desk.said[name][0], (line,), body),))

    return act


def activate_plan(name: str) -> Act:
    """Activate the version of the cue `name`/v1 into the consultation on the screen."""

    def act(desk: Desk) -> Wish | None:
        call = next((row for row, _ in desk.find(ConsultationCalled) if row.audience == desk.everyone), None)
        if call is None or f"{name}/v1" not in desk.said:
            return None
        activated = PlanActivated(desk.said[name][0], desk.said[f"{name}/v1"][0], call.id, desk.now)
        return Wish(desk.everyone, (activated,))

    return act


def stand_plan_down(name: str) -> Act:
    """End the activation of the cue `name`/go."""

    def act(desk: Desk) -> Wish | None:
        if f"{name}/go" not in desk.said:
            return None
        return Wish(desk.everyone, (PlanStoodDown(desk.said[name][0], desk.said[f"{name}/go"][0]),))

    return act


def retire_plan(name: str) -> Act:
    """Take the plan of the cue `name` out of use."""
    return lambda desk: Wish(desk.everyone, (PlanRetired(desk.said[name][0]),)) if name in desk.said else None


def fill(phrase: Phrase, desk: Desk) -> Filled:
    """Return a phrase with its gaps filled."""
    counts = count_gaps(phrase)
    return Filled(
        phrase.id, (desk.party,) * counts["party"], (int(desk.now),) * counts["at"], (7,) * counts["number"]
    )  # fmt: skip


def send_phrase(channel: str, phrase: Phrase, precedence: Precedence, *, to: Audience) -> Act:
    """Send a standard phrase on a line."""

    def act(desk: Desk) -> Wish:
        return Wish(to, (PhraseSent(channel, Level.WATCH, precedence, (), (), fill(phrase, desk)),))

    return act


def log_voice_call(channel: str, *, to: Audience, role: str, officer: str) -> Act:
    """Log that one spoke with everybody else on a line, and that they proved who they are."""

    def act(desk: Desk) -> Wish:
        others = tuple(party for party in to if party != desk.party)
        span = (desk.now - 2 * MINUTE_MS, desk.now - MINUTE_MS)
        logged = VoiceCallLogged(
            channel, Level.WATCH, others, *span, VoiceCheck.PROVED, ("7K",), ("Q4",), (), role, officer
        )
        return Wish(to, (logged,))

    return act


def report_indicator(phrases: Phrases, indicator: Indicator, value: str) -> Act:
    """Report a value of an indicator, under an open marking of its topic."""

    def act(desk: Desk) -> Wish:
        note = phrases.open_text(desk.party, "By our own count.", to=desk.everyone)
        return Wish(desk.everyone, (IndicatorReported(indicator.id, desk.now, value, note),))

    return act


def lift_bracket(name: str) -> Act:
    """Lift the bracket that the cue `name` put."""

    def act(desk: Desk) -> Wish | None:
        held = desk.machine.record.find_statement(desk.said[name][0]) if name in desk.said else None
        if held is None:
            return None
        return Wish(held.audience, (BracketLifted(getattr(held.entry, "text", b""), held.id),))

    return act


def withdraw_text(name: str) -> Act:
    """Take the text of the cue `name` off the table."""

    def act(desk: Desk) -> Wish | None:
        held = desk.machine.record.find_statement(desk.said[name][0]) if name in desk.said else None
        return None if held is None else Wish(held.audience, (TextWithdrawn(held.id),))

    return act


def withdraw_measure(name: str) -> Act:
    """Take the measure of the cue `name` back, or end the action that it was."""

    def act(desk: Desk) -> Wish | None:
        held = desk.machine.record.find_statement(desk.said[name][0]) if name in desk.said else None
        if held is None:
            return None
        if isinstance(held.entry, NationalActionStated):
            return Wish(held.audience, (NationalActionEnded(held.id),))
        return Wish(held.audience, (MeasureWithdrawn(held.id, MeasureReason.NOT_NEEDED),))

    return act


def amend_measure(name: str, terms: Terms) -> Act:
    """Put other terms in place of those of the measure that the cue `name` offered."""

    def act(desk: Desk) -> Wish | None:
        held = desk.machine.record.find_statement(desk.said[name][0]) if name in desk.said else None
        if held is None:
            return None
        is_own = isinstance(held.entry, NationalActionStated)
        return NOTHING if is_own else Wish(held.audience, (MeasureAmended(held.id, terms),))

    return act


def give_notice(desk: Desk) -> Wish:
    """Give notice to leave the pact, long after all that is played."""
    ends_at = desk.now + 400 * DAY_MS
    return Wish(desk.everyone, (WithdrawalNotified(WithdrawalReason.NATIONAL_DECISION, ends_at),))


def revoke_notice(name: str) -> Act:
    """Take back the notice of the cue `name`."""
    return lambda desk: Wish(desk.everyone, (WithdrawalRevoked(desk.said[name][0]),)) if name in desk.said else None


def withdraw_entry(name: str) -> Act:
    """Take back what the cue `name` said, by mistake."""

    def act(desk: Desk) -> Wish | None:
        held = desk.machine.record.find_statement(desk.said[name][0]) if name in desk.said else None
        if held is None:
            return None
        return Wish(held.audience, (EntryWithdrawn(held.id, CorrectionReason.MISTAKE),))

    return act
