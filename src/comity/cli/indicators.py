"""`comity indicator`: early warning in numbers (docs/guide/indicators.md)."""

import json
from pathlib import Path
from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.instants import Instant, format_dtg, format_iso, parse_instant
from comity.base.limits import INDICATOR_TABLE_SIZE_BYTES_MAX
from comity.cli.act import Desk, act, view
from comity.cli.files import read_bounded
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_line, print_table, print_text, print_warning

__all__ = ["COMMANDS"]

level_option = click.option("--level", default="", help=say("At least this level; else what the pact's row says."))
caveat_option = click.option(
    "--caveat", "caveats", multiple=True, help=say("A caveat, such as `ONLY UNDER tisa-2014`; repeatable.")
)


@click.group(cls=CommandGroup, help=say("Early warning: values that are watched, and what crosses a threshold."))
def indicator() -> None:
    """See `help` above."""


@view(indicator, "list", help="List what is watched, the last values, and who owes a report.")
def list_(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/indicators")
    if is_json():
        emit(rows)
        return
    shown = [
        (
            row["id"],
            row["title"][get_language()] or row["title"]["en"],
            f"{say_term(row['direction'])} {row['watch_at']} / {row['warning_at']} {row['unit']}",
            "; ".join(f"{one['party']} {one['value']} ({say_term(one['grade'])})" for one in row["last"]),
            ", ".join(row["overdue"]),
        )
        for row in rows
    ]
    print_table(("indicator", "title", "watch / warning", "last values", "overdue"), shown)


@view(indicator, "show", help="Show every value of one indicator that stands here.")
@click.argument("name", metavar="INDICATOR")
def show(desk: Desk, name: str) -> None:
    """See `help` above."""
    found = desk.client.get(f"/v1/indicators/{name}")
    if is_json():
        emit(found)
        return
    rows = [
        (format_dtg(Instant(one["observed_at"])), one["party"], one["value"], say_term(one["grade"]),
         one["marking"]["level"], one["id"][:16])
        for one in found["readings"]
    ]  # fmt: skip
    print_table(("observed", "party", "value", "grade", "level", "entry"), rows)


@act(indicator, "report", help="Report one value of an indicator.")
@click.argument("name", metavar="INDICATOR")
@click.argument("value")
@click.option("--at", "observed_at", default="", metavar="TIME", help=say("When it was observed; now if left out."))
@click.option("--note", default="", help=say("What it rests on."))
@level_option
@caveat_option
def report(
    desk: Desk, name: str, value: str, observed_at: str, note: str, level: str, caveats: tuple[str, ...]
) -> list[str]:
    """See `help` above."""
    at = parse_instant(observed_at) if observed_at else Instant(desk.now())
    row = {"indicator": name, "observed_at": format_iso(at), "value": value, "note": note}
    return _report(desk, json.dumps([row]), level=level, caveats=caveats)


@act(indicator, "import", help="Report the values of a CSV or JSON file that were not reported yet.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@level_option
@caveat_option
def import_(desk: Desk, file: Path, level: str, caveats: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    table = read_bounded(file, INDICATOR_TABLE_SIZE_BYTES_MAX).decode("utf-8", "replace")
    return _report(desk, table, level=level, caveats=caveats)


def _report(desk: Desk, table: str, **marking: Any) -> list[str]:
    found = desk.client.post("/v1/indicators", {"to": list(desk.to), "table": table, **marking})
    for row in found["values"]:
        if row["grade"] in ("watch", "warning") and not is_json():
            print_warning(
                "{indicator}: {value} is at or beyond the threshold for {grade}; `comity indicator draft {indicator}`"
                " drafts a report",
                indicator=row["indicator"],
                value=row["value"],
                grade=say_term(row["grade"]),
            )
    ids: list[str] = found["ids"]
    if not ids and not is_json():
        print_line("Nothing new: every value of it was reported already.")
    return ids


@act(indicator, "draft", help="Draft a threat report from own values that crossed a threshold; --send states it.")
@click.argument("name", metavar="INDICATOR")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=say("Write the draft to this file."))
@click.option("--send", is_flag=True, help=say("State it as it stands, to those named by --to."))
def draft(desk: Desk, name: str, out: Path | None, send: bool) -> list[str]:
    """See `help` above."""
    found = desk.client.get(f"/v1/indicators/{name}/draft")
    if out is not None:
        out.write_text(json.dumps(found["draft"], ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if send:
        return desk.state(found["draft"])
    if not is_json():
        for translation in found["draft"]["narrative"]["translations"]:
            print_text(translation["text"])
        print_line("A draft; nothing was stated. --send states it.")
    return []


COMMANDS = (indicator,)
