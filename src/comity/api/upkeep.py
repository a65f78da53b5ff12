"""What an operator asks of a running node that is neither a statement nor a view of the record."""

import asyncio

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.upkeep_view import show_node
from comity.api.views.standing import StoreCopy
from comity.api.views.upkeep import NodeShown

__all__ = ["make_upkeep"]


def make_upkeep(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the acts of upkeep."""
    turn = asyncio.Lock()

    @post("/v1/store/copy", summary="Copy the store, as it is at one instant, into a file beside it", status_code=201)
    async def copy_store() -> StoreCopy:
        # In a thread: commits go on in between, and one copy at a time is enough.
        async with turn:
            copy = await asyncio.to_thread(desk.node.store.make_copy)
        return {"file": copy.name, "size_bytes": copy.stat().st_size}

    @get("/v1/node", summary="What the node runs on: versions, disk, store, backup, keys and epochs")
    async def about() -> NodeShown:
        return show_node(desk)

    return [copy_store, about]
