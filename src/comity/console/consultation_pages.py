"""The pages *Consultations*: the list, one consultation, and its whole timeline."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.console.acts import Acts
from comity.console.chronicle import SHOWN_COUNT, find_chronicle, group_events
from comity.console.consultation import find_consultations, find_talk, read_words
from comity.console.measures import find_matrix
from comity.console.named import find_names
from comity.console.pages import Pages
from comity.console.positions import find_columns
from comity.console.text_pages import make_texts
from comity.console.texts import find_drafts
from comity.console.visit import get_visit
from comity.console.watch import order_versions

__all__ = ["make_consultations"]


def make_consultations(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the routes."""

    def find_frame(request: Request[Any, Any, Any]) -> dict[str, Any]:
        language = get_visit(request).language
        return {**find_names(desk, pages.titles), "versions": lambda words: order_versions(words, language)}

    def find_list(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {**find_frame(request), "found": find_consultations(desk)}

    def find_one(request: Request[Any, Any, Any], id_: str) -> dict[str, Any]:
        talk, machine = find_talk(desk, id_), desk.node.machine
        events = find_chronicle(machine, pages.titles, talk.scopes)
        return {
            **find_frame(request),
            "talk": talk,
            "columns": find_columns(machine, talk),
            "matrix": find_matrix(machine, talk),
            "read_words": read_words,
            "drafts": find_drafts(machine, talk.scopes, talk.now_at),
            "groups": group_events(events[:SHOWN_COUNT]),
            "shown_count": min(SHOWN_COUNT, len(events)),
            "event_count": len(events),
        }

    @get("/consultations")
    async def index(request: Request[Any, Any, Any]) -> Response[Any]:
        piece = pages.fill_live(request, "consultations_now.html", path="/consultations/now", **find_list(request))
        return pages.render(request, "consultations.html", piece=piece)

    @get("/consultations/now", opt={"is_quiet": True})
    async def index_now(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render_live(request, "consultations_now.html", path="/consultations/now", **find_list(request))

    @get("/consultations/{id:str}")
    async def one(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:  # noqa: A002
        fields = find_one(request, id)
        piece = pages.fill_live(request, "consultation_now.html", path=f"/consultations/{id}/now", **fields)
        return pages.render(request, "consultation.html", piece=piece, **fields)

    @get("/consultations/{id:str}/now", opt={"is_quiet": True})
    async def one_now(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:  # noqa: A002
        path = f"/consultations/{id}/now"
        return pages.render_live(request, "consultation_now.html", path=path, **find_one(request, id))

    @get("/consultations/{id:str}/timeline")
    async def timeline(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:  # noqa: A002
        talk = find_talk(desk, id)
        events = find_chronicle(desk.node.machine, pages.titles, talk.scopes)
        counts = {"shown_count": len(events), "event_count": len(events)}
        frame = {**find_frame(request), **counts, "talk": talk, "groups": group_events(events)}
        return pages.render(request, "consultation_timeline.html", **frame)

    del acts
    return [index, index_now, one, one_now, timeline, *make_texts(pages, desk)]
