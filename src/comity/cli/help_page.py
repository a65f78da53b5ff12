"""Help in the reader's language, with whole lines: what click would say in English, and cut where a line ends.

What a command takes is the command's own; here are the words around it. A group shows its commands in chapters, where
it has any: what an officer needs at three in the morning comes first.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import click

from comity.api.words import say

__all__ = ["Chapter", "CommandGroup", "HelpPage"]

WIDTH_MAX: Final = 110
_NOTES: Final = re.compile(r"(?:^|  )\[([^\[\]]+)\]$")


class Chapter(NamedTuple):
    """Commands that belong together, in the order shown; the title is in the reader's language."""

    title: str
    names: tuple[str, ...]


class HelpPage(click.HelpFormatter):
    """Writes click's own words in the reader's language."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        super().__init__(indent_increment, width, max_width or WIDTH_MAX)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that shows how the command is typed."""
        super().write_usage(prog, args, prefix or say("Usage:") + " ")

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Write a heading, and what is written meanwhile below it."""
        with super().section(_find_words().get(name, name)):
            yield

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write rows of a name and what it is, with the notes behind it."""
        super().write_dl([(name, _say_notes(_find_words().get(says, says))) for name, says in rows],
                         col_max, col_spacing)  # fmt: skip


def _find_words() -> dict[str, str]:
    """Return click's own words by what it writes; asked for anew, since a process may change its language."""
    return {
        "Options": say("Options"),
        "Commands": say("Commands"),
        "Positional arguments": say("Arguments"),
        "Show this message and exit.": say("Show this message."),
        "Show the version and exit.": say("Show the version."),
    }


def _say_notes(says: str) -> str:
    found = _NOTES.search(says)
    if found is None:
        return says
    notes = []
    for note in found[1].split("; "):
        value = note.removeprefix("default: ")
        notes.append(say("required") if note == "required" else note if value == note else
                     say("default: {value}", value=value))  # fmt: skip
    return f"{says[: found.start()]}  [{'; '.join(notes)}]".lstrip()


class CommandGroup(click.Group):
    """A group whose help shows each command with its whole line, in `chapters` if it has any."""

    def __init__(self, *given: Any, chapters: Sequence[Chapter] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        self._chapters = tuple(chapters)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands."""
        names = self.list_commands(ctx)
        for title, chosen in self._chapters or (Chapter("Commands", tuple(names)),):
            rows = []
            for name in chosen:
                command = self.get_command(ctx, name)
                if command is not None and not command.hidden:
                    rows.append((name, command.help or ""))
            with formatter.section(title):
                formatter.write_dl(rows)
