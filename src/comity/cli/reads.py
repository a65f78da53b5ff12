"""`comity reads`: who read which item at this node, from the party's own journal (docs/guide/officers.md)."""

from pathlib import Path

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk
from comity.cli.asking import home_option, realm_option
from comity.cli.terminal import emit, is_json, json_option, print_table
from comity.procedure.reading import ReaderKind

__all__ = ["COMMANDS"]


@click.command(help=say("Who read which item marked above the pact's rank, the latest first; of one item or of all."))
@click.argument("beginning", metavar="[ITEM]", default="")
@home_option
@realm_option
@json_option
def reads(beginning: str, home: Path, realm: str) -> None:
    """See `help` above."""
    desk = Desk(home, realm)
    item = desk.find("item", beginning)["item"] if beginning else ""
    rows = desk.client.get("/v1/reads", item=item)["reads"]
    if is_json():
        emit(rows)
        return
    shown = [
        (format_dtg(Instant(row["read_at"])), row["reader"], row["role"] or say_term(ReaderKind(row["kind"])),
         row["item"][:16], _say_part(row["portion"]))
        for row in rows
    ]  # fmt: skip
    print_table(("at", "who", "as", "item", "what"), shown)


def _say_part(portion: list[int]) -> str:
    return say("attachment in portion {number}", number=portion[0]) if portion else say("its text")


COMMANDS = (reads,)
