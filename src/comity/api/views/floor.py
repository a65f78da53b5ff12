"""Consultations, texts, measures, lines and duties, as the API shows them, judged at the moment of asking."""

from typing import Annotated, TypedDict

from comity.api.views.basic import At, Clause, EntryForm, Id, Party, TermsShown, one_of
from comity.api.views.record import StatementShown
from comity.pact.duty import DutyKind
from comity.procedure.consultation import Phase
from comity.procedure.duty import DutyVerdict, ExcuseReason
from comity.procedure.hotline import ReadBack
from comity.procedure.inquiry import InquiryState
from comity.procedure.line import LineAnswer
from comity.procedure.matrix import FrictionKind
from comity.procedure.measure import MeasureStatus
from comity.procedure.national import ActionStage
from comity.procedure.position import Position
from comity.procedure.receipt import ReceiptState
from comity.procedure.silence import Consent
from comity.procedure.text_view import TextStatus
from comity.procedure.voice import VoiceAccount

__all__ = [
    "ActionShown",
    "Consultation",
    "ConsultationJudged",
    "DutyShown",
    "InquiryShown",
    "InstructionsShown",
    "Lines",
    "MeasureShown",
    "Measures",
    "MessageFacts",
    "MessageReceipt",
    "MessageShown",
    "TextCell",
    "TextJudged",
    "TextShown",
    "VoiceCellShown",
]


class PartyReceipt(TypedDict):
    """One party's receipt of a call. A late acknowledgement is labelled, and counts."""

    party: Party
    receipt: Annotated[str, one_of(ReceiptState)]
    acknowledged_late: bool
    declined: bool


class PositionHeld(TypedDict):
    """The position of a party on one subject, as it stands."""

    party: Party
    subject: Id
    position: Annotated[str, one_of(Position)]
    stated_at: At
    confirm_by_at: At
    id: Id
    explained_by: list[Id]
    earlier: list[Id]


class InstructionsShown(TypedDict):
    """That a party awaits instructions on a subject, and by when it expects them."""

    party: Party
    subject: Id
    expected_at: At
    stated_at: At
    id: Id


class ConsultationJudged(TypedDict):
    """How a consultation stands at an instant."""

    phase: Annotated[str, one_of(Phase)]
    acknowledge_by_at: At
    acknowledge_clause: Clause
    parties: list[PartyReceipt]


class Consultation(ConsultationJudged):
    """A consultation now. `called` is none while the call itself is not here."""

    id: Id
    audience: list[Party]
    called: StatementShown | None
    acknowledge_roles: list[str]
    positions: list[PositionHeld]
    awaited: list[InstructionsShown]


class TextCell(TypedDict):
    """What one party came to in the round that is under way."""

    party: Party
    outcome: Annotated[str, one_of(Consent)] | None
    received_at: At | None
    is_held: bool


class AdoptionShown(TypedDict):
    """That a version was adopted, by which statements."""

    version: Id
    until_at: At | None
    consents: list[Id]
    witnesses: list[Party]
    is_contested: bool


class TextJudged(TypedDict):
    """How a text stands at an instant."""

    status: Annotated[str, one_of(TextStatus)]
    version: Id | None
    until_at: At | None
    missing: list[Party]
    broken_by: list[Party]
    adoption: AdoptionShown | None
    clause: Clause


class TextShown(TextJudged):
    """A text now; `on_the_table` is the version that is up, as it was proposed."""

    id: Id
    audience: list[Party]
    on_the_table: EntryForm | None
    cells: list[TextCell]


class MeasureCell(TypedDict):
    """Whether a party has accepted a measure, or answered at all."""

    party: Party
    has_accepted: bool
    has_answered: bool


class MeasureShown(TypedDict):
    """A measure that was offered, with the terms that stand."""

    id: Id
    author: Party
    audience: list[Party]
    status: Annotated[str, one_of(MeasureStatus)]
    terms_by: Id
    terms: TermsShown | None
    cells: list[MeasureCell]


class ActionShown(TypedDict):
    """What a party does in its own right."""

    id: Id
    author: Party
    audience: list[Party]
    status: Annotated[str, one_of(ActionStage, more=("ended",))]
    terms: TermsShown


class FrictionShown(TypedDict):
    """Acts that collide, or leave a line of the plan without one."""

    kind: Annotated[str, one_of(FrictionKind)]
    acts: list[Id]
    plan_line: str


class Measures(TypedDict):
    """The synchronisation matrix."""

    measures: list[MeasureShown]
    actions: list[ActionShown]
    frictions: list[FrictionShown]


class MessageFacts(TypedDict):
    """What one party said of a message."""

    party: Party
    read: StatementShown | None
    acknowledged: StatementShown | None
    in_role: bool
    read_back: Annotated[str, one_of(ReadBack)] | None


class MessageReceipt(MessageFacts):
    """One party's receipts of a message, each a fact of its own."""

    is_delivered: bool


class MessageShown(TypedDict):
    """A hotline message; `sent` is none while the message itself is not here."""

    id: Id
    sent: StatementShown | None
    cells: list[MessageReceipt]
    acknowledge_roles: list[str]


class VoiceCellShown(TypedDict):
    """One party that a voice call was with: its last account, and whether that agrees with the log."""

    party: Party
    account: Annotated[str, one_of(VoiceAccount)]
    stated: StatementShown | None


class LineResultShown(TypedDict):
    """What came of one slot of line tests, for one party."""

    channel: str
    slot_at: At
    party: Party
    has_sent: bool
    answer: Annotated[str, one_of(LineAnswer)]


class LinePatternShown(TypedDict):
    """Slots in a row that a party left without an answer."""

    channel: str
    party: Party
    slots_at: list[At]


class Lines(TypedDict):
    """Messages with their receipts, and what is known of each line."""

    messages: list[MessageShown]
    tests: list[StatementShown]
    results: list[LineResultShown]
    patterns: list[LinePatternShown]


class DutyShown(TypedDict):
    """Who owes what by when, and whether it is met."""

    rule: str
    kind: Annotated[str, one_of(DutyKind)]
    party: Party
    subject: Id
    due_at: At
    verdict: Annotated[str, one_of(DutyVerdict)]
    met_by: Id | None
    is_late: bool
    excuse: Annotated[str, one_of(ExcuseReason)] | None
    clause: Clause
    policy: Clause | None


class InquiryReply(TypedDict):
    """What one party answered to a request for information."""

    party: Party
    state: Annotated[str, one_of(InquiryState)]
    reason: str
    answered_by: Id | None
    items: list[Id]


class InquiryShown(TypedDict):
    """A request for information; of another's request the own cell alone."""

    id: Id
    request: StatementShown
    is_closed: bool
    cells: list[InquiryReply]
