"""What the demo prints: a live timeline, each line once it is *there*, durable and opened, at every reader."""

import time
from collections.abc import Callable
from typing import Any, Final

from rich.panel import Panel
from rich.text import Text

from comity.api.row_words import BY_MACHINE, say_officers, say_row
from comity.api.words import say
from comity.base.instants import to_datetime
from comity.base.names import Party
from comity.cli.asking import Client
from comity.cli.terminal import OUT
from comity.node.bell import read_clock

__all__ = ["Show"]

COLOURS: Final = ("cyan", "magenta", "green", "yellow", "blue")
THERE_WITHIN_S: Final = 10.0


class Show:
    """Prints what happens; quiet where a script wants JSON."""

    def __init__(
        self, clients: dict[Party, Client], *, is_quiet: bool = False, turn: Callable[[], None] = lambda: None
    ) -> None:
        """Print of these clients; `turn` is done before each chapter, and may wait for whoever watches."""
        self._turn = turn
        self._clients = clients
        self._colours = dict(zip(sorted(clients), COLOURS, strict=False))
        self._is_quiet = is_quiet
        self.delays_ms: list[float] = []

    def chapter(self, message: str, **fields: object) -> None:
        """Print a heading."""
        if not self._is_quiet:
            OUT.print()
            self._turn()
            OUT.print(Text(say(message, **fields), style="bold underline"))

    def line(self, party: Party, text: str, *, aside: str = "", style: str = "") -> None:
        """Print one line of the timeline with the time of day in UTC."""
        if self._is_quiet:
            return
        row = Text(f"{party:<4}", style=f"bold {self._colours.get(party, 'white')}")
        row.append(text, style=style or "not bold default")
        self._print_row(row, aside)

    def sentence(self, party: Party, text: str, *, aside: str) -> None:
        """Print a statement as a sentence, its party in that party's colour wherever the language puts it."""
        if not self._is_quiet:
            row = Text(text)
            row.highlight_words([party], style=f"bold {self._colours.get(party, 'white')}")
            self._print_row(row, aside)

    def _print_row(self, row: Text, aside: str) -> None:
        line = Text(f"{to_datetime_now()}  ", style="dim")
        line.append_text(Text("", style="not dim").append_text(row))
        if aside:
            line.append(f"  {aside}", style="dim")
        OUT.print(line)

    def remark(self, message: str, **fields: object) -> None:
        """Print an explanation under the line above."""
        if not self._is_quiet:
            OUT.print(Text("               " + say(message, **fields), style="italic"))

    def panel(self, message: str, *, title: str, style: str = "", **fields: object) -> None:
        """Print a frame."""
        if not self._is_quiet:
            OUT.print(
                Panel(Text(say(message, **fields)), title=say(title), border_style=style, expand=False), soft_wrap=False
            )

    def stated(self, party: Party, ids: list[str], readers: tuple[Party, ...], *, since: float) -> None:
        """Wait until statements are there at every reader, then print what each says and how long it took."""
        rows = self._wait(party, ids, readers)
        took_ms = (time.perf_counter() - since) * 1000
        self.delays_ms.append(took_ms)
        for row in rows:
            if row["code"] in BY_MACHINE:
                continue
            there = ", ".join(reader for reader in readers if reader != party)
            titles = self._clients[party].titles
            by = say_officers(row["acted_by"], titles)
            self.sentence(
                party, say_row(row, titles), aside=say("{officers}; there at {readers}", officers=by, readers=there)
            )
            body = (
                row["arguments"].get("narrative") or row["arguments"].get("body") or row["arguments"].get("description")
            )
            self._print_text(body)

    def _print_text(self, body: object) -> None:
        if self._is_quiet or not isinstance(body, dict):
            return
        for version in body["translations"]:
            OUT.print(Text(f"               “{version['text']}”", style="italic"))

    def _wait(self, party: Party, ids: list[str], readers: tuple[Party, ...]) -> list[dict[str, Any]]:
        until = time.monotonic() + THERE_WITHIN_S
        found: dict[str, dict[str, Any]] = {}
        for reader in (party, *readers):
            for id_ in ids:
                while True:
                    row = self._clients[reader].find_row(id_)
                    if row is not None:
                        found[id_] = dict(row)
                        break
                    if time.monotonic() > until:
                        break
                    time.sleep(0.003)
        return [found[id_] for id_ in ids if id_ in found]


def to_datetime_now() -> str:
    """Return the time of day, UTC, with seconds."""
    return to_datetime(read_clock()).strftime("%H:%M:%SZ")
