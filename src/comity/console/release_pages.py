"""The pages under *Release*: what waits, one item, what reached whom. What is done from them is in `release_acts`.

A page that renews itself shows nothing of an item's text: that is opened by an officer, once, and on the record where
the pact asks for it (P48), through the same function as the API.
"""

from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from comity.api.attaching import stream_attachment
from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.intake import Intake
from comity.api.items import find_handled, read_item
from comity.api.reading import show_reads
from comity.api.views.items import ItemShown
from comity.api.views.record import ReadingShown
from comity.base.errors import ComityError, UsageError
from comity.console.acts import Acts
from comity.console.compose_pages import make_compose
from comity.console.forms import list_terms
from comity.console.inquiry_pages import make_inquiries, make_waiting
from comity.console.intake_pages import make_intake
from comity.console.pages import Pages
from comity.console.release import find_release
from comity.console.release_acts import make_release_acts
from comity.console.release_item import ItemRecord, find_item
from comity.console.release_list_pages import make_lists
from comity.console.release_record import find_record
from comity.console.release_words import make_words
from comity.exchange.register import Register
from comity.node.powers import ACTING, check_may
from comity.pact.offices import Act
from comity.procedure.recall import CopiesMade, Fate
from comity.procedure.sharing import RecallReason, RefusalReason
from comity.procedure.spillage import SpillageKind, SpillageResult, SpillageStep

__all__ = ["make_release"]

NOW_PATH: Final = "/release/now"
READ_COUNT: Final = 50
"""Readings shown with an item, the latest; `comity reads` has all of them."""
Sought = Annotated[str, QueryParameter(max_length=64)]
Page = Annotated[int, QueryParameter(ge=1, le=100_000)]


def make_release(pages: Pages, desk: Desk, acts: Acts, *, intake: Intake, register: Register) -> list[HTTPRouteHandler]:
    """Return the routes of everything under *Release*, pages and acts."""

    def find_overview() -> dict[str, Any]:
        release = find_release(desk)
        needs = (release.recalls, release.onward, release.of_us, release.quarantined, release.held)
        elsewhere = (release.elsewhere, release.asked_back, release.by_us, release.spillages)
        counts = {"needs_count": sum(map(len, needs)), "elsewhere_count": sum(map(len, elsewhere))}
        return {**make_words(desk, pages.titles), "release": release, **counts}

    @get("/release")
    async def release(request: Request[Any, Any, Any]) -> Response[Any]:
        piece = pages.fill_live(request, "release_now.html", path=NOW_PATH, **find_overview())
        return pages.render(request, "release.html", piece=piece)

    @get(NOW_PATH, opt={"is_quiet": True})
    async def now(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render_live(request, "release_now.html", path=NOW_PATH, **find_overview())

    @get("/release/record")
    async def record(request: Request[Any, Any, Any], party: Sought = "", item: Sought = "",
                     page: Page = 1) -> Response[Any]:  # fmt: skip
        found = find_record(desk, party=party, item=item.lower(), page=page)
        return pages.render(request, "release_record.html", **make_words(desk, pages.titles), record=found)

    return [
        *(release, now, record),
        *_make_item(pages, desk),
        *make_compose(pages, desk),
        *make_inquiries(pages, desk),
        *make_waiting(pages, desk),
        *make_release_acts(acts, pages, desk),
        *make_lists(pages, desk, imports=intake.log, register=register),
        *make_intake(pages, desk, acts, intake),
    ]


def _make_item(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    async def show(request: Request[Any, Any, Any], item: str, *, is_opening: bool) -> Response[Any]:
        found, read, fault = find_item(desk, item), None, None
        if found.state == "here" and (is_opening or not found.is_recorded):
            try:
                read = await read_item(desk.node, desk.items, item)
            except ComityError as error:
                fault = error.row
        fields = {**make_words(desk, pages.titles), "item": found, "read": read, "fault": fault}
        piece = pages.fill_live(request, "release_item_now.html", path=f"/release/items/{item}/now", **fields)
        return pages.render(
            request, "release_item.html", piece=piece, ends=_find_ends(found, read),
            handled_here=find_handled(desk.node, found.marking), reads=_find_reads(desk, item),
            **_list_choices(found), **fields,
        )  # fmt: skip

    @get("/release/items/{item:str}")
    async def item_page(request: Request[Any, Any, Any], item: FromPath[str]) -> Response[Any]:
        return await show(request, item, is_opening=False)

    @get("/release/items/{item:str}/open")
    async def open_(request: Request[Any, Any, Any], item: FromPath[str]) -> Response[Any]:
        return await show(request, item, is_opening=True)

    @get("/release/items/{item:str}/now", opt={"is_quiet": True})
    async def item_now(request: Request[Any, Any, Any], item: FromPath[str]) -> Response[Any]:
        fields = {**make_words(desk, pages.titles), "item": find_item(desk, item)}
        return pages.render_live(request, "release_item_now.html", path=f"/release/items/{item}/now", **fields)

    @get("/release/items/{item:str}/files/{portion:str}", media_type="application/octet-stream")
    async def save(item: FromPath[str], portion: FromPath[str]) -> Stream:
        return await stream_attachment(desk, item, portion)

    return [item_page, open_, item_now, save]


def _find_reads(desk: Desk, item: str) -> list[ReadingShown]:
    """Return who read an item here, for whoever may look at that; nothing for anybody else (P48)."""
    try:
        for name in ACTING.get():
            check_may(desk.node, name, Act.INSPECT)
    except UsageError:
        return []
    return show_reads(desk, parse_id(item), 0)["reads"][:READ_COUNT]


def _list_choices(found: ItemRecord) -> dict[str, Any]:
    """Return what the forms of an item's page offer: words in the reader's language, and parties by what is open."""
    wanted = {row.request.recipient for row in found.onward if row.awaits}
    others = [row for row in found.outlook if not row["is_holder"] and row["party"] not in wanted]
    return {
        "refusals": list_terms(RefusalReason),
        "fates": list_terms(Fate),
        "copies_made": list_terms(CopiesMade),
        "recall_reasons": list_terms(RecallReason),
        "spillage_kinds": list_terms(SpillageKind),
        "spillage_results": list_terms(SpillageResult),
        "spillage_steps": list_terms(SpillageStep),
        "askable": [(row["party"], row["party"]) for row in others if row["answer"] == "needs-consent"],
        "free": [(row["party"], row["party"]) for row in others if row["answer"] == "permit"],
        "reported": sorted({row["holder"] for row in found.copies if row["is_reported"]}),
    }


def _find_ends(found: ItemRecord, read: ItemShown | None) -> list[int]:
    if read is not None:
        return read["expires_at"]
    return sorted({end for row in found.givings for end in row["expires_at"]})
