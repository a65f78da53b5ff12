"""What the pact file says of officers, read once more from its text and from docs/spec/procedure.md (P40 to P45).

Plain rows and plain values: no code of `pact` or `procedure` has a part in it. It knows the types of entries that a
rehearsal says; what is in no row of `ACTS` is a node's own word.
"""

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

__all__ = ["ACTS", "Officer", "PlainOffices", "find_marking_levels", "read_plain_offices"]

_ACTS: Final[Mapping[str, str]] = {
    "report": "ThreatReported DetectedThreatReported DraftDiscarded IndicatorReported SpillageReported"
    " SpillageConcluded PublicWarned BreakoutDeclared",
    "call": "ConsultationCalled",
    "acknowledge": "Acknowledged AcknowledgementWithdrawn MessageRead MessageAcknowledged MessageReadBack "
    "PhraseReadBack VoiceCallConfirmed MeetingAttended InvitationAnswered ShiftHandedOver ShiftRelieved "
    "LineTestAnsweredByPerson",
    "convene": "ConsultationConvened MeetingPlanned MeetingMoved MeetingCalledOff ExerciseStarted ExercisePaused"
    " ExerciseResumed ExerciseJumped InjectsShifted InjectFired InjectSkipped ExerciseEnded SeatGiven"
    " SeatWithdrawn",
    "position": "PositionStated PositionExplained InstructionsAwaited CallDeclined",
    "conclude": "ConclusionStated",
    "draft": "TextOpened TextVersionProposed TextAmendmentProposed TextWithdrawn PenHandedOver PenTakenOver "
    "SilenceProposed SilenceExtended PassageBracketed PassageWorded BracketLifted",
    "agree": "TextAgreed HoldLifted ExerciseProposed ExerciseJoined ExerciseLeft ReportAdopted ReportAdoptionJoined",
    "hold": "SilenceHeld SilenceBroken",
    "measure": "MeasureOffered MeasureAmended MeasureAccepted MeasureDeclined MeasureStarted MeasureDelivered "
    "MeasureWithdrawn NationalActionStated NationalActionEnded PlanOpened PlanVersionProposed PlanAccepted "
    "PlanDeclined PlanActivated PlanStoodDown PlanRetired",
    "message": "MessageSent PhraseSent MessageTranslated VoiceCallLogged MeetingHeld PlannedMeetingHeld "
    "MeetingEvidenceGiven ObservationNoted"
    " HotWashNoted ImprovementProposed ActionCompleted "
    "InformationRequested InformationAnswered InformationRequestClosed SeatSpoke"
    " InjectTold",
    "release": "ItemShared ItemGiven PassedOn ItemPassedOn PassOnReported EntryDisclosed QuarantineReleased "
    "GivenInAnswer",
    "consent": "PassOnRequested ConsentGiven ConsentRefused ConsentWithdrawn RefusalGroundStated PassOnGranted "
    "PassOnDeclined",
    "recall": "RecallRequested RecallAnswered RecallPassedOn RecallReplied RecallReported",
    "agreement": "AgreementStateStated",
    "leave": "WithdrawalNotified WithdrawalRevoked",
    "correct": "EntryWithdrawn EntryCorrected",
}
ACTS: Final[Mapping[str, str]] = {type_: act for act, types in _ACTS.items() for type_ in types.split()}
"""P42."""
MARKING_LENGTH: Final = 5


class Officer(NamedTuple):
    """P40: one officer of an `ActedBy`, as its fields stand there."""

    name: str
    role: str
    footing: str
    stands_for: Sequence[str]

    @property
    def power(self) -> str:
        """The role whose power was used."""
        return self.stands_for[0] if self.stands_for else self.role


@dataclass(frozen=True, slots=True)
class PlainOffices:
    """The table `offices` of one pact file, and the rank of each level."""

    table: Mapping[str, Any]
    ranks: Mapping[str, int]

    def find_fault(self, type_: str, fields: Sequence[object], officers: Sequence[Officer]) -> str:
        """Return what is wrong with a statement by these officers (P43, P44); nothing where it is well."""
        act = ACTS.get(type_)
        if act is None:
            return ""
        if act == "hold" and not self._names_hold():
            act = "agree"  # P60
        if not officers:
            return "uncovered"
        for officer in officers:
            if not self._may(officer.power, act):
                return "wrong-role"
            if officer.footing == "deputy" and not self._may_stand_in(officer):
                return "not-deputy"
            if officer.footing == "delegation" and act not in self.table.get("delegation", {}).get("acts", ()):
                return "not-delegated"
        return "too-few" if len(officers) < self._find_needed(act, fields) else ""

    def _names_hold(self) -> bool:
        rows = (*self.table.get("may", ()), self.table.get("delegation", {}))
        return any("hold" in row.get("acts", ()) for row in rows) or any(
            row["act"] == "hold" for row in self.table.get("two_person", ())
        )

    def _may(self, role: str, act: str) -> bool:
        return any(act in row["acts"] and role in row["roles"] for row in self.table.get("may", ()))

    def _may_stand_in(self, officer: Officer) -> bool:
        rows = self.table.get("deputy", ())
        return any(row["role"] == officer.power and officer.role in row["by"] for row in rows)

    def _find_needed(self, act: str, fields: Sequence[object]) -> int:
        needed = 1
        for row in self.table.get("two_person", ()):
            is_named = not row.get("levels") or any(level in fields for level in row["levels"])
            is_high = "above_rank" not in row or any(
                self.ranks.get(level, row["above_rank"] + 1) > row["above_rank"]
                for level in find_marking_levels(fields)
            )
            if row["act"] == act and is_named and is_high:
                needed = max(needed, row["officers"])
        return needed


def find_marking_levels(value: object) -> Iterator[str]:
    """Yield the level of every marking in an entry's fields: `[originator, scheme, level, topics, caveats]`."""
    if not isinstance(value, list | tuple):
        return
    if len(value) == MARKING_LENGTH and all(isinstance(part, str) for part in value[:3]):
        topics, caveats = value[3:]
        if isinstance(topics, list | tuple) and isinstance(caveats, list | tuple):
            yield value[2]
            return
    for part in value:
        yield from find_marking_levels(part)


@functools.lru_cache(maxsize=8)
def read_plain_offices(pact_raw: bytes) -> PlainOffices | None:
    """Read a pact file's officers; None where it asks for none."""
    file = tomllib.loads(pact_raw.decode())
    if "offices" not in file:
        return None
    ranks = {level["id"]: level["rank"] for scheme in file["scheme"] for level in scheme["level"]}
    return PlainOffices(file["offices"], ranks)
