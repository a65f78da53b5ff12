"""`comity threat` and `comity consult`: raise, call, acknowledge, take a position, conclude."""

from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.cli.act import Desk, act, officer_options, span_option, text_options, view
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.procedure.call import DeclineReason, Medium, Outcome
from comity.procedure.fields import Level
from comity.procedure.position import Position
from comity.procedure.threat import ThreatKind

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("Report a threat, and read what was reported."))
def threat() -> None:
    """See `help` above."""


@act(threat, "report", help="Report a threat to one or several parties, whatever its source.")
@click.option("--kind", type=click.Choice([kind.value for kind in ThreatKind]), required=True, help=say("What it is."))
@click.option("--at", default="", metavar="TIME", help=say("When it occurred; now if left out."))
@click.option("--threatened", multiple=True, metavar="PARTY", help=say("Whom it threatens; repeatable."))
@text_options
def report(
    desk: Desk,
    kind: str,
    at: str,
    threatened: tuple[str, ...],
    texts: tuple[str, ...],
    level: str,
    topics: tuple[str, ...],
) -> list[str]:
    """See `help` above."""
    occurred_at = parse_instant(at) if at else desk.now()
    return desk.state(
        {"type": "ThreatReported", "kind": kind, "occurred_at": occurred_at, "threatened": sorted(threatened),
         "sources": [], "narrative": desk.marked(texts, level, topics)}
    )  # fmt: skip


@view(threat, "show", help="Show every threat reported, the latest first, with its text.")
@click.option("--id", "id_", default="", metavar="ID", help=say("Only this one, by the beginning of its id."))
def show_threats(desk: Desk, id_: str) -> None:
    """See `help` above."""
    rows = [desk.find("threat", id_)] if id_ else desk.list("threat")
    if is_json():
        emit(rows)
        return
    for row in rows:
        _print_threat(row)


def _print_threat(row: dict[str, Any]) -> None:
    entry = row["entry"]
    print_line("{kind}  reported by {party}  {at}  {id}", style="bold", kind=say_term(entry["kind"]),
               party=row["author"], at=format_dtg(Instant(row["written_at"])), id=row["id"][:16])  # fmt: skip
    print_line("occurred {at}; threatens {parties}; marked {level}", at=format_dtg(Instant(entry["occurred_at"])),
               parties=", ".join(entry["threatened"]) or "—", level=entry["narrative"]["marking"]["level"])  # fmt: skip
    if row["is_withdrawn"]:
        print_line("Its author has withdrawn this report.", style="yellow")
    for version in entry["narrative"]["translations"]:
        print_line("  {language}: {text}", language=version["language"], text=version["text"])


@click.group(cls=CommandGroup, help=say("Call for consultation, and answer a call."))
def consult() -> None:
    """See `help` above."""


consultation_option = click.option(
    "--consultation",
    "consultation",
    default="",
    metavar="ID",
    help=say("Which one, by the beginning of its id; the open one if left out."),
)


@act(consult, "call", help="Call the parties to consult under a commitment of the pact.")
@click.option("--commitment", default="C1", show_default=True, help=say("The clause that you call under."))
@click.option("--at-level", type=click.Choice([level.value for level in Level]), default="watch", show_default=True)
@click.option(
    "--kind", type=click.Choice([kind.value for kind in ThreatKind]), required=True, help=say("What it is about.")
)
@click.option(
    "--threat", "threats", multiple=True, metavar="ID", help=say("A reported threat, by its whole id; repeatable.")
)
@click.option("--threatened", multiple=True, metavar="PARTY", help=say("Whom it threatens; repeatable."))
def call(
    desk: Desk, commitment: str, at_level: str, kind: str, threats: tuple[str, ...], threatened: tuple[str, ...]
) -> list[str]:
    """See `help` above."""
    return desk.state(
        {"type": "ConsultationCalled", "commitment": commitment, "level": at_level, "kind": kind,
         "threats": sorted(threats), "threatened": sorted(threatened)}
    )  # fmt: skip


