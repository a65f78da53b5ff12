"""Measures: what a party offers to do, accepted by those it is coordinated with; the matched response is a view.

Rules (docs/spec/procedure.md, P24 and P25)
- Acceptance is of *terms*: the entry that stated them. Amended terms need to be accepted anew.
- Only the offering party says that its measure is under way, delivered or withdrawn; its last word stands. It needs
  nobody's leave (law 6): a measure under way without acceptance is shown as just that.
- Each accepting party's cell is its own last answer to the terms that stand.
- The terms tell where forces and systems act, so their marked description makes the release funnel decide the entry.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from comity.base.names import Party
from comity.procedure.area import Area
from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.fields import (
    Citations,
    IdField,
    OptionalCitation,
    Parties,
    check_ascending,
    check_languages,
    check_window,
)
from comity.procedure.own import by_author, merge
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "Instrument",
    "MeasureAccepted",
    "MeasureAmended",
    "MeasureCell",
    "MeasureDeclined",
    "MeasureDelivered",
    "MeasureOffered",
    "MeasureReason",
    "MeasureStarted",
    "MeasureState",
    "MeasureStatus",
    "MeasureWithdrawn",
    "Terms",
    "fold_measure",
]


class Instrument(enum.StrEnum):
    """By what means a party responds."""

    DIPLOMATIC = "diplomatic"
    PUBLIC_STATEMENT = "public-statement"
    EXERCISE = "exercise"
    DEPLOYMENT = "deployment"
    PATROL = "patrol"
    MISSILE_DEFENCE = "missile-defence"
    SURVEILLANCE = "surveillance"
    CYBER_DEFENCE = "cyber-defence"
    SANCTIONS = "sanctions"
    EXPORT_CONTROL = "export-control"
    ECONOMIC_SUPPORT = "economic-support"
    RELIEF = "relief"


class MeasureReason(enum.StrEnum):
    """Why a measure is declined or withdrawn."""

    NOT_ABLE = "not-able"
    NOT_NEEDED = "not-needed"
    COLLIDES = "collides"
    NO_INSTRUCTIONS = "no-instructions"
    NATIONAL_DECISION = "national-decision"


class MeasureStatus(enum.StrEnum):
    """The one list of measure states."""

    AWAITING = "awaiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    UNDER_WAY = "under-way"
    DELIVERED = "delivered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Terms(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is done: by which `actor` (a unit or office by its id), where, when, against or for what.

    `announce_at` is when it becomes public, 0 = not announced. `target` names what it is aimed at by an id that the
    parties share; none = nothing in particular. `caveats` limit the use of what is pledged.
    """

    instrument: Instrument
    actor: IdField
    areas: Annotated[tuple[Area, ...], msgspec.Meta(max_length=8)]
    starts_at: InstantField
    ends_at: InstantField
    announce_at: InstantField
    target: Annotated[tuple[IdField, ...], msgspec.Meta(max_length=1)]
    depends_on: Citations
    description: MarkedText
    caveats: Annotated[tuple[MarkedText, ...], msgspec.Meta(max_length=8)]

    def __post_init__(self) -> None:
        check_window(starts_at=self.starts_at, ends_at=self.ends_at)
        check_ascending(self.depends_on)
        for text in (self.description, *self.caveats):
            check_languages(text)


