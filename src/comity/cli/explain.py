"""`comity explain CODE`: what a code means and what to do: of an error, a finding, an alarm, an event of the log."""

from difflib import get_close_matches
from typing import Final

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.catalogue import CODES
from comity.cli.meanings import find_meaning, list_meanings
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table, print_text

__all__ = ["COMMANDS"]

NEAR_COUNT_MAX: Final = 12


@click.command(help=say("Explain a code of an error, a finding or an alarm; or list those of errors."))
@click.argument("code", required=False)
@json_option
def explain(code: str | None) -> int:
    """See `help` above."""
    if code is None or code in CODES:
        _print_errors(code)
        return 0
    meaning = find_meaning(code)
    near = [] if meaning is not None else _find_near(code)
    if is_json():
        emit([{"name": code, "says": meaning.says, "hint": meaning.hint}] if meaning is not None else [])
    elif meaning is not None:
        print_text(meaning.says, style="bold")
        print_text(meaning.hint)
    else:
        print_line("There is no code {code}. Near it: {names}", code=code, names=", ".join(near) or "—")
        print_line("comity explain lists all codes of errors; docs/guide/audit.md, those of findings.")
    return 0 if meaning is not None else 2


def _find_near(code: str) -> list[str]:
    """Return the codes that look like this one, then those of its family."""
    known = sorted({*CODES, *list_meanings()})
    family = code.partition(".")[0]
    near = get_close_matches(code, known, NEAR_COUNT_MAX, 0.6)
    return [*near, *(name for name in known if name.partition(".")[0] == family and name not in near)][:NEAR_COUNT_MAX]


def _print_errors(code: str | None) -> None:
    rows = list(CODES.values()) if code is None else [CODES[code]]
    if is_json():
        emit([{**row._asdict(), "says": say(row.says), "hint": say(row.hint)} for row in rows])
    elif code is None:
        print_table(("code", "what it says"), [(row.name, say(row.says)) for row in rows])
    else:
        row = CODES[code]
        print_line(row.says, style="bold")
        print_line(row.hint)
        print_line(
            "Whose move is next: {fault}. HTTP {http_status}, exit status {exit_status}.",
            fault=say_term(row.fault),
            http_status=row.http_status,
            exit_status=row.exit_status,
        )


COMMANDS = (explain,)
