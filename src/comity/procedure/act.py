"""What an officer does by each statement: one table from the types of entries to the acts of the pact (P42).

Every type that an officer may state is in `ACTS`, and what a node says by itself in `OF_NODE`; a test holds that each
type is in one of them. A new type takes an act that is there, or a new one with a row in both profiles.
"""

from collections.abc import Callable, Mapping
from typing import Final

from comity.pact.offices import Act
from comity.procedure import (
    after_action,
    agreement,
    alarm,
    anchor,
    appointment,
    bracket,
    call,
    correction,
    detected,
    disclosed,
    exercise,
    genesis,
    hotline,
    indicator,
    inquiry,
    line,
    linked,
    measure,
    meeting,
    national,
    observation,
    officer,
    onward,
    phrase,
    plan,
    position,
    public_warning,
    quarantine,
    reading,
    recall,
    role_play,
    sharing,
    shift,
    spillage,
    text,
    threat,
    translation,
    voice,
    withdrawal,
)
from comity.procedure.entry import Entry

__all__ = ["ACTS", "OF_NODE", "find_act", "find_effective"]

_TYPES: Final[Mapping[Act, tuple[type[Entry], ...]]] = {
    Act.REPORT: (
        threat.ThreatReported,
        detected.DetectedThreatReported,
        detected.DraftDiscarded,
        public_warning.PublicWarned,
        indicator.IndicatorReported,
        *spillage.ENTRIES,
        exercise.BreakoutDeclared,
    ),
    Act.CALL: (call.ConsultationCalled,),
    Act.ACKNOWLEDGE: (
        call.Acknowledged,
        call.AcknowledgementWithdrawn,
        hotline.MessageRead,
        hotline.MessageAcknowledged,
        hotline.MessageReadBack,
        phrase.PhraseReadBack,
        voice.VoiceCallConfirmed,
        meeting.MeetingAttended,
        appointment.InvitationAnswered,
        *shift.ENTRIES,
        line.LineTestAnsweredByPerson,
    ),
    Act.CONVENE: (
        call.ConsultationConvened,
        appointment.MeetingPlanned,
        appointment.MeetingMoved,
        appointment.MeetingCalledOff,
        *exercise.CONTROL,
    ),
    Act.POSITION: (*position.ENTRIES, call.CallDeclined),
    Act.CONCLUDE: (call.ConclusionStated,),
    Act.DRAFT: (
        text.TextOpened,
        text.TextVersionProposed,
        text.TextAmendmentProposed,
        text.TextWithdrawn,
        text.PenHandedOver,
        text.PenTakenOver,
        text.SilenceProposed,
        text.SilenceExtended,
        bracket.PassageBracketed,
        bracket.PassageWorded,
        bracket.BracketLifted,
    ),
    Act.AGREE: (
        text.TextAgreed,
        text.HoldLifted,
        exercise.ExerciseProposed,
        after_action.ReportAdopted,
        after_action.ReportAdoptionJoined,
        exercise.ExerciseJoined,
        exercise.ExerciseLeft,
    ),
    Act.HOLD: (text.SilenceHeld, text.SilenceBroken),
    Act.MEASURE: (
        measure.MeasureOffered,
        measure.MeasureAmended,
        measure.MeasureAccepted,
        measure.MeasureDeclined,
        measure.MeasureStarted,
        measure.MeasureDelivered,
        measure.MeasureWithdrawn,
        national.NationalActionStated,
        national.NationalActionEnded,
        *plan.ENTRIES,
    ),
    Act.MESSAGE: (
        hotline.MessageSent,
        phrase.PhraseSent,
        translation.MessageTranslated,
        voice.VoiceCallLogged,
        meeting.MeetingHeld,
        appointment.PlannedMeetingHeld,
        meeting.MeetingEvidenceGiven,
        inquiry.InformationRequested,
        inquiry.InformationAnswered,
        inquiry.InformationRequestClosed,
        *observation.ENTRIES,
        after_action.ActionCompleted,
        *role_play.ENTRIES,
    ),
    Act.RELEASE: (
        *sharing.GIVING,
        sharing.PassOnReported,
        disclosed.EntryDisclosed,
        quarantine.QuarantineReleased,
        inquiry.GivenInAnswer,
    ),
    Act.CONSENT: (
        sharing.PassOnRequested,
        sharing.ConsentGiven,
        sharing.ConsentRefused,
        sharing.ConsentWithdrawn,
        *onward.ENTRIES,
    ),
    Act.RECALL: (
        sharing.RecallRequested,
        sharing.RecallAnswered,
        recall.RecallPassedOn,
        recall.RecallReplied,
        recall.RecallReported,
    ),
    Act.AGREEMENT: (agreement.AgreementStateStated,),
    Act.LEAVE: (withdrawal.WithdrawalNotified, withdrawal.WithdrawalRevoked),
    Act.CORRECT: (correction.EntryWithdrawn, correction.EntryCorrected),
}

ACTS: Final[Mapping[type[Entry], Act]] = {type_: act for act, types in _TYPES.items() for type_ in types}
"""The act of each type that an officer may state."""

OF_NODE: Final[frozenset[type[Entry]]] = frozenset(
    {
        genesis.PactAccepted,
        genesis.RootStatementPublished,
        genesis.AudienceOpened,
        genesis.KeysRequested,
        text.TextReceived,
        text.SilenceKept,
        text.TextAdoptionSeen,
        line.LineTestSent,
        line.LineTestAnsweredByMachine,
        recall.ItemDestroyed,
        quarantine.FindingReported,
        linked.ItemsLinked,
        officer.ActedBy,
        reading.ItemRead,
        *alarm.ENTRIES,
        *anchor.ENTRIES,
        detected.ThreatDetected,
        detected.ThreatDrafted,
    }
)
"""What a node says by itself, or a ceremony makes it say: nobody has to act for it."""

DecodeEntry = Callable[[bytes], Entry | None]


def find_effective(entry: Entry, decode: DecodeEntry) -> Entry:
    """Return what a statement comes to: of a correction the entry that it puts in place, where that can be read.

    A node keeps what it said by itself under a rule up to date (docs/spec/warning.md, W19): no officer does.
    """
    if isinstance(entry, correction.EntryCorrected):
        replacement = decode(entry.replacement)
        if replacement is not None and (type(replacement) in ACTS or isinstance(replacement, detected.ThreatDetected)):
            return replacement
    return entry


def find_act(entry: Entry, decode: DecodeEntry) -> Act | None:
    """Return what an officer does by stating an entry; None where no officer is needed."""
    return ACTS.get(type(find_effective(entry, decode)))
