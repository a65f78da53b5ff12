"""What a peer's node, or its server, sends over a link: page requests, answers, blobs in pieces, authorities."""

import msgspec

from comity.crypto.link import LinkPublic
from comity.crypto.tls import check_authority, issue_authority
from comity.node.blob_answer import cut_blob, join_blob
from comity.node.pages import Answer, cut_answer, decode_page_request, encode_page_request
from fuzz.change import change_blindly
from fuzz.door import Door
from fuzz.vectors import find_seeds

__all__ = ["DOORS"]


def _find_messages(raw: bytes) -> list[bytes]:
    """The bytes as a row of messages: a MessagePack array of bins, else one message."""
    try:
        return msgspec.msgpack.decode(raw, type=list[bytes])
    except (msgspec.DecodeError, ValueError):
        return [raw]


def _answer(raw: bytes) -> None:
    """Messages until one says that it is the last, as a node takes them."""
    answer = Answer()
    for message in _find_messages(raw):
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


DOORS = (
    Door("page-request", decode_page_request, lambda: [encode_page_request(bytes(32), first=1, last=7)]),
    Door("page-answer", _answer, _find_answers),
    Door("blob-answer", lambda raw: join_blob(_find_messages(raw)), _find_blobs),
    Door("authority", _check_authority, lambda: [issue_authority(bytes(32))], change_blindly),
)
