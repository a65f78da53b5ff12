"""`comity import waiting|save|take|refuse`: what systems put in, for an officer (docs/guide/exchange.md)."""

from pathlib import Path

import click

from comity.api.row_words import say_officers
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, view
from comity.cli.exchange import import_group, print_import
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.node.home import write_private

__all__ = ["COMMANDS"]


@view(import_group, "list", help="What came in from other systems: as which items, marked how and by whom.")
def list_(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/imports")
    if is_json():
        emit(rows)
        return
    if not rows:
        print_line("Nothing came in from another system.")
        return
    print_table(("item", "format", "objects", "given", "to", "level", "topics", "officers"), [
        (row["item"][:16], row["format"], row["object_count"],
         say("waits for a second officer") if row["awaits"] else format_dtg(Instant(row["at"])),
         ", ".join(row["to"]) or "—", row["marking"]["level"], ", ".join(row["marking"]["topics"]),
         say_officers(row["acted_by"], desk.client.titles) or "—")
        for row in rows
    ])  # fmt: skip


@view(import_group, "waiting", help="What systems put in by TAXII that waits for an officer.")
@click.option("--all", "has_closed", is_flag=True, help=say("Also what was taken or refused, by whom and when."))
def waiting(desk: Desk, has_closed: bool) -> None:
    """See `help` above."""
    rows = [row for row in desk.client.get("/v1/deposits") if has_closed or row["state"] == "waiting"]
    if is_json():
        emit(rows)
        return
    if not rows:
        print_line("Nothing waits for an officer.")
        return
    print_table(("deposit", "put in by", "at", "objects", "bytes", "offered to", "topics", "state", "officer"), [
        (row["id"][:8], row["consumer"], format_dtg(Instant(row["came_at"])), row["object_count"], row["size_bytes"],
         ", ".join(row["adding"]["to"]), ", ".join(row["adding"]["topics"]), row["state"], row["officer"] or "—")
        for row in rows
    ])  # fmt: skip


@view(import_group, "save", help="Write what waits to a file, as it came, to look at it.")
@click.argument("deposit", metavar="DEPOSIT")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def save(desk: Desk, deposit: str, file: Path) -> None:
    """See `help` above."""
    raw = desk.client.get_bytes(f"/v1/deposits/{deposit}")
    write_private(file, raw)
    if is_json():
        emit({"file": str(file), "size_bytes": len(raw)})
    else:
        print_line("Written: {path}", path=str(file))


@view(import_group, "take", help="Import what waits, as your own act, under what was set with the system.")
@click.argument("deposit", metavar="DEPOSIT")
@click.option("--preview", is_flag=True, help=say("Only show what would become of it."))
def take(desk: Desk, deposit: str, preview: bool) -> int:
    """See `help` above."""
    asked = f"/v1/deposits/{deposit}/take?preview={str(preview).lower()}"
    return print_import(desk, desk.client.post(asked, {}))


@view(import_group, "refuse", help="Refuse what waits: nothing of it is kept, and the system is told so.")
@click.argument("deposit", metavar="DEPOSIT")
def refuse(desk: Desk, deposit: str) -> None:
    """See `help` above."""
    found = desk.client.post(f"/v1/deposits/{deposit}/refuse", {})
    if is_json():
        emit(found)
    else:
        print_line("Refused: {count} objects that {name} put in.", count=found["object_count"], name=found["consumer"])


COMMANDS = ()
"""They are in the group that `comity.cli.exchange` has."""
