"""A node's console in this process, met as a browser meets it: cookies kept, forms read from the page and sent back."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import httpx

from comity.base.names import Party
from comity.console.app import make_console
from comity.console.origins import Origins
from comity.console.session import Sessions
from comity.node.contacts import ContactsFile
from comity.node.passkeys import PasskeyBook, Passkeys
from comity.node.provider import ProviderFile
from kit.api import TOKEN, Apis

__all__ = ["ORIGIN", "Browser", "Clock", "find_forms", "find_inline", "read", "read_found", "strip_tags"]

PORT = 8765
ORIGIN = f"http://usa.localhost:{PORT}"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class Browser:
    """One browser at the console of one party."""

    def __init__(
        self,
        apis: Apis,
        party: Party = "USA",
        *,
        sessions: Sessions | None = None,
        language: str = "en",
        like: "Browser | None" = None,
        is_demo: bool = False,
        provider: ProviderFile | None = None,
        contacts: ContactsFile | None = None,
    ) -> None:
        """Open a browser; `like` another at the same console, or at one of the demo.

        A console with nothing of its own is made once: later browsers find it as those before left it (`end_all`).
        """
        self._apis = apis
        self.sessions = sessions or Sessions()
        self.passkeys = PasskeyBook()
        self.app: Any
        is_plain = not is_demo and all(own is None for own in (sessions, provider, contacts))
        like = like or (apis.consoles.get(apis.desks[party]) if is_plain else None)
        if like is not None:
            self.sessions, self.passkeys, self.app = like.sessions, like.passkeys, like.app
        else:
            self.app = make_console(
                apis.desks[party],
                token=TOKEN,
                origins=Origins(party, PORT),
                sessions=self.sessions,
                passkeys=self.passkeys,
                is_demo=is_demo,
                provider=provider,
                contacts=contacts,
                register=apis.registers[party],
                intake=apis.intakes[party],
            )
            if is_plain:
                apis.consoles[apis.desks[party]] = self
        self.origin = f"http://{party.lower()}.localhost:{PORT}"
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=True),
            base_url=self.origin,
            headers={"Accept-Language": language},
        )

    @property
    def cookies(self) -> httpx.Cookies:
        """What the browser holds."""
        return self._client.cookies

    def end_all(self) -> "Browser":
        """End every session at this console and take every passkey away, as at a new one; return the browser."""
        self.sessions._sessions.clear()
        self.passkeys.change(lambda _: Passkeys())
        return self

    def get(self, path: str, **given: Any) -> httpx.Response:
        """Load a page, following no redirection."""
        response: httpx.Response = self._apis.run(self._client.get(path, **given))
        return response

    async def open(self, path: str) -> httpx.Response:
        """Load a page that takes its time, in the loop of the nodes."""
        response: httpx.Response = await self._client.get(path, timeout=60)
        return response

    def post(self, path: str, fields: dict[str, Any], **given: Any) -> httpx.Response:
        """Send a form as a page of this console does."""
        headers = {"Origin": self.origin, **given.pop("headers", {})}
        response: httpx.Response = self._apis.run(self._client.post(path, data=fields, headers=headers, **given))
        return response

    def submit(self, page: httpx.Response, action: str, **fields: Any) -> httpx.Response:
        """Fill the form of a page that goes to `action`, and send it."""
        return self.post(action, find_forms(page.text)[action] | fields)

    def sign_in(self, token: str = TOKEN) -> httpx.Response:
        """Sign in; returns what answered."""
        return self.submit(self.get("/sign-in"), "/sign-in", token=token)


def strip_tags(text: str) -> str:
    """Return what markup says, on one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def read(page: httpx.Response) -> str:
    """Return what a page says, without its tags."""
    return strip_tags(page.text.partition("<main")[2].partition("</main>")[0])


def read_found(page: httpx.Response) -> str:
    """Return what a page says that must be there."""
    assert page.status_code == 200, page.text
    return read(page)


def find_forms(text: str) -> dict[str, dict[str, Any]]:
    """Return the fields of each form of a page as they would be sent, by where it goes; a repeated one is a list."""
    reader = _Forms()
    reader.feed(text)
    return reader.forms


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, Any]] = {}
        self._seen: set[tuple[str, str, int]] = set()
        self._form = ("", 0)
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = (given["action"], self._form[1] + 1)
            self.forms.setdefault(given["action"], {})
        elif tag == "select":
            self._select = given["name"]
        elif tag == "textarea":
            self._area = given["name"]
            self._put(self._area, "")
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self.forms[self._form[0]]:
                self.forms[self._form[0]][self._select] = given.get("value", "")
        elif (
            tag == "input"
            and "name" in given
            and (given.get("type") not in ("checkbox", "radio") or "checked" in given)
        ):
            self._put(given["name"], given.get("value", ""))

    def _put(self, name: str, value: str) -> None:
        """Keep a field; of several forms that go to one place the later one counts, in one form all of a name do."""
        action, number = self._form
        held = self.forms[action].get(name)
        if (action, name, number) not in self._seen:
            self.forms[action][name] = value
        else:
            self.forms[action][name] = [*(held if isinstance(held, list) else [held]), value]
        self._seen.add((action, name, number))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[self._form[0]][self._area] = data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""


def find_inline(text: str) -> list[str]:
    """Return what a page's policy would stop: scripts and styles in it, listening attributes, foreign addresses."""
    reader = _Inline()
    reader.feed(text)
    return reader.found


_FOREIGN = frozenset(
    {"animate", "base", "embed", "foreignobject", "iframe", "image", "img", "object", "set", "style", "svg", "use"}
)
"""Elements that no page of ours has, but for the drawings that the node itself makes."""
DRAWINGS = frozenset({"drawing", "gantt"})
"""Their classes."""


class _Inline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        is_drawn = tag == "svg" and given.get("class") in DRAWINGS
        if (tag in _FOREIGN and not is_drawn) or (tag == "script" and "src" not in given):
            self.found.append(tag)
        self.found += [name for name in given if name == "style" or name.startswith(("on", "hx-on", "hx-vals"))]
        self.found += [
            f"{name}={given[name]}"
            for name in ("src", "href", "action", "formaction", "hx-get", "hx-post")
            if not re.match(r"(/(?!/)|#|$)", given.get(name, ""))
        ]
