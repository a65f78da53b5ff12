"""What alarms at a desk and who was called: one view, for the API, the command line and the console (P90 to P92)."""

import asyncio
from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from comity.api.desk import Desk
from comity.api.views.alarms import Alarms, AlertAtWatch, CalloutShown, NextShown, RungShown, StepShown
from comity.api.views.upkeep import CalloutTried
from comity.base.instants import Instant
from comity.machine.waiting import Alert, find_alerts
from comity.node.administered import note_administered
from comity.node.alarm.check import get_callout, try_callout
from comity.node.alarm.escalation import find_alarm_logs, find_ladder_now, find_offices
from comity.node.alarm.ladder import Rung, find_called, find_unknown_roles
from comity.node.node import Node
from comity.pact.zone import format_local
from comity.procedure.alarm import NO_LOG, AlarmEscalated, AlarmLog, find_next

__all__ = ["is_quiet", "make_alarm_routes", "show_alarms", "try_alarm"]

SHOWN_COUNT_MAX: Final = 500
"""Alerts in one answer, those that sound before the others."""


def make_alarm_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the two paths; one call-out is tried at a time."""
    turn = asyncio.Lock()

    @get("/v1/alarms", summary="What nobody here has answered, whom the node called, and whom it calls next")
    async def alarms() -> Alarms:
        return show_alarms(desk)

    @post("/v1/alarms/test", summary="Try a call-out of alarm.toml: it says that it is a test", status_code=200)
    async def test(data: JSONBody[Trying]) -> CalloutTried:
        async with turn:
            return await try_alarm(desk, data.callout)

    return [alarms, test]


class Trying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which call-out is tried."""

    callout: Annotated[str, msgspec.Meta(max_length=64)]


async def try_alarm(desk: Desk, name: str) -> CalloutTried:
    """Try a call-out, as an administrator's act; return whether it was taken.

    Raises:
        UsageError: `callout.unknown`.
    """
    node, book = desk.node, desk.node.alarm_plan
    row, machine = get_callout(book.read(), name), node.machine
    assert book.folder is not None, "a plan that has call-outs was read from a folder"
    note_administered(machine.party, "callout.test", row.name)
    why = await try_callout(row, book.folder, party=machine.party, realm=machine.setup.pins.realm, at=node.now())
    return {"callout": row.name, "is_sent": not why, "why": why}


def show_alarms(desk: Desk, alerts: tuple[Alert, ...] | None = None) -> Alarms:
    """Return what alarms now, what was done about it, and the ladder by the roster of now; `alerts` if known."""
    node, at = desk.node, desk.node.now()
    plan, offices, ladder, logs = (
        node.alarm_plan.read(),
        find_offices(node),
        find_ladder_now(node),
        find_alarm_logs(node),
    )
    found = find_alerts(node.machine, at) if alerts is None else alerts
    ordered = sorted(found, key=lambda alert: (not alert.sounds, alert.at, alert.id))
    return {
        "alerts": [_show_alert(node, alert, logs.get(alert.id, NO_LOG), ladder) for alert in ordered[:SHOWN_COUNT_MAX]],
        "ladder": [_show_rung(node, rung, number, at) for number, rung in enumerate(ladder, start=1)],
        "callouts": [{"name": row.name, "kind": str(row.__struct_config__.tag)} for row in plan.callout],
        "plan_fault": node.alarm_plan.fault,
        "unknown_roles": list(find_unknown_roles(plan, offices)),
        "is_quiet": is_quiet(node),
    }


def is_quiet(node: Node) -> bool:
    """Tell whether it is a quiet hour by this party's clocks: then less than a FLASH or a call is not heard."""
    quiet, machine = node.alarm_plan.read().quiet, node.machine
    signatory = machine.pact.find_party(machine.party)
    if quiet is None or signatory is None:
        return False
    return quiet.holds_at(format_local(signatory.zone, node.now()).split()[1])


def _show_alert(node: Node, alert: Alert, log: AlarmLog, ladder: tuple[Rung, ...]) -> AlertAtWatch:
    return {
        "id": alert.id.hex(),
        "kind": alert.kind.value,
        "party": alert.party,
        "at": alert.at,
        "precedence": "" if alert.precedence is None else alert.precedence.value,
        "state": alert.state.value,
        "sounds": alert.sounds,
        "steps": [_show_step(step, log, ladder) for step in log.steps],
        "next": _find_next(node, log, ladder) if alert.sounds else [],
    }


def _show_step(step: AlarmEscalated, log: AlarmLog, ladder: tuple[Rung, ...]) -> StepShown:
    noted = [row.callout for row in log.callouts if row.step == step.step]
    set_up = ladder[step.step - 1].callouts if step.step <= len(ladder) else ()
    return {
        "step": step.step,
        "roles": list(step.roles),
        "officers": list(step.officers),
        "called_at": step.called_at,
        "callouts": [_show_callout(name, step.step, log) for name in dict.fromkeys((*set_up, *noted))],
    }


def _show_callout(name: str, step: int, log: AlarmLog) -> CalloutShown:
    row = log.find_callout(step, name)
    if row is None:
        return {"name": name, "state": "waiting", "attempt_count": 0, "ended_at": 0}
    return {"name": name, "state": row.outcome.value, "attempt_count": row.attempt_count, "ended_at": row.ended_at}


def _find_next(node: Node, log: AlarmLog, ladder: tuple[Rung, ...]) -> list[NextShown]:
    following = find_next([rung.wait_ms for rung in ladder], log)
    if following is None:
        return []
    rung = ladder[following.step - 1]
    return [{"step": following.step, "roles": list(rung.roles), "officers": _find_officers(node, rung, following.at),
             "at": following.at}]  # fmt: skip


def _show_rung(node: Node, rung: Rung, number: int, at: Instant) -> RungShown:
    return {
        "step": number,
        "after_ms": rung.wait_ms,
        "roles": list(rung.roles),
        "officers": _find_officers(node, rung, at),
        "callouts": list(rung.callouts),
        "off_duty": rung.off_duty,
    }


def _find_officers(node: Node, rung: Rung, at: Instant) -> list[str]:
    return list(find_called(rung, node.officers.read(), find_offices(node), at=at))
