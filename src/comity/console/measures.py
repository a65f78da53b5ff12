"""Measures and national actions of a consultation: a chart, and beside it a table that says the same in words.

What stands comes from the synchronisation matrix of the API (frictions, needs and gaps); who has accepted, and what was
declined or withdrawn, from the folds. It forbids nothing: a collision is shown, and the parties settle it.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.api.sync_matrix import GapView, MatrixView, show_matrix
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Party
from comity.console.consultation import Talk
from comity.console.gantt import Chart, Span, draw
from comity.machine.machine import Machine
from comity.procedure.matrix import FrictionKind, NeedState
from comity.procedure.measure import MeasureCell, MeasureDeclined, MeasureState, Terms
from comity.procedure.national import NationalActionStated, NationalState
from comity.procedure.scope import Scope

__all__ = ["Act", "Collision", "Matrix", "find_act", "find_matrix"]

DRAWN_COUNT_MAX: Final = 60
"""Bars in one chart; the table has all."""
_IN_TIME: Final = frozenset({FrictionKind.PLACE, FrictionKind.TARGET, FrictionKind.DUPLICATE})


Needs = tuple[tuple[int, str, NeedState], ...]
"""What an act depends on: the number of each, 0 where it is none of these, its id, and how it stands."""


class Ended(enum.StrEnum):
    """What a national action is once its party says so."""

    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `number` names it in chart and table; `collisions` are numbers of these; `needs` by number and state.

    `terms_by` is the entry whose terms stand.
    """

    id: str
    number: int
    is_measure: bool
    party: Party
    is_own: bool
    status: enum.Enum
    stands: bool
    terms: Terms
    terms_by: str
    cells: tuple[MeasureCell, ...]
    collisions: tuple[int, ...]
    needs: Needs
    consultation: str
    audience: Audience

    @property
    def reasons(self) -> tuple[tuple[Party, enum.Enum], ...]:
        """Why parties declined it."""
        answers = [(cell.party, cell.answer.entry) for cell in self.cells if cell.answer is not None]
        return tuple((party, entry.reason) for party, entry in answers if isinstance(entry, MeasureDeclined))

    def awaits(self, party: Party) -> bool:
        """Tell whether a party has still to answer the terms that stand."""
        return any(cell.party == party and cell.answer is None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Collision:
    """A finding: its number, its kind, and the acts in question by number; 0 is an act that is not among these."""

    number: int
    kind: FrictionKind
    acts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All of it; `chart` is None where nothing stands that could be drawn."""

    acts: tuple[Act, ...]
    collisions: tuple[Collision, ...]
    gaps: tuple[GapView, ...]
    chart: Chart | None
    by_id: Mapping[str, Act]


def find_matrix(machine: Machine, talk: Talk) -> Matrix:
    """Return the matrix of one consultation as it stands now."""
    view = show_matrix(machine, talk.state.scope.ref)  # type: ignore[arg-type]
    standing = [row.id for row in view.rows]
    states = {scope.ref.hex(): machine.record.get_state(scope) for scope in talk.scopes if _is_act(scope)}
    others = sorted(
        (id_ for id_, state in states.items() if id_ not in set(standing) and _read_terms(state) is not None),
        key=lambda id_: (_get_terms(states[id_]).starts_at, id_),
    )
    numbers = {id_: number for number, id_ in enumerate([*standing, *others], start=1)}
    collisions = tuple(
        Collision(number, FrictionKind(row.kind), tuple(sorted(numbers.get(id_, 0) for id_ in row.acts)))
        for number, row in enumerate(view.frictions, start=1)
    )
    needs = {
        row.id: tuple((numbers.get(need.id, 0), need.id, NeedState(need.state)) for need in row.depends_on)
        for row in view.rows
    }
    acts = tuple(
        _make_act(machine, states[id_], number, collisions=collisions, needs=needs.get(id_, ()), stands=id_ in needs)
        for id_, number in numbers.items()
    )
    chart = _draw(acts, view, collisions, talk.now_at)
    return Matrix(acts, collisions, view.gaps, chart, {act.id: act for act in acts})


def _is_act(scope: Scope) -> bool:
    return scope.kind in ("measure", "national")


def _read_terms(state: object) -> Terms | None:
    if isinstance(state, MeasureState):
        return state.terms
    if isinstance(state, NationalState) and state.stated is not None:
        entry = state.stated.stated.entry
        return entry.terms if isinstance(entry, NationalActionStated) else None
    return None


def _get_terms(state: object) -> Terms:
    terms = _read_terms(state)
    assert terms is not None, "it was opened"
    return terms


def _make_act(
    machine: Machine, state: object, number: int, *, collisions: Sequence[Collision], needs: Needs, stands: bool
) -> Act:
    terms = _get_terms(state)
    if isinstance(state, MeasureState):
        assert state.offered is not None, "it was offered"
        assert state.stated is not None, "its terms were stated"
        opened, terms_by, cells = state.offered, state.stated, state.cells
        status: enum.Enum = state.status
    else:
        assert isinstance(state, NationalState), "one of the two"
        assert state.stated is not None, "it was stated"
        opened, terms_by, cells = state.stated.stated, state.stated.stated, ()
        status = _find_stage(state)
    return Act(
        id=opened.id.hex(),
        number=number,
        is_measure=isinstance(state, MeasureState),
        party=opened.author,
        is_own=opened.author == machine.party,
        status=status,
        stands=stands,
        terms=terms,
        terms_by=terms_by.id.hex(),
        cells=cells,
        collisions=tuple(one.number for one in collisions if number in one.acts),
        needs=needs,
        consultation=next((id_.hex() for id_ in getattr(opened.entry, "consultation", ())), ""),
        audience=state.scope.audience,
    )


def find_act(machine: Machine, scope: Scope) -> Act:
    """Return a measure or an action by itself, without what it collides with.

    Raises:
        UsageError: `cli.no-such-object`, where what opens it is not here.
    """
    state = machine.record.get_state(scope)
    if _read_terms(state) is None:
        raise UsageError("cli.no-such-object", beginning=scope.ref.hex()[:16])
    is_over = isinstance(state, NationalState) and _find_stage(state) is Ended.ENDED
    return _make_act(machine, state, 0, collisions=(), needs=(), stands=not is_over)


def _find_stage(state: NationalState) -> enum.Enum:
    assert state.stated is not None, "it was stated"
    entry = state.stated.stated.entry
    assert isinstance(entry, NationalActionStated), "a national action opens with its statement"
    is_over = state.ended is not None or state.stated.withdrawn_by is not None
    return Ended.ENDED if is_over else entry.stage


def _draw(acts: Sequence[Act], view: MatrixView, collisions: Sequence[Collision], now: Instant) -> Chart | None:
    standing = [act for act in acts if act.stands][:DRAWN_COUNT_MAX]
    spans = [
        Span(act.id, Instant(act.terms.starts_at), Instant(act.terms.ends_at), Instant(act.terms.announce_at),
             tuple((id_, state.value) for _, id_, state in act.needs))
        for act in standing
    ]  # fmt: skip
    spans += [
        Span(f"gap-{number}", Instant(gap.starts_at), Instant(gap.ends_at), Instant(0), is_gap=True)
        for number, gap in enumerate(view.gaps[:DRAWN_COUNT_MAX], start=1)
    ]
    by_number = {act.number: act.id for act in acts}
    pairs = [
        (by_number[one.acts[0]], by_number[one.acts[1]])
        for one in collisions
        if one.kind in _IN_TIME and len(one.acts) == 2 and all(one.acts)
    ]
    return draw(spans, pairs, now)
