"""`comity exercise`: lists of injects: check one, read it, carry it between TOML and a spreadsheet; `playing` plays it.

Exit status of `check`: 0 no finding, 1 findings.
"""

from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.errors import UsageError
from comity.base.limits import PACT_SIZE_BYTES_MAX, SHEET_SIZE_BYTES_MAX
from comity.cli.act import Desk
from comity.cli.adopting import add_adopting
from comity.cli.files import read_beginning
from comity.cli.help_page import CommandGroup
from comity.cli.noting import add_noting
from comity.cli.pact_files import print_findings
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file
from comity.cli.playing import add_playing
from comity.cli.programming import add_programme
from comity.cli.reporting import add_reporting
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.exercise.check_msel import MselRefused, parse_msel
from comity.exercise.lists import LIST_PACKAGE, LIST_SUFFIX, LISTS, PACT_OF
from comity.exercise.msel import Inject, Msel
from comity.exercise.offset import format_offset
from comity.exercise.write_msel import format_msel
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import DEFAULT_PROFILE

__all__ = ["COMMANDS"]

_SHEET_SUFFIX: Final = ".xlsx"
_LIST: Final = "FILE|LIST"


@click.group(cls=CommandGroup, help=say("Exercises: lists of injects (MSEL), agreed on, played and assessed."))
def exercise() -> None:
    """See `help` above."""


pact_option = click.option(
    "--pact", "pact_source", metavar=FILE_OR_PROFILE, default="",
    help=say("The pact under which the list is to be played."),
)  # fmt: skip


@exercise.command(help=say("Check a list of injects, or a spreadsheet of one, and name everything that is wrong."))
@click.argument("source", metavar=_LIST)
@pact_option
@json_option
def check(source: str, pact_source: str) -> int:
    """See `help` above."""
    try:
        msel = _read(source, _read_pact(pact_source, source))
    except MselRefused as error:
        if is_json():
            emit({"is_sound": False, "findings": [finding._asdict() for finding in error.findings]})
        else:
            print_findings(source, error.findings)
        return 1
    if is_json():
        emit({"is_sound": True, "injects": len(msel.injects), "findings": []})
    else:
        print_line("{file} is sound: {count} injects", file=source, count=len(msel.injects))
    return 0


@exercise.command(help=say("Show a list of injects with the earliest time of each."))
@click.argument("source", metavar=_LIST)
@pact_option
@json_option
def show(source: str, pact_source: str) -> None:
    """See `help` above."""
    msel = _read(source, _read_pact(pact_source, source))
    earliest = msel.find_earliest()
    if is_json():
        emit(
            {
                "id": msel.id,
                "injects": [{"number": one.number, "earliest_ms": earliest[one.number]} for one in msel.injects],
            }
        )
        return
    print_line("{title}", title=msel.title.in_language(get_language()))
    print_table(
        ("number", "earliest", "after", "from", "to", "method", "inject"),
        [_lay_out(one, earliest[one.number]) for one in msel.injects],
    )


@exercise.command(help=say("Write a list of injects as a spreadsheet (.xlsx), or a spreadsheet as a list (.toml)."))
@click.argument("source", metavar=_LIST)
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path))
@pact_option
def convert(source: str, target: Path, pact_source: str) -> None:
    """See `help` above."""
    from comity.exchange.msel_xlsx import write_msel_sheet  # noqa: PLC0415 -- only who writes a sheet needs it

    msel = _read(source, _read_pact(pact_source, source))
    if target.exists():
        raise UsageError("cli.file-there", path=str(target))
    if target.suffix == _SHEET_SUFFIX:
        target.write_bytes(write_msel_sheet(msel))
    else:
        target.write_text(format_msel(msel), encoding="utf-8")
    print_line("written: {file}", file=str(target))


def _read_pact(source: str, of_list: str) -> Pact:
    """Read the pact that was named; else the one that a list which ships was written for."""
    return parse_pact(read_pact_file(source or PACT_OF.get(of_list, DEFAULT_PROFILE)))


def _read(source: str, pact: Pact) -> Msel:
    """Read a list that ships, a file of one, or a spreadsheet.

    Raises:
        UsageError: `file.unreadable`, `msel.sheet`, `msel.sheet-large`.
        MselRefused: with every finding.
    """
    if source in LISTS:
        return parse_msel((files(LIST_PACKAGE) / (source + LIST_SUFFIX)).read_bytes(), pact)
    path = Path(source)
    if path.suffix == _SHEET_SUFFIX:
        from comity.exchange.msel_xlsx import read_msel_sheet  # noqa: PLC0415 -- as above

        return read_msel_sheet(read_beginning(path, size_bytes_max=SHEET_SIZE_BYTES_MAX), pact, name=path.stem)
    return parse_msel(read_beginning(path, size_bytes_max=PACT_SIZE_BYTES_MAX), pact)


def _lay_out(inject: Inject, earliest_ms: int) -> tuple[object, ...]:
    after = "" if inject.after is None else f"{inject.after} +{inject.at} ({say_term(inject.only_if)})"
    text = inject.text.in_language(get_language())
    return (
        inject.number,
        format_offset(earliest_ms),
        after,
        inject.from_,
        ", ".join(inject.to),
        say_term(inject.method),
        text,
    )


def _read_at(desk: Desk, source: str) -> Msel:
    """Read a list under the pact in force at a node."""
    return _read(source, parse_pact(desk.client.read_pact().encode()))


add_playing(exercise, _read_at)
add_noting(exercise)
add_reporting(exercise, _read_at)
add_adopting(exercise)
add_programme(exercise)

COMMANDS = (exercise,)
