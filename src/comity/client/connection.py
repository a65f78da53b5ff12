"""One connection to a node: requests, pages, keys, and what is repeated when an answer does not come.

Every act gets a key of its own, drawn here, so that it can be repeated without being done twice (docs/adr/0059). What
may have reached the node and was not answered is asked for again, with the same key, for as long as the patience lasts;
a node that is not there at all is said to be so at once.
"""

import random
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Self, TypeVar, cast

import httpx

from comity.api.token import read_address, read_officer_token, read_token
from comity.base.catalogue import CODES
from comity.base.errors import ComityError, OutageError, make_error

__all__ = ["Connection"]

T = TypeVar("T")

TIMEOUT_S: Final = 40.0
"""More than a node takes to say that a statement was not stored in time."""
FILE_TIMEOUT_S: Final = 600.0
PATIENCE_S: Final = 20.0
PAUSE_S: Final = 0.1
PAUSE_S_MAX: Final = 2.0
_AGAIN: Final = frozenset({"api.key-under-way"})
"""Refusals that pass by themselves: the same request is answered a moment later."""


class Connection:
    """One node's API, by path. It may be shared by threads."""

    _patience_s: float = PATIENCE_S

    def __init__(
        self,
        url: str,
        token: str,
        *,
        language: str = "en",
        patience_s: float = PATIENCE_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Ask the node at `url` with a token: the realm's own, or an officer's (`NAME.SECRET`).

        `language` is that of the wording in errors. `patience_s` is how long an answer that does not come is asked
        for again.
        """
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._patience_s = patience_s
        # A proxy of the environment is none of a node's on this host.
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False, transport=transport
        )

    @classmethod
    def of_realm(cls, path: Path, *, officer: str = "", token: str = "", **options: Any) -> Self:
        """Ask the node whose realm's folder this is, with the realm's token, an officer's that lies there, or another.

        Raises:
            UsageError: `officer.no-token`; `api.no-token` where no node has run here.
            OutageError: `api.unreachable`.
        """
        if not token:
            token = read_officer_token(path, officer) if officer else read_token(path)
        return cls(read_address(path), token, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a program that ends does so by itself."""
        self._http.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """Ask for a view; a long list is read to its last page."""
        pages = self.read_pages(path, **parameters)
        view, _ = next(pages)
        for page, lists in pages:
            view = _join(view, page, lists)
        return view

    def read_pages(self, path: str, **parameters: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
        """Yield a view page by page, with the names of its lists where it is an object."""
        response, lists = self._send("GET", path, params=_leave_out_empty(parameters)), ""
        while True:
            link = response.links.get("next", {})
            lists = link.get("lists", lists)
            yield response.json(), tuple(lists.split())
            if "url" not in link:
                return
            response = self._send("GET", link["url"])

    def ask(self, _: type[T], path: str, **parameters: Any) -> T:
        """Ask for a view of this shape."""
        return cast("T", self.get(path, **parameters))

    def do(self, _: type[T], path: str, body: Any = None, *, key: str = "") -> T:
        """Do an act whose answer has this shape."""
        return cast("T", self.post(path, body, key=key))

    def get_bytes(self, path: str, **parameters: Any) -> bytes:
        """Ask for a file."""
        return self._send("GET", path, params=_leave_out_empty(parameters), timeout=FILE_TIMEOUT_S).content

    def stream(self, path: str) -> Iterator[bytes]:
        """Ask for a file, and yield it as it comes; nobody has seen yet whether all of it does."""
        try:
            with self._http.stream("GET", path, timeout=FILE_TIMEOUT_S) as response:
                if not response.is_success:
                    response.read()
                    raise find_error(response)
                yield from response.iter_bytes()
        except httpx.HTTPError as error:
            raise OutageError("api.unreachable") from error

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Do an act, once however often it has to be asked for; `key` is drawn unless it is given."""
        return self.post_for_response(path, body, key=key).json()

    def post_for_response(self, path: str, body: Any = None, *, key: str = "") -> httpx.Response:
        """Do an act whose answer is more than its body."""
        return self._send("POST", path, json={} if body is None else body, headers=_make_key(key))

    def post_bytes(self, path: str, content: bytes, *, key: str = "", **parameters: Any) -> Any:
        """Hand in a file."""
        given = _leave_out_empty(parameters)
        sent = self._send("POST", path, content=content, params=given, headers=_make_key(key), timeout=FILE_TIMEOUT_S)
        return sent.json()

    def post_file(self, path: str, content: Iterable[bytes], **parameters: Any) -> Any:
        """Hand in a file piece by piece; it cannot be read again, so it is not asked for again either."""
        given = _leave_out_empty(parameters)
        return self._send_once("POST", path, content=content, params=given, timeout=FILE_TIMEOUT_S).json()

    def delete(self, path: str) -> Any:
        """Take something away."""
        return self._send("DELETE", path).json()

    def open_stream(self, path: str, *, timeout_s: float, headers: dict[str, str]) -> Any:
        """Return an answer that is read as it comes, as a context: of events, say."""
        return self._http.stream("GET", path, headers=headers, timeout=httpx.Timeout(TIMEOUT_S, read=timeout_s))

    def _send(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Send a request until it is answered, or the patience is over."""
        until_s, pause_s, has_reached = time.monotonic() + self._patience_s, PAUSE_S, False
        while True:
            try:
                return self._send_once(method, path, **given)
            except ComityError as error:
                is_absent = isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
                is_lost = error.code == "api.unreachable" and (has_reached or not is_absent)
                if not (is_lost or error.code in _AGAIN) or time.monotonic() + pause_s > until_s:
                    raise
                has_reached = True
            time.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 -- so that many do not come back at once
            pause_s = min(2 * pause_s, PAUSE_S_MAX)

    def _send_once(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **given)
        except httpx.HTTPError as error:
            raise OutageError("api.unreachable") from error
        if not response.is_success:
            raise find_error(response)
        return response


def find_error(response: httpx.Response) -> ComityError:
    """Return the error that a problem document describes (RFC 9457)."""
    try:
        problem = response.json()
        code, details = str(problem["code"]), dict(problem["details"])
    except (ValueError, KeyError, TypeError):
        return OutageError("api.unreachable", status=response.status_code)
    return make_error(code, **details) if code in CODES else OutageError("api.unreachable", status=response.status_code)


def _make_key(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def _leave_out_empty(parameters: dict[str, Any]) -> dict[str, Any] | None:
    return {name: value for name, value in parameters.items() if value not in ("", (), None)} or None


def _join(view: Any, page: Any, lists: Iterable[str]) -> Any:
    """Return a view with the rows of its next page."""
    return [*view, *page] if isinstance(view, list) else {**view, **{name: view[name] + page[name] for name in lists}}
