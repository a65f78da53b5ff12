"""The paths of the API about early warning; what each does is a function of `comity.api.indicators`."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from comity.api import indicators as acts
from comity.api.desk import Desk
from comity.api.indicators import Reporting
from comity.api.views.exchange import History, IndicatorRow, ThreatDraft, ValuesReported

__all__ = ["make_indicator_routes"]


def make_indicator_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return what can be looked at and stated."""

    @get("/v1/indicators", summary="What is watched, the last values, and who owes a report")
    async def indicators() -> list[IndicatorRow]:
        return acts.list_indicators(desk)

    @get("/v1/indicators/{indicator:str}", summary="One indicator with every value that stands here")
    async def indicator(indicator: FromPath[str]) -> History:
        return acts.show_history(desk, indicator)

    @get("/v1/indicators/{indicator:str}/draft", summary="A threat report drafted from own values that crossed")
    async def draft(indicator: FromPath[str]) -> ThreatDraft:
        return acts.draft_threat(desk, indicator)

    @post("/v1/indicators", summary="Report values of a table, or preview them", status_code=201)
    async def report(data: JSONBody[Reporting]) -> ValuesReported:
        return await acts.report_values(desk, data)

    return [indicators, indicator, draft, report]
