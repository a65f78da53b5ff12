"""Which object a statement opens or belongs to (P5, P29)."""

import enum
from collections.abc import Sequence
from typing import Final

import msgspec

from comity.audit.procedures import (
    forms_act,
    forms_after_action,
    forms_appointment,
    forms_call,
    forms_exercise,
    forms_line,
    forms_observation,
    forms_plan,
    forms_text,
    forms_warning,
    forms_watch,
)
from comity.audit.procedures.forms import Entry
from comity.audit.procedures.said import Said
from comity.base.instants import DAY_MS
from comity.base.names import Audience

__all__ = ["CORRECTION", "ObjectKind", "Scope", "find_object", "group"]

CORRECTION: Final = "correction"


class ObjectKind(enum.Enum):
    """What an audit judges."""

    THREAT = "threat"
    CONSULTATION = "consultation"
    TEXT = "text"
    MEASURE = "measure"
    NATIONAL_ACTION = "national"
    MESSAGE = "message"
    LINE = "line"
    INDICATOR = "indicator"
    VOICE = "voice"
    PLAN = "plan"
    MEETING = "meeting"
    APPOINTMENT = "appointment"
    SHIFT = "shift"
    EXERCISE = "exercise"
    AFTER_ACTION = "after-action"


_OBJECTS: Final[dict[type[Entry], tuple[str, str]]] = {
    **dict.fromkeys(
        (forms_call.ThreatReported, forms_warning.ThreatDetected, forms_warning.DetectedThreatReported),
        ("threat", ""),
    ),
    forms_call.ConsultationCalled: ("consultation", ""),
    forms_text.TextOpened: ("text", ""),
    forms_act.MeasureOffered: ("measure", ""),
    forms_act.NationalActionStated: ("national", ""),
    **dict.fromkeys((forms_line.MessageSent, forms_line.PhraseSent), ("message", "")),
    forms_line.VoiceCallLogged: ("voice", ""),
    **dict.fromkeys((forms_watch.MeetingHeld, forms_appointment.PlannedMeetingHeld), ("meeting", "")),
    forms_appointment.MeetingPlanned: ("appointment", ""),
    **dict.fromkeys(
        (
            forms_appointment.MeetingMoved, forms_appointment.MeetingCalledOff, forms_appointment.InvitationAnswered,
        ),
        ("appointment", "appointment"),
    ),
    forms_exercise.ExerciseProposed: ("exercise", ""),
    **dict.fromkeys(
        (
            forms_exercise.ExerciseJoined, forms_exercise.ExerciseLeft, forms_exercise.ExerciseStarted,
            forms_exercise.ExercisePaused, forms_exercise.ExerciseResumed, forms_exercise.ExerciseJumped,
            forms_exercise.InjectsShifted, forms_exercise.InjectFired, forms_exercise.InjectSkipped,
            forms_exercise.ExerciseEnded, forms_exercise.BreakoutDeclared, forms_observation.ObservationNoted,
            forms_observation.HotWashNoted, forms_observation.ImprovementProposed,
            forms_exercise.SeatGiven, forms_exercise.SeatWithdrawn,
        ),
        ("exercise", "exercise"),
    ),
    forms_after_action.ReportAdopted: ("after-action", ""),
    **dict.fromkeys(
        (forms_after_action.ReportAdoptionJoined, forms_after_action.ActionCompleted), ("after-action", "adoption")
    ),
    forms_watch.MeetingAttended: ("meeting", "meeting"),
    forms_watch.MeetingEvidenceGiven: ("meeting", "meeting"),
    forms_watch.ShiftHandedOver: ("shift", ""),
    forms_watch.ShiftRelieved: ("shift", "shift"),
    forms_line.VoiceCallConfirmed: ("voice", "call"),
    forms_act.IndicatorReported: ("indicator", ""),
    **dict.fromkeys(
        (
            forms_call.Acknowledged, forms_call.AcknowledgementWithdrawn, forms_call.CallDeclined,
            forms_call.ConsultationConvened, forms_call.PositionStated, forms_call.PositionExplained,
            forms_call.InstructionsAwaited, forms_call.ConclusionStated,
        ),
        ("consultation", "consultation"),
    ),
    **dict.fromkeys(
        (
            forms_text.TextVersionProposed, forms_text.TextAmendmentProposed, forms_text.TextWithdrawn,
            forms_text.PenHandedOver, forms_text.PenTakenOver, forms_text.SilenceProposed, forms_text.SilenceExtended,
            forms_text.TextReceived, forms_text.SilenceHeld, forms_text.HoldLifted, forms_text.SilenceBroken,
            forms_text.SilenceKept, forms_text.TextAgreed, forms_text.TextAdoptionSeen,
            forms_text.PassageBracketed, forms_text.PassageWorded, forms_text.BracketLifted,
        ),
        ("text", "text"),
    ),
    **dict.fromkeys(
        (
            forms_act.MeasureAmended, forms_act.MeasureAccepted, forms_act.MeasureDeclined, forms_act.MeasureStarted,
            forms_act.MeasureDelivered, forms_act.MeasureWithdrawn,
        ),
        ("measure", "measure"),
    ),
    forms_act.NationalActionEnded: ("national", "action"),
    forms_plan.PlanOpened: ("plan", ""),
    **dict.fromkeys(
        (
            forms_plan.PlanVersionProposed, forms_plan.PlanAccepted, forms_plan.PlanDeclined,
            forms_plan.PlanActivated, forms_plan.PlanStoodDown, forms_plan.PlanRetired,
        ),
        ("plan", "plan"),
    ),
    **dict.fromkeys(
        (
            forms_line.MessageRead, forms_line.MessageAcknowledged, forms_line.MessageReadBack,
            forms_line.PhraseReadBack, forms_line.MessageTranslated,
        ),
        ("message", "message"),
    ),
    **dict.fromkeys((forms_line.EntryCorrected, forms_line.EntryWithdrawn), (CORRECTION, "entry")),
}  # fmt: skip
"""The kind of object that a type belongs to, by which of its fields; or that it opens, without one."""


