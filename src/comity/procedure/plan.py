"""Contingency plans: what each party would do if it came to this, agreed beforehand and activated into a consultation.

Rules (docs/spec/procedure.md, P76 to P78)
- Whoever opened a plan puts its versions; a version is in force once every other party has accepted it, by name.
- An older version stays in force until a later one is accepted by all.
- Any party activates a version into a consultation. It binds nobody to act: it says what the measures are held against.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from comity.base.instants import Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Digest, Party
from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.fields import IdField, PartyField, check_ascending, check_languages
from comity.procedure.matrix import PlanLine
from comity.procedure.measure import Instrument, MeasureReason
from comity.procedure.own import by_author, merge, shown_order
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind

__all__ = [
    "ENTRIES",
    "Activation",
    "Line",
    "PlanAccepted",
    "PlanActivated",
    "PlanCell",
    "PlanDeclined",
    "PlanOpened",
    "PlanRetired",
    "PlanState",
    "PlanStatus",
    "PlanStoodDown",
    "PlanVersion",
    "PlanVersionProposed",
    "find_lines",
    "fold_plan",
]


class PlanStatus(enum.StrEnum):
    """Where a plan stands."""

    AWAITING = "awaiting"
    DRAFT = "draft"
    """No version is accepted by all."""
    IN_FORCE = "in-force"
    IN_REVISION = "in-revision"
    """A version is in force, and a later one is not accepted yet."""
    RETIRED = "retired"


class Line(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is wanted: an instrument, by a party or by anyone, on a target or on none, for a time from the start on."""

    id: IdField
    instrument: Instrument
    by: Annotated[tuple[PartyField, ...], msgspec.Meta(max_length=1)]
    target: Annotated[tuple[IdField, ...], msgspec.Meta(max_length=1)]
    after_ms: InstantField
    for_ms: Annotated[int, msgspec.Meta(ge=1, le=INSTANT_MS_MAX)]


