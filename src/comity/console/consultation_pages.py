"""The pages *Consultations*: the list, one consultation, and its whole timeline."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.form import read_words
from comity.console.acts import Acts
from comity.console.call_acts import NOTHING, OF_FLOOR
from comity.console.chronicle import SHOWN_COUNT, find_chronicle, group_events
from comity.console.consultation import Talk, find_consultations, find_talk
from comity.console.measure_acts import OF_MEASURE
from comity.console.measures import find_matrix
from comity.console.named import find_names
from comity.console.pages import Pages
from comity.console.positions import find_columns
from comity.console.statement_acts import OF_STATEMENT
from comity.console.talk_acts import OF_TALK, may_answer
from comity.console.text_acts import OF_TEXT
from comity.console.text_pages import make_texts
from comity.console.texts import find_drafts
from comity.console.visit import get_visit
from comity.console.warning_led import find_way_back
from comity.console.watch import order_versions
from comity.console.writing import Place, list_offered, make_writing
from comity.node.alarm.escalation import find_alarm_logs
from comity.procedure.alarm import NO_LOG

__all__ = ["make_consultations"]

KINDS: Final = (OF_FLOOR, OF_TALK, OF_TEXT, OF_MEASURE, OF_STATEMENT)
"""What has acts here."""


def make_consultations(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the routes."""
    place = Place(desk, pages.titles)

    def find_frame(request: Request[Any, Any, Any]) -> dict[str, Any]:
        language = get_visit(request).language
        return {**find_names(desk, pages.titles), "versions": lambda words: order_versions(words, language)}

    def find_list(request: Request[Any, Any, Any]) -> dict[str, Any]:
        acts = list_offered(place, OF_FLOOR, NOTHING, "")
        return {**find_frame(request), "found": find_consultations(desk), "floor_acts": acts}

    def find_one(request: Request[Any, Any, Any], id_: str) -> dict[str, Any]:
        return {**find_frame(request), **_find_one(place, find_talk(desk, id_))}

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

    writing = [route for kind in KINDS for route in make_writing(pages, desk, acts, kind)]
    return [index, index_now, one, one_now, timeline, *make_texts(pages, desk), *writing]


def _find_one(place: Place, talk: Talk) -> dict[str, Any]:
    """Return what the page of one consultation shows, and what can be done on it."""
    machine = place.desk.node.machine
    events = find_chronicle(machine, place.titles, talk.scopes)
    matrix, drafts = find_matrix(machine, talk), find_drafts(machine, talk.scopes, talk.now_at)
    return {
        "talk": talk,
        "talk_acts": list_offered(place, OF_TALK, talk, talk.id),
        "text_acts": {draft.id: list_offered(place, OF_TEXT, draft, draft.id) for draft in drafts},
        "measure_acts": {act.id: list_offered(place, OF_MEASURE, act, act.id) for act in matrix.acts},
        "may_acknowledge": may_answer(place, talk),
        "way_back": find_way_back(talk.threats),
        "columns": find_columns(machine, talk),
        "matrix": matrix,
        "read_words": read_words,
        "role_titles": lambda roles: ", ".join(place.titles.title_of("role", role) for role in roles),
        "called_out": find_alarm_logs(place.desk.node).get(bytes.fromhex(talk.id), NO_LOG).steps,
        "drafts": drafts,
        "groups": group_events(events[:SHOWN_COUNT]),
        "shown_count": min(SHOWN_COUNT, len(events)),
        "event_count": len(events),
    }
