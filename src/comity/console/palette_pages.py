"""The palette: Ctrl+K anywhere, and a page of its own for whoever has no script."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from comity.api.desk import Desk
from comity.console.pages import Pages
from comity.console.palette import Target, find_targets, list_targets
from comity.console.visit import get_visit

__all__ = ["make_palette"]

Typed = Annotated[str, QueryParameter(max_length=200)]


def make_palette(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes."""

    def find(request: Request[Any, Any, Any], typed: str) -> tuple[Target, ...]:
        name = ("palette", get_visit(request).language)
        return find_targets(pages.shared.find(name, lambda: list_targets(desk, pages.titles, pages.paths)), typed)

    @get("/palette")
    async def show(request: Request[Any, Any, Any], q: Typed = "") -> Response[Any]:
        return pages.render(request, "palette.html", typed=q, targets=find(request, q))

    @get("/palette/rows")
    async def rows(request: Request[Any, Any, Any], q: Typed = "") -> Response[Any]:
        return pages.render(request, "palette_rows.html", targets=find(request, q))

    return [show, rows]
