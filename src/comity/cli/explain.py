"""`comity explain CODE`: what an error code means and what to do."""

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.catalogue import CODES
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table

__all__ = ["COMMANDS"]


@click.command(help=say("Explain an error code, or list them all."))
@click.argument("code", required=False)
@json_option
def explain(code: str | None) -> int:
    """See `help` above."""
    rows = [CODES[code]] if code in CODES else list(CODES.values())
    if is_json():
        emit([{**row._asdict(), "says": say(row.says), "hint": say(row.hint)} for row in rows])
    elif code in CODES:
        row = CODES[code]
        print_line(row.says, style="bold")
        print_line(row.hint)
        print_line(
            "Whose move is next: {fault}. HTTP {http_status}, exit status {exit_status}.",
            fault=say_term(row.fault),
            http_status=row.http_status,
            exit_status=row.exit_status,
        )
    else:
        if code is not None:
            print_line("There is no code {code}. These are the codes:", code=code)
        print_table(("code", "what it says"), [(row.name, say(row.says)) for row in rows])
    return 0 if code is None or code in CODES else 2


COMMANDS = (explain,)
