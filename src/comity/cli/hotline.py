"""`comity message` and `comity line`: the hotline, and whether it works."""

from typing import Any

import click

from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, choose, officer_options, text_options, view
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.procedure.fields import Level
from comity.procedure.hotline import Precedence

__all__ = ["COMMANDS", "find_answered", "find_message", "message", "message_option", "precedence_options"]


@click.group(cls=CommandGroup, help=say("Messages on the hotline: send, read, acknowledge, read back."))
def message() -> None:
    """See `help` above."""


@click.group(cls=CommandGroup, help=say("Line tests: what is known of each line."))
def line() -> None:
    """See `help` above."""


message_option = click.option(
    "--id", "id_", default="", metavar="ID", help=say("Which one, by the beginning of its id; the last if left out.")
)


def _find_row(desk: Desk, id_: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = desk.client.get("/v1/messages")
    if not id_ and rows:
        return max(rows, key=lambda row: row["sent"]["written_at"] if row["sent"] else 0)
    return choose(rows, id_)


def find_message(desk: Desk, id_: str) -> str:
    """Return the id of the message meant; the last one if none is named."""
    return str(_find_row(desk, id_)["id"])


def precedence_options(command: Any) -> Any:
    """Add on which line a message goes, how urgent it is, at which level, and what it answers."""
    for option in (
        click.option("--answers", default="", metavar="ID", help=say("The message that it answers.")),
        click.option("--at-level", type=click.Choice([level.value for level in Level]), default="watch",
                     show_default=True),
        click.option("--precedence", type=click.Choice([word.value for word in Precedence]), default="routine",
                     show_default=True),
        click.option("--channel", default="hotline.nsc", show_default=True, help=say("The hotline, by its clause.")),
    ):  # fmt: skip
        command = option(command)
    return command


def find_answered(desk: Desk, beginning: str) -> list[str]:
    """Return the message that is answered, as a statement names it: none or one."""
    return [find_message(desk, beginning)] if beginning else []


@act(message, "send", help="Send a message on a hotline of the pact.")
@precedence_options
@text_options
def send(
    desk: Desk,
    channel: str,
    precedence: str,
    at_level: str,
    answers: str,
    texts: tuple[str, ...],
    level: str,
    topics: tuple[str, ...],
) -> list[str]:
    """See `help` above."""
    return desk.state(
        {
            "type": "MessageSent",
            "channel": channel,
            "level": at_level,
            "precedence": precedence,
            "consultation": [],
            "answers": find_answered(desk, answers),
            "body": desk.marked(texts, level, topics),
        }
    )


@act(message, "read", help="Say that you have read a message.")
@message_option
@officer_options
def read(desk: Desk, id_: str, role: str, officer: str) -> list[str]:
    """See `help` above."""
    del role
    return desk.state({"type": "MessageRead", "message": find_message(desk, id_), "officer": officer})


@act(message, "ack", help="Acknowledge a message in your role.")
@message_option
@officer_options
def ack(desk: Desk, id_: str, role: str, officer: str) -> list[str]:
    """See `help` above."""
    found = _find_row(desk, id_)
    desk.warn_of_role(role, found["acknowledge_roles"])
    return desk.state({"type": "MessageAcknowledged", "message": found["id"], "role": role, "officer": officer})


@act(message, "read-back", help="Repeat a message as you read it; the sender sees whether it matches.")
@message_option
@text_options
def read_back(desk: Desk, id_: str, texts: tuple[str, ...], level: str, topics: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    return desk.state(
        {"type": "MessageReadBack", "message": find_message(desk, id_), "body": desk.marked(texts, level, topics)}
    )


@view(message, "show", help="Show messages with their receipts: delivered, read and acknowledged are three facts.")
def show(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/messages")
    if is_json():
        emit(rows)
        return
    for row in rows:
        if row["sent"] is not None:
            _print_message(row, desk.client.titles)


def _print_message(row: dict[str, Any], titles: Titles) -> None:
    print_line(
        "{precedence}  {party}  {at}  {id}",
        style="bold",
        precedence=say_term(row["precedence"]).upper(),
        party=row["sent"]["author"],
        at=format_dtg(Instant(row["sent"]["written_at"])),
        id=row["id"][:16],
    )
    for language, text in row["words"].items():
        print_line("  {language}: {text}", language=language, text=text)
    if not row["words"]:
        print_line(
            "  The pact has no phrase {phrase} with these gaps.", phrase=row["sent"]["entry"]["filled"]["phrase"]
        )
    for one in row["translations"]:
        by = {"party": one["party"], "role": titles.title_of("role", one["role"]), "officer": one["officer"]}
        print_line("  {language}, translated by {party} ({officer}, {role}): {text}", **by, language=one["language"],
                   text=one["text"])  # fmt: skip
    cells = [
        (
            cell["party"],
            say("yes") if cell["is_delivered"] else say("not proved"),
            say("yes") if cell["read"] else "—",
            titles.title_of("role", cell["acknowledged"]["entry"]["role"]) if cell["acknowledged"] else "—",
            say_term(cell["read_back"]) if cell["read_back"] else "—",
        )
        for cell in row["cells"]
    ]
    print_table(("party", "delivered", "read", "acknowledged in role", "read-back"), cells)


@act(line, "answer", help="Answer the latest test of a line in person.")
@click.option("--channel", default="hotline.nsc", show_default=True, help=say("The hotline, by its clause."))
@officer_options
def answer(desk: Desk, channel: str, role: str, officer: str) -> list[str]:
    """See `help` above."""
    tests = [
        row
        for row in desk.client.get("/v1/lines")["tests"]
        if row["entry"]["channel"] == channel and row["author"] != desk.party
    ]
    latest = max(tests, key=lambda row: row["entry"]["slot_at"], default=None)
    if latest is None:
        raise click.ClickException(say("no test of that line is here"))
    return desk.state(
        {
            "type": "LineTestAnsweredByPerson",
            "channel": channel,
            "slot_at": latest["entry"]["slot_at"],
            "test": latest["id"],
            "role": role,
            "officer": officer,
        }
    )


@view(line, "show", help="Show what is known of each line; one miss is unknown, a pattern is a finding.")
def show_lines(desk: Desk) -> None:
    """See `help` above."""
    lines = desk.client.get("/v1/lines")
    if is_json():
        emit({name: lines[name] for name in ("results", "patterns")})
        return
    rows = [
        (
            desk.client.titles.cite("channel", row["channel"]),
            format_dtg(Instant(row["slot_at"])),
            row["party"],
            say("yes") if row["has_sent"] else "—",
            say_term(row["answer"]),
        )
        for row in lines["results"]
    ]
    print_table(("line", "slot", "party", "tested", "answered by"), rows)
    for pattern in lines["patterns"]:
        print_line(
            "Finding: {party} missed {count} slots in a row on {channel}; no reason is known.",
            party=pattern["party"],
            count=len(pattern["slots_at"]),
            channel=desk.client.titles.title_of("channel", pattern["channel"]),
            style="bold yellow",
        )


COMMANDS = (message, line)
