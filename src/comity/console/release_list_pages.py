"""The pages *Came in*, *Public warnings* and *Indicators* under Release."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.desk import Desk
from comity.api.indicators import list_indicators, show_history
from comity.api.row_words import say_officers
from comity.api.words import get_language
from comity.console.pages import Pages
from comity.console.release_lists import cut, find_came_in, find_warned
from comity.console.release_words import make_words
from comity.exchange.deposit import DepositState
from comity.exchange.imported import ImportLog
from comity.exchange.register import Register

__all__ = ["make_lists"]

Cursor = Annotated[str, QueryParameter(max_length=64)]
FORMATS = {"stix": "STIX 2.1", "misp": "MISP", "cap": "CAP 1.2", "jma": "JMA"}
"""What formats call themselves, in every language."""


def make_lists(pages: Pages, desk: Desk, *, imports: ImportLog, register: Register) -> list[HTTPRouteHandler]:
    """Return the pages."""

    @get("/release/imports")
    async def came_in(request: Request[Any, Any, Any], cursor: Cursor = "") -> Response[Any]:
        return pages.render(
            request, "release_imports.html", **make_words(desk, pages.titles), formats=FORMATS,
            listed=find_came_in(desk, imports, cursor), officers=lambda by: say_officers(by, pages.titles),
            waiting=[one for one in desk.deposits.list() if one.state is DepositState.WAITING], path="/release/imports",
        )  # fmt: skip

    @get("/release/warnings")
    async def warned(request: Request[Any, Any, Any], cursor: Cursor = "") -> Response[Any]:
        listed = await find_warned(desk, register, cursor)
        return pages.render(
            request, "release_warnings.html", **make_words(desk, pages.titles), listed=listed, path="/release/warnings"
        )

    @get("/release/indicators")
    async def indicators(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(
            request, "release_indicators.html", **make_words(desk, pages.titles), rows=list_indicators(desk),
            language=get_language(),
        )  # fmt: skip

    @get("/release/indicators/{indicator:str}")
    async def indicator(
        request: Request[Any, Any, Any], indicator: FromPath[str], cursor: Cursor = ""
    ) -> Response[Any]:
        found, path = show_history(desk, indicator), f"/release/indicators/{indicator}"
        latest = sorted(found["readings"], key=lambda row: (-row["observed_at"], row["id"]))
        return pages.render(
            request, "release_indicator.html", **make_words(desk, pages.titles), found=found, path=path,
            listed=cut(path, latest, cursor, by=("id",)),
            language=get_language(),
        )  # fmt: skip

    return [came_in, warned, indicators, indicator]
