"""`comity meeting`: meetings that are planned or were held, each party's own word on them, and what shows them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import get_language, say
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.cli.act import Desk, act, choose, officer_options, text_options, view
from comity.cli.appointments import add_planning, find_planned, print_planned
from comity.cli.files import find_file_digest
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_heading, print_line, print_table
from comity.pact.commitment import Cadence
from comity.procedure.call import Medium
from comity.procedure.duty import DutyVerdict
from comity.procedure.fields import Level
from comity.procedure.meeting import Attendance, EvidenceForm, MeetingStatus

__all__ = ["COMMANDS", "print_owed"]


@click.group(cls=CommandGroup, help=say("Meetings: planned ahead, held, who was there, and what shows it."))
def meeting() -> None:
    """See `help` above."""


meeting_option = click.option(
    "--id", "id_", default="", metavar="ID", help=say("Which one, by the beginning of its id; the last if left out.")
)


def _find(desk: Desk, beginning: str) -> str:
    rows = [row for row in desk.client.get("/v1/meetings")["meetings"] if row["held"] is not None]
    return str(choose(rows if beginning else rows[:1], beginning)["id"])


@act(meeting, "held", help="State that a meeting was held, under which commitment and with whom.")
@click.option("--planned", is_flag=False, flag_value="", metavar="[ID]",
              help=say("It was planned, under this id; what you leave out is as it was planned."))  # fmt: skip
@click.option("--under", default="", metavar="CLAUSE", help=say("The commitment that it serves, by its clause."))
@click.option("--body", default="", help=say("The body of the pact that met."))
@click.option("--with", "with_", multiple=True, metavar="PARTY", help=say("Who attended; all parties if left out."))
@click.option("--at-level", type=click.Choice([level.value for level in Level]), help=say("ministers if left out."))
@click.option("--medium", type=click.Choice([way.value for way in Medium]), help=say("in-person if left out."))
@click.option("--from", "from_", default="", metavar="TIME", help=say("When it began."))
@click.option("--until", default="", metavar="TIME", help=say("When it ended."))
def held(desk: Desk, with_: tuple[str, ...], planned: str | None, **options: str | None) -> list[str]:
    """See `help` above."""
    row = None if planned is None else find_planned(desk, planned)
    plan, setting = (row["planned"]["entry"], row["setting"]) if row else ({}, {})
    for name in ("under", "from_", "until"):
        if not options[name] and row is None:
            raise click.UsageError(say("give --under, --from and --until, or --planned"))
    body = options["body"] or next(iter(plan.get("body", ())), "")
    named = desk.check_parties(with_) or (*plan.get("invited", desk.parties), *_list_planners(row))
    statement: dict[str, object] = {
        "type": "MeetingHeld", "commitment": options["under"] or plan["commitment"], "body": [body] if body else [],
        "level": options["at_level"] or plan.get("level", Level.MINISTERS.value),
        "medium": options["medium"] or setting.get("medium", Medium.IN_PERSON.value),
        "began_at": parse_instant(options["from_"]) if options["from_"] else setting["starts_at"],
        "ended_at": parse_instant(options["until"]) if options["until"] else setting["ends_at"],
        "attended": sorted({*named, desk.party}), "consultation": plan.get("consultation", []),
    }  # fmt: skip
    if row is None:
        return desk.state(statement)
    statement |= {"type": "PlannedMeetingHeld", "appointment": row["id"]}
    return desk.client.state(tuple(row["planned"]["audience"]), statement)


def _list_planners(row: dict[str, Any] | None) -> tuple[str, ...]:
    return () if row is None else (row["planned"]["author"],)


@act(meeting, "confirm", help="Say for your party whether it attended.")
@meeting_option
@click.option("--not-attended", is_flag=True, help=say("Your party was not there."))
@officer_options
def confirm(desk: Desk, id_: str, not_attended: bool, role: str, officer: str) -> list[str]:
    """See `help` above."""
    attendance = Attendance.NOT_ATTENDED if not_attended else Attendance.ATTENDED
    return desk.state(
        {"type": "MeetingAttended", "meeting": _find(desk, id_), "attendance": attendance.value, "role": role,
         "officer": officer}
    )  # fmt: skip


@act(meeting, "evidence", help="Name a document that shows the meeting: where it is found, and its digest.")
@meeting_option
@click.option("--form", type=click.Choice([form.value for form in EvidenceForm]), required=True)
@click.option("--dated", default="", metavar="TIME", help=say("When the document is dated; not said if left out."))
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help=say("The document itself, for its SHA-256; it is not sent."))  # fmt: skip
@click.option("--of-text", default="", metavar="ID", help=say("The text of the record that it is."))
@text_options
def evidence(
    desk: Desk, id_: str, form: str, dated: str, file: Path | None, of_text: str, texts: tuple[str, ...], level: str,
    topics: tuple[str, ...],
) -> list[str]:  # fmt: skip
    """See `help` above."""
    digest = [] if file is None else [find_file_digest(file)]
    return desk.state(
        {"type": "MeetingEvidenceGiven", "meeting": _find(desk, id_), "form": form,
         "dated_at": parse_instant(dated) if dated else 0,
         "text": [desk.find("text", of_text)["id"]] if of_text else [], "digest": digest,
         "source": desk.marked(texts, level, topics)}
    )  # fmt: skip


@view(
    meeting,
    "show",
    help="Show the meetings with each party's own word, planned ones too, the last under each commitment.",
)
@click.option(
    "--as-of", metavar="TIME", default="", help=say("Judge who owes a word as of this time; now if left out.")
)
def show(desk: Desk, as_of: str) -> None:
    """See `help` above."""
    found = desk.client.get(f"/v1/meetings?as_of={parse_instant(as_of) if as_of else 0}")
    if is_json():
        emit(found)
        return
    for row in found["meetings"]:
        if row["held"] is not None:
            _print_meeting(row, desk.client.titles)
    print_planned(found["planned"], desk.client.titles)
    print_heading("The last meeting that all confirmed, by commitment")
    chosen = get_language()
    rows = [
        (row["commitment"], row["titles"].get(chosen, row["titles"]["en"]), say_term(Cadence(row["cadence"])),
         format_dtg(Instant(row["last_confirmed_at"])) if row["last_confirmed_at"] else say("none on this record"))
        for row in found["commitments"]
    ]  # fmt: skip
    print_table(("clause", "title", "how often", "last"), rows)
    print_owed(found["commitments"])


def print_owed(commitments: Iterable[dict[str, Any]]) -> None:
    """Print whose word on which meeting the signed record has, by commitment and clock; nothing where none is owed."""
    rows: list[tuple[object, ...]] = []
    for row in commitments:
        for due_at in sorted({cell["due_at"] for cell in row["owed"]}):
            cells = [cell for cell in row["owed"] if cell["due_at"] == due_at]
            title = row["titles"].get(get_language(), row["titles"]["en"])
            rows.append((f"{row['commitment']} {title}", format_dtg(Instant(due_at)), ", ".join(map(_say_owed, cells))))
    if rows:
        print_heading("On the signed record: who has said that the meeting was held")
        print_table(("commitment", "to be stated by", "each party's word"), rows)


def _say_owed(cell: dict[str, Any]) -> str:
    late = f", {say('late')}" if cell["is_late"] else ""
    return f"{cell['party']} {say_term(DutyVerdict(cell['verdict']))}{late}"


def _print_meeting(row: dict[str, Any], titles: Titles) -> None:
    entry = row["held"]["entry"]
    print_line(
        "{at}  {commitment}  {level}  {status}  {id}",
        style="bold",
        at=format_dtg(Instant(entry["began_at"])),
        commitment=titles.cite("commitment", entry["commitment"]),
        level=say_term(Level(entry["level"])),
        status=say_term(MeetingStatus(row["status"])),
        id=row["id"][:16],
    )
    cells = [(row["held"]["author"], say("stated it"))]
    cells += [(cell["party"], say_term(Attendance(cell["attendance"])) if cell["attendance"] else "—")
              for cell in row["cells"]]  # fmt: skip
    print_table(("party", "its own word"), cells)
    for one in row["evidence"]:
        for version in one["entry"]["source"]["translations"]:
            print_line("  {form} ({party}): {text}", form=say_term(EvidenceForm(one["entry"]["form"])),
                       party=one["author"], text=version["text"])  # fmt: skip


add_planning(meeting)
COMMANDS = (meeting,)
