"""What the values that the watch floor reads are called: hotline, voice calls, tracks, injects."""

import enum
from typing import Final

from comity.audit.procedures.scope import ObjectKind
from comity.exercise import msel
from comity.machine.waiting import AlertKind, AlertState
from comity.pact.area import RuleAct, RulePrecedence, TrackEvent
from comity.pact.track import TrackDomain
from comity.procedure import alarm, appointment, detected, matrix, meeting, plan, public_warning, shift, voice
from comity.warning.tally import Reason

__all__ = ["FLOOR_SHOWN", "FLOOR_TERMS"]

FLOOR_SHOWN: Final[tuple[type[enum.Enum], ...]] = (
    AlertKind,
    AlertState,
    alarm.Outcome,
    appointment.AppointmentStatus,
    appointment.InvitationAnswer,
    detected.DiscardReason,
    matrix.FrictionKind,
    matrix.NeedState,
    meeting.Attendance,
    meeting.EvidenceForm,
    meeting.MeetingStatus,
    msel.Condition,
    msel.Method,
    plan.PlanStatus,
    public_warning.WarningStep,
    shift.ShiftStatus,
    Reason,
    RuleAct,
    RulePrecedence,
    TrackDomain,
    TrackEvent,
    voice.VoiceAccount,
    voice.VoiceCheck,
)

FLOOR_TERMS: Final[tuple[tuple[enum.Enum, str], ...]] = (
    (AlertKind.CALL, "call for consultation"),
    (AlertState.SOUNDS, "alarms"),
    (alarm.Outcome.FAILED, "did not get through"),
    (appointment.AppointmentStatus.ACCEPTED, "all will attend"),
    (appointment.AppointmentStatus.PAST, "its time is over"),
    (detected.DiscardReason.KNOWN, "it is reported already"),
    (detected.DiscardReason.OTHER, "for another reason"),
    (appointment.InvitationAnswer.OTHER_TIME, "proposes another time"),
    (ObjectKind.APPOINTMENT, "planned meeting"),
    (ObjectKind.VOICE, "voice call"),
    (matrix.NeedState.LATER, "begins later"),
    (matrix.NeedState.MET, "begins in time"),
    (matrix.NeedState.NOT_STANDING, "does not stand"),
    (public_warning.WarningStep.ALERT, "a warning"),
    (public_warning.WarningStep.UPDATE, "an update"),
    (public_warning.WarningStep.CANCEL, "a cancellation"),
    (meeting.EvidenceForm.COMMUNIQUE, "communiqué"),
    (meeting.MeetingStatus.STATED, "stated by one party"),
    (shift.ShiftStatus.HANDED_OVER, "waits for the relief"),
    (ObjectKind.SHIFT, "change of watch"),
    (Reason.ALTITUDE, "altitude out of bounds"),
    (Reason.DUPLICATE, "the same update again"),
    (Reason.ESTIMATE, "estimate out of bounds"),
    (Reason.FLAGS, "flags that contradict"),
    (Reason.FLOOD, "more than the source may report"),
    (Reason.FUTURE, "from the future"),
    (Reason.JUMP, "farther than it can have moved"),
    (Reason.KIND, "kind not in the class"),
    (Reason.MALFORMED, "not of the form of a report"),
    (Reason.NOT_FINITE, "not a number"),
    (Reason.PAST, "from too long ago"),
    (Reason.POSITION, "position not on earth"),
    (Reason.REORDERED, "after a later update"),
    (Reason.SENSOR, "sensor not named"),
    (Reason.SPEED, "speed out of bounds"),
    (Reason.TRACKS, "more tracks than the source may have"),
    (Reason.UNCERTAINTY, "uncertainty that none can be"),
    (RuleAct.DRAFT, "a report is drafted for an officer"),
    (RuleAct.SEND, "a report is sent at once"),
    (TrackEvent.ENTERS, "it is in the area"),
    (TrackEvent.IMPACT_IN, "its impact is estimated in the area"),
    (TrackEvent.LAUNCH_IN, "its launch is estimated in the area"),
    (TrackDomain.AIR, "in the air"),
    (TrackDomain.HEALTH, "public health"),
    (TrackDomain.LAND, "on land"),
    (TrackDomain.SPACE, "in space"),
    (TrackDomain.SURFACE, "at sea"),
    (plan.PlanStatus.IN_REVISION, "in force, being revised"),
    (voice.VoiceAccount.AGREES, "its account agrees"),
    (voice.VoiceAccount.DIFFERS, "its account differs"),
    (voice.VoiceAccount.NONE, "no account given"),
    (voice.VoiceCheck.PROVED, "challenge answered"),
    (voice.VoiceCheck.FAILED, "challenge not answered"),
    (voice.VoiceCheck.NOT_ASKED, "no challenge asked"),
    (matrix.FrictionKind.ANNOUNCEMENT, "clashing announcements"),
    (matrix.FrictionKind.DEPENDENCY, "dependency not met"),
    (matrix.FrictionKind.GAP, "gap against the plan"),
    (matrix.FrictionKind.PLACE, "same place and time"),
    (matrix.FrictionKind.TARGET, "same target"),
)
