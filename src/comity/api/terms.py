"""What the values of enums are called: one English message id for each, to be translated like any other message.

Codes on the record never change; what people read may. As a rule the message id is the value with spaces for hyphens.
Where a value says too little by itself, or would need different words in Japanese or Korean, `_SPELT_OUT` has the
message id. A test holds that every enum of the pact and of the procedures is in `SHOWN`.
"""

import enum
import functools
from collections.abc import Iterator, Mapping
from typing import Final

from comity.api.ally_terms import ALLY_TERMS
from comity.api.floor_terms import FLOOR_SHOWN, FLOOR_TERMS
from comity.api.office_terms import OFFICE_TERMS
from comity.api.words import get_language, say_in
from comity.audit.finding import Severity
from comity.audit.procedures.quarantine import QuarantineShown
from comity.audit.procedures.scope import ObjectKind
from comity.audit.procedures.view import ObjectShown
from comity.audit.tracks.difference import Why
from comity.audit.version import Anchor
from comity.base.catalogue import Fault
from comity.journal.header import Feed
from comity.pact import agreement as pact_agreement
from comity.pact import (
    commitment,
    consultation,
    duty,
    foreign,
    offices,
    policy,
    release,
    signatory,
    terms,
    warning,
)
from comity.pact import indicator as pact_indicator
from comity.procedure import (
    account,
    agreement,
    area,
    assessment,
    call,
    correction,
    dissemination,
    fields,
    hotline,
    indicator,
    inquiry,
    item,
    line,
    measure,
    national,
    officer,
    onward,
    position,
    proof,
    public_record,
    reading,
    recall,
    recalls,
    receipt,
    sharing,
    silence,
    spillage,
    stated,
    text,
    text_view,
    threat,
    verdict,
    withdrawal,
)
from comity.procedure import consultation as procedure_consultation
from comity.procedure import duty as procedure_duty

__all__ = ["SHOWN", "iterate_terms", "say_term", "say_term_in"]

SHOWN: Final[tuple[type[enum.Enum], ...]] = (
    account.AccountVerdict,
    agreement.AgreementReason,
    area.Shape,
    assessment.Confidence,
    assessment.Likelihood,
    call.DeclineReason,
    call.Medium,
    call.Outcome,
    commitment.Cadence,
    commitment.EvidenceKind,
    commitment.Obligation,
    consultation.DecisionRule,
    consultation.Who,
    correction.CorrectionReason,
    dissemination.PassOnState,
    duty.DutyKind,
    duty.DutyTrigger,
    fields.Level,
    foreign.Vocabulary,
    fields.Precedence,
    hotline.ReadBack,
    item.PortionKind,
    line.LineAnswer,
    indicator.Grade,
    measure.Instrument,
    measure.MeasureReason,
    measure.MeasureStatus,
    national.ActionStage,
    inquiry.AnswerReason,
    inquiry.InquiryAnswer,
    inquiry.InquiryState,
    spillage.SpillageKind,
    spillage.SpillageResult,
    spillage.SpillageStep,
    officer.Footing,
    reading.ReaderKind,
    onward.OnwardState,
    offices.Act,
    offices.SpeakingLevel,
    pact_agreement.AgreementState,
    pact_agreement.Binding,
    pact_agreement.Direction,
    pact_agreement.Path,
    pact_agreement.Renewal,
    pact_agreement.ThirdParty,
    pact_indicator.Direction,
    policy.YearlyMeans,
    position.Position,
    procedure_consultation.Phase,
    procedure_duty.DutyVerdict,
    procedure_duty.ExcuseReason,
    proof.Claim,
    public_record.Precision,
    recall.CopiesMade,
    recall.Fate,
    recall.FateReported,
    recall.Onward,
    recalls.CopyState,
    recalls.RecallFault,
    receipt.ReceiptState,
    release.Leg,
    sharing.RecallOutcome,
    sharing.RecallReason,
    sharing.RefusalReason,
    signatory.TurnClock,
    signatory.Weekday,
    silence.Consent,
    silence.KeepRefusal,
    stated.Standing,
    terms.Confidence,
    terms.Unspecified,
    text.BreakReason,
    text.TextKind,
    text_view.TextStatus,
    threat.Credibility,
    threat.Reliability,
    threat.SourceKind,
    threat.ThreatKind,
    verdict.Reason,
    warning.WarningScope,
    withdrawal.WithdrawalReason,
    *FLOOR_SHOWN,
    Anchor,
    Why,
    Fault,
    Feed,
    ObjectKind,
    ObjectShown,
    QuarantineShown,
    Severity,
)

