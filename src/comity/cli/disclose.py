"""`comity disclose` and `comity disclosed`: earlier statements for a party that joined later (docs/guide/pact.md)."""

from pathlib import Path
from typing import Any

import click

from comity.api.row_words import say_row
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.cli.asking import Client, home_option, realm_option
from comity.cli.items import print_answers
from comity.cli.terminal import emit, is_json, json_option, print_line

__all__ = ["COMMANDS"]


@click.command(help=say("Disclose an earlier statement, with its proof, to parties that could not read it."))
@click.argument("entry", metavar="ID")
@click.option("--to", required=True, multiple=True, metavar="PARTY", help=say("Who is to have it; repeatable."))
@click.option("--preview", is_flag=True, help=say("Only show what each party would be told, and by which clause."))
@home_option
@realm_option
@json_option
def disclose(entry: str, to: tuple[str, ...], preview: bool, home: Path, realm: str) -> None:
    """See `help` above."""
    client = Client(home, realm)
    asked = {"entry": _find_id(client, entry), "to": [party.upper() for party in to], "preview": preview}
    found = client.post("/v1/disclosed", asked)
    if is_json():
        emit(found)
    elif preview:
        print_answers(found)
    else:
        for id_ in found["ids"]:
            print_line("Stated and stored: {id}", id=id_[:16])


def _find_id(client: Client, beginning: str) -> str:
    """Return the id of the one statement whose id begins like that.

    Raises:
        UsageError: `cli.no-such-object`, `cli.which-object`.
    """
    found = [str(row["id"]) for row in client.get("/v1/timeline") if row["id"].startswith(beginning)]
    if len(found) != 1:
        raise UsageError("cli.which-object" if found else "cli.no-such-object", beginning=beginning)
    return found[0]


@click.command(help=say("The earlier statements that were disclosed by or to this party, and by whom."))
@home_option
@realm_option
@json_option
def disclosed(home: Path, realm: str) -> None:
    """See `help` above."""
    client = Client(home, realm)
    rows = client.get("/v1/disclosed")
    if is_json():
        emit(rows)
        return
    for row in rows:
        _print(row, client.titles)


def _print(row: dict[str, Any], titles: Titles) -> None:
    shown, stated, at = row["disclosed"], row["stated"], format_dtg(Instant(row["disclosed"]["written_at"]))
    by, to = shown["author"], ", ".join(shown["audience"])
    if not row["is_proved"]:
        print_line("{by} disclosed something at {at} that is not proved: {code}", style="bold", by=by, at=at,
                   code=row["fault"])  # fmt: skip
        return
    unknown = say("a statement of a type that this version does not know")
    says = say_row(row["says"], titles) if row["says"] else unknown
    print_line("{then}  {says}", then=format_dtg(Instant(stated["written_at"])), says=says)
    print_line("    stated to {audience}; disclosed by {by} to {to} at {at}", audience=", ".join(stated["audience"]),
               by=by, to=to, at=at)  # fmt: skip


COMMANDS = (disclose, disclosed)
