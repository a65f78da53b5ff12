"""Contingency plans, read a second time: which version is in force, what is activated, what nothing meets (P76 to P78).

Written from the clauses. A gap is said of what the records at hand show together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from comity.audit.procedures.forms_act import MeasureOffered, NationalActionStated
from comity.audit.procedures.forms_plan import (
    Line,
    PlanAccepted,
    PlanActivated,
    PlanDeclined,
    PlanOpened,
    PlanRetired,
    PlanStoodDown,
    PlanVersionProposed,
)
from comity.audit.procedures.friction import Act, list_acts
from comity.audit.procedures.measure import ActionState, MeasureState
from comity.audit.procedures.said import Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.base.names import Party

__all__ = ["Gap", "PlanState", "find_gaps", "judge_plan"]


class Gap(NamedTuple):
    """A line of an activation that no act of its consultation meets."""

    activation: bytes
    line: str


@dataclass(frozen=True, slots=True)
class PlanState:
    """`answers`: for each version, in its author's order, the last answer of each other party.

    `activations`: each with the index of its version, or None where it names none, and whether it was ended.
    """

    scope: Scope
    opener: Said | None
    versions: tuple[Said, ...]
    answers: tuple[Mapping[Party, Said | None], ...]
    activations: tuple[tuple[Said, int | None, bool], ...]
    is_retired: bool

    def is_accepted(self, index: int) -> bool:
        """Tell whether all others have accepted a version."""
        return all(said is not None and isinstance(said.entry, PlanAccepted) for said in self.answers[index].values())

    @property
    def in_force(self) -> int | None:
        """The index of the last version that is accepted."""
        return max((index for index in range(len(self.versions)) if self.is_accepted(index)), default=None)

    @property
    def shown(self) -> str:
        """P77."""
        if self.opener is None:
            return "awaiting"
        if self.is_retired:
            return "retired"
        if self.in_force is None:
            return "draft"
        return "in-force" if self.in_force == len(self.versions) - 1 else "in-revision"

    def list_standing(self) -> Iterator[tuple[Said, PlanVersionProposed]]:
        """Yield the activations that stand, each with its version."""
        for said, index, is_ended in self.activations:
            if index is not None and not is_ended and self.is_accepted(index):
                entry = self.versions[index].entry
                assert isinstance(entry, PlanVersionProposed)
                yield said, entry


def judge_plan(scope: Scope, statements: Sequence[Said]) -> PlanState:
    """Judge a plan from all statements about it."""
    opener = next((said for said in statements if said.id == scope.ref and isinstance(said.entry, PlanOpened)), None)
    if opener is None:
        return PlanState(scope, None, (), (), (), is_retired=False)
    good = [said for said in statements if said.is_good]
    own = order_own(good)
    by_opener = own.get(opener.author, [])
    versions = tuple(said for said in by_opener if isinstance(said.entry, PlanVersionProposed))
    others = [party for party in scope.audience if party != opener.author]
    answers = tuple({party: _find_answer(own.get(party, ()), said.id) for party in others} for said in versions)
    return PlanState(
        scope,
        opener,
        versions,
        answers,
        tuple(_list_activations(good, versions)),
        is_retired=any(isinstance(said.entry, PlanRetired) for said in by_opener),
    )


def _find_answer(own: Sequence[Said], version: bytes) -> Said | None:
    found = [said for said in own if isinstance(said.entry, PlanAccepted | PlanDeclined)]
    return next((said for said in reversed(found) if said.entry.version == version), None)  # type: ignore[attr-defined]


def _list_activations(good: Sequence[Said], versions: Sequence[Said]) -> Iterator[tuple[Said, int | None, bool]]:
    index_of = {said.id: index for index, said in enumerate(versions)}
    for said in good:
        if isinstance(said.entry, PlanActivated):
            is_ended = any(
                isinstance(one.entry, PlanStoodDown) and one.entry.activation == said.id and one.author == said.author
                for one in good
            )
            yield said, index_of.get(said.entry.version), is_ended


def find_gaps(plans: Iterable[PlanState], states: Sequence[MeasureState | ActionState]) -> Iterator[Gap]:
    """Yield the lines of activations that stand which no act that stands under the consultation meets (P78)."""
    for plan in plans:
        for said, version in plan.list_standing():
            assert isinstance(said.entry, PlanActivated)
            under = [state for state in states if said.entry.consultation in _find_consultation(state)]
            acts = list_acts(under)
            for line in version.lines:
                begins_at = said.entry.begins_at + line.after_ms
                if not any(_meets(act, line, begins_at=begins_at) for act in acts):
                    yield Gap(said.id, line.id)


def _find_consultation(state: MeasureState | ActionState) -> tuple[bytes, ...]:
    opener = state.offer if isinstance(state, MeasureState) else state.stated
    entry = None if opener is None else opener.entry
    return entry.consultation if isinstance(entry, MeasureOffered | NationalActionStated) else ()


def _meets(act: Act, line: Line, *, begins_at: int) -> bool:
    """P27, of a line."""
    terms = act.terms
    is_at_once = max(terms.starts_at, begins_at) < min(terms.ends_at, begins_at + line.for_ms)
    is_wanted = terms.instrument == line.instrument and line.by in ((), (act.party,))
    return is_at_once and is_wanted and line.target in ((), terms.target)
