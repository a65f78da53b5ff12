"""The officers' paths about deposits: what consumers put in and what waits for one of them (X54)."""

import asyncio
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.form import simplify
from comity.api.taxii_adding import Receptions
from comity.exchange.stix_import import STIX_MEDIA

__all__ = ["make_deposit_routes"]

View = dict[str, Any]
Preview = Annotated[bool, QueryParameter()]


def make_deposit_routes(receptions: Receptions) -> list[HTTPRouteHandler]:
    """Return the paths."""

    @get("/v1/deposits", summary="What systems put in: what waits for an officer, and what became of the rest")
    async def deposits() -> list[Any]:
        return [simplify(one) for one in receptions.deposits.list()]

    @get("/v1/deposits/{deposit:str}", summary="What waits, as it came", media_type=STIX_MEDIA)
    async def read(deposit: FromPath[str]) -> Response[bytes]:
        raw = await asyncio.to_thread(receptions.deposits.read, receptions.deposits.get(deposit))
        return Response(raw, media_type=STIX_MEDIA)

    @post("/v1/deposits/{deposit:str}/take", summary="Import what waits, or preview it", status_code=200)
    async def take(deposit: FromPath[str], preview: Preview = False) -> View:
        return await receptions.import_deposit(deposit, is_preview=preview)

    @post("/v1/deposits/{deposit:str}/refuse", summary="Refuse what waits: nothing of it is kept", status_code=200)
    async def refuse(deposit: FromPath[str]) -> Any:
        return simplify(await receptions.refuse(deposit))

    return [deposits, read, take, refuse]
