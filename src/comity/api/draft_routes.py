"""The paths of the API about drafts that rules asked for; what each does is a function of `comity.api.drafts`."""

from typing import Annotated

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from comity.api import drafts as acts
from comity.api.area_alerts import Issuing, export_area_alert, issue_warnings, list_area_warnings
from comity.api.desk import Desk
from comity.api.drafts import Discarding, SendingDraft
from comity.api.views.basic import Ids
from comity.api.views.drafts import AreaWarningShown, DraftShown
from comity.exchange.cap import MEDIA

__all__ = ["make_draft_routes"]

All = Annotated[bool, QueryParameter(name="all")]
"""Those that were reported or discarded too."""


def make_draft_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return what can be looked at and done."""

    @get("/v1/warning/drafts", summary="Drafts of threat reports that rules of the pact asked for")
    async def drafts(is_all: All = False) -> list[DraftShown]:
        return acts.list_drafts(desk, is_open=not is_all)

    @post("/v1/warning/drafts/{draft:str}/send", summary="Report what was drafted", status_code=201)
    async def send(draft: FromPath[str], data: JSONBody[SendingDraft]) -> Ids:
        return {"ids": await acts.send_draft(desk, draft, data)}

    @post("/v1/warning/drafts/{draft:str}/discard", summary="Report nothing of a draft, and say why", status_code=201)
    async def discard(draft: FromPath[str], data: JSONBody[Discarding]) -> Ids:
        return {"ids": await acts.discard_draft(desk, draft, data)}

    @get("/v1/warning/public", summary="Public warnings of own areas: what was issued, what is proposed")
    async def public() -> list[AreaWarningShown]:
        return list_area_warnings(desk)

    @post("/v1/warning/public", summary="Issue the public warnings that are proposed from a report", status_code=201)
    async def issue(data: JSONBody[Issuing]) -> Ids:
        return {"ids": await issue_warnings(desk, data.report, area=data.area)}

    @get("/v1/warning/public/{message:str}", summary="One issued public warning as CAP 1.2", media_type=MEDIA)
    async def message(message: FromPath[str]) -> Response[bytes]:
        return Response(export_area_alert(desk, message), media_type=MEDIA)

    return [drafts, send, discard, public, issue, message]
