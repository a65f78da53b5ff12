"""What the commands that act share: which node, to whom, in what role, which object, which text under which marking.

An object is named by the beginning of its id; where there is only one that could be meant, it need not be named at all.
"""

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.cli.asking import Client, find_acting_name, home_option, realm_option
from comity.cli.terminal import emit, is_json, json_option, print_line, print_warning
from comity.node.bell import read_clock

__all__ = ["DUTY_OFFICER", "Desk", "act", "officer_options", "parse_span_ms", "span_option", "text_options", "view"]

DUTY_OFFICER: Final = "duty-1"
"""The pseudonym of whoever acts with the realm's own token and names nobody."""
UNITS_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Desk:
    """One run of a command at one node."""

    def __init__(self, home: Path, realm: str, to: tuple[str, ...] = ()) -> None:
        self.client = Client(home, realm)
        status = self.client.get("/v1/status")
        self.party: str = status["party"]
        self.parties: list[str] = status["parties"]
        self.to = self.check_parties(to) or tuple(self.parties)

    def state(self, *statements: dict[str, object]) -> list[str]:
        """State entries to the audience chosen."""
        return self.client.state(self.to, *statements)

    def check_parties(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """Return parties as they were named, in capitals, if the pact has them all.

        Raises:
            UsageError: `cli.no-such-party`.
        """
        parties = tuple(name.upper() for name in named)
        for party in parties:
            if party not in self.parties:
                raise UsageError("cli.no-such-party", party=party[:40], parties=", ".join(self.parties))
        return parties

    def warn_of_role(self, role: str, roles: list[str]) -> None:
        """Say so where an acknowledgement in this role answers no clock: it is stated all the same."""
        if role not in roles and not is_json():
            print_warning(
                "The role {role} does not answer the clock; the pact names: {roles}. It is stated all the same.",
                role=role,
                roles=", ".join(roles),
            )

    def now(self) -> int:
        """This machine's clock, in milliseconds."""
        return read_clock()

    def find(self, kind: str, beginning: str = "") -> dict[str, Any]:
        """Return the one object of a kind whose id begins like that; of several, the only one that is still open.

        Raises:
            UsageError: `cli.none-here`, `cli.no-such-object`, `cli.which-object`.
        """
        rows = self.list(kind)
        if not rows and not beginning:
            raise UsageError("cli.none-here", kind=kind)
        return choose(rows, beginning)

    def list(self, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind as the node sees them."""
        paths = {"consultation": "/v1/consultations", "text": "/v1/texts", "measure": "/v1/measures",
                 "action": "/v1/measures", "message": "/v1/lines", "item": "/v1/items",
                 "threat": "/v1/threats"}  # fmt: skip
        found = self.client.get(paths[kind])
        keys = {"measure": "measures", "action": "actions", "message": "messages"}
        rows: list[dict[str, Any]] = found[keys[kind]] if kind in keys else found
        return rows

    def marked(self, texts: tuple[str, ...], level: str, topics: tuple[str, ...]) -> dict[str, object]:
        """Return marked text of ours from `LANGUAGE=TEXT` options."""
        translations = []
        for text in texts:
            match = re.fullmatch(r"([a-z]{2})=(.*)", text, re.DOTALL)
            language, content = (match[1], match[2]) if match else ("en", text)
            translations.append({"language": language, "text": content})
        marking = {"originator": self.party, "scheme": self.party, "level": level or self.find_open_level(),
                   "topics": sorted(topics), "caveats": []}  # fmt: skip
        return {"marking": marking, "translations": sorted(translations, key=lambda row: row["language"])}

    def find_open_level(self) -> str:
        """Return the lowest level of our own scheme."""
        levels = self.client.get("/v1/levels")
        level: str = min(levels, key=lambda row: row["rank"])["id"]
        return level


SHOWN_COUNT_MAX: Final = 8
CLOSED: Final = frozenset({"concluded", "lapsed", "withdrawn", "adopted", "declined", "delivered"})


def choose(rows: list[dict[str, Any]], beginning: str) -> dict[str, Any]:
    """Return the one row meant."""
    # An item that was given several times is still one item.
    by_id: dict[str, dict[str, Any]] = {str(row.get("id", row.get("item"))): row for row in reversed(rows)}
    named = [row for id_, row in reversed(by_id.items()) if id_.startswith(beginning)]
    if len(named) > 1:
        still_open = [row for row in named if row.get("phase", row.get("status")) not in CLOSED]
        named = still_open or named
    if not named:
        raise UsageError("cli.no-such-object", beginning=beginning)
    if len(named) > 1:
        ids = [str(row.get("id", row.get("item")))[:12] for row in named]
        raise UsageError("cli.which-object", beginning=beginning, ids=", ".join(ids[:SHOWN_COUNT_MAX]))
    return named[0]


def act(group: click.Group, name: str, *, help: str) -> Callable[[Callable[..., Any]], click.Command]:  # noqa: A002
    """Make a command that states something: `function(desk, **options)` returns the ids of what was stated."""

    def make(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def run(home: Path, realm: str, to: tuple[str, ...], **options: Any) -> None:
            ids = function(Desk(home, realm, to), **options)
            if is_json():
                emit({"ids": ids})
                return
            for id_ in ids:
                print_line("Stated and stored: {id}", id=id_[:16])

        to_option = click.option(
            "--to", multiple=True, metavar="PARTY", help=say("An addressee; all parties if left out.")
        )
        command = json_option(realm_option(home_option(to_option(run))))
        made: click.Command = group.command(name, help=say(help))(command)
        return made

    return make


def view(group: click.Group, name: str, *, help: str) -> Callable[[Callable[..., int | None]], click.Command]:  # noqa: A002
    """Make a command that shows something: `function(desk, **options)` prints, and may return an exit status."""

    def make(function: Callable[..., int | None]) -> click.Command:
        @functools.wraps(function)
        def run(home: Path, realm: str, **options: Any) -> int | None:
            return function(Desk(home, realm), **options)

        made: click.Command = group.command(name, help=say(help))(json_option(realm_option(home_option(run))))
        return made

    return make


def text_options(command: Any) -> Any:
    """Add `--text`, `--level`, `--topic`."""
    command = click.option("--text", "texts", multiple=True, required=True, metavar="[LANGUAGE=]TEXT",
                           help=say("The text; repeat it for other languages, as in ja=…"))(command)  # fmt: skip
    command = click.option("--level", default="", help=say("Its level in your own scheme; the lowest if left out."))(
        command
    )
    return click.option("--topic", "topics", multiple=True, default=("public-message",),
                        help=say("A topic of the pact that it is about; repeatable."))(command)  # fmt: skip


def officer_options(command: Any) -> Any:
    """Add `--role` and `--officer`."""
    command = click.option("--role", default="watch-officer", show_default=True, help=say("The role you act in."))(
        command
    )
    return click.option(
        "--officer", default="", callback=lambda context, _, value: value or find_acting_name(context) or DUTY_OFFICER,
        help=say("Your pseudonym in the record; that of the officer who acts if left out."),
    )(command)  # fmt: skip


def span_option(name: str, default: str, text: str) -> Callable[[Any], Any]:
    """Add an option that takes a span: 30s, 15m, 24h, 3d."""
    return click.option(
        name, default=default, show_default=True, help=say(text), callback=lambda _c, _p, v: parse_span_ms(v)
    )


def parse_span_ms(text: str) -> int:
    """Parse 30s, 15m, 24h or 3d into milliseconds."""
    match = re.fullmatch(r"(\d{1,9})([smhd])", text)
    if match is None:
        raise click.BadParameter(say("write a span like 30s, 15m, 24h or 3d"))
    return int(match[1]) * UNITS_MS[match[2]]
