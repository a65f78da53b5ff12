"""After-action reports that are adopted, and the corrective actions that so become duties: the one door out of play.

Rules (docs/spec/exercise.md, E48 to E50)
- What is adopted is a report's digest. Each party adopts for itself; nobody else's silence holds it up.
- A corrective action is a duty of its owner once that party itself has adopted; of no other party ever.
- It is met by the owner's own word that it is done. Late is a label beside it.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.instants import Instant
from comity.base.names import Bytes32, Digest, Party
from comity.pact.duty import DutyKind
from comity.procedure.duty import Duty, DutyVerdict
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import ClauseField, IdField, PartyField, check_ascending
from comity.procedure.own import by_author, merge
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ACTION_COUNT_MAX",
    "ENTRIES",
    "ActionCompleted",
    "AfterActionState",
    "AfterActionStatus",
    "CorrectiveAction",
    "ReportAdopted",
    "ReportAdoptionJoined",
    "fold_after_action",
    "judge_corrective_actions",
]

RULE: Final = "duty.corrective-action"
ACTION_COUNT_MAX: Final = 64
NumberField = Annotated[int, msgspec.Meta(ge=1, le=65_535)]


class AfterActionStatus(enum.StrEnum):
    """Where the adoption of a report stands."""

    AWAITING = "awaiting"
    PROPOSED = "proposed"
    ADOPTED = "adopted"
    """By every party of its audience."""


class CorrectiveAction(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One improvement of a report by its number there: whose, by when. What it says stands in the report."""

    number: NumberField
    owner: PartyField
    due_at: InstantField


class _OfReport(Entry, frozen=True):
    """What they share; not a type of its own."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("after-action", "adoption")


class ReportAdopted(_OfReport, frozen=True):
    """Its author adopts the report of an exercise, and whatever of `actions` is its own."""

    belongs_to: ClassVar[tuple[str, str]] = ("after-action", "")
    exercise: IdField
    report: Bytes32
    commitment: ClauseField
    actions: Annotated[tuple[CorrectiveAction, ...], msgspec.Meta(max_length=ACTION_COUNT_MAX)]
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        check_ascending([f"{action.number:05}" for action in self.actions])


class ReportAdoptionJoined(_OfReport, frozen=True):
    """Its author adopts the same report with the same actions."""

    adoption: EntryId
    report: Bytes32
    role: IdField
    officer: IdField


class ActionCompleted(_OfReport, frozen=True):
    """Its author has done what action `number` asks; `evidence` is the digest of what shows it."""

    adoption: EntryId
    number: NumberField
    evidence: Annotated[tuple[Bytes32, ...], msgspec.Meta(max_length=1)]
    role: IdField
    officer: IdField


ENTRIES: tuple[type[Entry], ...] = (ReportAdopted, ReportAdoptionJoined, ActionCompleted)


@dataclass(frozen=True, slots=True)
class AfterActionState:
    """An adoption: of each party of the audience its own word, or None; of each action the owner's that it is done."""

    scope: Scope
    opened: Stated | None
    status: AfterActionStatus
    cells: Mapping[Party, Stated | None] = field(default_factory=dict)
    done: Mapping[int, Stated] = field(default_factory=dict)

    @property
    def adopted(self) -> ReportAdopted | None:
        """What was adopted."""
        entry = None if self.opened is None else self.opened.entry
        return entry if isinstance(entry, ReportAdopted) else None


def fold_after_action(scope: Scope, statements: Iterable[Stated], policy: Policy) -> AfterActionState:
    """Fold one adoption. Disputed statements bind nobody to an action."""
    del policy
    merged = merge(statements)
    opened = merged.get(Digest(scope.ref))
    if opened is None or not isinstance(opened.entry, ReportAdopted):
        return AfterActionState(scope, None, AfterActionStatus.AWAITING)
    adopted = opened.entry
    own = by_author(row for row in merged.values() if row.counts)
    cells = {
        party: next((row for row in own.get(party, ()) if row.id == opened.id or _is_joining(row.entry, adopted)), None)
        for party in scope.audience
    }
    done: dict[int, Stated] = {}
    for action in adopted.actions:
        for row in own.get(action.owner, ()):
            if isinstance(row.entry, ActionCompleted) and row.entry.number == action.number:
                done.setdefault(action.number, row)
    status = AfterActionStatus.ADOPTED if all(cells.values()) else AfterActionStatus.PROPOSED
    return AfterActionState(scope, opened, status, cells, done)


def _is_joining(entry: Entry, adopted: ReportAdopted) -> bool:
    return isinstance(entry, ReportAdoptionJoined) and entry.report == adopted.report


def judge_corrective_actions(state: AfterActionState, *, as_of: Instant) -> Iterator[Duty]:
    """Yield a duty for each action whose owner adopted the report."""
    adopted, opened = state.adopted, state.opened
    if adopted is None or opened is None:
        return
    for action in adopted.actions:
        if state.cells.get(action.owner) is None:
            continue
        met_by = state.done.get(action.number)
        open_verdict = DutyVerdict.OPEN if as_of <= action.due_at else DutyVerdict.OVERDUE
        yield Duty(
            rule=f"{RULE}.{action.number}",
            kind=DutyKind.CORRECTIVE_ACTION,
            party=action.owner,
            subject=opened.id,
            due_at=Instant(action.due_at),
            verdict=open_verdict if met_by is None else DutyVerdict.MET,
            met_by=None if met_by is None else met_by.id,
            is_late=met_by is not None and met_by.written_at > action.due_at,
            excuse=None,
            clause=adopted.commitment,
            policy=None,
        )
