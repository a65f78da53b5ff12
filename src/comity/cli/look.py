"""`comity timeline`, `comity duties`, `comity export`, `comity import`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk
from comity.cli.client import Client, home_option, realm_option
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.node.home import write_private
from comity.procedure.timeline import SAYS

__all__ = ["COMMANDS", "say_officers", "say_row"]

PAGE_SIZE = 1000


def say_row(row: dict[str, Any]) -> str:
    """Say one row of a timeline in the reader's language: enums are words, instants date-time groups."""
    fields = {name: _say_value(name, value) for name, value in row["arguments"].items()}
    template = SAYS.get(row["code"])
    return say(template, **fields) if template else f"{row['party']} {row['code'].removeprefix('timeline.')}"


def say_officers(acted_by: Sequence[Mapping[str, Any]]) -> str:
    """Name officers, each with the role that it holds and, where it stood in, the role whose power it used."""
    return "; ".join(_say_officer(one["officer"], one["role"], one["footing"], one["stands_for"]) for one in acted_by)


def _say_officer(officer: str, role: str, footing: str, stands_for: Sequence[str]) -> str:
    if footing == "deputy":
        return say("{officer}, {role}, as deputy of {power}", officer=officer, role=role, power=stands_for[0])
    if footing == "delegation":
        return say("{officer}, {role}, by delegation of {power}", officer=officer, role=role, power=stands_for[0])
    return f"{officer}, {role}"


def _say_value(name: str, value: object) -> str:
    if name.endswith("_at") and isinstance(value, int):
        return format_dtg(Instant(value))
    return say_term(value) if isinstance(value, str) else str(value)


@click.command(help=say("Who said what when, in the order of the authors' own clocks."))
@home_option
@realm_option
@click.option("--all", "show_all", is_flag=True, help=say("Show what the nodes said by themselves, too."))
@json_option
def timeline(home: Path, realm: str, show_all: bool) -> None:
    """See `help` above."""
    client = Client(home, realm)
    rows: list[dict[str, Any]] = []
    while len(page := client.get("/v1/timeline", after=len(rows), limit=PAGE_SIZE)) > 0:
        rows += page
    if is_json():
        emit(rows)
        return
    for row in rows:
        if not show_all and row["code"] in BY_MACHINE:
            continue
        by = f"  ({say_officers(row['acted_by'])})" if row["acted_by"] else ""
        print_line("{at}  {says}  [{id}]", at=format_dtg(Instant(row["at"])), says=say_row(row) + by, id=row["id"][:12])


BY_MACHINE = frozenset(
    {
        "timeline.pact-accepted",
        "timeline.root-statement-published",
        "timeline.acted-by",
        "timeline.item-read",
        "timeline.audience-opened",
        "timeline.text-received",
        "timeline.text-adoption-seen",
        "timeline.line-test-sent",
        "timeline.line-test-answered-by-machine",
    }
)


@click.command(help=say("Who owes what by when, on the signed record; overdue first."))
@home_option
@realm_option
@json_option
def duties(home: Path, realm: str) -> None:
    """See `help` above."""
    rows = Desk(home, realm).client.get("/v1/duties")
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
    result = Client(home, realm).post_bytes("/v1/bundle", file.read_bytes())
    if is_json():
        emit(result)
        return
    print_line("{count} pages in the bundle, {new} of them new.", count=result["page_count"], new=result["new_count"])


COMMANDS = (timeline, duties)
