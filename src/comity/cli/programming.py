"""`comity exercise programme`: a programme of several years as a table, and the gaps in it (E51, E52).

Exit status: 0 no gap, 1 gaps or findings.
"""

import datetime as dt
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.instants import to_datetime
from comity.base.limits import PACT_SIZE_BYTES_MAX
from comity.cli.files import read_beginning
from comity.cli.pact_files import print_findings
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file
from comity.cli.terminal import emit, is_json, json_option, print_heading, print_line, print_table
from comity.exercise.lists import LIST_PACKAGE
from comity.exercise.programme import Gap, GapKind, Programme, ProgrammeRefused, find_gaps, parse_programme
from comity.node.bell import read_clock
from comity.pact.parse import parse_pact
from comity.pact.profiles import DEFAULT_PROFILE

__all__ = ["add_programme"]

_SHIPPED: Final = {"freedom-edge": "freedom-edge.programme"}


def add_programme(group: click.Group) -> None:
    """Add the command."""

    @group.command(help=say("Show a programme of several years: what is planned and held, and which gaps are in it."))
    @click.argument("source", metavar="FILE|freedom-edge")
    @click.option("--pact", "pact_source", metavar=FILE_OR_PROFILE, default=DEFAULT_PROFILE,
                  help=say("The pact whose programme it is."))  # fmt: skip
    @click.option("--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), default=None,
                  help=say("The day as of which it is judged; today if left out."))  # fmt: skip
    @json_option
    def programme(source: str, pact_source: str, as_of: dt.datetime | None) -> int:
        day = as_of.date() if as_of is not None else to_datetime(read_clock()).date()
        try:
            read = parse_programme(_read(source), parse_pact(read_pact_file(pact_source)))
        except ProgrammeRefused as error:
            if is_json():
                emit({"is_sound": False, "findings": [finding._asdict() for finding in error.findings]})
            else:
                print_findings(source, error.findings)
            return 1
        gaps = find_gaps(read, day)
        if is_json():
            emit({"id": read.id, "exercises": len(read.rows), "gaps": [gap._asdict() for gap in gaps]})
        else:
            _print(read, gaps)
        return 1 if gaps else 0


def _read(source: str) -> bytes:
    if source in _SHIPPED:
        return (files(LIST_PACKAGE) / _SHIPPED[source]).read_bytes()
    return read_beginning(Path(source), size_bytes_max=PACT_SIZE_BYTES_MAX)


def _print(programme: Programme, gaps: tuple[Gap, ...]) -> None:
    print_line("{title}", title=programme.title.in_language(get_language()), style="bold")
    print_table(
        ("exercise", "state", "days", "host", "parties", "domain"),
        [
            (row.title.in_language(get_language()), say_term(row.state), f"{row.begins} – {row.ends}", row.host or "–",
             ", ".join(row.parties), ", ".join(row.domains))
            for row in programme.rows
        ],
    )  # fmt: skip
    print_heading("Gaps")
    for gap in gaps:
        print_line("{kind}: {about} {of}", kind=say_term(GapKind(gap.kind)), about=gap.about, of=gap.of)
