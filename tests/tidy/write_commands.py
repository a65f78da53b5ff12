"""Writes docs/guide/commands.md from the commands themselves; run it after a command was changed.

.venv/bin/python tests/tidy/write_commands.py [--show]

In a process of its own: a command's help is in the language that was chosen when its room was first entered.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from comity.api.words import choose_language
from comity.cli.commands import comity

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "commands.md"
_HEAD = """\
# Commands

Every command with what it takes. This page is written from the commands by `make commands`; a test holds that it is
true. What they are for is told in [running a node](node.md), [operating](operating.md) and
[recovering](recovering.md).

`--lang en|ja|ko` may stand before any of them, `--json` after most; exit status 0 is done, 1 done and the answer is no,
2 usage, 3 another party's bytes, 4 an outage. `comity explain CODE` says what an error or a finding means.
"""


def format_page() -> str:
    """Return the page as it has to be."""
    return _HEAD + "".join(_format_group(comity, "comity"))


def _format_group(group: click.Group, path: str) -> Iterator[str]:
    context = click.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        assert command is not None
        full = f"{path} {name}"
        if isinstance(command, click.Group):
            yield from _format_group(command, full)
        else:
            yield _format_command(command, full)


def _format_command(command: click.Command, path: str) -> str:
    arguments = [_format_argument(row) for row in command.params if isinstance(row, click.Argument)]
    options = [row for row in command.params if isinstance(row, click.Option) and not row.hidden]
    names = [name for row in options for name in (*row.opts, *row.secondary_opts)]
    assert len(names) == len(set(names)), f"{path} takes one option in two meanings"
    lines = [f"\n## `{' '.join([path, *arguments])}`\n", f"\n{command.help}\n"]
    rows = [f"| `{_format_option(row)}` | {_escape(row.help or '')} |\n" for row in options]
    return "".join([*lines, *(["\n| | |\n|---|---|\n", *rows] if rows else [])])


def _format_argument(argument: click.Argument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    name = f"{name}..." if argument.nargs == -1 and "..." not in name else name
    return name if argument.required else f"[{name}]"


def _format_option(option: click.Option) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    if option.is_flag:
        return names
    if isinstance(option.type, click.Choice):
        return f"{names} {'|'.join(map(str, option.type.choices))}".replace("|", "\\|")
    metavar = option.metavar or option.type.name.upper()
    return f"{names} {metavar}".replace("|", "\\|")


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write the page, or show it."""
    choose_language("en")
    if "--show" in sys.argv[1:]:
        sys.stdout.buffer.write(format_page().encode())
    else:
        PAGE.write_text(format_page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
