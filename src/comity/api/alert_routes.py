"""The paths of the API about public warnings; what each does is a function of `comity.api.alerts`."""

from functools import partial
from typing import Annotated

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from comity.api import alerts as acts
from comity.api.alerts import TakingAlert
from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.known import Known
from comity.api.paging import cut_page
from comity.api.views.exchange import AlertShown, AlertTaken
from comity.exchange.cap import MEDIA

__all__ = ["make_alert_routes"]

For = Annotated[str, QueryParameter(name="for", max_length=12)]
Before = Annotated[int, QueryParameter(ge=0)]
"""How many of the latest are left out."""


def make_alert_routes(desk: Desk, known: Known) -> list[HTTPRouteHandler]:
    """Return the paths for an officer of this party; `for` names the party that would read, this one if left out."""

    @get("/v1/alerts", summary="Public warnings that a party may have")
    async def alerts(reader: For = "", before: Before = 0) -> list[AlertShown]:
        own = desk.node.machine.party
        goes_out = reader not in ("", own)
        rows = await acts.list_alerts(
            desk, to=reader or own, goes_out=goes_out, before=before, cut=partial(cut_page, is_backward=True)
        )
        await desk.items.reads.record_items({bytes.fromhex(row["id"]) for row in rows})
        return rows

    @get("/v1/alerts/{alert:str}", summary="One public warning as CAP, as a party may have it", media_type=MEDIA)
    async def alert(alert: FromPath[str], reader: For = "") -> Response[bytes]:
        own = desk.node.machine.party
        raw, media = await acts.export_alert(desk, alert, to=reader or own, goes_out=reader not in ("", own))
        await desk.items.reads.record_items({parse_id(alert)})
        return Response(raw, media_type=media)

    @get("/v1/alerts/{alert:str}/acknowledgement", summary="The CAP message that acknowledges one", media_type=MEDIA)
    async def acknowledgement(alert: FromPath[str]) -> bytes:
        raw = await acts.acknowledge_alert(desk, alert)
        await desk.items.reads.record_items({parse_id(alert)})
        return raw

    @post("/v1/alerts", summary="Take a CAP alert in, marked, or preview who would get it", status_code=201)
    async def take(data: JSONBody[TakingAlert]) -> AlertTaken:
        return await acts.take_alert(desk, data, known)

    return [alerts, alert, acknowledgement, take]
