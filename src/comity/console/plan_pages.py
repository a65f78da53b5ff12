"""The pages *Plans*: all of them, and one with its versions, lines, activations and gaps."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.console.acts import Acts
from comity.console.moments import format_moment
from comity.console.pages import Pages
from comity.console.plan_acts import LINE_COUNT, make_plan_acts
from comity.console.plans import Plan, find_plan, list_open, list_plans
from comity.console.spans import format_span
from comity.console.visit import get_visit
from comity.console.wording import find_choice
from comity.procedure.measure import Instrument, MeasureReason
from comity.procedure.plan import Line
from comity.procedure.threat import ThreatKind

__all__ = ["make_plans"]

_BLANK: Final = {"id": "", "instrument": "", "by": "", "on": "", "after": "", "for": ""}
SPARE_COUNT: Final = 3
"""Empty rows that a form of a version has at least, as far as there is room."""


def make_plans(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the routes."""

    def find_frame(request: Request[Any, Any, Any]) -> dict[str, Any]:
        found = list_plans(desk, pages.titles, get_visit(request).language)
        return {"plans": found, "kinds": tuple(ThreatKind)}

    def find_one(request: Request[Any, Any, Any], id_: str) -> dict[str, Any]:
        plan = find_plan(desk, pages.titles, get_visit(request).language, id_)
        return {
            "plan": plan,
            "open": list_open(desk),
            "rows": _find_rows(plan),
            "choice": find_choice(desk, plan.versions[0].proposed.body if plan.versions and plan.is_ours else None),
            "instruments": tuple(Instrument),
            "reasons": tuple(MeasureReason),
            "span": format_span,
            "now": format_moment(desk.node.now()),
            "parties": plan.audience,
        }

    @get("/plans")
    async def plans(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(request, "plans.html", **find_frame(request))

    @get("/plans/{plan:str}")
    async def plan_(request: Request[Any, Any, Any], plan: FromPath[str]) -> Response[Any]:
        return pages.render(request, "plan.html", **find_one(request, plan))

    return [plans, plan_, *make_plan_acts(acts, desk)]


def _find_rows(plan: Plan) -> list[dict[str, str]]:
    """Return the rows of the form of a version: those of the last one, and some that are empty."""
    lines = plan.versions[0].proposed.lines if plan.versions and plan.is_ours else ()
    rows = [_find_row(line) for line in lines]
    room = SPARE_COUNT if rows else SPARE_COUNT + 1
    return [*rows, *([_BLANK] * max(0, min(room, LINE_COUNT - len(rows))))]


def _find_row(line: Line) -> dict[str, str]:
    return {
        "id": line.id, "instrument": line.instrument.value, "by": "".join(line.by), "on": "".join(line.target),
        "after": format_span(line.after_ms) if line.after_ms else "", "for": format_span(line.for_ms),
    }  # fmt: skip
