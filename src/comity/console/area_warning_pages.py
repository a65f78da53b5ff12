"""Warning one's own people from a page: shown word for word as it will go out, issued by an officer, and its file.

Nothing is issued that was not shown: the confirmation holds each message in each language of its area, and what the
file says besides. Nothing goes out by itself from here; the file is handed to whoever warns the public.
"""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.area_alerts import export_area_alert, make_warnings
from comity.api.desk import Desk
from comity.console.acts import Acts
from comity.console.area_warnings import AreaWarning, count_proposed, find_area_warnings, preview_warnings
from comity.console.fields import Fields
from comity.console.pages import Pages
from comity.console.signing import Proposal
from comity.console.visit import Visit
from comity.exchange.cap import MEDIA
from comity.pact.offices import Act

__all__ = ["find_shown", "make_area_warning_pages"]

OVER_COUNT_MAX: Final = 100
"""Warnings that are over, on the page of all; the record has each."""


def find_shown(desk: Desk) -> dict[str, Any]:
    """Return what a page shows of what is proposed, in force and over, and how many are over."""
    rows = find_area_warnings(desk)
    proposed, in_force, over = _part(rows)
    return {
        "proposed": proposed, "in_force": in_force, "over": over[:OVER_COUNT_MAX], "over_count": len(over),
        "of_report": count_proposed(rows),
    }  # fmt: skip


def make_area_warning_pages(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the page of all, the file of one message, and the act."""

    @get("/warning/public")
    async def public(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(request, "warning_public.html", **find_shown(desk))

    @get("/warning/public/{message:str}/file", media_type=MEDIA)
    async def file(message: FromPath[str]) -> Response[bytes]:
        raw = export_area_alert(desk, message)
        headers = {"Content-Disposition": f'attachment; filename="{desk.node.machine.party}-{message[:16]}.cap.xml"'}
        return Response(raw, media_type=MEDIA, headers=headers)

    def issue(_: Visit, fields: Fields, __: str) -> Proposal:
        entries = make_warnings(desk, fields.place["report"], area=fields.find("area"))
        return Proposal(
            (desk.node.machine.party,), entries, template="warning_published.html",
            shown={"previews": preview_warnings(desk, entries)},
        )  # fmt: skip

    return [public, file, *acts.make("/warning/public/{report:str}/issue", issue, speaks_as=Act.REPORT)]


def _part(rows: list[AreaWarning]) -> tuple[list[AreaWarning], list[AreaWarning], list[AreaWarning]]:
    """Part what is proposed, what is in force besides, and what is over."""
    proposed = [row for row in rows if row.proposed is not None]
    rest = [row for row in rows if row.proposed is None]
    return proposed, [row for row in rest if row.is_in_force], [row for row in rest if not row.is_in_force]
