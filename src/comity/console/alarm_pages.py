"""The page *Alarm*, and the piece of every page that alarms."""

from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from comity.api.alarm_view import show_alarms
from comity.base.instants import MINUTE_MS
from comity.console.gate import LOCKED_TOO
from comity.console.pages import Pages

__all__ = ["make_alarm"]

Seen = Annotated[str, QueryParameter(max_length=64)]

ALARM_NOW: Final = "/alarm/now"


def make_alarm(pages: Pages) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/alarm")
    async def show(request: Request[Any, Any, Any]) -> Response[Any]:
        desk = pages.alarm.desk
        minute = desk.node.now() // MINUTE_MS
        return pages.render(request, "alarm.html", alarms=show_alarms(desk), minute=minute)

    @get(ALARM_NOW, opt={"access": LOCKED_TOO, "is_quiet": True})
    async def now(request: Request[Any, Any, Any], seen: Seen = "") -> Response[Any]:
        return pages.render_alarm(request, seen)

    return [show, now]
