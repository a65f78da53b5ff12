"""What the pages *Plans* show: plans with their versions, who accepted which, activations, and what nothing meets."""

from dataclasses import dataclass

from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Party
from comity.console.consultation import OPEN
from comity.console.marked import Marked, list_marked
from comity.machine.machine import Machine
from comity.machine.waiting import judge_call
from comity.procedure.call import ConsultationCalled
from comity.procedure.consultation import ConsultationState
from comity.procedure.matrix import PlanLine
from comity.procedure.plan import (
    Activation,
    PlanActivated,
    PlanCell,
    PlanOpened,
    PlanState,
    PlanStatus,
    PlanVersion,
    PlanVersionProposed,
    find_lines,
)
from comity.procedure.plan_gap import PlanGap, find_gaps
from comity.procedure.scope import Scope

__all__ = ["Active", "Open", "Plan", "Version", "find_plan", "list_open", "list_plans"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `is_ours`: it waits for this party's word."""

    held: PlanVersion
    proposed: PlanVersionProposed
    marked: tuple[Marked, ...]
    cells: tuple[PlanCell, ...]
    is_ours: bool

    @property
    def id(self) -> str:
        """The id of the entry that proposed it."""
        return self.held.stated.id.hex()


@dataclass(frozen=True, slots=True)
class Active:
    """A version activated into a consultation: its lines at instants, and those that nothing meets."""

    held: Activation
    activated: PlanActivated
    lines: tuple[PlanLine, ...]
    gaps: frozenset[str]
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan, its latest version first. `is_ours`: this party opened it and puts its versions."""

    id: str
    name: str
    kind: object
    author: Party
    audience: Audience
    opened_at: Instant
    status: PlanStatus
    in_force: int
    versions: tuple[Version, ...]
    active: tuple[Active, ...]
    is_ours: bool

    @property
    def waits_for_us(self) -> bool:
        """Whether its last version waits for this party's word."""
        return self.status is not PlanStatus.RETIRED and bool(self.versions) and self.versions[0].is_ours

    @property
    def gap_count(self) -> int:
        """How many lines of what is active nothing meets."""
        return sum(len(row.gaps) for row in self.active)


@dataclass(frozen=True, slots=True)
class Open:
    """A consultation that a plan can be activated into."""

    id: str
    party: Party
    kind: object
    commitment: str
    at: Instant


def list_plans(desk: Desk, titles: Titles, language: str) -> tuple[Plan, ...]:
    """Return every plan that is here: what waits for us first, then what is in use, the retired last."""
    machine = desk.node.machine
    gaps = find_gaps(machine.record)
    found = [plan for scope in machine.record.list_scopes("plan")
             if (plan := _show(machine, titles, language, scope, gaps)) is not None]  # fmt: skip
    order = {PlanStatus.RETIRED: 2}
    return tuple(sorted(found, key=lambda plan: (order.get(plan.status, 0), not plan.waits_for_us, plan.name, plan.id)))


def find_plan(desk: Desk, titles: Titles, language: str, id_: str) -> Plan:
    """Return one plan.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    machine = desk.node.machine
    found = _show(machine, titles, language, desk.get_object(id_, "plan"), find_gaps(machine.record))
    if found is None:
        raise UsageError("cli.no-such-object", beginning=id_[:16])
    return found


def list_open(desk: Desk) -> tuple[Open, ...]:
    """Return the consultations that are not over, the latest first."""
    machine, now = desk.node.machine, desk.node.now()
    found = []
    for scope in machine.record.list_scopes("consultation"):
        state = machine.record.get_state(scope)
        assert isinstance(state, ConsultationState)
        if state.called is None or not isinstance(state.called.stated.entry, ConsultationCalled):
            continue
        if judge_call(machine, state, now).phase in OPEN:
            stated, called = state.called.stated, state.called.stated.entry
            found.append(Open(scope.ref.hex(), stated.author, called.kind, called.commitment, stated.written_at))
    return tuple(sorted(found, key=lambda row: (-row.at, row.id)))


def _show(machine: Machine, titles: Titles, language: str, scope: Scope, gaps: tuple[PlanGap, ...]) -> Plan | None:
    state = machine.record.get_state(scope)
    if not isinstance(state, PlanState) or state.opened is None or not isinstance(state.opened.entry, PlanOpened):
        return None
    opened = state.opened
    return Plan(
        id=scope.ref.hex(),
        name=state.opened.entry.name,
        kind=state.opened.entry.kind,
        author=opened.author,
        audience=state.scope.audience,
        opened_at=opened.written_at,
        status=state.status,
        in_force=0 if state.in_force is None else state.in_force.number,
        versions=tuple(
            _show_version(machine, titles, language, state, version) for version in reversed(state.versions)
        ),
        active=tuple(_show_active(machine, row, gaps) for row in reversed(state.activations)),
        is_ours=opened.author == machine.party,
    )


def _show_version(machine: Machine, titles: Titles, language: str, state: PlanState, version: PlanVersion) -> Version:
    proposed = version.stated.entry
    assert isinstance(proposed, PlanVersionProposed)
    own = next((cell for cell in version.cells if cell.party == machine.party), None)
    return Version(
        held=version,
        proposed=proposed,
        marked=tuple(list_marked(titles, proposed.body, language)),
        cells=version.cells,
        is_ours=own is not None and own.answer is None and version == state.versions[-1],
    )


def _show_active(machine: Machine, row: Activation, gaps: tuple[PlanGap, ...]) -> Active:
    activated = row.stated.entry
    assert isinstance(activated, PlanActivated)
    missing = frozenset(gap.line.id for gap in gaps if gap.activation == row.stated.id)
    is_ours = row.stated.author == machine.party and not row.is_ended
    return Active(row, activated, find_lines(row), missing, is_ours)
