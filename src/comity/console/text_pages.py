"""The page of one text: silence, languages in parallel, brackets, and a redline between any two versions."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.desk import Desk
from comity.console.named import find_names
from comity.console.pages import Pages
from comity.console.redline import Piece, redline
from comity.console.text_acts import OF_TEXT
from comity.console.texts import Draft, Version, find_draft
from comity.console.visit import get_visit
from comity.console.watch import order_versions
from comity.console.writing import Place, list_offered

__all__ = ["make_texts"]

Number = Annotated[int, QueryParameter(ge=0, le=1_000_000)]


def make_texts(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes."""

    def find_fields(request: Request[Any, Any, Any], id_: str, old: int, new: int) -> dict[str, Any]:
        draft, language = find_draft(desk, id_), get_visit(request).language
        before, after = _find_pair(draft, old, new)
        return {
            **find_names(desk, pages.titles),
            "versions": lambda words: order_versions(words, language),
            "draft": draft,
            "text_acts": list_offered(Place(desk, pages.titles), OF_TEXT, draft, draft.id),
            "old": before,
            "new": after,
            "compared": _compare(before, after, language),
        }

    @get("/texts/{id:str}")
    async def text(
        request: Request[Any, Any, Any],
        id: FromPath[str],  # noqa: A002
        old: Number = 0,
        new: Number = 0,
    ) -> Response[Any]:
        fields, path = find_fields(request, id, old, new), f"/texts/{id}/now/{old}/{new}"
        piece = pages.fill_live(request, "text_now.html", path=path, **fields)
        return pages.render(request, "text.html", piece=piece, **fields)

    @get("/texts/{id:str}/now/{old:int}/{new:int}", opt={"is_quiet": True})
    async def now(
        request: Request[Any, Any, Any],
        id: FromPath[str],  # noqa: A002
        old: FromPath[int],
        new: FromPath[int],
    ) -> Response[Any]:
        fields, path = find_fields(request, id, old, new), f"/texts/{id}/now/{old}/{new}"
        return pages.render_live(request, "text_now.html", path=path, **fields)

    return [text, now]


def _find_pair(draft: Draft, old: int, new: int) -> tuple[Version | None, Version | None]:
    """Return the versions to compare: those asked for, else the last with the one before it."""
    if len(draft.versions) < 2:
        return None, None
    after = draft.find_version(new) or draft.versions[-1]
    before = draft.find_version(old) or draft.find_version(after.number - 1) or draft.versions[0]
    return before, after


def _compare(old: Version | None, new: Version | None, language: str) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
    if old is None or new is None:
        return ()
    tongues = order_versions(dict(old.words) | dict(new.words), language)
    return tuple((one, redline(old.words.get(one, ""), new.words.get(one, ""), one)) for one, _ in tongues)
