"""The officers' paths of exchange: import a file of another system's format, export what a consumer may have."""

import asyncio
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import MultiDict
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.importing import Importer
from comity.api.showcase import Showcase
from comity.api.views.exchange import ImportShown
from comity.base.errors import UsageError
from comity.exchange.marker import Wish
from comity.exchange.register import Register
from comity.exchange.stix_import import STIX_MEDIA
from comity.exchange.stix_read import BUNDLE_SIZE_BYTES_MAX
from comity.exchange.stix_write import write_export

__all__ = ["make_exchange_routes"]

WORD_COUNT_MAX: Final = 257
WORD_SIZE_MAX: Final = 257
"""One more than what is ever right, so that what was cut short is refused."""


def make_exchange_routes(importer: Importer, showcase: Showcase, register: Register) -> list[HTTPRouteHandler]:
    """Return the two paths."""

    @post(
        "/v1/import/{format_name:str}",
        summary="Import a file of another format, or preview what would become of it",
        description="Query: to (repeatable), topic (repeatable), level, caveat (repeatable), preview=true.",
        status_code=200,
        request_max_body_size=BUNDLE_SIZE_BYTES_MAX + 1,
    )
    async def import_(request: Request[Any, Any, Any], format_name: FromPath[str]) -> ImportShown:
        if not importer.reads(format_name):
            raise NotFoundException
        asked = request.query_params
        wish = Wish(_read_words(asked, "topic"), asked.get("level", "")[:WORD_SIZE_MAX], _read_words(asked, "caveat"))
        return await importer.take(
            await request.body(),
            format_=format_name,
            to=_read_words(asked, "to"),
            wish=wish,
            is_preview=asked.get("preview") == "true",
        )

    @get("/v1/export/stix/{name:str}", summary="What a consumer may have now, as a bundle of STIX 2.1")
    async def export(name: FromPath[str]) -> Response[bytes]:
        consumer = register.find(name)
        if consumer is None:
            raise UsageError("consumer.unknown", name=name[:40])
        catalogue = await showcase.list_stix(consumer)
        await showcase.record_read(consumer)
        raw = await asyncio.to_thread(write_export, [row.object for row in catalogue.rows])
        return Response(raw, media_type=STIX_MEDIA)

    return [import_, export]


def _read_words(asked: MultiDict[str], name: str) -> tuple[str, ...]:
    return tuple(sorted({word[:WORD_SIZE_MAX] for word in asked.getall(name, [])[:WORD_COUNT_MAX]}))