_SPELT_OUT: Final[tuple[tuple[enum.Enum, str], ...]] = (
    *OFFICE_TERMS,
    *FLOOR_TERMS,
    (assessment.Likelihood.ALMOST_NO_CHANCE, "almost no chance (1–5 %)"),
    (assessment.Likelihood.VERY_UNLIKELY, "very unlikely (5–20 %)"),
    (assessment.Likelihood.UNLIKELY, "unlikely (20–45 %)"),
    (assessment.Likelihood.ROUGHLY_EVEN, "roughly even chance (45–55 %)"),
    (assessment.Likelihood.LIKELY, "likely (55–80 %)"),
    (assessment.Likelihood.VERY_LIKELY, "very likely (80–95 %)"),
    (assessment.Likelihood.ALMOST_CERTAIN, "almost certain (95–99 %)"),
    (agreement.AgreementReason.UNSTATED, "no reason stated"),
    (call.DeclineReason.NOT_STATED, "no reason stated"),
    (ObjectKind.NATIONAL_ACTION, "national action"),
    (Anchor.KNOWN, "you know it"),
    (Anchor.NAMED, "a version you know names it"),
    (Anchor.SIGNED, "its parties signed it"),
    (Anchor.CARRIED, "nothing but the records"),
    (call.DeclineReason.OTHER_CHANNEL, "consulting through another channel"),
    (call.DeclineReason.OWN_RESPONSE, "responding by itself"),
    (call.Medium.TEXT, "in writing"),
    (commitment.Cadence.STANDING, "standing, without a date"),
    *ALLY_TERMS,
    (commitment.EvidenceKind.CALL, "telephone call"),
    (commitment.EvidenceKind.SIGNATURE, "signing"),
    (consultation.DecisionRule.EACH_DECIDES, "each decides for itself"),
    (consultation.DecisionRule.NONE, "no decision rule"),
    (consultation.DecisionRule.SILENCE, "silence procedure"),
    (consultation.Who.ALL, "all parties together"),
    (consultation.Who.ANY, "any party"),
    (consultation.Who.EACH, "each party"),
    (duty.DutyKind.LINE_ANSWER_BY_MACHINE, "machine's answer to a line test"),
    (duty.DutyKind.LINE_ANSWER_BY_PERSON, "person's answer to a line test"),
    (duty.DutyKind.MEETING, "word that a meeting was held"),
    (duty.DutyKind.SILENCE_ANSWER, "answer to a silence procedure"),
    (duty.DutyTrigger.CALLED, "when called"),
    (duty.DutyTrigger.LINE_TESTED, "when a line is tested"),
    (duty.DutyTrigger.PAGE_STORED, "when a page is stored"),
    (duty.DutyTrigger.STANDING, "standing, without a date"),
    (duty.DutyTrigger.TEXT_PROPOSED, "when a text is proposed"),
    (Fault.OUTAGE, "nobody: try again later"),
    (Fault.REMOTE, "the party whose bytes break a rule"),
    (Fault.USAGE, "the caller, who changes the request"),
    (fields.Level.WATCH, "watch officers"),
    (fields.Level.WORKING, "working level"),
    (hotline.ReadBack.DIFFERS, "the read-back differs"),
    (hotline.ReadBack.MATCHES, "the read-back matches"),
    (item.PortionKind.OBJECT, "object for machines"),
    (line.LineAnswer.MACHINE, "answered by the machine"),
    (line.LineAnswer.PENDING, "answer pending"),
    (line.LineAnswer.PERSON, "answered by a person"),
    (measure.MeasureReason.COLLIDES, "it collides with another measure"),
    (measure.MeasureReason.NOT_ABLE, "not able to"),
    (pact_agreement.Binding.NO, "not binding"),
    (pact_agreement.Binding.POLITICAL, "politically binding"),
    (pact_agreement.Binding.TREATY, "binding under international law"),
    (pact_agreement.Direction.MUTUAL, "both ways"),
    (pact_agreement.Path.HUB, "through a hub"),
    (pact_agreement.Renewal.INDEFINITE, "without end"),
    (pact_agreement.ThirdParty.FREE, "free to pass on"),
    (pact_agreement.ThirdParty.ORIGINATOR_CONSENT, "only with the originator's consent"),
    (pact_agreement.ThirdParty.PROHIBITED, "never passed on"),
    (policy.YearlyMeans.ANNIVERSARY_YEAR, "year counted from adoption"),
    (position.Position.ACCEPT_AD_REFERENDUM, "accepts ad referendum"),
    (position.Position.OBJECT, "objects"),
    (position.Position.SUPPORT, "supports"),
    (position.Position.SUPPORT_WITH_RESERVE, "supports with a reserve"),
    (procedure_duty.DutyVerdict.OPEN, "still open"),
    (procedure_duty.ExcuseReason.DECLINED, "it declined"),
    (procedure_duty.ExcuseReason.LEFT, "it had left the pact"),
    (procedure_duty.ExcuseReason.NOT_DELIVERED, "it was not delivered"),
    (proof.Claim.OTHERS_HANDS, "through another's hands"),
    (proof.Claim.REACH, "how far it can get"),
    (release.Leg.BY_HUB, "by way of the hub"),
    (release.Leg.TO_HUB, "to the hub"),
    (sharing.RecallOutcome.DECLINED, "recall declined"),
    (sharing.RecallReason.UNSTATED, "no reason stated"),
    (sharing.RefusalReason.ANOTHER_VERSION, "another version can go"),
    (sharing.RefusalReason.RECIPIENT, "because of the recipient"),
    (sharing.RefusalReason.SOURCE, "to protect the source"),
    (sharing.RefusalReason.UNSTATED, "no reason stated"),
    (signatory.TurnClock.UTC, "UTC"),
    (signatory.TurnClock.WALL, "local clock"),
    (silence.Consent.AGREED, "agreed by an officer"),
    (silence.Consent.BROKEN, "silence broken"),
    (silence.Consent.HELD_OVER, "a hold was not lifted in time"),
    (silence.Consent.KEPT, "silence kept"),
    (silence.Consent.MOVED_ON, "changed or withdrew the text itself"),
    (silence.KeepRefusal.ALREADY_SAID, "the party has already answered"),
    (silence.KeepRefusal.CLOCK_IN_DOUBT, "the clock is in doubt"),
    (silence.KeepRefusal.HELD, "an officer holds"),
    (silence.KeepRefusal.NO_ROUND, "no silence procedure is running"),
    (silence.KeepRefusal.NOT_BY_MACHINE, "the pact wants an officer's word"),
    (silence.KeepRefusal.NOT_RECEIVED, "the text was not received"),
    (silence.KeepRefusal.NOT_UP, "the node was not up throughout"),
    (silence.KeepRefusal.OBJECTION_IN_DOUBT, "an objection of this party stands in a page that is in doubt"),
    (silence.KeepRefusal.RECEIVED_TOO_LATE, "the text was received too late"),
    (silence.KeepRefusal.ROUND_NOT_KNOWN, "the silence procedure is not fully here"),
    (silence.KeepRefusal.TOO_EARLY, "before the silence deadline"),
    (terms.Confidence.OK, "read in the source"),
    (terms.Confidence.RECALL, "recalled, to be checked before quoting"),
    (terms.Confidence.UNCONFIRMED, "not confirmed"),
    (text.BreakReason.RECEIVED_TOO_LATE, "the text was received too late"),
    (text_view.TextStatus.BROKEN, "silence broken"),
    (text_view.TextStatus.CLOSING, "silence closing"),
    (text_view.TextStatus.RUNNING, "silence running"),
    (threat.Credibility(1), "1 confirmed by other sources"),
    (threat.Credibility(2), "2 probably true"),
    (threat.Credibility(3), "3 possibly true"),
    (threat.Credibility(4), "4 doubtful"),
    (threat.Credibility(5), "5 improbable"),
    (threat.Credibility(6), "6 truth cannot be judged"),
    (threat.Reliability.A, "A completely reliable"),
    (threat.Reliability.B, "B usually reliable"),
    (threat.Reliability.C, "C fairly reliable"),
    (threat.Reliability.D, "D not usually reliable"),
    (threat.Reliability.E, "E unreliable"),
    (threat.Reliability.F, "F reliability cannot be judged"),
    (threat.SourceKind.PARTY, "another party"),
    (threat.ThreatKind.OTHER, "other threat"),
    (verdict.Reason.ABOVE_CEILING, "the level is above the ceiling"),
    (verdict.Reason.AUDIENCE_EMPTY, "the audience is empty"),
    (verdict.Reason.AUDIENCE_MALFORMED, "the audience is malformed"),
    (verdict.Reason.CAVEAT_UNKNOWN, "a caveat cannot be read"),
    (verdict.Reason.EXPIRED, "the item has expired"),
    (verdict.Reason.LEVEL_UNKNOWN, "the marking's level is unknown"),
    (verdict.Reason.MARKING_MISSING, "the marking is missing"),
    (verdict.Reason.NATIONAL_ONLY, "national eyes only"),
    (verdict.Reason.NO_AGREEMENT, "no agreement covers that party"),
    (verdict.Reason.NO_EQUIVALENT, "that party has no equivalent level"),
    (verdict.Reason.NOT_GIVEN, "that party was never given the item"),
    (verdict.Reason.NOT_IN_FORCE, "the agreement is not in force"),
    (verdict.Reason.NOT_LISTED, "the caveat does not list that party"),
    (foreign.Vocabulary.TLP_2, "Traffic Light Protocol 2.0"),
    (verdict.Reason.NOT_UNDER, "a caveat names other agreements only"),
    (verdict.Reason.ONLY_BY_HUB, "only by way of the hub"),
    (verdict.Reason.PARTY_UNKNOWN, "the pact does not know that party"),
    (verdict.Reason.PROCEDURAL_NOT_PERMITTED, "the policy permits no procedural entries"),
    (verdict.Reason.SCHEME_UNKNOWN, "the marking's scheme is unknown"),
    (verdict.Reason.THIRD_PARTY, "a third party: the agreement does not allow it"),
    (verdict.Reason.TOPIC_MISSING, "the marking names no topic"),
    (verdict.Reason.TOPIC_NOT_COVERED, "no agreement covers the topic"),
    (verdict.Reason.TOPIC_UNKNOWN, "the marking names an unknown topic"),
    (verdict.Reason.UNMARKED, "unmarked text"),
    (withdrawal.WithdrawalReason.UNSTATED, "no reason stated"),
)
# By type and value: values of two string enums may be equal.
_MESSAGES: Final[Mapping[tuple[type[enum.Enum], object], str]] = {
    (type(term), term.value): message for term, message in _SPELT_OUT
}


def say_term(term: enum.Enum | str) -> str:
    """Return what a value is called in the chosen language.

    Of a value that lost its type, as JSON, the first enum in `SHOWN` that has it decides; what none has stays as it is,
    braces and all: it may be what somebody wrote.
    """
    message = _find_message(term) if isinstance(term, enum.Enum) else _find_message_of_value(term)
    return say_in(get_language(), message)


def say_term_in(term: enum.Enum, language: str) -> str:
    """Return what a value is called in a language, whatever was chosen."""
    return say_in(language, _find_message(term))


def iterate_terms() -> Iterator[str]:
    """Yield the message id of every value of every enum in `SHOWN`."""
    for shown in SHOWN:
        yield from map(_find_message, shown)


def _find_message(term: enum.Enum) -> str:
    return _MESSAGES.get((type(term), term.value)) or str(term.value).replace("-", " ")


@functools.lru_cache(maxsize=4096)
def _find_message_of_value(value: str) -> str:
    return next((_find_message(term) for shown in SHOWN for term in shown if term.value == value), value)
