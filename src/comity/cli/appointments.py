"""`comity meeting plan`, `move`, `call-off`, `answer`: meetings that are planned, and who will come by its own word."""

from collections.abc import Iterable
from typing import Any

import click

from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.cli.act import Desk, act, choose, officer_options
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import print_heading, print_line, print_table
from comity.procedure.appointment import AppointmentStatus, InvitationAnswer
from comity.procedure.call import Medium
from comity.procedure.fields import Level
from comity.procedure.measure import MeasureReason

__all__ = ["add_planning", "find_planned", "print_planned"]

_DONE = ("called-off", "held")

_planned_option = click.option(
    "--id", "id_", default="", metavar="ID",
    help=say("Which planned meeting, by the beginning of its id; may be left out where there is one."),
)  # fmt: skip


def find_planned(desk: Desk, beginning: str) -> dict[str, Any]:
    """Return the planned meeting meant; of several, the only one that is neither held nor called off.

    Raises:
        UsageError: `cli.no-such-object`, `cli.which-object`.
    """
    rows = desk.client.get("/v1/meetings")["planned"]
    return choose([row for row in rows if row["status"] not in _DONE] or rows if not beginning else rows, beginning)


def _setting(options: dict[str, Any], agenda: tuple[str, ...], desk: Desk) -> dict[str, object]:
    host, place = options["host"], options["place"]
    return {
        "starts_at": parse_instant(options["from_"]), "ends_at": parse_instant(options["until"]),
        "medium": options["medium"], "host": list(desk.check_parties((host,))) if host else [],
        "place": [place] if place else [], "agenda": sorted(set(agenda)),
    }  # fmt: skip


def _setting_options(command: Any) -> Any:
    for option in (
        click.option("--agenda", multiple=True, metavar="ID", help=say("An entry of the record to be spoken of.")),
        click.option("--place", default="", metavar="NAME", help=say("Where, by a name that the parties share.")),
        click.option("--host", default="", metavar="PARTY", help=say("The party that is the host.")),
        click.option("--medium", type=click.Choice([way.value for way in Medium]), default="in-person",
                     show_default=True),
        click.option("--until", required=True, metavar="TIME", help=say("When it ends.")),
        click.option("--from", "from_", required=True, metavar="TIME", help=say("When it begins.")),
    ):  # fmt: skip
        command = option(command)
    return command


def _state(desk: Desk, row: dict[str, Any], statement: dict[str, object]) -> list[str]:
    """State something of a planned meeting to those to whom it was planned."""
    return desk.client.state(tuple(row["planned"]["audience"]), {"appointment": row["id"], **statement})


def add_planning(meeting: CommandGroup) -> None:
    """Add the commands to those of meetings."""

    @act(meeting, "plan", help="Plan a meeting: when, where, on what; each party that is invited answers for itself.")
    @click.option("--under", required=True, metavar="CLAUSE", help=say("The commitment that it serves, by its clause."))
    @click.option("--body", default="", help=say("The body of the pact that is to meet."))
    @click.option(
        "--with", "with_", multiple=True, metavar="PARTY", help=say("Who is invited; all others if left out.")
    )
    @click.option(
        "--at-level", type=click.Choice([level.value for level in Level]), default="ministers", show_default=True
    )
    @_setting_options
    def plan(desk: Desk, with_: tuple[str, ...], agenda: tuple[str, ...], **options: str) -> list[str]:
        """See `help` above."""
        invited = {*(desk.check_parties(with_) or desk.parties)} - {desk.party}
        return desk.state(
            {"type": "MeetingPlanned", "commitment": options["under"],
             "body": [options["body"]] if options["body"] else [], "level": options["at_level"],
             "invited": sorted(invited), "consultation": [], "setting": _setting(options, agenda, desk)}
        )  # fmt: skip

    @act(meeting, "move", help="Move a meeting that your party planned; who had answered answers anew.")
    @_planned_option
    @_setting_options
    def move(desk: Desk, id_: str, agenda: tuple[str, ...], **options: str) -> list[str]:
        """See `help` above."""
        statement: dict[str, object] = {"type": "MeetingMoved", "setting": _setting(options, agenda, desk)}
        return _state(desk, find_planned(desk, id_), statement)

    @act(meeting, "call-off", help="Call off a meeting that your party planned.")
    @_planned_option
    @click.option("--reason", type=click.Choice([reason.value for reason in MeasureReason]), default="not-needed",
                  show_default=True)  # fmt: skip
    def call_off(desk: Desk, id_: str, reason: str) -> list[str]:
        """See `help` above."""
        return _state(desk, find_planned(desk, id_), {"type": "MeetingCalledOff", "reason": reason})

    @act(meeting, "answer", help="Answer an invitation for your party: it will attend, cannot, or proposes a time.")
    @_planned_option
    @click.option("--cannot", is_flag=True, help=say("Your party cannot attend."))
    @click.option("--from", "from_", default="", metavar="TIME", help=say("When the time begins that you propose."))
    @click.option("--until", default="", metavar="TIME", help=say("When the time ends that you propose."))
    @officer_options
    def answer(desk: Desk, id_: str, cannot: bool, from_: str, until: str, role: str, officer: str) -> list[str]:
        """See `help` above."""
        if bool(from_) != bool(until) or (cannot and from_):
            raise click.UsageError(say("give both --from and --until for another time, or neither"))
        said = InvitationAnswer.CANNOT_ATTEND if cannot else InvitationAnswer.WILL_ATTEND
        said = InvitationAnswer.OTHER_TIME if from_ else said
        row = find_planned(desk, id_)
        return _state(
            desk, row,
            {"type": "InvitationAnswered", "setting": row["setting"]["stated_by"], "answer": said.value,
             "starts_at": parse_instant(from_) if from_ else 0, "ends_at": parse_instant(until) if until else 0,
             "role": role, "officer": officer},
        )  # fmt: skip


def print_planned(planned: Iterable[dict[str, Any]], titles: Titles) -> None:
    """Print the meetings that are planned, each with the answers to the setting that stands; nothing without any."""
    rows = list(planned)
    if rows:
        print_heading("Planned meetings")
    for row in rows:
        entry, setting = row["planned"]["entry"], row["setting"]
        print_line(
            "{from_at} – {until_at}  {commitment}  {level}  {status}  {id}",
            style="bold", from_at=format_dtg(Instant(setting["starts_at"])),
            until_at=format_dtg(Instant(setting["ends_at"])), commitment=titles.cite("commitment", entry["commitment"]),
            level=say_term(Level(entry["level"])), status=say_term(AppointmentStatus(row["status"])), id=row["id"][:16],
        )  # fmt: skip
        where = [say_term(Medium(setting["medium"])), *setting["place"]]
        where += [say("host: {party}").format(party=party) for party in setting["host"]]
        print_line("  {where}", where=", ".join(where))
        if setting["agenda"]:
            print_line("  agenda: {ids}", ids=", ".join(id_[:12] for id_ in setting["agenda"]))
        cells = [(row["planned"]["author"], say("planned it"))]
        print_table(("party", "its own word"), [*cells, *((cell["party"], _say_answer(cell)) for cell in row["cells"])])


def _say_answer(cell: dict[str, Any]) -> str:
    if not cell["answer"]:
        return "—"
    said = say_term(InvitationAnswer(cell["answer"]))
    entry = cell["stated"]["entry"]
    if not entry["ends_at"]:
        return said
    return f"{said}: {format_dtg(Instant(entry['starts_at']))} – {format_dtg(Instant(entry['ends_at']))}"
