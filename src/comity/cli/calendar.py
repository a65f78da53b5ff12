"""`comity calendar` and `comity areas`: what office systems and maps take (docs/guide/calendar.md)."""

from pathlib import Path

import click

from comity.api.words import get_language, say
from comity.cli.act import Desk, view
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import print_line

__all__ = ["COMMANDS"]


_for_option = click.option(
    "--for", "reader", default="", metavar="PARTY", help=say("As this party may have it; your own if left out.")
)
_out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help=say("Write it to this file; else it is printed.")
)


@click.group(cls=CommandGroup, help=say("Duties and meetings as a calendar."))
def calendar() -> None:
    """See `help` above."""


@view(calendar, "export", help="Write the calendar as iCalendar; with --for, as a system of that party would get it.")
@_for_option
@_out_option
def export(desk: Desk, reader: str, out: Path | None) -> None:
    """See `help` above."""
    _write(desk.client.get_bytes("/v1/calendar", lang=get_language(), **_name(desk, reader)), out)


def _name(desk: Desk, reader: str) -> dict[str, str]:
    return {"for": desk.check_parties((reader,))[0]} if reader else {}


def _write(raw: bytes, out: Path | None) -> None:
    if out is None:
        click.echo(raw, nl=False)
        return
    out.write_bytes(raw)
    print_line("Written: {path}", path=str(out))


@click.group(cls=CommandGroup, help=say("Where measures and national actions take place, as GeoJSON."))
def areas() -> None:
    """See `help` above."""


@view(areas, "export", help="Write the areas as GeoJSON; with --for, as a system of that party would get them.")
@_for_option
@_out_option
def export_areas(desk: Desk, reader: str, out: Path | None) -> None:
    """See `help` above."""
    _write(desk.client.get_bytes("/v1/areas", **_name(desk, reader)), out)


COMMANDS = (calendar, areas)
