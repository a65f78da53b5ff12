"""The path of the event stream: server-sent events, from a position on."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Annotated, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from comity.api.desk import Desk
from comity.api.events.told import Told
from comity.api.views.standing import Here
from comity.node.node import Node
from comity.node.powers import ACTING

__all__ = ["EVENT_STREAM", "make_event_routes", "write_events"]

EVENT_STREAM: Final = "text/event-stream"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LastSeen = Annotated[str, HeaderParameter(name="Last-Event-ID", max_length=64)]
After = Annotated[str, QueryParameter(max_length=64)]


def make_event_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the stream, and the position of now."""

    @get("/v1/events", summary="What happens at this node, as it happens, from a position on", media_type=EVENT_STREAM)
    async def events(last_seen: LastSeen = "", after: After = "") -> Stream:
        officers = ACTING.get()
        may_listen = make_may_listen(desk.node, officers)
        batches = desk.bulletin.listen(last_seen or after, officer="".join(officers[:1]), may_listen=may_listen)
        stream = write_events(batches)
        return Stream(stream, media_type=EVENT_STREAM, headers=dict(_HEADERS))

    @get("/v1/events/position", summary="The position of now, to listen from after looking at views")
    async def position() -> Here:
        return {"position": await desk.bulletin.find_position()}

    return [events, position]


def write_events(batches: AsyncGenerator[tuple[Told, ...], None]) -> AsyncIterator[bytes]:
    """Return the events as they go over the wire; see `Bulletin.listen`."""

    async def write() -> AsyncIterator[bytes]:
        async with aclosing(batches):
            async for batch in batches:
                yield b"".join(told.raw for told in batch)

    return write()


def make_may_listen(node: Node, officers: tuple[str, ...]) -> Callable[[], bool]:
    """Return what tells whether the officer of this request, if it has one, is one still, under the same token."""
    kept = {name: node.officers.read().find(name) for name in officers}

    def may_listen() -> bool:
        for name, before in kept.items():
            officer = node.officers.read().find(name)
            if before is None or officer is None or officer.kept != before.kept or not officer.is_valid(node.now()):
                return False
        return True

    return may_listen
