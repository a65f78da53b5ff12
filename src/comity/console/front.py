"""One port, two applications: what begins as a path of the API goes to the API, all else to the console.

They share nothing but the node: the API takes tokens and no cookie, the console takes cookies and no token, so that no
page of whatever site can make a browser speak to the API.
"""

from litestar import Litestar
from litestar.types import Receive, Scope, Send

__all__ = ["Front"]


class Front:
    """An ASGI application made of two."""

    def __init__(self, api: Litestar, console: Litestar) -> None:
        self._api = api
        self._console = console
        self._beginnings = frozenset(_find_beginning(route.path) for route in api.routes)
        shared = self._beginnings & {_find_beginning(route.path) for route in console.routes}
        assert not shared, f"a path belongs to one of them: {sorted(shared)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give a request to whom it belongs."""
        is_api = _find_beginning(scope["path"]) in self._beginnings
        await (self._api if is_api else self._console)(scope, receive, send)


def _find_beginning(path: str) -> str:
    return path.strip("/").partition("/")[0]
