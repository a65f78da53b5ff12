"""Whether who acted had the power to, read a second time from P41 to P45.

Judged is each page by itself, under the version of the pact that governs its statements by their author's cut, where
that version names officers. What is found changes no fold.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Final, NamedTuple

from comity.audit.body import find_value, type_of_entry
from comity.audit.procedures.disclosed import find_disclosed_entry
from comity.audit.procedures.force import Force
from comity.audit.procedures.forms import Entry, Marking
from comity.audit.procedures.forms_line import EntryCorrected
from comity.audit.procedures.forms_officer import ActedBy
from comity.audit.procedures.forms_release import EntryDisclosed
from comity.audit.procedures.forms_warning import ThreatDetected
from comity.audit.procedures.known import decode_entry, is_known
from comity.audit.procedures.received import Reach
from comity.audit.procedures.said import Said
from comity.pact.model import Pact
from comity.pact.offices import Act, Offices

__all__ = ["Misacted", "find_act", "list_misacted"]

_ROWS: Final[Mapping[str, str]] = {
    "report": "ThreatReported DetectedThreatReported DraftDiscarded IndicatorReported SpillageReported"
    " SpillageConcluded PublicWarned BreakoutDeclared",
    "call": "ConsultationCalled",
    "acknowledge": "Acknowledged AcknowledgementWithdrawn MessageRead MessageAcknowledged MessageReadBack"
    " LineTestAnsweredByPerson PhraseReadBack VoiceCallConfirmed MeetingAttended InvitationAnswered"
    " ShiftHandedOver ShiftRelieved",
    "convene": "ConsultationConvened MeetingPlanned MeetingMoved MeetingCalledOff ExerciseStarted ExercisePaused"
    " ExerciseResumed ExerciseJumped InjectsShifted InjectFired InjectSkipped ExerciseEnded SeatGiven"
    " SeatWithdrawn",
    "position": "PositionStated PositionExplained InstructionsAwaited CallDeclined",
    "conclude": "ConclusionStated",
    "draft": "TextOpened TextVersionProposed TextAmendmentProposed TextWithdrawn PenHandedOver PenTakenOver"
    " SilenceProposed SilenceExtended PassageBracketed PassageWorded BracketLifted",
    "agree": "TextAgreed HoldLifted ExerciseProposed ExerciseJoined ExerciseLeft ReportAdopted ReportAdoptionJoined",
    "hold": "SilenceHeld SilenceBroken",
    "measure": "MeasureOffered MeasureAmended MeasureAccepted MeasureDeclined MeasureStarted MeasureDelivered"
    " MeasureWithdrawn NationalActionStated NationalActionEnded PlanOpened PlanVersionProposed PlanAccepted"
    " PlanDeclined PlanActivated PlanStoodDown PlanRetired",
    "message": "MessageSent InformationRequested InformationAnswered InformationRequestClosed PhraseSent"
    " MessageTranslated VoiceCallLogged MeetingHeld PlannedMeetingHeld MeetingEvidenceGiven ObservationNoted"
    " HotWashNoted ImprovementProposed ActionCompleted SeatSpoke InjectTold",
    "release": "ItemShared ItemGiven PassedOn ItemPassedOn PassOnReported EntryDisclosed QuarantineReleased"
    " GivenInAnswer",
    "consent": "PassOnRequested ConsentGiven ConsentRefused ConsentWithdrawn RefusalGroundStated"
    " PassOnGranted PassOnDeclined",
    "recall": "RecallRequested RecallAnswered RecallPassedOn RecallReplied RecallReported",
    "agreement": "AgreementStateStated",
    "leave": "WithdrawalNotified WithdrawalRevoked",
    "correct": "EntryWithdrawn EntryCorrected",
}
"""The table of P42."""
_ACTS: Final[Mapping[str, str]] = {type_: act for act, types in _ROWS.items() for type_ in types.split()}
_ABOVE_ALL: Final = 1 << 16


class Misacted(NamedTuple):
    """A statement that its officers had no power to make, or too few of them; `act`, and the clause that says so."""

    said: Said
    code: str
    clause: str
    act: str


def find_act(type_: str) -> str | None:
    """Return the act of a type of entry (P42); None for what a node says by itself."""
    return _ACTS.get(type_)


def list_misacted(statements: Iterable[Said], force: Force, reach: Reach) -> Iterator[Misacted]:
    """Yield the finding on each statement, page by page; where several versions are at hand, of whole cuts alone."""
    ranks: dict[bytes, dict[str, int]] = {}
    for _, page in itertools.groupby(statements, attrgetter("spot")):
        rows = list(page)
        if not force.line.is_single and reach.find_latest_at(rows[0]) is None:
            continue
        acting: ActedBy | None = None
        left = -1
        for said in sorted(rows, key=attrgetter("place.entry_index")):
            index = said.place.entry_index
            if isinstance(said.entry, ActedBy):
                acting, left = said.entry, index + said.entry.covers
                continue
            version = force.find_version(said)
            made = _find_made(said.entry)
            if isinstance(made, ThreatDetected) and not _is_by_rule(made, version.pact):
                yield Misacted(said, "warning.not-by-rule", made.evidence.rule, "report")
            if version.pact.offices is None:
                continue
            if version.digest not in ranks:
                ranks[version.digest] = _list_ranks(version.pact)
            found = _judge(said.entry, acting if index <= left else None, version.pact.offices, ranks[version.digest])
            if found is not None:
                yield Misacted(said, *found)


def _list_ranks(pact: Pact) -> dict[str, int]:
    return {level.id: level.rank for scheme in pact.schemes for level in scheme.levels}


def _judge(
    entry: Entry, acting: ActedBy | None, offices: Offices, ranks: Mapping[str, int]
) -> tuple[str, str, str] | None:
    """P43: the first that holds, as code, clause and act."""
    made = _find_made(entry)
    act = _ACTS.get(type(made).__name__)
    if act is None:
        return None
    if act == "hold" and not _names_hold(offices):
        act = "agree"  # P60
    if acting is None:
        return "officer.uncovered", offices.id, act
    rows = [row for row in offices.may if Act(act) in row.acts]
    clause = rows[0].id if rows else offices.id
    for officer in acting.officers:
        if not any(officer.power in row.roles for row in rows):
            return "officer.wrong-role", clause, act
        if officer.footing == "deputy" and not any(
            deputy.role == officer.power and officer.role in deputy.by for deputy in offices.deputies
        ):
            return "officer.not-deputy", clause, act
        if officer.footing == "delegation":
            handed = offices.delegation
            if handed is None:
                return "officer.not-delegated", clause, act
            if Act(act) not in handed.acts:
                return "officer.not-delegated", handed.id, act
    needed, by = 1, offices.id
    for rule in offices.two_person:
        if rule.act.value == act and rule.officers > needed and _is_meant(made, rule.levels, rule.above_rank, ranks):
            needed, by = rule.officers, rule.id
    if len(acting.officers) < needed:
        return "officer.too-few", by, act
    if not _is_rightly_signed(made, acting):
        return "officer.other-name", offices.id, act
    return None


def _is_rightly_signed(made: Entry, acting: ActedBy) -> bool:
    """P43: every officer named in the statement acted in it, and the role that it names is, or was used by, one."""
    named = [made.officer] if hasattr(made, "officer") else [*getattr(made, "officers", ())]
    fitting = []
    for name in named:
        found = [officer for officer in acting.officers if officer.name == name]
        if not found:
            return False
        fitting += [
            officer for officer in found if not hasattr(made, "role") or made.role in (officer.role, officer.power)
        ]
    return not named or bool(fitting)


def _names_hold(offices: Offices) -> bool:
    """P60: whether any row of a table of officers names the act `hold`."""
    named = [act for row in offices.may for act in row.acts]
    named += [rule.act for rule in offices.two_person]
    named += offices.delegation.acts if offices.delegation is not None else ()
    return "hold" in {act.value for act in named}


def _find_made(entry: Entry) -> Entry:
    """Return what a statement puts in place: of a correction its replacement, where P42 or W19 speaks of it."""
    if isinstance(entry, EntryCorrected):
        replacement = _read(entry.replacement)
        if replacement is not None and type(replacement).__name__ in {*_ACTS, ThreatDetected.__name__}:
            return replacement
    return entry


def _is_by_rule(said: ThreatDetected, pact: Pact) -> bool:
    """W18: whether a rule of the pact lets a node say this by itself."""
    shown = said.evidence
    wanted = (shown.rule, shown.class_, shown.area, shown.event, shown.precedence, "send")
    return any(
        (rule.id, rule.track_class, rule.area, rule.when.value, rule.precedence.value, rule.act.value) == wanted
        for rule in pact.track_rules
    )


def _read(raw: bytes) -> Entry | None:
    value = find_value(raw)
    if value is None or not is_known(type_of_entry(value)):
        return None
    return decode_entry(type_of_entry(value), raw)


def _is_meant(made: Entry, levels: Iterable[object], above: int | None, ranks: Mapping[str, int]) -> bool:
    """P44, P45: whether a rule for several officers is about this statement."""
    names = [getattr(level, "value", "") for level in levels]
    if names and getattr(made, "level", "") not in names:
        return False
    return above is None or _find_rank(made, ranks) > above


def _find_rank(made: Entry, ranks: Mapping[str, int]) -> int:
    """Return the highest rank of what a statement carries; -1 without a marking, above all where it is not known."""
    if isinstance(made, EntryDisclosed):
        raw = find_disclosed_entry(made)
        shown = None if raw is None else _read(raw)
        if shown is None or isinstance(shown, EntryDisclosed):
            return _ABOVE_ALL
        return _find_rank(_find_made(shown), ranks)
    return max((ranks.get(marking.level, _ABOVE_ALL) for marking in _walk(made)), default=-1)


def _walk(value: object) -> Iterator[Marking]:
    if isinstance(value, Marking):
        yield value
    elif isinstance(value, tuple):
        for element in value:
            yield from _walk(element)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from _walk(getattr(value, name))
