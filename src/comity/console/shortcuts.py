"""The page of keys: what each does, and where."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.console.pages import Pages

__all__ = ["make_shortcuts"]


def make_shortcuts(pages: Pages) -> list[HTTPRouteHandler]:
    """Return the route."""

    @get("/shortcuts")
    async def show(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(request, "shortcuts.html")

    return [show]
