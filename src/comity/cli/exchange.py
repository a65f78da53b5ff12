"""`comity import` and `comity export`: the record as a bundle, and files of other systems through the release funnel.

A file named without its format is the record's bundle, as ever: `comity import FILE` (docs/guide/exchange.md).
"""

from pathlib import Path
from typing import Any

import click

from comity.api.words import say
from comity.base.catalogue import CODES
from comity.cli.act import Desk
from comity.cli.asking import Client, home_option, realm_option
from comity.cli.files import read_bounded
from comity.cli.help_page import CommandGroup
from comity.cli.item_sheet import print_awaited
from comity.cli.items import print_answers
from comity.cli.look import export, import_
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table, print_warning
from comity.exchange.stix_read import BUNDLE_SIZE_BYTES_MAX
from comity.node.home import write_private

__all__ = ["COMMANDS", "import_group", "print_import", "print_superseded"]

PLAIN = "bundle"


class _Formats(CommandGroup):
    """A group of formats; what names none of them is the record's own bundle."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the format that was left out."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [PLAIN, *args]
        return super().parse_args(ctx, args)


@click.group("import", cls=_Formats, help=say("Take in a file: of the record's pages, or of another system's format."))
def import_group() -> None:
    """See `help` above."""


@click.group("export", cls=_Formats, help=say("Write a file: of the record's pages, or of another system's format."))
def export_group() -> None:
    """See `help` above."""


import_group.add_command(import_, PLAIN)
export_group.add_command(export, PLAIN)


def _import_options(command: Any) -> Any:
    """Add what an officer says of all that a file holds."""
    for option in reversed((
        click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False)),
        click.option("--to", multiple=True, metavar="PARTY",
                     help=say("To whom it is offered; repeatable. Your own party alone if left out.")),
        click.option("--topic", "topics", multiple=True, required=True, help=say("A topic of all of it; repeatable.")),
        click.option("--level", default="", help=say("The level of what bears no label, and the least of all.")),
        click.option("--caveat", "caveats", multiple=True, help=say("A caveat on all of it; repeatable.")),
        click.option("--preview", is_flag=True, help=say("Only show what would become of it.")),
        home_option, realm_option, json_option,
    )):  # fmt: skip
        command = option(command)
    return command


def _take(format_name: str, file: Path, to: tuple[str, ...], home: Path, realm: str, **wish: Any) -> int:
    desk = Desk(home, realm)
    asked = {"to": list(desk.check_parties(to)), "topic": list(wish["topics"]), "level": wish["level"],
             "caveat": list(wish["caveats"]), "preview": str(wish["preview"]).lower()}  # fmt: skip
    raw = read_bounded(file, BUNDLE_SIZE_BYTES_MAX)
    return print_import(desk, desk.client.post_bytes(f"/v1/import/{format_name}", raw, **asked))


def print_import(desk: Desk, found: dict[str, Any]) -> int:
    """Print what became of each object; return the exit status: of the first code of what was kept out."""
    # One object of many that cannot be marked is listed and no fault; a file of which nothing came in is refused.
    kept_out = [row["code"] for row in found["items"] if row["code"]]
    kept_out += [row["code"] for row in found["refused"] if not found["items"]]
    status = next((CODES[code].exit_status for code in kept_out), 0)
    if is_json():
        emit(found)
        return status
    for row in found["items"]:
        marking = row["marking"]
        print_line("{count} objects under {level}  {topics}  {caveats}", style="bold", count=row["object_count"],
                   level=marking["level"], topics=", ".join(marking["topics"]),
                   caveats=", ".join(marking["caveats"]))  # fmt: skip
        print_answers(row["decisions"])
        if not row["to"]:
            print_line("For your own party alone.")
        parties = ", ".join([desk.party, *row["to"]])
        if row["code"]:
            print_warning("not stored: {says} [{code}]", says=say(CODES[row["code"]].says), code=row["code"])
        elif row["is_known"]:
            print_line("Known already: item {item}, given to {parties}", item=row["item"][:16], parties=parties)
        elif row["item"]:
            print_line("Item {item}, given to {parties}", item=row["item"][:16], parties=parties)
        print_superseded(row["supersedes"])
        print_awaited(row["awaits"])
    if found["refused"]:
        print_line("Refused, and not stored: {count}", style="bold", count=len(found["refused"]))
        print_table(
            ("number", "object", "code"), [(row["index"] + 1, row["id"], row["code"]) for row in found["refused"]]
        )
    if found["failed_count"]:
        print_warning("Not stored: {count} objects. Import the same file again: what is in is known.",
                      count=found["failed_count"])  # fmt: skip
    return status


def print_superseded(items: list[str]) -> None:
    """Name the items whose place what came takes; whether they are asked back is an officer's word."""
    for item in items:
        print_line("It takes the place of item {item}: `comity recall ask` asks that one back.", item=item[:16])


@import_group.command("stix", help=say("Import a bundle of STIX 2.1: each object is marked before it is stored."))
@_import_options
def import_stix(file: Path, to: tuple[str, ...], home: Path, realm: str, **wish: Any) -> int:
    """See `help` above."""
    return _take("stix", file, to, home, realm, **wish)


@import_group.command(
    "misp", help=say("Import events of MISP: by their tags, to whom their distribution lets them go.")
)
@_import_options
def import_misp(file: Path, to: tuple[str, ...], home: Path, realm: str, **wish: Any) -> int:
    """See `help` above."""
    return _take("misp", file, to, home, realm, **wish)


@export_group.command("stix", help=say("Write what a consumer may have now to a bundle of STIX 2.1."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--for", "name", required=True, metavar="NAME", help=say("Which consumer."))
@home_option
@realm_option
@json_option
def export_stix(file: Path, name: str, home: Path, realm: str) -> None:
    """See `help` above."""
    raw = Client(home, realm).get_bytes(f"/v1/export/stix/{name}")
    write_private(file, raw)
    if is_json():
        emit({"file": str(file), "size_bytes": len(raw)})
        return
    print_line("Wrote {path}: {size} bytes of what {name} may have.", path=str(file), size=len(raw), name=name)


COMMANDS = (import_group, export_group)
