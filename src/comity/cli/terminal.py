"""What the command line prints: lines for people, JSON for scripts, never both.

All text for people goes through the message catalogue. Colour only where the terminal wants it (Rich decides; NO_COLOR
is honoured). Long work shows progress on standard error. What comes from outside is printed without the characters
that could steer a terminal or turn the direction of a line.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from comity.api.words import LANGUAGES, say
from comity.base.errors import ComityError

__all__ = [
    "emit",
    "is_json",
    "json_option",
    "lang_option",
    "print_error",
    "print_heading",
    "print_line",
    "print_table",
    "print_text",
    "print_warning",
    "progress",
]

OUT: Final = Console(highlight=False, soft_wrap=True)
ERR: Final = Console(stderr=True, highlight=False, soft_wrap=True)
_DIRECTIONAL: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def json_option(command: Any) -> Any:
    """Add `--json` to a command."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        help=say("Print JSON."),
        expose_value=False,
        callback=_note_json,
        is_eager=True,
    )(command)


def lang_option(command: Any) -> Any:
    """Add `--lang`; its value was read before the commands were defined."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=say("Language of what is printed: en, ja or ko."),
    )(command)


def _note_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.find_root().meta["comity.json"] = True


def is_json() -> bool:
    """Whether this run prints JSON."""
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().meta.get("comity.json"))


def emit(value: object) -> None:
    """Print a value as JSON; call it only where `is_json()`."""
    from comity.api.form import simplify  # noqa: PLC0415 -- knows every type of entry; a line of text needs none

    click.echo(json.dumps(simplify(value), ensure_ascii=False, indent=2))


def print_line(message: str = "", /, style: str = "", **fields: object) -> None:
    """Print one translated line."""
    OUT.print(_tame(say(message, **fields)), style=style or None)


def print_warning(message: str, /, **fields: object) -> None:
    """Print one translated line on standard error: the command goes on, but somebody should know."""
    ERR.print(_tame(say(message, **fields)), style="yellow")


def print_text(text: str, style: str = "") -> None:
    """Print text that is no message: a pact's own words, a name, a source."""
    OUT.print(_tame(text), style=style or None)


def print_heading(message: str, /) -> None:
    """Print a translated heading after an empty line."""
    OUT.print()
    OUT.print(_tame(say(message)), style="bold")


def _tame(text: str) -> Text:
    """Return text for a terminal: no markup, no control characters but the line feed, no change of direction."""
    return Text(
        "".join(
            "\N{REPLACEMENT CHARACTER}"
            if character in _DIRECTIONAL or (character != "\n" and unicodedata.category(character) in ("Cc", "Cs"))
            else character
            for character in text
        )
    )


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table with translated column heads; cells are printed as they are."""
    table = Table(
        title=say(title) if title else None, title_justify="left", header_style="bold", box=None, pad_edge=False
    )
    for column in columns:
        table.add_column(say(column), overflow="fold")
    for row in rows:
        table.add_row(*[_tame(str(cell)) for cell in row])
    OUT.print(table)


@contextmanager
def progress(message: str, *, total: int) -> Iterator[Any]:
    """Show progress on standard error; yields a function that takes the number of steps done."""
    with Progress(console=ERR, transient=True, disable=is_json() or not sys.stderr.isatty()) as bar:
        task = bar.add_task(say(message), total=total)
        yield lambda done: bar.update(task, completed=done)


def print_error(error: ComityError) -> None:
    """Print an error and its hint, or the error as JSON."""
    row = error.row
    fields = {name: str(value) for name, value in error.details.items()}
    if is_json():
        emit({"error": row.name, "says": say(row.says), "hint": say(row.hint), "details": dict(error.details)})
        return
    if row.name == "cli.usage" and "why" in fields:
        ERR.print(_tame(f"comity: error: {fields['why']}"))
        hint = say("{command} --help shows what it takes", command=fields.get("command", "comity"))
        ERR.print(_tame(f"comity: hint: {hint} [{row.name}]"))
        return
    shown = ", ".join(f"{name} {value}" for name, value in fields.items())
    ERR.print(_tame(f"comity: error: {say(row.says)}" + (f" ({shown})" if shown else "")))
    ERR.print(_tame(f"comity: hint: {say(row.hint)} [{row.name}]"))
