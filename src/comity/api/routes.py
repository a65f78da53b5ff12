"""The paths of the API: views of a desk, acts at it, files in and out. What each does is the desk's own method."""

from typing import Annotated, Any

from litestar import MediaType, Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from comity.api.attaching import make_attachment_files
from comity.api.desk import Desk
from comity.api.disclosing import disclose, show_disclosed
from comity.api.duty_rows import show_duties
from comity.api.item_routes import make_item_acts, make_item_views
from comity.api.line_view import show_lines
from comity.api.paging import cut_lists, cut_page
from comity.api.shape import Showing, Stating
from comity.api.timeline import show_timeline
from comity.api.titles import show_titles
from comity.api.views.basic import Decided, Ids, OwnLevel
from comity.api.views.exchange import TakenBundle
from comity.api.views.floor import Consultation, DutyShown, Lines, Measures, TextShown
from comity.api.views.record import Disclosure, NumberedRow, Row, Threat
from comity.api.views.standing import Status
from comity.api.views.titles import TitleShown
from comity.base.limits import BUNDLE_BODY_SIZE_BYTES_MAX

__all__ = ["make_acts", "make_files", "make_views"]

Number = Annotated[int, QueryParameter(ge=0)]


def make_views(desk: Desk) -> list[HTTPRouteHandler]:
    """Return what can be looked at."""

    @get("/v1/status", summary="How this node stands")
    async def status() -> Status:
        return desk.status()

    @get("/v1/pact", summary="The pact in force", media_type=MediaType.TEXT)
    async def pact() -> str:
        return desk.pact_text()

    @get("/v1/levels", summary="The levels of this party's own scheme")
    async def levels() -> list[OwnLevel]:
        return desk.levels()

    @get("/v1/titles", summary="What the pact calls roles, channels, commitments and whatever else has a title")
    async def titles() -> list[TitleShown]:
        return show_titles(desk.node.machine)

    @get("/v1/timeline", summary="What was stated, in the order shown")
    async def timeline(after: Number = 0) -> list[NumberedRow]:
        return show_timeline(desk.node.machine, after=after, cut=cut_page)

    @get("/v1/timeline/{entry:str}", summary="One statement as it stands now, by its id")
    async def row(entry: FromPath[str]) -> Row:
        return desk.row(entry)

    @get("/v1/duties", summary="Who owes what by when")
    async def duties() -> list[DutyShown]:
        return show_duties(desk.judge_duties(), cut=cut_page)

    return [status, pact, levels, titles, timeline, row, duties, *_make_objects(desk)]


def _make_objects(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the views of what was stated: one list for each kind of object."""

    @get("/v1/threats", summary="Every threat reported, with its text")
    async def threats() -> list[Threat]:
        return desk.threats()

    @get("/v1/consultations", summary="Every consultation, judged now")
    async def consultations() -> list[Consultation]:
        return desk.consultations()

    @get("/v1/texts", summary="Every text, judged now")
    async def texts() -> list[TextShown]:
        return desk.texts()

    @get("/v1/measures", summary="Measures and the synchronisation matrix")
    async def measures() -> Measures:
        return desk.measures()

    @get("/v1/lines", summary="Hotline messages and line tests")
    async def lines() -> Lines:
        return show_lines(desk.node.machine, desk.node.now(), cut=cut_lists)

    @get("/v1/disclosed", summary="Earlier statements that were disclosed by or to this party")
    async def disclosed() -> list[Disclosure]:
        return show_disclosed(desk.node.machine)

    return [threats, consultations, texts, measures, lines, *make_item_views(desk), disclosed]


def make_acts(desk: Desk) -> list[HTTPRouteHandler]:
    """Return what can be stated."""

    @post("/v1/statements", summary="State entries to one audience", status_code=201)
    async def state(data: JSONBody[Stating]) -> Ids:
        return await desk.state(data)

    @post("/v1/disclosed", summary="Disclose an earlier statement, or preview who would get it", status_code=201)
    async def show(data: JSONBody[Showing]) -> Ids | Decided:
        return await disclose(desk.node, data)

    return [state, *make_item_acts(desk), show]


def make_files(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the bundle, out and in."""

    @get("/v1/bundle", summary="The record as a bundle file", media_type="application/octet-stream")
    async def export() -> bytes:
        return desk.export()

    @post(
        "/v1/bundle",
        summary="Take the pages of a bundle file",
        status_code=200,
        request_max_body_size=BUNDLE_BODY_SIZE_BYTES_MAX,
    )
    async def take_bundle(request: Request[Any, Any, Any]) -> TakenBundle:
        return await desk.take_bundle(await request.body())

    return [export, take_bundle, *make_attachment_files(desk)]