class _OfMeasure(Entry, frozen=True):
    """What all entries of a measure share; not a type of its own."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("measure", "measure")


class MeasureOffered(_OfMeasure, frozen=True):
    """Its author offers a measure, coordinated with the parties named (none: nobody need accept)."""

    procedural: ClassVar[bool] = False
    belongs_to: ClassVar[tuple[str, str]] = ("measure", "")
    consultation: OptionalCitation
    coordinated_with: Parties
    terms: Terms

    def __post_init__(self) -> None:
        check_ascending(self.coordinated_with)


class MeasureAmended(_OfMeasure, frozen=True):
    """The offering party puts other terms in place of those before."""

    procedural: ClassVar[bool] = False
    measure: EntryId
    terms: Terms


class MeasureAccepted(_OfMeasure, frozen=True):
    """Its author accepts the terms that the entry `terms` stated."""

    measure: EntryId
    terms: EntryId


class MeasureDeclined(_OfMeasure, frozen=True):
    """Its author does not, or no longer, accept those terms."""

    measure: EntryId
    terms: EntryId
    reason: MeasureReason


class MeasureStarted(_OfMeasure, frozen=True):
    """The measure is under way."""

    measure: EntryId


class MeasureDelivered(_OfMeasure, frozen=True):
    """What was offered has been done."""

    measure: EntryId


class MeasureWithdrawn(_OfMeasure, frozen=True):
    """The offering party takes the measure back."""

    measure: EntryId
    reason: MeasureReason


ENTRIES: tuple[type[Entry], ...] = (
    MeasureOffered,
    MeasureAmended,
    MeasureAccepted,
    MeasureDeclined,
    MeasureStarted,
    MeasureDelivered,
    MeasureWithdrawn,
)


@dataclass(frozen=True, slots=True)
class MeasureCell:
    """One party's answer to the terms that stand: its last, or None."""

    party: Party
    answer: Stated | None

    @property
    def has_accepted(self) -> bool:
        """Whether that answer is acceptance."""
        return self.answer is not None and isinstance(self.answer.entry, MeasureAccepted)


@dataclass(frozen=True, slots=True)
class MeasureState:
    """The fold. `stated` is the entry whose terms stand; `progress` the offering party's last word on it."""

    scope: Scope
    offered: Stated | None
    stated: Stated | None
    terms: Terms | None
    cells: tuple[MeasureCell, ...]
    progress: Stated | None
    status: MeasureStatus

    @property
    def is_accepted(self) -> bool:
        """Whether every party that it is coordinated with accepts the terms that stand."""
        return self.offered is not None and all(cell.has_accepted for cell in self.cells)


def fold_measure(scope: Scope, statements: Iterable[Stated], policy: Policy) -> MeasureState:
    """Fold the statements of one measure's scope. Disputed statements accept nothing and move nothing."""
    del policy
    merged = merge(statements)
    offered = merged.get(scope.ref)  # type: ignore[call-overload]
    if offered is None or not isinstance(offered.entry, MeasureOffered):
        return MeasureState(scope, None, None, None, (), None, MeasureStatus.AWAITING)
    own = by_author(row for row in merged.values() if row.counts)
    stated, terms, progress = offered, offered.entry.terms, None
    for row in own.get(offered.author, ()):
        if isinstance(row.entry, MeasureAmended):
            stated, terms = row, row.entry.terms
        elif isinstance(row.entry, MeasureStarted | MeasureDelivered | MeasureWithdrawn):
            progress = row
    cells = tuple(
        MeasureCell(party, _find_answer(own.get(party, ()), stated))
        for party in offered.entry.coordinated_with
        if party != offered.author
    )
    return MeasureState(scope, offered, stated, terms, cells, progress, _judge(cells, progress))


def _find_answer(own: Iterable[Stated], stated: Stated) -> Stated | None:
    answer = None
    for row in own:
        if isinstance(row.entry, MeasureAccepted | MeasureDeclined) and row.entry.terms == stated.id:
            answer = row
    return answer


def _judge(cells: tuple[MeasureCell, ...], progress: Stated | None) -> MeasureStatus:
    match progress.entry if progress is not None else None:
        case MeasureWithdrawn():
            return MeasureStatus.WITHDRAWN
        case MeasureDelivered():
            return MeasureStatus.DELIVERED
        case MeasureStarted():
            return MeasureStatus.UNDER_WAY
        case _:
            pass
    if any(cell.answer is not None and not cell.has_accepted for cell in cells):
        return MeasureStatus.DECLINED
    return MeasureStatus.ACCEPTED if all(cell.has_accepted for cell in cells) else MeasureStatus.OFFERED
