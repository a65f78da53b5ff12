"""What a peer's node, or its server, sends over a link: page requests, answers, blobs in pieces, authorities."""

import asyncio
import contextlib
from unittest import mock

import msgspec
import nats.errors

from comity.crypto.link import LinkPublic
from comity.crypto.tls import check_authority, issue_authority
from comity.node.blob_answer import cut_blob, join_blob
from comity.node.pages import Answer, cut_answer, decode_page_request, encode_page_request
from comity.node.wire import _Client
from fuzz.change import change_blindly
from fuzz.door import Door
from fuzz.vectors import find_seeds

__all__ = ["DOORS", "find_messages"]


def find_messages(raw: bytes) -> list[bytes]:
    """The bytes as a row of messages: a MessagePack array of bins, else one message."""
    try:
        return msgspec.msgpack.decode(raw, type=list[bytes])
    except (msgspec.DecodeError, ValueError):
        return [raw]


def _answer(raw: bytes) -> None:
    """Messages until one says that it is the last, as a node takes them."""
    answer = Answer()
    for message in find_messages(raw):
        if answer.add(message):
            break


def _find_answers() -> list[bytes]:
    pages = find_seeds("page")[:6]
    return [msgspec.msgpack.encode(list(cut_answer(given))) for given in ((), pages[:1], pages, pages * 12)]


def _find_blobs() -> list[bytes]:
    return [msgspec.msgpack.encode(list(cut_blob(given))) for given in ((b"blob", (b"wrap", b"other")), (b"", ()))]


def _check_authority(raw: bytes) -> None:
    """What a root certifies as a peer's authority: at most 1,024 bytes, one permitted form."""
    check_authority(raw)
    LinkPublic(bytes(32), raw)


def _read_wire(raw: bytes) -> None:
    """The bytes of a peer's server, as they come over the connection."""

    async def feed() -> None:
        parser = _Client(lambda: None)._ps
        for at in range(0, len(raw), 32_768):
            await parser.parse(raw[at : at + 32_768])

    # The server's own errors end a connection that this client never had, in a task that nobody waits for.
    with contextlib.suppress(nats.errors.ProtocolError), mock.patch.object(_Client, "_process_err", _hear):
        asyncio.run(feed())


async def _hear(_client: object, _error: str) -> None:
    pass


WIRE = (
    b'INFO {"server_id":"x","max_payload":1048576,"headers":true,"connect_urls":["a:1"]}\r\n',
    b"MSG subject 7 reply 5\r\nhello\r\n",
    b"HMSG subject 7 12 17\r\nNATS/1.0\r\n\r\nhello\r\n",
    b"-ERR 'Authorization Violation'\r\n+OK\r\n",
    b"PING\r\nPONG\r\n",
)

DOORS = (
    Door("wire", _read_wire, lambda: WIRE, change_blindly),
    Door("page-request", decode_page_request, lambda: [encode_page_request(bytes(32), first=1, last=7)]),
    Door("page-answer", _answer, _find_answers),
    Door("blob-answer", lambda raw: join_blob(find_messages(raw)), _find_blobs),
    Door("authority", _check_authority, lambda: [issue_authority(bytes(32))], change_blindly),
)