class _OfPlan(Entry, frozen=True):
    """What all entries of a plan share; not a type of its own."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("plan", "plan")


class PlanOpened(_OfPlan, frozen=True):
    """Its author opens a plan for threats of a kind, and puts its versions."""

    belongs_to: ClassVar[tuple[str, str]] = ("plan", "")
    name: IdField
    kind: ThreatKind


class PlanVersionProposed(_OfPlan, frozen=True):
    """A version: its lines, and the plan in words, under a marking."""

    procedural: ClassVar[bool] = False
    plan: EntryId
    lines: Annotated[tuple[Line, ...], msgspec.Meta(min_length=1, max_length=64)]
    body: MarkedText

    def __post_init__(self) -> None:
        check_ascending(tuple(line.id for line in self.lines))
        check_languages(self.body)


class PlanAccepted(_OfPlan, frozen=True):
    """Its author accepts the version that the entry `version` proposed."""

    plan: EntryId
    version: EntryId


class PlanDeclined(_OfPlan, frozen=True):
    """Its author does not, or no longer, accept that version."""

    plan: EntryId
    version: EntryId
    reason: MeasureReason


class PlanActivated(_OfPlan, frozen=True):
    """Its author activates a version into a consultation; its lines are counted from `begins_at`."""

    plan: EntryId
    version: EntryId
    consultation: EntryId
    begins_at: InstantField


class PlanStoodDown(_OfPlan, frozen=True):
    """Whoever activated the plan ends that activation."""

    plan: EntryId
    activation: EntryId


class PlanRetired(_OfPlan, frozen=True):
    """Whoever opened the plan takes it out of use."""

    plan: EntryId


ENTRIES: tuple[type[Entry], ...] = (
    PlanOpened,
    PlanVersionProposed,
    PlanAccepted,
    PlanDeclined,
    PlanActivated,
    PlanStoodDown,
    PlanRetired,
)


@dataclass(frozen=True, slots=True)
class PlanCell:
    """One party's last answer to a version, or None."""

    party: Party
    answer: Stated | None

    @property
    def has_accepted(self) -> bool:
        """Whether that answer is acceptance."""
        return self.answer is not None and isinstance(self.answer.entry, PlanAccepted)


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One version, numbered from 1, with a cell for each party but its author."""

    number: int
    stated: Stated
    cells: tuple[PlanCell, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether every party but its author has accepted it."""
        return all(cell.has_accepted for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Activation:
    """A version activated into a consultation. It stands while the version is accepted by all, until it is ended."""

    stated: Stated
    version: PlanVersion | None
    is_ended: bool

    @property
    def stands(self) -> bool:
        """Whether measures are held against it."""
        return self.version is not None and self.version.is_accepted and not self.is_ended


@dataclass(frozen=True, slots=True)
class PlanState:
    """The fold. `in_force` is the last version that is accepted by all, if there is one."""

    scope: Scope
    opened: Stated | None
    versions: tuple[PlanVersion, ...]
    in_force: PlanVersion | None
    activations: tuple[Activation, ...]
    status: PlanStatus


def fold_plan(scope: Scope, statements: Iterable[Stated], policy: Policy) -> PlanState:
    """Fold the statements of one plan's scope. Disputed statements accept nothing and move nothing."""
    del policy
    merged = merge(statements)
    opened = merged.get(Digest(scope.ref))
    if opened is None or not isinstance(opened.entry, PlanOpened):
        return PlanState(scope, None, (), None, (), PlanStatus.AWAITING)
    own = by_author(row for row in merged.values() if row.counts)
    mine = own.get(opened.author, ())
    proposed = [row for row in mine if isinstance(row.entry, PlanVersionProposed)]
    others = [party for party in scope.audience if party != opened.author]
    versions = tuple(
        PlanVersion(number, row, tuple(PlanCell(party, _find_answer(own.get(party, ()), row)) for party in others))
        for number, row in enumerate(proposed, 1)
    )
    in_force = next((version for version in reversed(versions) if version.is_accepted), None)
    is_retired = any(isinstance(row.entry, PlanRetired) for row in mine)
    status = _judge(versions, in_force, is_retired=is_retired)
    return PlanState(scope, opened, versions, in_force, _list_activations(own, versions), status)


def _find_answer(own: Sequence[Stated], version: Stated) -> Stated | None:
    answer = None
    for row in own:
        if isinstance(row.entry, PlanAccepted | PlanDeclined) and row.entry.version == version.id:
            answer = row
    return answer


def _list_activations(own: Mapping[Party, Sequence[Stated]], versions: Iterable[PlanVersion]) -> tuple[Activation, ...]:
    by_id: dict[bytes, PlanVersion] = {version.stated.id: version for version in versions}
    rows = [row for said in own.values() for row in said]
    ended = {(row.author, row.entry.activation) for row in rows if isinstance(row.entry, PlanStoodDown)}
    return tuple(
        Activation(row, by_id.get(row.entry.version), (row.author, row.id) in ended)
        for row in sorted(rows, key=shown_order)
        if isinstance(row.entry, PlanActivated)
    )


def _judge(versions: Sequence[PlanVersion], in_force: PlanVersion | None, *, is_retired: bool) -> PlanStatus:
    if is_retired:
        return PlanStatus.RETIRED
    if in_force is None:
        return PlanStatus.DRAFT
    return PlanStatus.IN_FORCE if in_force == versions[-1] else PlanStatus.IN_REVISION


def find_lines(activation: Activation) -> tuple[PlanLine, ...]:
    """Return what an activation wants, at instants; nothing where it does not stand."""
    version, entry = activation.version, activation.stated.entry
    if version is None or not activation.stands:
        return ()
    assert isinstance(version.stated.entry, PlanVersionProposed)
    assert isinstance(entry, PlanActivated)
    return tuple(
        PlanLine(
            id=line.id,
            instrument=line.instrument,
            party=line.by[0] if line.by else None,
            target=line.target[0] if line.target else None,
            starts_at=Instant(entry.begins_at + line.after_ms),
            ends_at=Instant(entry.begins_at + line.after_ms + line.for_ms),
        )
        for line in version.stated.entry.lines
    )
