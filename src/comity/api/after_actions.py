"""Adopted after-action reports over the API: who adopted, whose corrective action is due when, what was done (E48)."""

from typing import Annotated, TypedDict

from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import format_statement
from comity.api.views.basic import one_of
from comity.api.views.record import StatementShown
from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.procedure.after_action import AfterActionState, AfterActionStatus, judge_corrective_actions
from comity.procedure.duty import DutyVerdict

__all__ = ["AdoptionView", "list_adoptions", "make_adoptions"]


class ActionShown(TypedDict):
    """A corrective action; `verdict` is empty while its owner has not adopted the report."""

    number: int
    owner: str
    due_at: int
    verdict: Annotated[str, one_of(DutyVerdict)]
    done: StatementShown | None


class AdoptionView(TypedDict):
    """An adoption of a report: each party's own word, or none."""

    id: str
    opened: StatementShown
    exercise: str
    report: str
    commitment: str
    status: Annotated[str, one_of(AfterActionStatus)]
    adopted_by: list[str]
    audience: list[str]
    actions: list[ActionShown]


def make_adoptions(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view."""

    @get("/v1/after-action", summary="After-action reports adopted, and their corrective actions")
    async def adoptions() -> list[AdoptionView]:
        return list_adoptions(desk.node.machine, as_of=desk.node.now())

    return [adoptions]


def list_adoptions(machine: Machine, *, as_of: Instant) -> list[AdoptionView]:
    """Return every adoption that is here, the latest first."""
    states = [machine.record.get_state(scope) for scope in machine.record.list_scopes("after-action")]
    found = [state for state in states if isinstance(state, AfterActionState) and state.opened is not None]
    found.sort(key=lambda state: state.opened.order if state.opened else (), reverse=True)
    return [_show(state, as_of) for state in found]


def _show(state: AfterActionState, as_of: Instant) -> AdoptionView:
    adopted, opened = state.adopted, state.opened
    assert adopted is not None, "an adoption is listed when what opens it is here"
    assert opened is not None, "as above"
    verdicts = {duty.rule.rpartition(".")[2]: duty.verdict for duty in judge_corrective_actions(state, as_of=as_of)}
    return {
        "id": opened.id.hex(),
        "opened": format_statement(opened),
        "exercise": adopted.exercise,
        "report": adopted.report.hex(),
        "commitment": adopted.commitment,
        "status": state.status.value,
        "adopted_by": [party for party, said in state.cells.items() if said is not None],
        "audience": list(state.scope.audience),
        "actions": [
            {
                "number": action.number,
                "owner": action.owner,
                "due_at": action.due_at,
                "verdict": verdicts[key].value if (key := str(action.number)) in verdicts else "",
                "done": format_statement(said) if (said := state.done.get(action.number)) is not None else None,
            }
            for action in adopted.actions
        ],
    }
