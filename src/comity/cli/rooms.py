"""A command whose own commands are read from their files only when one of them is asked for.

So a node starts, and `comity status` answers, without reading what rehearses, audits or draws. Only what shows every
command (`--help`, a wrong name) reads them all.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from comity.cli.help_page import CommandGroup

__all__ = ["Rooms"]


class Rooms(CommandGroup):
    """`rooms` says where each command stands: the file of `comity.cli` that holds it, then those that add to it."""

    def __init__(self, *given: Any, rooms: Mapping[str, tuple[str, ...]] | None = None, **named: Any) -> None:
        super().__init__(*given, **named)
        self.rooms = dict(rooms or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, without reading any."""
        return sorted({*self.rooms, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Read the command of this name, and what adds to it; None where there is none."""
        if cmd_name in self.rooms and cmd_name not in self.commands:
            read = [importlib.import_module(f"comity.cli.{room}") for room in self.rooms[cmd_name]]
            self.add_command(next(command for command in read[0].COMMANDS if command.name == cmd_name))
        return super().get_command(ctx, cmd_name)
