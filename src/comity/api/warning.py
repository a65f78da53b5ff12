"""The warning picture, as the node's warning process gives it: relayed, never folded here (docs/spec/warning.md, W37).

Rules
- Whoever looks takes a place among the streams, with the bounds of each officer and session (docs/adr/0069).
- One who reads too slowly fills his own connection and is cut off by the warning process; nobody waits for him.
- Whether he may still look is asked before each piece.
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any, Final, cast

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from comity.api.desk import Desk
from comity.api.views.warning import EndRow, MemberRow, ObjectRow, PartyDelay, PictureRows, PlaceRow
from comity.base.errors import OutageError, make_error
from comity.base.limits import INSTANT_MS_MAX
from comity.node.feed.door_socket import NO_FRAME, connect

__all__ = [
    "At", "EndRow", "MemberRow", "Minutes", "ObjectRow", "PartyDelay", "PictureRows", "PlaceRow", "find_picture",
    "make_warning_routes", "read_trails", "relay_frames",
]  # fmt: skip

CHUNK_SIZE_BYTES: Final = 256 * 1024
ANSWER_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024

At = Annotated[int | None, QueryParameter(ge=0, le=INSTANT_MS_MAX, description="an earlier instant, in milliseconds")]
Minutes = Annotated[int, QueryParameter(ge=1, le=180)]


def make_warning_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the picture as rows, for programs."""

    @get("/v1/warning/picture", summary="The warning picture: objects, who reports each, on what terms, how late")
    async def picture(at: At = None) -> Response[PictureRows]:
        raw = await _ask(desk, do="picture", at=at)
        return Response(cast("PictureRows", raw), media_type="application/json")

    return [picture]


async def find_picture(desk: Desk, at: int | None = None) -> PictureRows:
    """Return the picture of now, or of an earlier instant of the last day, as rows.

    Raises:
        OutageError: `warning.not-running`, `warning.busy`.
        UsageError: `warning.not-kept`.
    """
    found: PictureRows = msgspec.json.decode(await _ask(desk, do="picture", at=at))
    return found


async def read_trails(desk: Desk, minutes: int) -> bytes:
    """Return where what is shown was within so many minutes, as a trail frame (`comity.warning.trails`).

    Raises:
        OutageError: `warning.not-running`, `warning.busy`.
    """
    return await _ask(desk, do="trails", minutes=minutes)


async def relay_frames(
    desk: Desk, *, at: int | None, officer: str, session: str, may_look: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Return the frames of the picture, as long as somebody reads and may look; of an earlier instant, one.

    Raises:
        OutageError: `warning.not-running`, `warning.busy`, `events.too-many`; before the first byte.
        UsageError: `warning.not-kept`, `events.too-many-of-one`; before the first byte.
    """
    pieces = _relay(desk, {"do": "frames", "at": at}, officer=officer, session=session, may_look=may_look)
    first = await anext(pieces, b"")

    async def go_on() -> AsyncIterator[bytes]:
        async with contextlib.aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    return go_on()


async def _relay(
    desk: Desk, asked: dict[str, Any], *, officer: str, session: str, may_look: Callable[[], bool]
) -> AsyncGenerator[bytes, None]:
    with desk.bulletin.hold_place(officer=officer, session=session) as is_over:
        try:
            async with connect(_find_folder(desk)) as (reader, writer):
                writer.write(msgspec.json.encode(asked) + b"\n")
                begin = await reader.readexactly(len(NO_FRAME))
                if begin == NO_FRAME:
                    raise make_error(msgspec.json.decode(await reader.readline())["code"])
                yield begin
                while (piece := await reader.read(CHUNK_SIZE_BYTES)) and may_look() and not is_over():
                    yield piece
        except (OSError, EOFError, msgspec.DecodeError) as error:
            raise OutageError("warning.not-running") from error


async def _ask(desk: Desk, **asked: object) -> bytes:
    """Ask one thing, and return all that is answered."""
    try:
        async with connect(_find_folder(desk)) as (reader, writer):
            writer.write(msgspec.json.encode(asked) + b"\n")
            parts, size = [], 0
            while piece := await reader.read(CHUNK_SIZE_BYTES):
                parts.append(piece)
                size += len(piece)
                if size > ANSWER_SIZE_BYTES_MAX:
                    raise OutageError("warning.not-running")
    except OSError as error:
        raise OutageError("warning.not-running") from error
    raw = b"".join(parts)
    if not raw:
        raise OutageError("warning.not-running")
    line = raw.removeprefix(NO_FRAME)
    if line.startswith(b'{"code":'):
        raise make_error(msgspec.json.decode(line)["code"])
    return raw


def _find_folder(desk: Desk) -> Path:
    if desk.folder is None:
        raise OutageError("warning.not-running")
    return desk.folder
