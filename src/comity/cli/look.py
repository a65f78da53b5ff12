"""`comity timeline`, `comity duties`, `comity export`, `comity import`."""

from pathlib import Path
from typing import Final

import click

from comity.api.row_changes import list_changes
from comity.api.row_words import BY_MACHINE, say_officers, say_row
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.base.limits import BUNDLE_BODY_SIZE_BYTES_MAX
from comity.cli.act import Desk
from comity.cli.asking import Client, home_option, realm_option
from comity.cli.files import read_bounded
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.node.home import write_private

__all__ = ["COMMANDS"]

_ORDER: Final = {"overdue": 0, "open": 1, "excused": 2, "met": 3}


@click.command(help=say("Who said what when, in the order of the authors' own clocks."))
@home_option
@realm_option
@click.option("--all", "show_all", is_flag=True, help=say("Show what the nodes said by themselves, too."))
@json_option
def timeline(home: Path, realm: str, show_all: bool) -> None:
    """See `help` above."""
    client = Client(home, realm)
    rows = client.get("/v1/timeline")
    if is_json():
        emit(rows)
        return
    for row in rows:
        if not show_all and row["code"] in BY_MACHINE:
            continue
        by = f"  ({say_officers(row['acted_by'], client.titles)})" if row["acted_by"] else ""
        says = say_row(row, client.titles) + by
        print_line("{at}  {says}  [{id}]", at=format_dtg(Instant(row["at"])), says=says, id=row["id"][:12])
        for field, was, now in list_changes(row, client.titles):
            print_line("    corrected, {field}: {was} → {now}", field=field, was=was, now=now)
        if row["withdrawn_by"]:
            print_line("    withdrawn by its author [{id}]", id=row["withdrawn_by"][:12])


@click.command(help=say("Who owes what by when, on the signed record; overdue first."))
@home_option
@realm_option
@json_option
def duties(home: Path, realm: str) -> None:
    """See `help` above."""
    rows = Desk(home, realm).client.get("/v1/duties")
    rows.sort(key=lambda row: (_ORDER[row["verdict"]], row["due_at"], row["party"]))  # of all its pages
    if is_json():
        emit(rows)
        return
    shown = [
        (
            say_term(row["verdict"]),
            row["party"],
            say_term(row["kind"]),
            format_dtg(Instant(row["due_at"])),
            row["clause"],
            row["policy"] or "—",
        )
        for row in rows
    ]
    print_table(("verdict", "party", "owes", "due", "clause", "policy"), shown)


@click.command(help=say("Write the record to a bundle file, for an auditor or another way of carrying."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@home_option
@realm_option
@json_option
def export(file: Path, home: Path, realm: str) -> None:
    """See `help` above."""
    raw = Client(home, realm).get_bytes("/v1/bundle")
    write_private(file, raw)
    if is_json():
        emit({"file": str(file), "size_bytes": len(raw)})
        return
    print_line("Wrote {path}: {size} bytes. It holds sealed pages and no keys.", path=str(file), size=len(raw))


@click.command("import", help=say("Take the pages of a bundle file; each goes through the same door as any other."))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
@realm_option
@json_option
def import_(file: Path, home: Path, realm: str) -> None:
    """See `help` above."""
    result = Client(home, realm).post_bytes("/v1/bundle", read_bounded(file, BUNDLE_BODY_SIZE_BYTES_MAX))
    if is_json():
        emit(result)
        return
    print_line("{count} pages in the bundle, {new} of them new.", count=result["page_count"], new=result["new_count"])


COMMANDS = (timeline, duties)
