"""Meetings and changes of watch, read a second time (P79 to P81)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.audit.procedures.correction import correct
from comity.audit.procedures.forms_watch import (
    MeetingAttended,
    MeetingEvidenceGiven,
    MeetingHeld,
    ShiftHandedOver,
    ShiftRelieved,
)
from comity.audit.procedures.said import Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.base.names import Party

__all__ = ["MeetingState", "ShiftState", "judge_meeting", "judge_shift"]


@dataclass(frozen=True, slots=True)
class MeetingState:
    """`words`: the last word of each other party that is said to have attended; `evidence` by id."""

    scope: Scope
    held: Said | None
    is_withdrawn: bool
    words: Mapping[Party, Said | None]
    evidence: tuple[Said, ...]

    @property
    def shown(self) -> str:
        """P79."""
        if self.held is None:
            return "awaiting"
        if self.is_withdrawn:
            return "withdrawn"
        told = [_find_attendance(said) for said in self.words.values()]
        if "not-attended" in told:
            return "contested"
        return "confirmed" if told and "" not in told else "stated"


@dataclass(frozen=True, slots=True)
class ShiftState:
    """A change of watch, and who took it."""

    scope: Scope
    handed_over: Said | None
    relieved: Said | None


def judge_meeting(scope: Scope, statements: Sequence[Said]) -> MeetingState:
    """Judge a meeting from all statements about it."""
    current = correct(statements)
    good = [said for said in current.statements if said.is_good]
    for rows, is_withdrawn in ((current.statements, False), (current.withdrawn, True)):
        for said in rows:
            if said.id == scope.ref and isinstance(said.entry, MeetingHeld):
                others = sorted({*said.entry.attended} & {*scope.audience} - {said.author})
                own = order_own([one for one in good if isinstance(one.entry, MeetingAttended)])
                words = {party: own[party][-1] if party in own else None for party in others}
                evidence = sorted((one for one in good if isinstance(one.entry, MeetingEvidenceGiven)), key=_by_id)
                return MeetingState(scope, said, is_withdrawn, words, tuple(evidence))
    return MeetingState(scope, None, is_withdrawn=False, words={}, evidence=())


def _by_id(said: Said) -> bytes:
    return said.id


def _find_attendance(said: Said | None) -> str:
    return said.entry.attendance if said is not None and isinstance(said.entry, MeetingAttended) else ""


def judge_shift(scope: Scope, statements: Sequence[Said]) -> ShiftState:
    """Judge a change of watch: to its party alone, and taken by another officer."""
    handed = next((said for said in statements if said.id == scope.ref and said.is_good), None)
    if handed is None or not isinstance(handed.entry, ShiftHandedOver) or scope.audience != (handed.author,):
        return ShiftState(scope, None, None)
    own = order_own([said for said in statements if said.is_good]).get(handed.author, [])
    reliefs = [said for said in own if isinstance(said.entry, ShiftRelieved)]
    by_others = [said for said in reliefs if getattr(said.entry, "officer", "") != handed.entry.officer]
    return ShiftState(scope, handed, by_others[0] if by_others else None)
