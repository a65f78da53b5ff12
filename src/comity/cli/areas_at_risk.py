"""`comity warning areas`: which areas the telegrams in this record say are at risk now, or were at an instant (W80)."""

import contextlib

import click

from comity.api.words import say
from comity.base.errors import ComityError
from comity.base.instants import format_dtg, format_iso, parse_instant
from comity.base.names import Digest
from comity.cli.act import Desk, view
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.cli.warning import warning
from comity.exchange.areas_at_risk import AreaAtRisk, Grade, find_areas_at_risk
from comity.exchange.jma import Telegram, parse_telegram
from comity.node.bell import read_clock

__all__ = ["list_areas"]

_SENDER = "www.jma.go.jp"


@view(warning, "areas", help="List the areas at risk of a tsunami, by the telegrams that were taken in.")
@click.option("--at", default="", metavar="INSTANT", help=say("As of this instant, as 2023-10-08T22:00Z; else now."))
def list_areas(desk: Desk, at: str) -> None:
    """See `help` above."""
    as_of = parse_instant(at) if at else read_clock()
    rows = find_areas_at_risk(_read_telegrams(desk), as_of=as_of)
    if is_json():
        emit([_show(row) for row in rows])
        return
    if not rows:
        print_line("No telegram in force names an area at risk.")
        return
    words = {
        Grade.MAJOR: say("major tsunami warning"),
        Grade.WARNING: say("tsunami warning"),
        Grade.ADVISORY: say("tsunami advisory"),
        Grade.FORECAST: say("slight change of sea level"),
    }
    cells = (
        (words[row.grade], row.code, row.name, row.height, _say_arrival(row), format_dtg(row.reported_at),
         row.item.hex()[:12])
        for row in rows
    )  # fmt: skip
    print_table(("grade", "code", "area", "height", "arrival", "reported", "item"), cells)
    print_line("Source: Japan Meteorological Agency. Outlines of these regions do not ship.")


def _read_telegrams(desk: Desk) -> list[tuple[Digest, Telegram]]:
    """Return every telegram that this party may have; what is none of a tsunami is left out later."""
    found: list[tuple[Digest, Telegram]] = []
    before = 0
    while rows := desk.client.get("/v1/alerts", before=before):
        before += len(rows)
        for id_ in [row["id"] for row in rows if row["sender"] == _SENDER]:
            with contextlib.suppress(ComityError):  # destroyed meanwhile, or an alert that calls itself the agency's
                found.append((Digest(bytes.fromhex(id_)), parse_telegram(desk.client.get_bytes(f"/v1/alerts/{id_}"))))
    return found


def _say_arrival(row: AreaAtRisk) -> str:
    return format_dtg(row.arrives_at) if row.arrives_at else row.arrival


def _show(row: AreaAtRisk) -> dict[str, object]:
    return {
        "event": row.event,
        "code": row.code,
        "name": row.name,
        "grade": row.grade.value,
        "grade_name": row.grade_name,
        "height": row.height,
        "arrives_at": format_iso(row.arrives_at) if row.arrives_at else "",
        "arrival": row.arrival,
        "reported_at": format_iso(row.reported_at),
        "valid_until_at": format_iso(row.valid_until_at) if row.valid_until_at else "",
        "status": row.status.value,
        "item": row.item.hex(),
        "geometry": None,
    }


COMMANDS = (warning,)
