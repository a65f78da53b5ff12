"""A feed for MISP: the manifest and the events that one consumer may have, as a stock MISP reads a feed of its format.

Everything is made from the consumer's own view, at the moment of asking (docs/spec/exchange.md, X28).
"""

import asyncio
import json
from typing import Any, Final

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.doorkeeper import CONSUMER, get_consumer
from comity.api.showcase import Showcase
from comity.exchange.consumer import Format
from comity.exchange.misp_write import OutEvent, list_manifest

__all__ = ["make_misp_feed"]

_ACCESS: Final = {"access": CONSUMER, "format": Format.MISP}


def make_misp_feed(showcase: Showcase) -> list[HTTPRouteHandler]:
    """Return the two paths of the feed."""

    @get("/feeds/misp/manifest.json", summary="The events that this consumer may have", opt=dict(_ACCESS))
    async def manifest(request: Request[Any, Any, Any]) -> Response[bytes]:
        consumer = get_consumer(request)
        events = await showcase.list_events(consumer)
        await showcase.record_polled(consumer, (item for event in events for item in event.items))
        return Response(await asyncio.to_thread(list_manifest, events), media_type="application/json")

    @get("/feeds/misp/{file:str}", summary="One event", opt=dict(_ACCESS))
    async def event(request: Request[Any, Any, Any], file: FromPath[str]) -> Response[bytes]:
        consumer = get_consumer(request)
        events = await showcase.list_events(consumer)
        found = next((one for one in events if file == f"{one.uuid}.json"), None)
        if found is None:
            raise NotFoundException
        await showcase.record_polled(consumer, found.items)
        raw = await asyncio.to_thread(_write, found)
        return Response(raw, media_type="application/json")

    return [manifest, event]


def _write(event: OutEvent) -> bytes:
    return json.dumps({"Event": event.fields}, ensure_ascii=False).encode("utf-8", "replace")
