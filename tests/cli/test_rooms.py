"""Commands are read from their files when they are asked for, and none is forgotten."""

import importlib
import pkgutil
import subprocess
import sys

import click
import pytest

import comity.cli
from comity.cli.commands import comity as command
from comity.cli.rooms import Rooms

_ASK = """\
import sys
from comity.cli.commands import run
run(sys.argv[1].split())
print("modules", *sys.modules)
"""


def _list_read(words: str) -> set[str]:
    """Run a command line in a process of its own; return the modules that it read."""
    told = subprocess.run([sys.executable, "-c", _ASK, words], check=True, capture_output=True, text=True)
    return set(told.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    ("words", "unread"),
    [
        ("--version", {"comity.api.form", "comity.procedure", "httpx", "litestar", "comity.cli.node"}),
        (
            "status --help",
            {"litestar", "uvicorn", "mnemonic", "comity.node.node", "comity.cli.serve", "comity.rehearsal"},
        ),
        ("consult --help", {"litestar", "comity.machine.machine", "comity.journal.ledger", "comity.rehearsal"}),
        ("node --help", {"mnemonic", "comity.cli.demo", "comity.rehearsal"}),
        ("node run --help", {"mnemonic", "comity.cli.audit", "comity.cli.demo", "comity.rehearsal"}),
        ("pact list", {"litestar", "uvicorn", "comity.rehearsal", "comity.cli.demo"}),
    ],
)
def test_a_command_reads_no_more_than_it_needs(words: str, unread: set[str]) -> None:
    """A restart, and each call from a script, does not wait for what it will not use."""
    assert not _list_read(words) & unread


def test_a_node_does_not_wait_for_what_only_spreadsheets_need() -> None:
    """The first sheet that is asked for brings its library."""
    ask = "import sys, comity.cli.serve; print('openpyxl' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True)
    assert told.stdout == "False\n"


def test_every_command_is_found_by_its_name() -> None:
    """Each file of commands is in the table with all of them, and each name in the table leads to that command."""
    assert isinstance(command, Rooms)
    context = click.Context(command)
    listed = command.list_commands(context)
    for name in listed:
        found = command.get_command(context, name)
        assert found is not None
        assert found.name == name
    groups = [group for name in listed if isinstance(group := command.get_command(context, name), Rooms)]
    inner = {room for group in groups for named in group.rooms.values() for room in named}
    rooms: dict[str, set[str]] = {}
    for row in pkgutil.iter_modules(comity.cli.__path__):
        if row.name not in {"__main__", "serve", *inner}:
            for made in getattr(importlib.import_module(f"comity.cli.{row.name}"), "COMMANDS", ()):
                rooms.setdefault(made.name, set()).add(row.name)
                assert command.get_command(context, made.name) is made, f"{row.name} holds another {made.name}"
    assert sorted(rooms) == listed
    for name, named in command.rooms.items():
        assert named[0] in rooms[name], f"{named[0]} does not hold {name}"
        assert rooms[name] <= set(named), f"{rooms[name]} hold {name}"


def test_what_adds_to_a_group_is_read_with_it() -> None:
    """The pact's own commands stand in three files, the node's in three."""
    context = click.Context(command)
    pact, node = command.get_command(context, "pact"), command.get_command(context, "node")
    assert isinstance(pact, click.Group)
    assert isinstance(node, click.Group)
    assert {"check", "draft", "accept", "amend"} <= set(pact.list_commands(context))
    assert node.list_commands(context) == ["run", "show"]


def test_an_unknown_command_is_a_usage_error() -> None:
    """Not an import that fails."""
    assert command.get_command(click.Context(command), "entry") is None
    assert command.get_command(click.Context(command), "../audit") is None