class Scope(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """One object as one audience knows it. `ref` is the id of its opening entry, or channel and day of a line."""

    kind: str
    ref: bytes
    audience: Audience


def find_object(said: Said) -> Scope | None:
    """Return the object of a statement; None for what is about none, as an agreement's state or an item."""
    entry = said.entry
    found = _OBJECTS.get(type(entry))
    if found is not None:
        kind, field = found
        return Scope(kind, getattr(entry, field) if field else said.id, said.audience)
    if isinstance(
        entry, forms_line.LineTestSent | forms_line.LineTestAnsweredByMachine | forms_line.LineTestAnsweredByPerson
    ):
        return Scope("line", f"{entry.channel}/{entry.slot_at // DAY_MS}".encode(), said.audience)
    return None


def group(statements: Sequence[Said]) -> dict[Scope, list[Said]]:
    """Return the statements by object; a correction goes where what it names stands, if both have one audience (P3)."""
    by_id: dict[bytes, Said] = {}
    scopes: dict[Scope, list[Said]] = {}
    for said in statements:
        scope = find_object(said)
        if scope is not None and scope.kind == CORRECTION:
            by_id = by_id or {said.id: said for said in statements}
            scope = _follow(said, by_id)
        if scope is None:
            continue
        held = scopes.get(scope)
        if held is None:
            scopes[scope] = [said]
        else:
            held.append(said)
    return scopes


def _follow(said: Said, by_id: dict[bytes, Said]) -> Scope | None:
    """Return the object that a correction is about in the end, through corrections of corrections."""
    passed: set[bytes] = set()
    while isinstance(said.entry, forms_line.EntryCorrected | forms_line.EntryWithdrawn):
        named = by_id.get(said.entry.entry)
        if named is None or named.audience != said.audience or named.id in passed:
            return Scope(CORRECTION, said.entry.entry, said.audience)
        passed.add(named.id)
        said = named
    return find_object(said)
