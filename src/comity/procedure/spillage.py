"""Loss or compromise of another party's item, or the possibility of either: told at once, then looked into (R55).

Rules
- The holder tells the originator at once, and later what came of the investigation and what was done.
- Clocks are the pact's policy, if it has the clause: report within, result within. Late is a label, and blocks nobody.
- No prose: what cites an item has no marking to be decided by. A narrative goes as an item.
"""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.instants import Instant
from comity.base.names import Audience, Bytes32, Party
from comity.pact.duty import DutyKind, DutyRule
from comity.procedure.duty import Duty, DutyVerdict
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import IdField, check_ascending
from comity.procedure.own import find_last, merge
from comity.procedure.recall import Officers
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "Spillage",
    "SpillageConcluded",
    "SpillageKind",
    "SpillageReported",
    "SpillageResult",
    "SpillageStep",
    "fold_spillages",
    "judge_duties_of_spillages",
]


class SpillageKind(enum.StrEnum):
    """What happened, or may have."""

    LOSS = "loss"
    COMPROMISE = "compromise"
    POSSIBLE_LOSS = "possible-loss"
    POSSIBLE_COMPROMISE = "possible-compromise"


class SpillageResult(enum.StrEnum):
    """What the investigation found."""

    LOST = "lost"
    COMPROMISED = "compromised"
    RECOVERED = "recovered"
    NO_LOSS = "no-loss-found"
    NOT_KNOWN = "not-to-be-found-out"


class SpillageStep(enum.StrEnum):
    """What was done so that it does not happen again."""

    ACCESS_WITHDRAWN = "access-withdrawn"
    COPIES_DESTROYED = "copies-destroyed"
    COPIES_RECOVERED = "copies-recovered"
    KEYS_REPLACED = "keys-replaced"
    PERSONS_INSTRUCTED = "persons-instructed"
    PROCEDURE_CHANGED = "procedure-changed"
    REFERRED = "referred-to-authorities"


class _OfItem(Entry, frozen=True, tag=False):
    binding: ClassVar[bool] = True
    item: Bytes32


class SpillageReported(_OfItem, frozen=True, tag=True):
    """A holder tells the originator that the item is or may be lost or compromised, as noticed at an instant."""

    kind: SpillageKind
    noticed_at: InstantField
    role: IdField
    officers: Officers

    def __post_init__(self) -> None:
        check_ascending(self.officers)


class SpillageConcluded(_OfItem, frozen=True, tag=True):
    """The result of the investigation, and the steps taken. `report` is the entry that reported it."""

    report: EntryId
    result: SpillageResult
    steps: Annotated[tuple[SpillageStep, ...], msgspec.Meta(max_length=len(SpillageStep))]
    role: IdField
    officers: Officers

    def __post_init__(self) -> None:
        check_ascending(tuple(step.value for step in self.steps), self.officers)


ENTRIES: Final[tuple[type[Entry], ...]] = (SpillageReported, SpillageConcluded)


@dataclass(frozen=True, slots=True)
class Spillage:
    """One report, and its author's last conclusion on it."""

    report: Stated
    concluded: Stated | None


def fold_spillages(stated: Iterable[Stated]) -> tuple[Spillage, ...]:
    """Return every report in the order shown. A conclusion counts from its author, of its item, to its audience."""
    rows = tuple(merge(stated).values())
    concluded: dict[tuple[bytes, bytes, Party, Audience], list[Stated]] = {}
    for row in rows:
        if isinstance(row.entry, SpillageConcluded):
            concluded.setdefault((row.entry.report, row.entry.item, row.author, row.audience), []).append(row)
    return tuple(
        Spillage(row, find_last(concluded.get((row.id, row.entry.item, row.author, row.audience), ())))
        for row in rows
        if isinstance(row.entry, SpillageReported)
    )


def judge_duties_of_spillages(
    rules: Iterable[DutyRule], spillages: Iterable[Spillage], *, as_of: Instant
) -> Iterator[Duty]:
    """Yield the report that each holder owed, and the result that it owes on it; none where the pact has no clock."""
    owed = [rule for rule in rules if rule.kind in (DutyKind.SPILLAGE_REPORT, DutyKind.SPILLAGE_RESULT)]
    for spillage in spillages:
        report = spillage.report
        told = report.entry
        assert isinstance(told, SpillageReported)
        for rule in (rule for rule in owed if report.author in rule.owed_by):
            assert rule.within_ms is not None, "a triggered rule has a clock"
            if rule.kind is DutyKind.SPILLAGE_REPORT:
                met_by, due_at = report, Instant(told.noticed_at + rule.within_ms)
            else:
                met_by, due_at = spillage.concluded, Instant(report.written_at + rule.within_ms)  # type: ignore[assignment]
            yield _judge(rule, report, met_by, due_at, as_of)


def _judge(rule: DutyRule, report: Stated, met_by: Stated | None, due_at: Instant, as_of: Instant) -> Duty:
    verdict = DutyVerdict.MET if met_by is not None else DutyVerdict.OPEN if as_of <= due_at else DutyVerdict.OVERDUE
    return Duty(
        rule=rule.id,
        kind=rule.kind,
        party=report.author,
        subject=report.id,
        due_at=due_at,
        verdict=verdict,
        met_by=None if met_by is None else met_by.id,
        is_late=met_by is not None and met_by.written_at > due_at,
        excuse=None,
        clause=rule.clause,
        policy=rule.policy,
    )
