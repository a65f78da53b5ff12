"""Where a command gets the passphrase of the keys from: the environment or a key file, else the person at the terminal.

Every command that opens a vault asks in this one way. Where nobody sits at a terminal nothing is asked: the error says
which variable to set, so that a supervisor's log tells what is wrong.
"""

import sys
from pathlib import Path

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.node.home import Home, open_home, read_passphrase

__all__ = ["ask_passphrase", "choose_passphrase", "open_home_asking"]


def open_home_asking(home: Path) -> Home:
    """Open a home; ask for the passphrase where neither the environment nor a key file has it.

    Raises:
        UsageError: as `open_home`; `vault.no-passphrase`.
    """
    opened = open_home(home)
    if opened.passphrase:
        return opened
    return open_home(home, passphrase=ask_passphrase(say("Passphrase for the keys of {home}", home=str(home))))


def choose_passphrase() -> bytes:
    """Return the passphrase for a home that is being made: the environment's, else one that is typed twice.

    Raises:
        UsageError: `vault.no-passphrase`.
    """
    return read_passphrase() or ask_passphrase(say("Passphrase for the keys"), is_new=True)


def ask_passphrase(question: str, *, is_new: bool = False) -> bytes:
    """Ask the person at the terminal; a new passphrase is typed twice.

    Raises:
        UsageError: `vault.no-passphrase` where there is no terminal.
    """
    if not sys.stdin.isatty():
        raise UsageError("vault.no-passphrase")
    # Typed twice wrong, click says so itself; its words for it are English.
    asked: str = click.prompt(
        question, hide_input=True, err=True, confirmation_prompt=say("Once more, to be sure") if is_new else False
    )
    return asked.encode()
