"""`comity shift`: the change of a watch, drafted from what is open and signed by the relief."""

from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, officer_options, view
from comity.cli.asking import home_option, realm_option
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, json_option, print_heading, print_line, print_table
from comity.procedure.duty import DutyVerdict
from comity.procedure.shift import ShiftStatus

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("The change of a watch: hand over what is open, take it, sign."))
def shift() -> None:
    """See `help` above."""


def note_options(command: Any) -> Any:
    """Add a note with its marking."""
    for option in (
        click.option("--note", default="", help=say("What the next watch should know; kept by your party alone.")),
        click.option("--level", default="", help=say("Its level in your own scheme; the lowest if left out.")),
        click.option("--topic", "topics", multiple=True, default=("public-message",),
                     help=say("A topic of the pact that it is about; repeatable.")),
    ):  # fmt: skip
        command = option(command)
    return command


def _make_note(desk: Desk, note: str, level: str, topics: tuple[str, ...]) -> list[dict[str, object]]:
    return [desk.marked((note,), level, topics)] if note else []


def _print_stated(ids: list[str]) -> None:
    if is_json():
        emit({"ids": ids})
        return
    print_line("Stated and stored: {id}", id=ids[0][:16])


@view(shift, "draft", help="Show what a handover would name now: open calls, messages, silences, line tests, clocks.")
def draft(desk: Desk) -> None:
    """See `help` above."""
    found = desk.client.get("/v1/shifts")["draft"]
    if is_json():
        emit(found)
        return
    _print_open(found)
    rows = [
        (say_term(DutyVerdict(row["verdict"])), say_term(row["kind"]), format_dtg(Instant(row["due_at"])),
         row["subject"][:12], row["clause"])
        for row in found["clocks"]
    ]  # fmt: skip
    print_heading("Clocks of your party")
    print_table(("verdict", "owes", "due", "about", "clause"), rows)


def _print_open(found: dict[str, Any]) -> None:
    names = (
        ("calls", say("calls that run")),
        ("messages", say("messages not acknowledged")),
        ("texts", say("silences not answered")),
        ("tests", say("line tests overdue")),
    )
    rows = [(name, len(found[key]), ", ".join(id_[:12] for id_ in found[key]) or "—") for key, name in names]
    print_table(("what is open", "count", "ids"), rows)


@shift.command("hand-over", help=say("Hand your watch over with what is open now; it waits for the relief to sign."))
@officer_options
@note_options
@home_option
@realm_option
@json_option
def hand_over(home: Any, realm: str, role: str, officer: str, note: str, level: str, topics: tuple[str, ...]) -> None:
    """See `help` above."""
    desk = Desk(home, realm)
    found = desk.client.get("/v1/shifts")["draft"]
    named = {key: found[key] for key in ("drafted_at", "calls", "messages", "texts", "tests")}
    entry = {"type": "ShiftHandedOver", "role": role, "officer": officer, **named,
             "note": _make_note(desk, note, level, topics)}  # fmt: skip
    _print_stated(desk.client.state((desk.party,), entry))


@shift.command("relieve", help=say("Take the watch that was handed over last, as another officer than its own."))
@officer_options
@note_options
@home_option
@realm_option
@json_option
def relieve(home: Any, realm: str, role: str, officer: str, note: str, level: str, topics: tuple[str, ...]) -> None:
    """See `help` above."""
    desk = Desk(home, realm)
    waiting = [row for row in desk.client.get("/v1/shifts")["shifts"] if row["relieved"] is None]
    if not waiting:
        raise click.ClickException(say("no watch waits for a relief"))
    last = waiting[0]
    if last["handed_over"]["entry"]["officer"] == officer:
        raise click.ClickException(say("whoever hands a watch over does not relieve himself"))
    entry = {"type": "ShiftRelieved", "shift": last["id"], "role": role, "officer": officer,
             "note": _make_note(desk, note, level, topics)}  # fmt: skip
    _print_stated(desk.client.state((desk.party,), entry))


@view(shift, "show", help="Show who handed over what to whom, the latest first.")
def show(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/shifts")["shifts"]
    if is_json():
        emit(rows)
        return
    for row in rows:
        entry, titles = row["handed_over"]["entry"], desk.client.titles
        print_line("{at}  {officer}, {role}: {status}  {id}", style="bold",
                   at=format_dtg(Instant(row["handed_over"]["written_at"])), officer=entry["officer"],
                   role=titles.title_of("role", entry["role"]),
                   status=say_term(ShiftStatus(row["status"])), id=row["id"][:16])  # fmt: skip
        _print_open(entry)
        _print_note(entry)
        if row["relieved"] is not None:
            taken = row["relieved"]["entry"]
            print_line("  Taken by {officer}, {role}, at {at}", officer=taken["officer"],
                       role=titles.title_of("role", taken["role"]),
                       at=format_dtg(Instant(row["relieved"]["written_at"])))  # fmt: skip
            _print_note(taken)


def _print_note(entry: dict[str, Any]) -> None:
    for note in entry["note"]:
        for version in note["translations"]:
            print_line("  Note ({level}): {text}", level=note["marking"]["level"], text=version["text"])


COMMANDS = (shift,)
