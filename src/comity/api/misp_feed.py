"""A feed for MISP: the manifest and the events that one consumer may have, as a stock MISP reads a feed of its format.

Everything is made from the consumer's own view, at the moment of asking (docs/spec/exchange.md, X28).
"""

import json
from typing import Any, Final

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.doorkeeper import CONSUMER, get_consumer
from comity.api.showcase import Showcase
from comity.exchange.consumer import Format
from comity.exchange.misp_write import list_manifest

__all__ = ["make_misp_feed"]

_ACCESS: Final = {"access": CONSUMER, "format": Format.MISP}


def make_misp_feed(showcase: Showcase) -> list[HTTPRouteHandler]:
    """Return the two paths of the feed."""

    @get("/feeds/misp/manifest.json", summary="The events that this consumer may have", opt=dict(_ACCESS))
    async def manifest(request: Request[Any, Any, Any]) -> Response[bytes]:
        events = await showcase.list_events(get_consumer(request))
        return Response(list_manifest(events), media_type="application/json")

    @get("/feeds/misp/{file:str}", summary="One event", opt=dict(_ACCESS))
    async def event(request: Request[Any, Any, Any], file: FromPath[str]) -> Response[bytes]:
        events = await showcase.list_events(get_consumer(request))
        found = next((one for one in events if file == f"{one.uuid}.json"), None)
        if found is None:
            raise NotFoundException
        raw = json.dumps({"Event": found.fields}, ensure_ascii=False).encode("utf-8", "replace")
        return Response(raw, media_type="application/json")

    return [manifest, event]