@act(consult, "ack", help="Acknowledge a call in your role.")
@consultation_option
@officer_options
def ack(desk: Desk, consultation: str, role: str, officer: str) -> list[str]:
    """See `help` above."""
    found = desk.find("consultation", consultation)
    desk.warn_of_role(role, found["acknowledge_roles"])
    return desk.state({"type": "Acknowledged", "consultation": found["id"], "role": role, "officer": officer})


@act(consult, "decline", help="Decline a call; lawful, for it is a duty to consult, not to act.")
@consultation_option
@click.option("--reason", type=click.Choice([reason.value for reason in DeclineReason]), default="not-stated")
def decline(desk: Desk, consultation: str, reason: str) -> list[str]:
    """See `help` above."""
    return desk.state(
        {"type": "CallDeclined", "consultation": desk.find("consultation", consultation)["id"], "reason": reason}
    )


@act(consult, "convene", help="Say how and when the parties confer.")
@consultation_option
@click.option("--by", "medium", type=click.Choice([medium.value for medium in Medium]), default="voice")
@click.option("--at-level", type=click.Choice([level.value for level in Level]), default="advisers")
@span_option("--in", "0s", "How soon it begins.")
def convene(desk: Desk, consultation: str, medium: str, at_level: str, **spans: int) -> list[str]:
    """See `help` above."""
    id_ = desk.find("consultation", consultation)["id"]
    return desk.state(
        {"type": "ConsultationConvened", "consultation": id_, "level": at_level, "medium": medium,
         "starts_at": desk.now() + spans["in"]}
    )  # fmt: skip


@act(consult, "position", help="State your party's position.")
@click.argument("position", type=click.Choice([position.value for position in Position]))
@consultation_option
@span_option("--confirm-in", "24h", "Ad referendum: within what time the capital confirms.")
def position_(desk: Desk, position: str, consultation: str, confirm_in: int) -> list[str]:
    """See `help` above."""
    id_ = desk.find("consultation", consultation)["id"]
    confirm_by_at = desk.now() + confirm_in if position == Position.ACCEPT_AD_REFERENDUM else 0
    return desk.state(
        {
            "type": "PositionStated",
            "consultation": id_,
            "subject": id_,
            "position": position,
            "confirm_by_at": confirm_by_at,
        }
    )


@act(consult, "await", help="Say that your party awaits instructions from its capital, and by when it expects them.")
@consultation_option
@span_option("--for", "2h", "Within what time they are expected.")
def await_(desk: Desk, consultation: str, **spans: int) -> list[str]:
    """See `help` above."""
    id_ = desk.find("consultation", consultation)["id"]
    expected_at = desk.now() + spans["for"]
    return desk.state({"type": "InstructionsAwaited", "consultation": id_, "subject": id_, "expected_at": expected_at})


@act(consult, "conclude", help="State what your party holds to be the result; concluded once all have.")
@consultation_option
@click.option("--outcome", type=click.Choice([outcome.value for outcome in Outcome]), default="response-matched")
def conclude(desk: Desk, consultation: str, outcome: str) -> list[str]:
    """See `help` above."""
    id_ = desk.find("consultation", consultation)["id"]
    return desk.state({"type": "ConclusionStated", "consultation": id_, "outcome": outcome})


@view(consult, "show", help="Show every consultation: who has it, who acknowledged, positions.")
def show(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.list("consultation")
    if is_json():
        emit(rows)
        return
    for row in rows:
        print_line("{phase}  called by {party}  {id}", style="bold", phase=say_term(row["phase"]),
                   party=row["called"]["author"] if row["called"] else "?", id=row["id"][:16])  # fmt: skip
        due = format_dtg(Instant(row["acknowledge_by_at"])) if row["acknowledge_by_at"] else "—"
        print_line("acknowledge by {due} ({clause})", due=due, clause=row["acknowledge_clause"])
        positions: dict[str, Any] = {held["party"]: held["position"] for held in row["positions"]}
        for awaited in row["awaited"]:
            print_line("{party} awaits instructions, expected by {at}", party=awaited["party"],
                       at=format_dtg(Instant(awaited["expected_at"])))  # fmt: skip
        print_table(
            ("party", "receipt", "position"),
            [
                (cell["party"], say_term(cell["receipt"]), say_term(positions.get(cell["party"], "—")))
                for cell in row["parties"]
            ],
        )


COMMANDS = (threat, consult)
