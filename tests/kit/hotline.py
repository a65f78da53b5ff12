"""The hotline, and other acts, met through consoles: forms filled, what is shown signed, rows of the page read."""

import re
from collections.abc import Callable
from typing import Any, Final

import httpx

from comity.base.names import Party
from kit.api import Apis
from kit.console import Browser, find_inline, read, strip_tags
from kit.stage import words

__all__ = [
    "LINE",
    "act",
    "arrives",
    "confirm",
    "find_cell",
    "find_last",
    "read_row",
    "say",
    "send",
    "sign",
    "sign_in",
    "wait",
]

LINE: Final = "hotline.nsc"


def sign_in(browser: Browser) -> Browser:
    """Sign in at a browser; return it."""
    browser.sign_in()
    return browser


def read_row(browser: Browser, id_: str, path: str = "/hotline") -> str:
    """Return what the page says of one message or call."""
    text = browser.get(path).text
    rows = re.findall(rf'<li class="message[^"]*" id="[mvg]-{id_[:16]}".*?</li>\n', text + "\n", re.DOTALL)
    assert rows, f"{id_[:16]} is on the page"
    return strip_tags(rows[0])


def sign(browser: Browser, form: str, path: str, **fields: Any) -> tuple[str, httpx.Response]:
    """Fill a form, sign what is shown; return what was shown, and the answer."""
    page = browser.get(form)
    assert page.status_code == 200, page.text
    assert find_inline(page.text) == []
    shown = browser.submit(page, path, **fields)
    assert shown.status_code == 200, shown.text
    return read(shown), browser.submit(shown, path)


def wait(apis: Apis, holds: Callable[[], bool]) -> None:
    """Let the nodes go on until something holds."""
    apis.wait(holds)


def say(apis: Apis, party: Party, type_: str, *, to: tuple[Party, ...] = ("JPN", "KOR", "USA"), **fields: Any) -> str:
    """Have a party state one entry, and wait until its readers have it."""
    (id_,) = apis.state({"type": type_, **fields}, party=party, to=to)
    apis.reaches(id_, *to)
    return id_


def send(apis: Apis, party: Party, text: str, *, to: tuple[Party, ...] = ("JPN", "KOR", "USA"), **changed: Any) -> str:
    """Have a party send a message on the line."""
    fields = {"channel": LINE, "level": "watch", "precedence": "routine", "consultation": [], "answers": [],
              "body": words(party, text)}  # fmt: skip
    return say(apis, party, "MessageSent", to=to, **{**fields, **changed})


def find_last(apis: Apis, party: Party) -> dict[str, Any]:
    """Return the latest message of a party, as the USA has it."""
    rows = [row for row in apis.get("/v1/messages") if row["sent"] and row["sent"]["author"] == party]
    found: dict[str, Any] = rows[-1]
    return found


def arrives(apis: Apis, answer: httpx.Response, *parties: Party) -> str:
    """Wait until what was signed is at these parties; return its id."""
    assert answer.status_code == 303, answer.text
    beginning = answer.headers["location"].partition("signed=")[2]
    rows = (row for node in apis.nodes.nodes.values() for row in node.machine.statements.all)
    (id_,) = {row.id.hex() for row in rows if row.id.hex().startswith(beginning)}
    apis.reaches(id_, *parties, "USA")
    return id_


def act(apis: Apis, browser: Browser, page: str, path: str, **fields: Any) -> str:
    """Fill the form of an act, sign what is shown, wait until all have it; return its id."""
    return arrives(apis, sign(browser, page, path, **fields)[1], *apis.nodes.accepted)


def confirm(browser: Browser, path: str) -> httpx.Response:
    """Sign what a link leads to."""
    return browser.submit(browser.get(path), path)


def find_cell(apis: Apis, id_: str, party: Party) -> dict[str, Any]:
    """Return what is known of one party about a message of the USA's record."""
    (message,) = [row for row in apis.get("/v1/messages") if row["id"] == id_]
    (cell,) = [cell for cell in message["cells"] if cell["party"] == party]
    found: dict[str, Any] = cell
    return found
