"""Gaps: lines of an activated plan that no measure or national action of its consultation meets (P78).

A view over a record, for one reader: what it does not see of others' acts it cannot count. It obliges nobody.
"""

from dataclasses import dataclass

from comity.base.names import Digest
from comity.procedure.matrix import FrictionKind, PlanLine, find_acts, find_frictions
from comity.procedure.measure import MeasureOffered, MeasureState
from comity.procedure.national import NationalActionStated, NationalState
from comity.procedure.plan import PlanActivated, PlanState, find_lines
from comity.procedure.record import Record

__all__ = ["PlanGap", "find_gaps"]


@dataclass(frozen=True, slots=True)
class PlanGap:
    """A line of one activation that nothing meets."""

    plan: Digest
    activation: Digest
    consultation: Digest
    line: PlanLine


def find_gaps(record: Record) -> tuple[PlanGap, ...]:
    """Return every gap of every activation that stands, by activation and line."""
    found: list[PlanGap] = []
    for scope in record.list_scopes("plan"):
        state = record.get_state(scope)
        assert isinstance(state, PlanState)
        for activation in state.activations:
            entry = activation.stated.entry
            assert isinstance(entry, PlanActivated)
            lines = {line.id: line for line in find_lines(activation)}
            acts = find_acts(*_find_under(record, entry.consultation)) if lines else ()
            found += [
                PlanGap(Digest(scope.ref), activation.stated.id, Digest(entry.consultation), lines[friction.plan_line])
                for friction in find_frictions(acts, announcement_gap_ms=0, plan=lines.values())
                if friction.kind is FrictionKind.GAP
            ]
    return tuple(sorted(found, key=lambda gap: (gap.activation, gap.line.id)))


def _find_under(record: Record, consultation: bytes) -> tuple[list[MeasureState], list[NationalState]]:
    """Return the measures and actions that were opened under a consultation."""
    measures: list[MeasureState] = []
    actions: list[NationalState] = []
    for kind in ("measure", "national"):
        for scope in record.list_scopes(kind):
            state = record.get_state(scope)
            if isinstance(state, MeasureState) and state.offered is not None:
                assert isinstance(state.offered.entry, MeasureOffered)
                if consultation in state.offered.entry.consultation:
                    measures.append(state)
            elif isinstance(state, NationalState) and state.stated is not None:
                entry = state.stated.stated.entry
                if isinstance(entry, NationalActionStated) and consultation in entry.consultation:
                    actions.append(state)
    return measures, actions
