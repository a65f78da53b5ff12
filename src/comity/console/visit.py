"""One request to the console: from where, by whom, in which language and theme; and what its forms must bring back."""

import hashlib
import hmac
import re
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from comity.api.words import LANGUAGES, get_language
from comity.console.session import LIFETIME_S, Session

__all__ = ["KEPT_S", "THEMES", "Cookies", "Visit", "find_site", "get_visit", "is_local_path", "split_address"]

THEMES: Final = ("auto", "light", "dark")
KEPT_S: Final = 365 * 24 * 3600
_ADDRESS_SIZE_MAX: Final = 2_048
_NUMBERS: Final = re.compile(r"[0-9.]+|\[.*\]", re.ASCII)
_LOCAL: Final = re.compile(
    r"/(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)*)?", re.ASCII
)


class Visit(NamedTuple):
    """What the gate found. `form_token` is in each form of the page; `set_cookies` go out with the answer."""

    origin: str
    session: Session | None
    secret: str
    browser: str
    form_token: str
    language: str
    theme: str
    set_cookies: tuple[Cookie, ...]

    @property
    def is_open(self) -> bool:
        """Whether there is a session and it is not locked."""
        return self.session is not None and not self.session.is_locked

    @property
    def mark(self) -> str:
        """What names the session in a page and opens nothing; empty where there is none."""
        return "" if self.session is None else hashlib.sha256(self.secret.encode()).hexdigest()[:8]

    @property
    def officer(self) -> str:
        """Who acts; empty for nobody, and for whoever showed the realm's own token."""
        return self.session.officer if self.session is not None else ""


class Cookies:
    """The cookies of one node's console; names hold its party and realm, for hosts share cookies among their ports."""

    def __init__(self, name: str, key: bytes) -> None:
        self._name = name
        self._key = key

    def name(self, what: str, origin: str) -> str:
        """Return a cookie's name; over TLS it can come from this host alone."""
        prefix = "__Host-" if origin.startswith("https:") else ""
        return f"{prefix}comity-{self._name}-{what}"

    def make(self, what: str, value: str, origin: str, *, age_s: int | None = None) -> Cookie:
        """Return a cookie that no script reads and no other site sends."""
        return Cookie(
            self.name(what, origin),
            path="/",
            value=value,
            max_age=age_s,
            secure=origin.startswith("https:"),
            httponly=True,
            samesite="strict",
        )

    def make_session(self, secret: str, origin: str) -> Cookie:
        """Return the cookie of a session; an empty secret ends it."""
        return self.make("session", secret, origin, age_s=int(LIFETIME_S) if secret else 0)

    def sign_form(self, browser: str, secret: str) -> str:
        """Return what a form of this browser, in this session, has to bring back."""
        mark = hashlib.sha256(browser.encode("utf-8", "replace")).digest() + secret.encode("utf-8", "replace")
        return hmac.digest(self._key, mark, "sha256").hex()

    def read(self, request: Request[Any, Any, Any], what: str, origin: str) -> str:
        """Return what the browser sent, or nothing."""
        return request.cookies.get(self.name(what, origin), "")

    def find_language(self, request: Request[Any, Any, Any], origin: str) -> str:
        """Return the language that the officer chose, else the browser's first of ours, else the node's."""
        chosen = self.read(request, "language", origin)
        if chosen in LANGUAGES:
            return chosen
        wished = [part.strip()[:2] for part in request.headers.get("accept-language", "")[:200].split(",")]
        return next((language for language in wished if language in LANGUAGES), get_language())

    def find_theme(self, request: Request[Any, Any, Any], origin: str) -> str:
        """Return the theme that the officer chose, else the one that the browser wishes."""
        chosen = self.read(request, "theme", origin)
        return chosen if chosen in THEMES else THEMES[0]


def get_visit(request: Request[Any, Any, Any]) -> Visit:
    """Return what the gate found for a request."""
    visit: Visit = request.state.visit
    return visit


def find_site(origin: str) -> str:
    """Return the name that passkeys of an origin are for; empty where it is an address in numbers."""
    host = origin.partition("//")[2].rpartition(":")[0] if origin.count(":") > 1 else origin.partition("//")[2]
    return "" if _NUMBERS.fullmatch(host) else host


def is_local_path(path: str) -> bool:
    """Tell whether a page may be led back to: a path of this console in its plainest form, and nothing else."""
    return len(path) <= 200 and _LOCAL.fullmatch(path) is not None


def split_address(address: str) -> SplitResult:
    """Return the parts of the address at which a browser says it is; empty ones where that is no address."""
    try:
        return urlsplit(address[:_ADDRESS_SIZE_MAX])
    except ValueError:
        return urlsplit("")
