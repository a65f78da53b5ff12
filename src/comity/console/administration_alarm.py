"""*Call-outs* under Administration: what alarm.toml says, whom the node calls and how, and a trial of each way.

The file itself is written on the node's own machine: it names programs that are run, and files with secrets.
"""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.alarm_view import show_alarms, try_alarm
from comity.api.appointing import check_keeper
from comity.api.desk import Desk
from comity.api.words import say
from comity.base.errors import OutageError
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.administration import may_keep
from comity.console.fields import Fields
from comity.console.pages import Pages
from comity.console.signing import Deed
from comity.console.visit import Visit
from comity.node.alarm.check import find_missing, get_callout
from comity.node.alarm.plan import ALARM_FILE, Callout, Command, Mail

__all__ = ["make_alarm_upkeep"]


def make_alarm_upkeep(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the page and its act."""

    @get("/administration/alarm")
    async def alarm(request: Request[Any, Any, Any]) -> Response[Any]:
        book = desk.node.alarm_plan
        plan = book.read()
        return pages.render(
            request, "administration_alarm.html", keeps=may_keep(desk), alarms=show_alarms(desk), plan=plan,
            missing=[] if book.folder is None else list(find_missing(plan, book.folder)),
            callouts=[(row, _find_kind(row), _find_where(row)) for row in plan.callout],
            file=str(ALARM_FILE if book.folder is None else book.folder / ALARM_FILE),
        )  # fmt: skip

    def test(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        row = get_callout(desk.node.alarm_plan.read(), fields.get("callout"))

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            tried = await try_alarm(desk, row.name)
            if not tried["is_sent"]:
                raise OutageError("callout.failed", callout=row.name, why=tried["why"])
            return ()

        facts = ((say("kind"), _find_kind(row)), (say("to"), _find_where(row)))
        says = say("{callout} is tried: whoever it reaches is told that it is a test", callout=row.name)
        return Deed(says, do, facts, is_pressing=True)

    return [alarm, *acts.make("/administration/test", test)]


def _find_kind(row: Callout) -> str:
    if isinstance(row, Command):
        return say("a program of this machine")
    if isinstance(row, Mail):
        return say("mail")
    return say("a gateway, signed") if row.__struct_config__.tag == "webhook" else say("push")


def _find_where(row: Callout) -> str:
    """Return what it reaches, without any secret: those lie in files that are only named."""
    if isinstance(row, Command):
        return row.argv[0]
    return f"{row.host}:{row.port}, {', '.join(row.to)}" if isinstance(row, Mail) else row.url.partition("?")[0]
