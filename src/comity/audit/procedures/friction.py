"""Where acts that stand would get into each other's way (P27). A view: it forbids nothing.

What a plan asks for is not on the record, so nothing is said of gaps in one.
"""

import enum
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from comity.audit.procedures.forms_act import NationalActionStated, Terms
from comity.audit.procedures.globe import do_touch
from comity.audit.procedures.measure import ActionState, MeasureShown, MeasureState
from comity.base.names import Party

__all__ = ["Act", "Friction", "FrictionKind", "find_frictions", "list_acts"]

_NOT_STANDING = (MeasureShown.AWAITING, MeasureShown.DECLINED, MeasureShown.WITHDRAWN)


class FrictionKind(enum.Enum):
    """P27."""

    PLACE = "place"
    TARGET = "target"
    DUPLICATE = "duplicate"
    ANNOUNCEMENT = "announcement"
    DEPENDENCY = "dependency"


class Act(NamedTuple):
    """A measure or a national action that stands."""

    id: bytes
    party: Party
    terms: Terms


class Friction(NamedTuple):
    """One finding: its kind, and the two acts by ascending id."""

    kind: str
    acts: tuple[bytes, bytes]


def list_acts(states: Iterable[MeasureState | ActionState]) -> list[Act]:
    """Return what stands, by id: no declined or withdrawn measure, no ended action."""
    found: list[Act] = []
    for state in states:
        if isinstance(state, MeasureState):
            if state.offer is not None and state.terms is not None and state.shown not in _NOT_STANDING:
                found.append(Act(state.offer.id, state.offer.author, state.terms))
        elif state.stated is not None and not state.is_withdrawn and state.ended is None:
            entry = state.stated.entry
            assert isinstance(entry, NationalActionStated), "an action is opened by this"
            found.append(Act(state.stated.id, state.stated.author, entry.terms))
    return sorted(found, key=lambda act: act.id)


def find_frictions(acts: Sequence[Act], *, gap_ms: int = 0) -> list[Friction]:
    """Return what is between every two acts, by kind and ids; `gap_ms` is the gap asked for between announcements."""
    by_id = {act.id: act for act in acts}
    found: set[Friction] = set()
    for one, other in itertools.combinations(acts, 2):
        found |= {_name(kind, one.id, other.id) for kind in _compare(one, other, gap_ms)}
    for act in acts:
        for id_ in act.terms.depends_on:
            kind = _judge_need(act, by_id.get(id_))
            if kind is not None:
                found.add(_name(kind, act.id, id_))
    return sorted(found)


def _name(kind: FrictionKind, one: bytes, other: bytes) -> Friction:
    return Friction(kind.value, (min(one, other), max(one, other)))


def _compare(one: Act, other: Act, gap_ms: int) -> Iterator[FrictionKind]:
    a, b = one.terms, other.terms
    is_at_once = max(a.starts_at, b.starts_at) < min(a.ends_at, b.ends_at)
    is_in_place = is_at_once and any(do_touch(here, there) for here in a.areas for there in b.areas)
    is_on_target = is_at_once and a.target == b.target != ()
    if is_in_place:
        yield FrictionKind.PLACE
    if is_on_target:
        yield FrictionKind.TARGET
    if one.party != other.party:
        if a.instrument == b.instrument and (is_in_place or is_on_target):
            yield FrictionKind.DUPLICATE
        if a.announce_at and b.announce_at and 0 < abs(a.announce_at - b.announce_at) < gap_ms:
            yield FrictionKind.ANNOUNCEMENT


def _judge_need(act: Act, needed: Act | None) -> FrictionKind | None:
    """What is wrong between an act and one that it depends on; None is what is not among the acts."""
    if needed is None or needed.terms.starts_at > act.terms.starts_at:
        return FrictionKind.DEPENDENCY
    own, theirs = act.terms.announce_at, needed.terms.announce_at
    return FrictionKind.ANNOUNCEMENT if own and theirs and own < theirs else None
