"""Requests for information, and acts about items that wait for a second officer: two pages under *Release*.

Whoever is to approve a release reads what is released, not only its digest: opened through the same function as any
item, and recorded as any reading (P48).
"""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.inquiries import list_inquiries
from comity.api.items import read_held
from comity.api.views.items import ItemShown
from comity.base.catalogue import Code
from comity.base.errors import ComityError
from comity.console.compose import find_choices
from comity.console.forms import list_terms
from comity.console.pages import Pages
from comity.console.release_words import make_words
from comity.node.reads import Wanted
from comity.procedure.inquiry import AnswerReason, InquiryAnswer
from comity.procedure.sharing import Giving

__all__ = ["make_inquiries", "make_waiting"]


def make_inquiries(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the page of requests for information."""

    @get("/release/inquiries")
    async def inquiries(request: Request[Any, Any, Any]) -> Response[Any]:
        rows = list_inquiries(desk.node.machine, desk.node.now())
        rows.sort(key=lambda row: (row["is_closed"], row["request"]["entry"]["answer_by_at"], row["id"]))
        return pages.render(
            request, "release_inquiries.html", inquiries=rows, choices=find_choices(desk),
            answers=list_terms(InquiryAnswer), reasons=list_terms(AnswerReason), **make_words(desk, pages.titles),
        )  # fmt: skip

    return [inquiries]


def make_waiting(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the page of one act that waits."""

    async def show(request: Request[Any, Any, Any], digest: str, *, is_opening: bool) -> Response[Any]:
        held = desk.node.approvals.get(digest, desk.node.now())
        givings = [
            await _read(desk, entry, is_opening=is_opening) for entry in held.entries if isinstance(entry, Giving)
        ]
        fields = {**make_words(desk, pages.titles), "held": held, "givings": givings, "item": None}
        return pages.render(request, "release_waiting.html", **fields)

    @get("/release/waiting/{digest:str}")
    async def waiting(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[Any]:
        return await show(request, digest, is_opening=False)

    @get("/release/waiting/{digest:str}/open")
    async def open_(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[Any]:
        return await show(request, digest, is_opening=True)

    return [waiting, open_]


async def _read(desk: Desk, giving: Giving, *, is_opening: bool) -> dict[str, Any]:
    """Return a giving that waits with what it gives, where that may be shown now."""
    read: ItemShown | None = None
    fault: Code | None = None
    if is_opening or not desk.items.reads.is_recorded(Wanted(giving.item, giving.markings[0])):
        try:
            read = await read_held(desk.node, desk.items, giving)
        except ComityError as error:
            fault = error.row
    return {"entry": giving, "read": read, "fault": fault}
