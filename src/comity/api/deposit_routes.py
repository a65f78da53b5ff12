"""The officers' paths about deposits: what consumers put in and what waits for one of them (X54)."""

import asyncio
from typing import Annotated

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.taxii_adding import Receptions
from comity.api.views.exchange import DepositTaken
from comity.exchange.deposit import Deposit
from comity.exchange.stix_import import STIX_MEDIA

__all__ = ["make_deposit_routes"]

Preview = Annotated[bool, QueryParameter()]


def make_deposit_routes(receptions: Receptions) -> list[HTTPRouteHandler]:
    """Return the paths."""

    @get("/v1/deposits", summary="What systems put in: what waits for an officer, and what became of the rest")
    async def deposits() -> list[Deposit]:
        return list(receptions.deposits.list())

    @get("/v1/deposits/{deposit:str}", summary="What waits, as it came", media_type=STIX_MEDIA)
    async def read(deposit: FromPath[str]) -> Response[bytes]:
        raw = await asyncio.to_thread(receptions.deposits.read, receptions.deposits.get(deposit))
        return Response(raw, media_type=STIX_MEDIA)

    @post("/v1/deposits/{deposit:str}/take", summary="Import what waits, or preview it", status_code=200)
    async def take(deposit: FromPath[str], preview: Preview = False) -> DepositTaken:
        return await receptions.import_deposit(deposit, is_preview=preview)

    @post("/v1/deposits/{deposit:str}/refuse", summary="Refuse what waits: nothing of it is kept", status_code=200)
    async def refuse(deposit: FromPath[str]) -> Deposit:
        return await receptions.refuse(deposit)

    return [deposits, read, take, refuse]
