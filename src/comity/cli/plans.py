"""`comity plan`: contingency plans, agreed beforehand and activated into a consultation (docs/guide/plans.md)."""

import re
from typing import Any, Final

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.cli.act import Desk, act, choose, parse_span_ms, text_options, view
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.procedure.measure import Instrument, MeasureReason
from comity.procedure.plan import PlanStatus
from comity.procedure.threat import ThreatKind

__all__ = ["COMMANDS"]

_LINE: Final = re.compile(r"([A-Za-z0-9_-]+)=([a-z-]+)((?:,[a-z]+:[A-Za-z0-9_-]+)*)")


@click.group(cls=CommandGroup, help=say("Contingency plans: agreed beforehand, activated into a consultation."))
def plan() -> None:
    """See `help` above."""


plan_option = click.option(
    "--id",
    "id_",
    default="",
    metavar="ID",
    help=say("Which one, by the beginning of its id; the open one if left out."),
)


def _find(desk: Desk, beginning: str) -> dict[str, Any]:
    rows = [
        {**row, "status": "withdrawn" if row["status"] == PlanStatus.RETIRED else row["status"]}
        for row in desk.client.get("/v1/plans")
    ]
    return choose(rows, beginning)


@act(plan, "open", help="Open a plan for threats of a kind; your party puts its versions.")
@click.option("--name", required=True, help=say("A short name: letters, digits, hyphens."))
@click.option("--kind", type=click.Choice([kind.value for kind in ThreatKind]), required=True)
def open_(desk: Desk, name: str, kind: str) -> list[str]:
    """See `help` above."""
    return desk.state({"type": "PlanOpened", "name": name, "kind": kind})


@act(plan, "propose", help="Put a version of your plan: its lines, and the plan in words.")
@plan_option
@click.option(
    "--line",
    "lines",
    multiple=True,
    required=True,
    metavar="ID=INSTRUMENT[,by:…][,on:…][,after:…][,for:…]",
    help=say("What is wanted, as p1=patrol,by:JPN,on:strait,after:2h,for:3d; repeatable."),
)
@text_options
def propose(
    desk: Desk, id_: str, lines: tuple[str, ...], texts: tuple[str, ...], level: str, topics: tuple[str, ...]
) -> list[str]:
    """See `help` above."""
    rows = sorted((_parse_line(desk, line) for line in lines), key=lambda row: str(row["id"]))
    body = desk.marked(texts, level, topics)
    return desk.state({"type": "PlanVersionProposed", "plan": _find(desk, id_)["id"], "lines": rows, "body": body})


def _parse_line(desk: Desk, text: str) -> dict[str, object]:
    match = _LINE.fullmatch(text)
    fields = dict(part.split(":", 1) for part in match[3].split(",")[1:]) if match else {}
    instruments = [kind.value for kind in Instrument]
    if match is None or match[2] not in instruments or not set(fields) <= {"by", "on", "after", "for"}:
        raise click.BadParameter(say("write a line like p1=patrol,by:JPN,on:strait,after:2h,for:3d"))
    return {
        "id": match[1],
        "instrument": match[2],
        "by": list(desk.check_parties((fields["by"],))) if "by" in fields else [],
        "target": [fields["on"]] if "on" in fields else [],
        "after_ms": parse_span_ms(fields.get("after", "0s")),
        "for_ms": parse_span_ms(fields.get("for", "24h")),
    }


def version_option(command: Any) -> Any:
    """Add which version is meant."""
    return click.option(
        "--version", "number", type=int, default=0, help=say("Which version, by its number; the last if left out.")
    )(command)


def _find_version(held: dict[str, Any], number: int) -> str:
    rows = [row for row in held["versions"] if number in (0, row["number"])]
    if not rows:
        raise click.ClickException(say("the plan has no such version"))
    return str(rows[-1]["stated"]["id"])


@act(plan, "accept", help="Accept a version of a plan; it is in force once every party has.")
@plan_option
@version_option
def accept(desk: Desk, id_: str, number: int) -> list[str]:
    """See `help` above."""
    held = _find(desk, id_)
    return desk.state({"type": "PlanAccepted", "plan": held["id"], "version": _find_version(held, number)})


