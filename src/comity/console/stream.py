"""The stream of one console tab: what happens at the node, as it happens, for as long as the session is open.

What goes over it is what the API's stream tells (docs/adr/0052): references and no text. Pages renew themselves on it.
The session is looked at again before anything is told, a heartbeat too: one that has locked or ended hears nothing
more.
"""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from comity.api.desk import Desk
from comity.api.events.routes import EVENT_STREAM, write_events
from comity.base.errors import OutageError
from comity.console.gate import Gate
from comity.console.visit import get_visit

__all__ = ["STREAM_COUNT_OF_ONE_MAX", "STREAM_PATH", "make_stream"]

STREAM_PATH: Final = "/watch/stream"
STREAM_COUNT_OF_ONE_MAX: Final = 8
"""Streams of one session at once. Tabs of one browser share one, so that none takes the connections of another."""

LastSeen = Annotated[str, HeaderParameter(name="Last-Event-ID", max_length=64)]
After = Annotated[str, QueryParameter(max_length=64)]


def make_stream(desk: Desk, gate: Gate) -> HTTPRouteHandler:
    """Return the route."""
    open_count: Counter[str] = Counter()

    @get(STREAM_PATH, opt={"is_quiet": True, "is_stream": True}, media_type=EVENT_STREAM)
    async def stream(request: Request[Any, Any, Any], last_seen: LastSeen = "", after: After = "") -> Stream:
        visit = get_visit(request)
        if open_count[visit.secret] >= STREAM_COUNT_OF_ONE_MAX:
            raise OutageError("events.too-many", count_max=STREAM_COUNT_OF_ONE_MAX)
        events = write_events(desk.bulletin, last_seen or after, lambda: gate.is_open(visit))

        async def count() -> AsyncIterator[bytes]:
            open_count[visit.secret] += 1
            try:
                async for batch in events:
                    yield batch
            finally:
                open_count[visit.secret] -= 1
                open_count.pop(visit.secret, None) if not open_count[visit.secret] else None

        return Stream(count(), media_type=EVENT_STREAM, headers={"X-Accel-Buffering": "no"})

    return stream
