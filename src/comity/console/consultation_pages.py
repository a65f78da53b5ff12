"""The pages *Consultations*: the list, one consultation, and its whole timeline."""

import re
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.desk import Desk
from comity.console.chronicle import SHOWN_COUNT, find_chronicle, group_events
from comity.console.consultation import find_consultations, find_talk
from comity.console.named import find_names
from comity.console.pages import Pages
from comity.console.positions import find_columns
from comity.console.visit import get_visit
from comity.console.watch import order_versions

__all__ = ["make_consultations"]

Asked = Annotated[str, QueryParameter(max_length=64)]
_ID: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


def make_consultations(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
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
            "groups": group_events(events[:SHOWN_COUNT]),
            "shown_count": min(SHOWN_COUNT, len(events)),
            "event_count": len(events),
        }

    @get("/consultations")
    async def index(request: Request[Any, Any, Any], signed: Asked = "") -> Response[Any]:
        piece = pages.fill_live(request, "consultations_now.html", path="/consultations/now", **find_list(request))
        return pages.render(request, "consultations.html", piece=piece, signed=_read_signed(signed))

    @get("/consultations/now", opt={"is_quiet": True})
    async def index_now(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render_live(request, "consultations_now.html", path="/consultations/now", **find_list(request))

    @get("/consultations/{id:str}")
    async def one(request: Request[Any, Any, Any], id: FromPath[str], signed: Asked = "") -> Response[Any]:  # noqa: A002
        fields = find_one(request, id)
        piece = pages.fill_live(request, "consultation_now.html", path=f"/consultations/{id}/now", **fields)
        return pages.render(request, "consultation.html", piece=piece, signed=_read_signed(signed), **fields)

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

    return [index, index_now, one, one_now, timeline]


def _read_signed(signed: str) -> str:
    return signed if _ID.fullmatch(signed) else ""
