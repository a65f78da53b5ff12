"""Files in and out at a node's desk: handed in to be attached, and read from an item; both as a stream."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Request, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.views.basic import Done
from comity.api.views.items import Attached
from comity.base.errors import UsageError
from comity.base.limits import ATTACHMENT_SIZE_BYTES_MAX
from comity.node.reads import Wanted

__all__ = ["BODY_SIZE_BYTES_MAX", "make_attachment_files", "stream_attachment"]

BODY_SIZE_BYTES_MAX: Final = ATTACHMENT_SIZE_BYTES_MAX + 1
"""One byte more than the largest file, so that one that is too large is refused by its own code."""

Name = Annotated[str, QueryParameter(min_length=1, max_length=200)]


def make_attachment_files(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the files of items, in and out."""

    @post(
        "/v1/attachments",
        summary="Hand in a file to be attached to an item",
        status_code=201,
        request_max_body_size=BODY_SIZE_BYTES_MAX,
    )
    async def take(request: Request[Any, Any, Any], name: Name) -> Attached:
        upload = await desk.items.uploads.take(request.stream(), name=name)
        return {"attachment": upload.id.hex(), "name": name, "size_bytes": upload.attachment.size_bytes}

    @delete("/v1/attachments/{attachment:str}", summary="Drop a file that was handed in", status_code=200)
    async def drop(attachment: FromPath[str]) -> Done:
        desk.items.uploads.drop(parse_id(attachment))
        return {}

    @get(
        "/v1/items/{item:str}/attachments/{portion:str}",
        summary="The attachment in a portion of an item, verified as it is read",
        media_type="application/octet-stream",
    )
    async def read(item: FromPath[str], portion: FromPath[str]) -> Stream:
        return await stream_attachment(desk, item, portion)

    return [take, drop, read]


async def stream_attachment(desk: Desk, item: str, portion: str) -> Stream:
    """Return a file of an item, verified as it is read; that it is read is on the record first (P48).

    Raises:
        UsageError: `api.malformed`, `item.not-here`; as `Attachments.read`.
        OutageError: `attachment.not-here`, `item.read-unrecorded`.
    """
    digest, number = parse_id(item), _parse_number(portion)
    found = desk.node.attachments.read(digest, number)
    attachment, read_chunk = found.attachment, found.read_chunk
    first = read_chunk(0)
    await desk.items.reads.record([Wanted(digest, found.banner, (number,))])

    async def content() -> AsyncIterator[bytes]:
        yield first
        for number in range(1, len(attachment.chunks)):
            yield read_chunk(number)

    headers = {
        "Content-Length": str(attachment.size_bytes),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return Stream(content(), media_type="application/octet-stream", headers=headers)


def _parse_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len("255")):
        raise UsageError("api.malformed")
    return int(text)
