"""The paths of the API about items; what each does is a function of `comity.api.items`."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from comity.api import items as acts
from comity.api.composing import compose
from comity.api.desk import Desk
from comity.api.paging import cut_page
from comity.api.shape import Composing, Sharing
from comity.api.views.basic import Decided
from comity.api.views.items import Composed, GivingShown, ItemShown, Shared

__all__ = ["make_item_acts", "make_item_views"]


def make_item_views(desk: Desk) -> list[HTTPRouteHandler]:
    """Return what can be looked at."""

    @get("/v1/items", summary="Items given by or to this party")
    async def items() -> list[GivingShown]:
        return acts.list_items(desk.node, cut=cut_page)

    @get("/v1/items/{item:str}", summary="One item, opened and verified")
    async def item(item: FromPath[str]) -> ItemShown:
        return await acts.read_item(desk.node, desk.items, item)

    return [items, item]


def make_item_acts(desk: Desk) -> list[HTTPRouteHandler]:
    """Return what can be stated."""

    @post("/v1/items", summary="Share an item, or preview who would get it and why", status_code=201)
    async def share(data: JSONBody[Sharing]) -> Shared | Decided:
        return await acts.share(desk.node, desk.items, data)

    @post("/v1/items/compose", summary="Tear a draft into items for several parties, or preview them", status_code=201)
    async def compose_(data: JSONBody[Composing]) -> Composed:
        return await compose(desk.node, desk.items, data)

    return [share, compose_]