@act(plan, "decline", help="Decline a version of a plan.")
@plan_option
@version_option
@click.option("--reason", type=click.Choice([reason.value for reason in MeasureReason]), default="national-decision")
def decline(desk: Desk, id_: str, number: int, reason: str) -> list[str]:
    """See `help` above."""
    held = _find(desk, id_)
    version = _find_version(held, number)
    return desk.state({"type": "PlanDeclined", "plan": held["id"], "version": version, "reason": reason})


@act(plan, "activate", help="Activate the version in force into a consultation; measures are held against it.")
@plan_option
@click.option("--consultation", default="", metavar="ID", help=say("Which one; the open one if left out."))
@click.option("--from", "from_", default="", metavar="TIME", help=say("When its lines begin; now if left out."))
def activate(desk: Desk, id_: str, consultation: str, from_: str) -> list[str]:
    """See `help` above."""
    held = _find(desk, id_)
    if not held["in_force"]:
        raise click.ClickException(say("no version of the plan is accepted by all"))
    return desk.state(
        {"type": "PlanActivated", "plan": held["id"], "version": _find_version(held, held["in_force"]),
         "consultation": desk.find("consultation", consultation)["id"],
         "begins_at": parse_instant(from_) if from_ else desk.now()}
    )  # fmt: skip


@act(plan, "stand-down", help="End your party's activation of a plan.")
@plan_option
def stand_down(desk: Desk, id_: str) -> list[str]:
    """See `help` above."""
    held = _find(desk, id_)
    own = [row for row in held["activations"] if not row["is_ended"] and row["stated"]["author"] == desk.party]
    if not own:
        raise click.ClickException(say("your party has not activated the plan"))
    return desk.state({"type": "PlanStoodDown", "plan": held["id"], "activation": own[-1]["stated"]["id"]})


@act(plan, "retire", help="Take your plan out of use.")
@plan_option
def retire(desk: Desk, id_: str) -> list[str]:
    """See `help` above."""
    return desk.state({"type": "PlanRetired", "plan": _find(desk, id_)["id"]})


@view(plan, "show", help="Show the plans: versions, who accepted them, activations, and what nothing meets.")
def show(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/plans")
    if is_json():
        emit(rows)
        return
    for row in rows:
        if row["opened"] is not None:
            _print_plan(row)


def _print_plan(row: dict[str, Any]) -> None:
    print_line(
        "{name}  {kind}  {party}  {status}  {id}",
        style="bold",
        name=row["name"],
        kind=say_term(row["opened"]["entry"]["kind"]),
        party=row["opened"]["author"],
        status=say_term(PlanStatus(row["status"])),
        id=row["id"][:16],
    )
    answers = {"accepted": say("accepted"), "declined": say("declined"), "": "—"}
    versions = [
        (
            version["number"],
            ", ".join(_say_line(line) for line in version["stated"]["entry"]["lines"]),
            ", ".join(f"{cell['party']} {answers[cell['answer']]}" for cell in version["cells"]),
        )
        for version in row["versions"]
    ]
    print_table(("version", "lines", "answers"), versions)
    for active in row["activations"]:
        entry = active["stated"]["entry"]
        state = say("stands") if active["stands"] else say("does not stand")
        print_line("  Activated by {party} from {at} into {consultation}: {state}", party=active["stated"]["author"],
                   at=format_dtg(Instant(entry["begins_at"])), consultation=entry["consultation"][:12],
                   state=state)  # fmt: skip
        for gap in active["gaps"]:
            print_line("  Gap: nothing meets line {line}: {instrument}, from {starts_at} to {ends_at}",
                       style="bold yellow", line=gap["line"], instrument=say_term(gap["instrument"]),
                       starts_at=format_dtg(Instant(gap["starts_at"])),
                       ends_at=format_dtg(Instant(gap["ends_at"])))  # fmt: skip


def _say_line(line: dict[str, Any]) -> str:
    parts = [f"{line['id']}: {say_term(line['instrument'])}", *line["by"], *line["target"]]
    return " ".join(parts)


COMMANDS = (plan,)
