"""The synchronisation matrix over the API: every act that stands, what it needs, what is in its way, what a plan lacks.

With a consultation named, only what was opened under it; what collides with acts outside it is then not shown.
"""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from comity.api.desk import ANNOUNCEMENT_GAP_MS, Desk
from comity.api.form import parse_id, simplify
from comity.api.matrix_view import show_action, show_measure
from comity.base.names import Digest
from comity.machine.machine import Machine
from comity.procedure.matrix import Act, find_acts, find_frictions, judge_need
from comity.procedure.measure import MeasureState
from comity.procedure.national import NationalState
from comity.procedure.plan import PlanOpened
from comity.procedure.plan_gap import PlanGap, find_gaps

__all__ = ["MatrixView", "make_matrix"]

View = dict[str, Any]
Beginning = Annotated[str, QueryParameter(max_length=64)]


class NeedView(msgspec.Struct, frozen=True):
    """An act that is depended on, and how it stands."""

    id: str
    state: str


class ActView(msgspec.Struct, frozen=True):
    """One act that stands, with its terms as they stand."""

    id: str
    party: str
    status: str
    instrument: str
    actor: str
    starts_at: int
    ends_at: int
    announce_at: int
    target: str
    areas: tuple[View, ...]
    depends_on: tuple[NeedView, ...]
    caveats: tuple[View, ...]


class FrictionView(msgspec.Struct, frozen=True):
    """What is between two acts."""

    kind: str
    acts: tuple[str, ...]


class GapView(msgspec.Struct, frozen=True):
    """A line of an activated plan that nothing meets."""

    plan: str
    name: str
    activation: str
    consultation: str
    line: str
    instrument: str
    party: str
    target: str
    starts_at: int
    ends_at: int


class MatrixView(msgspec.Struct, frozen=True):
    """The acts in the order in which they begin; what is in the way; what plans lack."""

    rows: tuple[ActView, ...]
    frictions: tuple[FrictionView, ...]
    gaps: tuple[GapView, ...]


def make_matrix(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view."""

    @get("/v1/matrix", summary="The synchronisation matrix, of all or of one consultation, with gaps against plans")
    async def matrix(consultation: Beginning = "") -> MatrixView:
        return show_matrix(desk.node.machine, parse_id(consultation) if consultation else None)

    return [matrix]


def show_matrix(machine: Machine, consultation: Digest | None) -> MatrixView:
    """Return what stands now."""
    measures, actions = _find_states(machine, consultation)
    acts = find_acts(measures, actions)
    by_id = {act.id: act for act in acts}
    status = {row["id"]: row["status"] for row in (*map(show_measure, measures), *map(show_action, actions))}
    rows = sorted(acts, key=lambda act: (act.terms.starts_at, act.id))
    gaps = [gap for gap in find_gaps(machine.record) if consultation in (None, gap.consultation)]
    return MatrixView(
        rows=tuple(_show_act(act, by_id, status[act.id.hex()]) for act in rows),
        frictions=tuple(
            FrictionView(friction.kind.value, tuple(id_.hex() for id_ in friction.acts))
            for friction in find_frictions(acts, announcement_gap_ms=ANNOUNCEMENT_GAP_MS)
        ),
        gaps=tuple(show_gaps(machine, gaps)),
    )


def _find_states(machine: Machine, consultation: Digest | None) -> tuple[list[MeasureState], list[NationalState]]:
    record = machine.record
    scopes = [scope for kind in ("measure", "national") for scope in record.list_scopes(kind)]
    if consultation is not None:
        related = set(record.list_related(consultation))
        scopes = [scope for scope in scopes if scope in related]
    states = [record.get_state(scope) for scope in scopes]
    measures = [state for state in states if isinstance(state, MeasureState) and state.offered is not None]
    actions = [state for state in states if isinstance(state, NationalState) and state.stated is not None]
    return measures, actions


def _show_act(act: Act, by_id: dict[Digest, Act], status: str) -> ActView:
    terms = act.terms
    needs = tuple(NeedView(id_.hex(), judge_need(act, by_id.get(Digest(id_))).value) for id_ in terms.depends_on)
    return ActView(
        id=act.id.hex(),
        party=act.party,
        status=status,
        instrument=terms.instrument.value,
        actor=terms.actor,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        announce_at=terms.announce_at,
        target=terms.target[0] if terms.target else "",
        areas=tuple(map(_simplify, terms.areas)),
        depends_on=needs,
        caveats=tuple(map(_simplify, terms.caveats)),
    )


def show_gaps(machine: Machine, gaps: Iterable[PlanGap]) -> Iterable[GapView]:
    """Yield gaps with the names of their plans."""
    for gap in gaps:
        opened = machine.record.find_statement(gap.plan)
        assert opened is not None, "a plan that is activated was opened"
        assert isinstance(opened.entry, PlanOpened)
        line = gap.line
        yield GapView(
            plan=gap.plan.hex(),
            name=opened.entry.name,
            activation=gap.activation.hex(),
            consultation=gap.consultation.hex(),
            line=line.id,
            instrument=line.instrument.value,
            party=line.party or "",
            target=line.target or "",
            starts_at=line.starts_at,
            ends_at=line.ends_at,
        )


def _simplify(value: object) -> View:
    simple = simplify(value)
    assert isinstance(simple, dict)
    return simple
