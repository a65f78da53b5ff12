"""The acts of plans: open, put a version, accept or decline one, activate, stand down, retire."""

from collections.abc import Iterator
from typing import Any, Final

from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.base.errors import UsageError
from comity.console.acts import Acts
from comity.console.fields import Fields
from comity.console.moments import read_moment
from comity.console.signing import Proposal, propose
from comity.console.spans import parse_span
from comity.console.visit import Visit
from comity.console.wording import read_marked

__all__ = ["LINE_COUNT", "make_plan_acts"]

LINE_COUNT: Final = 12
"""Lines that a form of a version has; a longer plan is put by the command line."""


def make_plan_acts(acts: Acts, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes."""

    def of_plan(fields: Fields, type_: str, **more: Any) -> Proposal:
        plan = fields.place["plan"]
        return propose(desk, {"type": type_, "plan": plan, **more}, to=desk.get_object(plan, "plan").audience)

    def open_(_: Visit, fields: Fields, __: str) -> Proposal:
        wish = {"type": "PlanOpened", "name": fields.get("name"), "kind": fields.get("kind")}
        return propose(desk, wish, opens="/plans/{id}")

    def put(_: Visit, fields: Fields, __: str) -> Proposal:
        lines = sorted(_read_lines(desk, fields), key=lambda line: str(line["id"]))
        if not lines:
            raise UsageError("console.field-missing", field="instrument1")
        return of_plan(fields, "PlanVersionProposed", lines=lines, body=read_marked(desk, fields))

    def accept(_: Visit, fields: Fields, __: str) -> Proposal:
        return of_plan(fields, "PlanAccepted", version=fields.get("version"))

    def decline(_: Visit, fields: Fields, __: str) -> Proposal:
        return of_plan(fields, "PlanDeclined", version=fields.get("version"), reason=fields.get("reason"))

    def activate(_: Visit, fields: Fields, __: str) -> Proposal:
        begins_at = read_moment(fields, "begins_at", now=desk.node.now())
        wish = {"version": fields.get("version"), "consultation": fields.get("consultation"), "begins_at": begins_at}
        return of_plan(fields, "PlanActivated", **wish)

    def stand_down(_: Visit, fields: Fields, __: str) -> Proposal:
        return of_plan(fields, "PlanStoodDown", activation=fields.get("activation"))

    def retire(_: Visit, fields: Fields, __: str) -> Proposal:
        return of_plan(fields, "PlanRetired")

    of_one = {"propose": put, "accept": accept, "decline": decline, "activate": activate, "stand-down": stand_down,
              "retire": retire}  # fmt: skip
    routes = acts.make("/plans/open", open_)
    for name, act in of_one.items():
        routes += acts.make(f"/plans/{{plan:str}}/{name}", act)
    return routes


def _read_lines(desk: Desk, fields: Fields) -> Iterator[dict[str, object]]:
    """Yield the lines of which an instrument was chosen."""
    for number in range(1, LINE_COUNT + 1):
        instrument, by = fields.find(f"instrument{number}"), fields.find(f"by{number}")
        if not instrument:
            continue
        if by and by not in desk.node.machine.parties:
            raise UsageError("console.field-malformed", field=f"by{number}")
        target = fields.find(f"on{number}")
        yield {
            "id": fields.find(f"id{number}") or f"p{number}",
            "instrument": instrument,
            "by": [by] if by else [],
            "target": [target] if target else [],
            "after_ms": parse_span(fields.find(f"after{number}"), field=f"after{number}"),
            "for_ms": parse_span(fields.find(f"for{number}", "24h") or "24h", field=f"for{number}"),
        }
