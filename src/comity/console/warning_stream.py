"""The warning picture for a map: frames as a stream of bytes, and trails (docs/spec/warning.md, W37, W39).

For every officer who is signed in; a console that is locked, or a session that has ended, is given nothing more.
"""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from comity.api.desk import Desk
from comity.api.warning import At, Minutes, read_trails, relay_frames
from comity.console.gate import Gate
from comity.console.visit import get_visit

__all__ = ["make_warning_streams"]

BINARY: Final = "application/octet-stream"


def make_warning_streams(desk: Desk, gate: Gate) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/warning/frames", opt={"is_quiet": True, "is_stream": True}, media_type=BINARY)
    async def frames(request: Request[Any, Any, Any], at: At = None) -> Stream:
        visit = get_visit(request)
        pieces = await relay_frames(
            desk, at=at, officer=visit.officer, session=visit.mark, may_look=lambda: gate.find_open(visit) is True
        )
        return Stream(pieces, media_type=BINARY, headers={"X-Accel-Buffering": "no"})

    @get("/warning/trails", opt={"is_quiet": True}, media_type=BINARY)
    async def trails(minutes: Minutes = 60) -> Response[bytes]:
        return Response(await read_trails(desk, minutes), media_type=BINARY)

    return [frames, trails]
