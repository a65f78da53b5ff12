"""`comity cap`: public warnings in the Common Alerting Protocol, in and out (docs/guide/warnings.md)."""

import base64
from pathlib import Path
from typing import Any

import click

from comity.api.held_alerts import read_warning
from comity.api.words import say
from comity.base.limits import XML_SIZE_BYTES_MAX
from comity.cli.act import Desk, choose, view
from comity.cli.exchange import print_superseded
from comity.cli.files import read_bounded
from comity.cli.help_page import CommandGroup
from comity.cli.items import print_answers
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table

__all__ = ["COMMANDS", "out_option", "write_out"]

ID_SIZE = 64
"""Of an id in hexadecimal."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help=say("Write it to this file; else it is printed.")
)
for_option = click.option(
    "--for", "reader", default="", metavar="PARTY", help=say("As this party may have it; your own if left out.")
)


@click.group(cls=CommandGroup, help=say("Public warnings in the Common Alerting Protocol (CAP), in and out."))
def cap() -> None:
    """See `help` above."""


@cap.command("check", help=say("Read a CAP file and say what it is, or which rule it breaks; nothing is stored."))
@click.argument("file", type=_FILE)
@json_option
def check(file: Path) -> None:
    """See `help` above."""
    _, alert = read_warning(read_bounded(file, XML_SIZE_BYTES_MAX))
    rows = [(alert.identifier, alert.sender, alert.sent, alert.status, alert.message_type, alert.scope)]
    if is_json():
        emit(alert)
        return
    print_table(("identifier", "sender", "sent", "status", "type", "scope"), rows)
    if alert.is_signed:
        print_line("It carries an XML signature, which was not verified.")
    print_table(("language", "headline"), [(block.language, block.headline or block.event) for block in alert.blocks])


@view(cap, "import", help="Take a CAP file in: it is marked, and its own bytes become an item.")
@click.argument("file", type=_FILE)
@click.option("--to", multiple=True, metavar="PARTY", help=say("Share it with this party too; repeatable."))
@click.option("--level", default="", help=say("Its level in your own scheme; by the pact's row if left out."))
@click.option("--topic", "topics", multiple=True, help=say("A topic of the pact that it is about; repeatable."))
@click.option("--caveat", "caveats", multiple=True, help=say("A caveat, such as `ONLY UNDER tisa-2014`; repeatable."))
@click.option("--preview", is_flag=True, help=say("Only show what each party would be told, and by which clause."))
def take(desk: Desk, file: Path, to: tuple[str, ...], preview: bool, **marking: Any) -> None:
    """See `help` above."""
    raw = read_bounded(file, XML_SIZE_BYTES_MAX)
    read_warning(raw)  # what is no alert is refused here, with its place, before anything is sent
    asked = {"alert": base64.b64encode(raw).decode(), "to": list(desk.check_parties(to)), "preview": preview, **marking}
    found = desk.client.post("/v1/alerts", asked)
    if is_json():
        emit(found)
        return
    print_line("{type} from {sender}, marked {level}: {topics}", type=found["alert"]["message_type"],
               sender=found["alert"]["sender"], level=found["marking"]["level"],
               topics=", ".join([*found["marking"]["topics"], *found["marking"]["caveats"]]))  # fmt: skip
    if preview:
        print_answers(found["decided"])
    else:
        said = "Known already: item {id}" if found["is_known"] else "Stated and stored: {id}"
        print_line(said, id=found["item"][:16])
    print_superseded(found["supersedes"])


@view(cap, "list", help="List the public warnings that a party may have.")
@for_option
def list_(desk: Desk, reader: str) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/alerts", **_name(desk, reader))
    if is_json():
        emit(rows)
        return
    shown = [
        (row["id"][:16], row["sent"], row["status"], row["message_type"], row["scope"], " / ".join(row["headlines"]))
        for row in rows
    ]
    print_table(("alert", "sent", "status", "type", "scope", "headline"), shown)


@view(cap, "export", help="Write one public warning as CAP 1.2, as a party may have it.")
@click.argument("alert", metavar="ID")
@for_option
@out_option
def export(desk: Desk, alert: str, reader: str, out: Path | None) -> None:
    """See `help` above."""
    named = _name(desk, reader)
    write_out(desk.client.get_bytes(f"/v1/alerts/{_find(desk, alert)}", **named), out)


@view(cap, "acknowledge", help="Write the CAP message that acknowledges an alert which came in.")
@click.argument("alert", metavar="ID")
@out_option
def acknowledge(desk: Desk, alert: str, out: Path | None) -> None:
    """See `help` above."""
    write_out(desk.client.get_bytes(f"/v1/alerts/{_find(desk, alert)}/acknowledgement"), out)


def _name(desk: Desk, reader: str) -> dict[str, str]:
    return {"for": desk.check_parties((reader,))[0]} if reader else {}


def _find(desk: Desk, beginning: str) -> str:
    """Return the id of the one of the latest alerts that begins so; a whole one may be of any."""
    if len(beginning) == ID_SIZE:
        return beginning
    found: str = choose(desk.client.get("/v1/alerts"), beginning)["id"]
    return found


def write_out(raw: bytes, out: Path | None) -> None:
    """Write a document to a file, or print it."""
    if out is None:
        click.echo(raw, nl=False)
    else:
        out.write_bytes(raw)
        print_line("Written: {path}", path=str(out))


COMMANDS = (cap,)
