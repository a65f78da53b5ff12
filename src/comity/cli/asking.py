"""Which node a command asks, and as whom: every command that acts or looks goes through `comity.client`.

Which home and realm: `--home`, else COMITY_HOME, else this folder; `--realm`, else the only one there is.
"""

import functools
import os
from pathlib import Path
from typing import Any, Final

import click

from comity.api.titles import Titles
from comity.api.token import read_address, read_officer_token, read_token
from comity.api.words import get_language, say
from comity.base.errors import UsageError
from comity.client.client import Client as NodeClient

__all__ = ["Client", "find_acting_name", "find_realm_path", "home_option", "realm_option"]

HOME_VARIABLE: Final = "COMITY_HOME"
AS_VARIABLE: Final = "COMITY_AS"
TOKEN_VARIABLE: Final = "COMITY_OFFICER_TOKEN"  # noqa: S105 -- the name of a variable
_AS: Final = "comity.as"


def home_option(command: Any) -> Any:
    """Add `--home` to a command."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path),
        default=lambda: os.environ.get(HOME_VARIABLE, "."),
        help=say("The party's home; else COMITY_HOME, else this folder."),
    )(command)


def realm_option(command: Any) -> Any:
    """Add `--realm` to a command, and `--as`: which officer of this home acts."""
    acting = click.option(
        "--as",
        default=lambda: os.environ.get(AS_VARIABLE, ""),
        expose_value=False,
        callback=_note_as,
        help=say("The officer who acts, whose token lies in the home; else COMITY_AS, or COMITY_OFFICER_TOKEN itself."),
    )
    help_ = say("The realm; may be left out where the home has only one.")
    return click.option("--realm", default="", help=help_)(acting(command))


def _note_as(context: click.Context, _parameter: click.Parameter, value: str) -> None:
    context.find_root().meta[_AS] = value


def find_acting_name(context: click.Context) -> str:
    """Return the name of the officer who acts, by his token or by --as; nothing where the realm's token does."""
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    return token.partition(".")[0] or str(context.find_root().meta.get(_AS, "") or os.environ.get(AS_VARIABLE, ""))


def find_realm_path(home: Path, realm: str) -> Path:
    """Return the folder of the realm meant.

    Raises:
        UsageError: `home.none`, `home.which-realm`.
    """
    folder = home / "realms"
    if realm:
        return folder / realm.replace("/", "-")
    found = sorted(path for path in folder.glob("*") if (path / "pact.toml").exists())
    if len(found) == 1:
        return found[0]
    raise UsageError("home.which-realm" if found else "home.none", path=str(home))


def _find_token(path: Path) -> str:
    """Return the token of whoever acts: COMITY_OFFICER_TOKEN, else that of --as, else the realm's own.

    Raises:
        UsageError: `officer.no-token`; as `read_token`.
    """
    given = os.environ.get(TOKEN_VARIABLE, "").strip()
    if given:
        return given
    context = click.get_current_context(silent=True)
    name = str(context.find_root().meta.get(_AS, "")) if context else ""
    return read_officer_token(path, name) if name else read_token(path)


class Client(NodeClient):
    """The client of the node that a command means."""

    def __init__(self, home: Path, realm: str, *, officer: str = "") -> None:
        """Ask as whoever the command names or, if one is named here, as that officer, whose token lies in the home.

        Raises:
            UsageError: `home.none`, `home.which-realm`; `officer.no-token`; as `read_token`.
            OutageError: `api.unreachable`.
        """
        path = find_realm_path(home, realm)
        url = read_address(path)
        token = read_officer_token(path, officer) if officer else _find_token(path)
        super().__init__(url, token, language=get_language())

    @functools.cached_property
    def titles(self) -> Titles:
        """What the node's pact calls roles, channels and the rest; asked for once."""
        return Titles(self.list_titles())
