"""Pages, and what stands in them: header, key page, checkpoint, published statements; and a ledger that judges them."""

import random
from functools import cache

import msgspec

from comity.base.encoding import encode
from comity.crypto.label import digest, label
from comity.journal.header import Kind, Page, parse_header, parse_page
from comity.journal.keypage import parse_checkpoint, parse_key_body
from comity.journal.published import find_statements
from comity.rehearsal.standin import StandInSuite
from fuzz.change import change_blindly, change_message
from fuzz.door import Door
from fuzz.vectors import SUITE, find_seeds
from kit.forgery import restore
from kit.history import Act, play
from kit.second_opinion import new_ledger
from kit.world import World

__all__ = ["DOORS", "change_page", "find_openings", "find_world"]

FIELD_OF_JOURNAL, FIELD_OF_BODY_DIGEST = 4, 11


def _read_page(raw: bytes) -> Page:
    page = parse_page(raw, SUITE)
    find_statements(page)
    if page.header.kind is Kind.KEYS:
        parse_key_body(page)
    if page.header.kind is Kind.CHECKPOINT:
        parse_checkpoint(page)
    return page


def _find_parts(index: int) -> list[bytes]:
    """The headers (0) or bodies (2) of the vectors' pages."""
    pages = [msgspec.msgpack.decode(raw) for raw in find_seeds("page")[:40] if raw[:1] == b"\x93"]
    return [
        page[index] for page in pages if isinstance(page, list) and len(page) == 3 and isinstance(page[index], bytes)
    ]


def _find_page(kind: int) -> bytes:
    return next(raw for raw in find_seeds("page") if raw[:1] == b"\x93" and parse_page(raw, SUITE).header.kind == kind)


def _put_body(kind: Kind, body: bytes) -> Page:
    """A page of a kind with another body, rightly digested."""
    good = parse_page(_find_page(kind), SUITE)
    header = msgspec.structs.replace(good.header, body_digest=digest(SUITE, "body", body))
    return parse_page(encode((encode(header), bytes(64), body)), SUITE)


@cache
def find_world() -> tuple[World, tuple[bytes, ...]]:
    """Parties who have spoken, forked and begun again, and every page of it."""
    acts = [
        Act("say", 2, 2, 0), Act("deliver", 1, 0, 0), Act("see", 1, 2, 0), Act("say", 1, 0, 0), Act("epoch", 2, 2, 0),
        Act("say", 2, 2, 0), Act("fork", 2, 2, 2), Act("checkpoint", 2, 2, 0), Act("incarnate", 1, 0, 1),
        Act("say", 1, 2, 0),
    ]  # fmt: skip
    history = play(acts)
    return history.world, tuple(history.pool)


def change_page(raw: bytes, draw: random.Random) -> bytes:
    """Change a page and, most times, mend its body digest and have its author sign it: what a liar can send."""
    try:
        header_raw, signature, body = msgspec.msgpack.decode(raw, type=tuple[bytes, bytes, bytes])
        header = msgspec.msgpack.decode(header_raw, type=list[object])
    except (msgspec.DecodeError, ValueError):
        return change_blindly(raw, draw)
    if draw.randrange(8) == 0:
        return change_message(raw, draw)
    if draw.randrange(3):
        header_raw = change_message(header_raw, draw)
    else:
        body = change_message(body, draw)
    try:
        header = msgspec.msgpack.decode(header_raw, type=list[object])
        header[FIELD_OF_BODY_DIGEST] = digest(StandInSuite(), "body", body)
        header_raw = msgspec.msgpack.encode(header)
        author = find_world()[0].parties[header[FIELD_OF_JOURNAL][3]]  # type: ignore[index]
    except (msgspec.DecodeError, ValueError, IndexError, KeyError, TypeError, OverflowError):
        return encode((header_raw, signature, body))
    return encode(
        (header_raw, author.world.suite.sign(secret=author.secrets.node, message=label("page") + header_raw), body)
    )


def _judge(raw: bytes) -> None:
    """A ledger that has some of the world's pages answers any bytes with a verdict, and goes on."""
    world, pool = find_world()
    ledger = new_ledger(world, None)
    for page in (*pool[:3], *pool[len(raw) % len(pool) :]):
        ledger.accept(page)
    ledger.accept(raw)
    for page in pool:
        ledger.accept(page)
    for placed in (placed for book in ledger.books() for placed in book.pages()):
        ledger.find_standing(placed)
    list(ledger.find_missing())
    list(ledger.held())


def _take(raw: bytes) -> None:
    """A reader opens what it accepts."""
    world, pool = find_world()
    reader = restore(world.parties["JPN"], pool[:5])
    reader.take(raw)


DOORS = (
    Door("page", _read_page, lambda: find_seeds("page")),
    Door("header", lambda raw: parse_header(raw, evidence=raw), lambda: _find_parts(0)),
    Door(
        "key-page",
        lambda raw: parse_key_body(_put_body(Kind.KEYS, raw)),
        lambda: [parse_page(_find_page(1), SUITE).body],
    ),
    Door(
        "checkpoint",
        lambda raw: parse_checkpoint(_put_body(Kind.CHECKPOINT, raw)),
        lambda: [parse_page(_find_page(4), SUITE).body],
    ),
    Door("ledger", _judge, lambda: find_world()[1], change_page),
    Door("reader", _take, lambda: find_world()[1], change_page),
)


def find_openings() -> list[bytes]:
    """The root statements in the vectors' pages."""
    found: dict[bytes, None] = {}
    for raw in _find_parts(0):
        header = msgspec.msgpack.decode(raw)
        if isinstance(header, list) and len(header) == 15:
            found |= dict.fromkeys(statement for statement in header[14] if isinstance(statement, bytes))
    return list(found)
