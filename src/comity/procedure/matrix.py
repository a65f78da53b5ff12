"""The synchronisation matrix: where measures and national actions would get into each other's way.

Frictions (docs/spec/procedure.md, P27). A view over what stands; it forbids nothing.
- place: two acts whose windows overlap and whose areas touch;
- target: the same target in overlapping windows;
- announcement: two parties announce within the given gap but not together, or one announces before what it depends on;
- dependency: what it depends on is not here, was declined or withdrawn, or begins later;
- duplicate: the same instrument on the same target, or on touching areas at one time, by different parties;
- gap: a line of the plan that nothing meets.
"""

import enum
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.area import do_touch
from comity.procedure.measure import Instrument, MeasureState, MeasureStatus, Terms
from comity.procedure.national import NationalActionStated, NationalState

__all__ = ["Act", "Friction", "FrictionKind", "NeedState", "PlanLine", "find_acts", "find_frictions", "judge_need"]

_OUT = (MeasureStatus.AWAITING, MeasureStatus.DECLINED, MeasureStatus.WITHDRAWN)


class FrictionKind(enum.StrEnum):
    """What kind of trouble."""

    PLACE = "place"
    TARGET = "target"
    ANNOUNCEMENT = "announcement"
    DEPENDENCY = "dependency"
    DUPLICATE = "duplicate"
    GAP = "gap"


class NeedState(enum.StrEnum):
    """How an act stands to one that it depends on."""

    MET = "met"
    LATER = "later"
    """It begins after the act that needs it."""
    NOT_STANDING = "not-standing"
    """It is not here, was declined or withdrawn, or has ended."""


@dataclass(frozen=True, slots=True)
class Act:
    """A measure or a national action that is to happen, is happening or has happened."""

    id: Digest
    party: Party
    terms: Terms


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What a plan wants: an instrument, by a party or by anyone, on a target or on none, within a window."""

    id: str
    instrument: Instrument
    party: Party | None
    target: str | None
    starts_at: Instant
    ends_at: Instant


@dataclass(frozen=True, slots=True)
class Friction:
    """One finding: the acts in question, ascending by id, or the plan's line."""

    kind: FrictionKind
    acts: tuple[Digest, ...]
    plan_line: str = ""


def find_acts(measures: Iterable[MeasureState], actions: Iterable[NationalState] = ()) -> tuple[Act, ...]:
    """Return what stands, by id: no declined or withdrawn measure, no action that ended or was unsaid."""
    acts = [
        Act(row.offered.id, row.offered.author, row.terms)
        for row in measures
        if row.offered is not None and row.terms is not None and row.status not in _OUT
    ]
    for action in actions:
        if action.stated is None or action.stated.withdrawn_by is not None or action.ended is not None:
            continue
        if isinstance(action.stated.stated.entry, NationalActionStated):
            acts.append(Act(action.stated.stated.id, action.stated.stated.author, action.stated.stated.entry.terms))
    return tuple(sorted(acts, key=lambda act: act.id))


def find_frictions(
    acts: Iterable[Act], *, announcement_gap_ms: int, plan: Iterable[PlanLine] = ()
) -> tuple[Friction, ...]:
    """Compare every two acts, each act with what it depends on, and all with the plan; sorted by kind and id."""
    acts = tuple(acts)
    found = {
        Friction(kind, tuple(sorted((a.id, b.id))))
        for a, b in itertools.combinations(acts, 2)
        for kind in _compare(a, b, announcement_gap_ms)
    }
    by_id = {act.id: act for act in acts}
    for act in acts:
        for needed in act.terms.depends_on:
            base = by_id.get(Digest(needed))
            if base is None or judge_need(act, base) is not NeedState.MET:
                found.add(Friction(FrictionKind.DEPENDENCY, tuple(sorted((act.id, Digest(needed))))))
            elif _is_announced_before(act.terms, base.terms):
                found.add(Friction(FrictionKind.ANNOUNCEMENT, tuple(sorted((act.id, base.id)))))
    gaps = [Friction(FrictionKind.GAP, (), line.id) for line in plan if not any(_meets(act, line) for act in acts)]
    return tuple(sorted((*found, *gaps), key=lambda row: (row.kind, row.acts, row.plan_line)))


def judge_need(act: Act, needed: Act | None) -> NeedState:
    """Return how an act stands to one that it depends on; None is what is not among the acts that stand."""
    if needed is None:
        return NeedState.NOT_STANDING
    return NeedState.LATER if needed.terms.starts_at > act.terms.starts_at else NeedState.MET


def _compare(a: Act, b: Act, announcement_gap_ms: int) -> Iterator[FrictionKind]:
    do_overlap = a.terms.starts_at < b.terms.ends_at and b.terms.starts_at < a.terms.ends_at
    do_meet = do_overlap and any(do_touch(here, there) for here in a.terms.areas for there in b.terms.areas)
    is_same_target = do_overlap and bool(a.terms.target) and a.terms.target == b.terms.target
    if do_meet:
        yield FrictionKind.PLACE
    if is_same_target:
        yield FrictionKind.TARGET
    if a.party == b.party:
        return
    if a.terms.instrument is b.terms.instrument and (do_meet or is_same_target):
        yield FrictionKind.DUPLICATE
    if a.terms.announce_at and b.terms.announce_at:
        apart_ms = abs(a.terms.announce_at - b.terms.announce_at)
        if 0 < apart_ms < announcement_gap_ms:
            yield FrictionKind.ANNOUNCEMENT


def _is_announced_before(terms: Terms, base: Terms) -> bool:
    return bool(terms.announce_at and base.announce_at) and terms.announce_at < base.announce_at


def _meets(act: Act, line: PlanLine) -> bool:
    terms = act.terms
    return (
        terms.instrument is line.instrument
        and line.party in (None, act.party)
        and line.target in (None, *terms.target)
        and terms.starts_at < line.ends_at
        and line.starts_at < terms.ends_at
    )
