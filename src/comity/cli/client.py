"""Asking a node: every command that acts or looks goes through the node's HTTP API, with the realm's token.

Which home and realm: `--home`, else COMITY_HOME, else this folder; `--realm`, else the only one there is.
"""

import functools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import httpx

from comity.api.titles import Titles
from comity.api.token import read_token
from comity.api.words import get_language, say
from comity.base.catalogue import CODES
from comity.base.errors import OutageError, UsageError, make_error

__all__ = ["Client", "find_acting_name", "find_realm_path", "home_option", "realm_option"]

HOME_VARIABLE: Final = "COMITY_HOME"
AS_VARIABLE: Final = "COMITY_AS"
TOKEN_VARIABLE: Final = "COMITY_OFFICER_TOKEN"  # noqa: S105 -- the name of a variable
_AS: Final = "comity.as"
TIMEOUT_S: Final = 40.0
FILE_TIMEOUT_S: Final = 600.0


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
    return _read_officer_token(path, name) if name else read_token(path)


def _read_officer_token(path: Path, name: str) -> str:
    try:
        return (path / "officers" / f"{Path(name).name}.token").read_text().strip()
    except OSError as error:
        raise UsageError("officer.no-token", name=name[:48]) from error


class Client:
    """One node's API."""

    def __init__(self, home: Path, realm: str, *, officer: str = "") -> None:
        """Ask as whoever the command names or, if one is named here, as that officer, whose token lies in the home.

        Raises:
            UsageError: `home.none`, `home.which-realm`; `officer.no-token`; as `read_token`.
            OutageError: `api.unreachable`.
        """
        path = find_realm_path(home, realm)
        try:
            base_url = (path / "api").read_text().strip()
        except OSError as error:
            raise OutageError("api.unreachable") from error
        headers = {
            "Authorization": f"Bearer {_read_officer_token(path, officer) if officer else _find_token(path)}",
            "Accept-Language": get_language(),
        }
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Close the connections; a process that ends does so by itself."""
        self._http.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """Ask for a view; a long list is read to its last page."""
        response = self._send("GET", path, params=parameters or None)
        view = response.json()
        while (link := response.links.get("next")) is not None:
            response = self._send("GET", link["url"])
            view = _join(view, response.json(), link.get("lists", "").split())
        return view

    @functools.cached_property
    def titles(self) -> Titles:
        """What the node's pact calls roles, channels and the rest; asked for once."""
        return Titles(self.get("/v1/titles"))

    def find_row(self, id_: str) -> dict[str, Any] | None:
        """Return one statement as a timeline's row, or None while it is not here."""
        try:
            row: dict[str, Any] = self.get(f"/v1/timeline/{id_}")
        except UsageError as error:
            if error.code != "cli.no-such-object":
                raise
            return None
        return row

    def get_bytes(self, path: str, **parameters: Any) -> bytes:
        """Ask for a file."""
        return self._send("GET", path, params=parameters or None).content

    def post(self, path: str, body: Any) -> Any:
        """Do an act."""
        return self._send("POST", path, json=body).json()

    def delete(self, path: str) -> Any:
        """Take something away."""
        return self._send("DELETE", path).json()

    def post_for_part(self, path: str, body: Any) -> tuple[bytes, int, str, bool]:
        """Ask for the next part of a drop: its bytes, its number, how far it reaches, whether more may follow."""
        response = self._send("POST", path, json=body)
        given = response.headers
        return response.content, int(given["x-drop-number"]), given["x-drop-reached"], given["x-drop-more"] == "1"

    def post_bytes(self, path: str, content: bytes, **parameters: Any) -> Any:
        """Hand in a file."""
        given = parameters or None
        return self._send("POST", path, content=content, params=given, timeout=FILE_TIMEOUT_S).json()

    def post_file(self, path: str, content: Iterable[bytes], **parameters: Any) -> Any:
        """Hand in a file piece by piece."""
        return self._send("POST", path, content=content, params=parameters, timeout=FILE_TIMEOUT_S).json()

    def stream(self, path: str) -> Iterator[bytes]:
        """Ask for a file, and yield it as it comes; nobody has seen yet whether all of it does."""
        try:
            with self._http.stream("GET", path, timeout=FILE_TIMEOUT_S) as response:
                if not response.is_success:
                    response.read()
                    _raise_problem(response)
                yield from response.iter_bytes()
        except httpx.HTTPError as error:
            raise OutageError("api.unreachable") from error

    def state(self, to: tuple[str, ...], *statements: dict[str, object], key: str = "") -> list[str]:
        """State entries to an audience; return their ids. With the same `key` it is done once, however often asked."""
        stating = {"to": list(to), "statements": list(statements), "key": key}
        ids: list[str] = self.post("/v1/statements", stating)["ids"]
        return ids

    def _send(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **given)
        except httpx.HTTPError as error:
            raise OutageError("api.unreachable") from error
        if response.is_success:
            return response
        _raise_problem(response)
        raise AssertionError("unreachable")


def _join(view: Any, page: Any, lists: Iterable[str]) -> Any:
    """Return a view with the rows of its next page."""
    return [*view, *page] if isinstance(view, list) else {**view, **{name: view[name] + page[name] for name in lists}}


def _raise_problem(response: httpx.Response) -> None:
    """Raise the error that a problem document describes (RFC 9457)."""
    try:
        problem = response.json()
        code, details = str(problem["code"]), dict(problem["details"])
    except (ValueError, KeyError, TypeError) as error:
        raise OutageError("api.unreachable", status=response.status_code) from error
    if code not in CODES:
        raise OutageError("api.unreachable", status=response.status_code)
    raise make_error(code, **details)
