"""`comity alarm`: what nobody has answered, whom the node called, and whether its call-outs would work."""

import asyncio
from pathlib import Path
from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import MINUTE_MS, Instant, format_dtg
from comity.cli.act import Desk, view
from comity.cli.asking import Client, find_realm_path, home_option, realm_option
from comity.cli.files import read_bounded
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, json_option, print_heading, print_line, print_table
from comity.machine.waiting import AlertKind, AlertState
from comity.node.alarm.check import find_missing, get_callout, try_callout
from comity.node.alarm.plan import ALARM_FILE, SIZE_BYTES_MAX, Plan, parse_plan
from comity.node.bell import read_clock
from comity.procedure.fields import Precedence

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("The alarm: what nobody has answered, whom the node calls, and how."))
def alarm() -> None:
    """See `help` above."""


@view(alarm, "show", help="What nobody here has answered, who was called about it, and who is called next.")
def show(desk: Desk) -> None:
    """See `help` above."""
    found = desk.client.get("/v1/alarms")
    if is_json():
        emit(found)
        return
    if not found["alerts"]:
        print_line("Nothing: every call and message is answered.")
    for alert in found["alerts"]:
        _print_alert(alert)
    print_heading("Who is called while nobody answers")
    rows = [
        (row["step"], say("{count} min", count=row["after_ms"] // MINUTE_MS), ", ".join(row["roles"]),
         ", ".join(row["officers"]) or "—", ", ".join(row["callouts"]) or "—")
        for row in found["ladder"]
    ]  # fmt: skip
    print_table(("step", "after", "roles", "officers now", "call-outs"), rows)
    _print_faults(found)


def _print_alert(alert: dict[str, Any]) -> None:
    word = say_term(Precedence(alert["precedence"])) if alert["precedence"] else say_term(AlertKind(alert["kind"]))
    print_line("{word} from {party} at {at} [{id}]: {state}", word=word.upper(), party=alert["party"],
               at=format_dtg(Instant(alert["at"])), id=alert["id"][:12], state=say_term(AlertState(alert["state"])),
               style="bold red" if alert["sounds"] else "")  # fmt: skip
    for step in alert["steps"]:
        print_line("  Step {step} at {at}: called {who}", step=step["step"], at=format_dtg(Instant(step["called_at"])),
                   who=", ".join((*step["roles"], *step["officers"])))  # fmt: skip
        for callout in step["callouts"]:
            print_line("    Call-out {name}: {state}, attempts: {count}", name=callout["name"],
                       state=_say_state(callout["state"]), count=callout["attempt_count"],
                       style="red" if callout["state"] == "failed" else "")  # fmt: skip
    for following in alert["next"]:
        print_line("  Next at {at}: {who}", at=format_dtg(Instant(following["at"])),
                   who=", ".join((*following["roles"], *following["officers"])))  # fmt: skip


def _say_state(state: str) -> str:
    return {"waiting": say("under way"), "sent": say("sent"), "failed": say("FAILED")}[state]


def _print_faults(found: dict[str, Any]) -> None:
    if found["plan_fault"]:
        print_line("alarm.toml can't be followed, and the node goes by what it said before: {why}",
                   why=found["plan_fault"], style="bold red")  # fmt: skip
    if found["unknown_roles"]:
        print_line("Roles of alarm.toml that the pact does not have: {roles}", roles=", ".join(found["unknown_roles"]),
                   style="bold red")  # fmt: skip


@alarm.command(help=say("Check alarm.toml, or another file of its form, and the files that it names."))
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
@realm_option
@json_option
def check(file: Path | None, home: Path, realm: str) -> int:
    """See `help` above. Exit status 1 where something does not fit."""
    folder = find_realm_path(home, realm)
    plan = _read_plan(file or folder / ALARM_FILE)
    faults = [fault._asdict() for fault in find_missing(plan, folder)]
    if is_json():
        emit({"steps": len(plan.step), "callouts": [row.name for row in plan.callout], "faults": faults})
        return 1 if faults else 0
    for fault in faults:
        print_line("{callout}: {file} is not there, is empty, or is open to others", **fault)
    if not faults:
        print_line("The plan fits: steps: {steps}, call-outs: {callouts}. `comity alarm test` tries them.",
                   steps=len(plan.step), callouts=", ".join(row.name for row in plan.callout) or "—")  # fmt: skip
    return 1 if faults else 0


def _read_plan(path: Path) -> Plan:
    return parse_plan(read_bounded(path, SIZE_BYTES_MAX)) if path.exists() else Plan()


@alarm.command(help=say("Try a call-out, or all of them: each says that this is a test."))
@click.argument("name", default="")
@home_option
@realm_option
@json_option
def test(name: str, home: Path, realm: str) -> int:
    """See `help` above. Exit status 1 where one failed."""
    folder, status = find_realm_path(home, realm), Client(home, realm).get("/v1/status")
    plan = _read_plan(folder / ALARM_FILE)
    rows = [get_callout(plan, name)] if name else plan.callout
    about = {"party": status["party"], "realm": status["realm"], "at": read_clock()}
    results = [(row.name, asyncio.run(try_callout(row, folder, **about))) for row in rows]
    if is_json():
        emit([{"callout": row, "is_sent": not why, "why": why} for row, why in results])
        return 1 if any(why for _, why in results) else 0
    for row, why in results:
        if why:
            print_line("{name}: FAILED ({why})", name=row, why=why, style="bold red")
        else:
            print_line("{name}: sent. Was it heard?", name=row)
    if not results:
        print_line("alarm.toml names no call-out.")
    return 1 if any(why for _, why in results) else 0


COMMANDS = (alarm,)
