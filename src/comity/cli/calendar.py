"""`comity calendar export`: duties and meetings for an office system (docs/guide/calendar.md)."""

from pathlib import Path

import click

from comity.api.words import get_language, say
from comity.cli.act import Desk, view
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import print_line

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("Duties and meetings as a calendar."))
def calendar() -> None:
    """See `help` above."""


@view(calendar, "export", help="Write the calendar as iCalendar; with --for, as a system of that party would get it.")
@click.option(
    "--for", "reader", default="", metavar="PARTY", help=say("As this party may have it; your own if left out.")
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help=say("Write it to this file; else it is printed.")
)
def export(desk: Desk, reader: str, out: Path | None) -> None:
    """See `help` above."""
    named = {"for": desk.check_parties((reader,))[0]} if reader else {}
    raw = desk.client.get_bytes("/v1/calendar", lang=get_language(), **named)
    if out is None:
        click.echo(raw, nl=False)
        return
    out.write_bytes(raw)
    print_line("Written: {path}", path=str(out))


COMMANDS = (calendar,)
