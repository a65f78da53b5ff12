"""What alarms at a node, whom it called, and by which ladder it goes, as the API shows it (P90 to P92)."""

from typing import Annotated, TypedDict

from comity.api.views.basic import At, Id, Party, one_of
from comity.machine.waiting import AlertKind, AlertState
from comity.procedure.fields import Precedence

__all__ = ["Alarms", "AlertAtWatch", "CalloutRow", "CalloutShown", "NextShown", "RungShown", "StepShown"]

CALLOUT_STATES = ("waiting", "sent", "failed")


class CalloutShown(TypedDict):
    """One call-out of a step: under way, taken by what was called, or given up. `ended_at` 0: not ended."""

    name: str
    state: Annotated[str, one_of(more=CALLOUT_STATES)]
    attempt_count: int
    ended_at: At


class StepShown(TypedDict):
    """A step that was taken: who was called."""

    step: int
    roles: list[str]
    officers: list[str]
    called_at: At
    callouts: list[CalloutShown]


class NextShown(TypedDict):
    """The step that comes if nobody answers, and whom it would call by the roster of now."""

    step: int
    roles: list[str]
    officers: list[str]
    at: At


class AlertAtWatch(TypedDict):
    """A call or message that nobody here has answered. `next`: at most one; `precedence` is empty for a call."""

    id: Id
    kind: Annotated[str, one_of(AlertKind)]
    party: Party
    at: At
    precedence: Annotated[str, one_of(Precedence, more=("",))]
    state: Annotated[str, one_of(AlertState)]
    sounds: bool
    steps: list[StepShown]
    next: list[NextShown]


class RungShown(TypedDict):
    """One step of the ladder, and whom it would call now."""

    step: int
    after_ms: int
    roles: list[str]
    officers: list[str]
    callouts: list[str]
    off_duty: bool


class CalloutRow(TypedDict):
    """A call-out that is set up, by name and kind; where it goes stays in the file."""

    name: str
    kind: Annotated[str, one_of(more=("command", "smtp", "webhook", "push"))]


class Alarms(TypedDict):
    """All of it. `plan_fault` is what is wrong with alarm.toml, empty where nothing is; what it said before goes on."""

    alerts: list[AlertAtWatch]
    ladder: list[RungShown]
    callouts: list[CalloutRow]
    plan_fault: str
    unknown_roles: list[str]
    is_quiet: bool
