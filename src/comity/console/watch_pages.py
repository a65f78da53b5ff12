"""The page *Watch*, and acknowledging from it: one key, a confirmation, done."""

from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from comity.api.desk import Desk
from comity.api.pact_view import find_policy
from comity.api.words import get_language
from comity.console.acts import Acts
from comity.console.area_warnings import count_proposed
from comity.console.duties import show_duty
from comity.console.fields import Fields
from comity.console.marks import format_mark
from comity.console.pages import Pages
from comity.console.signing import Proposal, find_name
from comity.console.visit import Visit
from comity.console.watch import find_waiting, find_watch, order_versions
from comity.pact.offices import Act
from comity.procedure.call import Acknowledged
from comity.procedure.hotline import MessageAcknowledged
from comity.procedure.scope import Scope

__all__ = ["make_watch"]

NOW_PATH: Final = "/watch/now"
Sheet = Annotated[int, QueryParameter(ge=1, le=100_000)]


def make_watch(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the routes."""

    def find_fields() -> dict[str, Any]:
        return {
            "watch": (found := pages.shared.find("watch", lambda: find_watch(desk))),
            "of_report": count_proposed(found.warnings),
            "now_at": desk.node.now(),
            "about": lambda duty: show_duty(desk, pages.titles, duty),
            "mark": lambda marking: format_mark(pages.titles, marking),
            "words_of": lambda words: words.get(get_language()) or words["en"],
            "versions": lambda text: order_versions(text, get_language()),
        }

    @get("/")
    async def watch(request: Request[Any, Any, Any]) -> Response[Any]:
        piece = pages.fill_shared(request, "watch_now.html", path=NOW_PATH, find=find_fields)
        return pages.render(request, "watch.html", piece=piece)

    @get(NOW_PATH, opt={"is_quiet": True})
    async def now(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render_shared(request, "watch_now.html", path=NOW_PATH, find=find_fields)

    @get("/watch/waiting")
    async def waiting(request: Request[Any, Any, Any], sheet: Sheet = 1) -> Response[Any]:
        shown = {name: value for name, value in find_fields().items() if name != "watch"}
        return pages.render(request, "watch_waiting.html", waiting=find_waiting(desk, sheet), **shown)

    @get("/watch/bar", opt={"is_quiet": True})
    async def bar(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(request, "bar.html")

    return [watch, now, waiting, bar, *make_acknowledging(acts, desk)]


def make_acknowledging(acts: Acts, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the act of answering for a call or a message."""

    def get_scope(fields: Fields) -> Scope:
        return desk.get_object(fields.place["entry"], "consultation", "message")

    def propose(visit: Visit, fields: Fields, role: str) -> Proposal:
        scope, name = get_scope(fields), find_name(visit, desk.node.machine.party)
        make = Acknowledged if scope.kind == "consultation" else MessageAcknowledged
        return Proposal(scope.audience, (make(scope.ref, role, name),))

    def want_roles(fields: Fields) -> frozenset[str]:
        return find_policy(desk.node.machine, get_scope(fields)).acknowledge_roles

    return acts.make("/acknowledge/{entry:str}", propose, speaks_as=Act.ACKNOWLEDGE, want_roles=want_roles)
