"""`comity warning areas`: which areas the telegrams in this record say are at risk now, or were at an instant (W80)."""

from typing import Any

import click

from comity.api.areas_at_risk import say_grade
from comity.api.words import say
from comity.base.instants import Instant, format_dtg, format_iso, parse_instant
from comity.cli.act import Desk, view
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.cli.warning import warning

__all__ = ["list_areas"]

_INSTANTS = ("arrives_at", "reported_at", "valid_until_at")


@view(warning, "areas", help="List the areas at risk of a tsunami, by the telegrams that were taken in.")
@click.option("--at", default="", metavar="INSTANT", help=say("As of this instant, as 2023-10-08T22:00Z; else now."))
def list_areas(desk: Desk, at: str) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/warning/areas", **({"at": parse_instant(at)} if at else {}))
    if is_json():
        emit([_show(row) for row in rows])
        return
    if not rows:
        print_line("No telegram in force names an area at risk.")
        return
    cells = (
        (say_grade(row["grade"]), row["code"], row["name"], row["height"], _say_arrival(row),
         format_dtg(Instant(row["reported_at"])), row["item"][:12])
        for row in rows
    )  # fmt: skip
    print_table(("grade", "code", "area", "height", "arrival", "reported", "item"), cells)
    print_line("Source: Japan Meteorological Agency. Outlines of these regions do not ship.")


def _say_arrival(row: dict[str, Any]) -> str:
    return format_dtg(Instant(row["arrives_at"])) if row["arrives_at"] else row["arrival"]


def _show(row: dict[str, Any]) -> dict[str, object]:
    return {**row, **{name: format_iso(Instant(row[name])) if row[name] else "" for name in _INSTANTS}}


COMMANDS = (warning,)
