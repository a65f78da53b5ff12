"""What the demo does for whoever watches it: the way to the consoles, chapters that wait for Enter, a hold at the end.

Without a terminal nobody is asked anything: the case is played, the record audited, and the program ends.
"""

import contextlib
import signal
import sys
import threading
from typing import Final

import click
from rich.text import Text

from comity.api.token import read_address
from comity.api.words import say
from comity.base.names import Party
from comity.cli.demo.stage import Stage
from comity.cli.terminal import OUT, print_line

__all__ = ["find_consoles", "hold", "is_watched", "print_consoles", "wait_for_enter"]

WATCHED_PACE_S: Final = 1.5
PACE_S: Final = 0.5


def is_watched() -> bool:
    """Tell whether a person sits at this terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def find_consoles(stage: Stage) -> dict[Party, str]:
    """Return where each party's console is, by its name, which browsers resolve by themselves."""
    ports = {party: read_address(stage.realm_path(party)).rpartition(":")[2] for party in stage.parties}
    return {party: f"http://{party.lower()}.localhost:{port}/" for party, port in ports.items()}


def print_consoles(stage: Stage) -> None:
    """Print the consoles' addresses, which a terminal that knows links lets one click."""
    OUT.print()
    print_line("Their consoles, for the browser of this machine; any officer signs in by one click:", style="bold")
    for party, url in find_consoles(stage).items():
        by_numbers = "http://127.0.0.1:" + url.rpartition(":")[2]
        row = Text(f"  {party}  ").append(url, style=f"bold link {url}")
        row.append("   " + say("or {url}", url=by_numbers), style="dim")
        OUT.print(row)
    print_line(
        "  An address in numbers does as well, but for passkeys: browsers make them for names alone.", style="dim"
    )


def wait_for_enter() -> None:
    """Wait until whoever watches wants the next chapter.

    Raises:
        KeyboardInterrupt: Ctrl-C, of who wants no more of them.
    """
    print_line("Enter goes on. Ctrl-C stops the nodes and audits what was said so far.", style="dim")
    while not set(click.getchar()) & set("\r\n "):  # who presses quickly gives several at once
        pass


def hold() -> None:
    """Keep the consoles open until Ctrl-C, or a signal to end."""
    ended = threading.Event()
    if not is_watched():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
    print_line("The consoles stay open. Ctrl-C ends the demo; then the record is audited.", style="bold")
    if not is_watched():
        while not ended.wait(timeout=1.0):
            pass
        return
    with contextlib.suppress(KeyboardInterrupt, EOFError):
        while True:  # at a terminal Ctrl-C comes as a key, so that it ends no node before its time
            click.getchar()
    OUT.print()
