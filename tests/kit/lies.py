"""Pages that a liar writes: rightly signed and wrong in one way; and pools of pages in which they lie hidden."""

import random
from typing import Any

import msgspec

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.journal.header import Feed, Header, JournalId, Kind, SeenHead
from comity.journal.statement import Succession, sign_statement
from kit.forgery import forge
from kit.history import Act, History, play
from kit.world import Member, World

__all__ = ["LIES", "draw_pool", "lie"]

LIES = (
    "previous", "number", "kind", "epoch", "seen-own", "seen-order", "seen-far", "seen-rival", "opening",
    "garbage-opening", "signature", "body", "root", "count", "journal", "clock", "twin", "byte", "other-journal",
    "cross", "format", "checkpoint", "published", "heir", "seen-false",
)  # fmt: skip


def lie(history: History, kind: str, which: int) -> bytes:
    """One page of the pool, made wrong in one way and signed by its author's newest key (rightly, for most)."""
    raw = history.pool[which % len(history.pool)]
    other = history.pool[(which * 7 + 3) % len(history.pool)]
    author = _find_author(history, raw)
    page, strange = author.parse(raw), author.parse(other)
    false = (Digest(b"\x01" * 32), author.parse(history.pool[(which * 5 + 1) % len(history.pool)]).journal)[which % 2]
    head = SeenHead(strange.journal, strange.header.number, strange.digest)
    heads = {
        "seen-own": (SeenHead(page.journal, 0, page.digest),),
        "seen-order": (head, head),
        "seen-far": (SeenHead(strange.journal, strange.header.number + which % 3, Digest(b"\x07" * 32)),),
        "seen-rival": (SeenHead(strange.journal, strange.header.number, Digest(bytes(32))),),
        "seen-false": (SeenHead(false, strange.header.number + which // 2 % 2, strange.digest),),
    }
    changes: dict[str, dict[str, Any]] = {
        "previous": {"previous": strange.digest},
        "number": {"number": page.header.number + 1 + which % 2},
        "kind": {"kind": Kind(which % 7)},
        "epoch": {"epoch": which % 3},
        "opening": {"opening": (author.certificate,)},
        "garbage-opening": {"opening": (b"\x93",) * (1 + which % 9)},
        "signature": {"secret": bytes(32)},
        "body": {"body": (b"", b"\x90", b"\x91\xc4\x01\x90", encode((1, bytes(32), 0, 1, ())))[which % 4]},
        "root": {"entries_root": bytes(32)},
        "count": {"entry_count": (0, 1, 2, 4097)[which % 4]},
        "journal": {"journal": _rename(page.header, which)},
        "clock": {"written_at": page.header.written_at - which * 1000},
        "twin": {"salt": bytes([which % 256]) * 32},
        "other-journal": {"journal": strange.header.journal},
        "format": {"format": 1 + which % 2, "suite": 1 + which // 2 % 2},
        "checkpoint": {"kind": Kind.CHECKPOINT, "body": _spoil_checkpoint(page.body, which)},
        "published": {"body": encode((encode(("RootStatementPublished", _succeed(author, which))),)), "entry_count": 1},
        "heir": {"opening": (_certify_by_heir(author),)},
        "cross": {"previous": strange.digest, "number": strange.header.number + 1},
        **{name: {"seen": seen} for name, seen in heads.items()},
    }
    if kind == "byte":
        place = which * 31 % len(raw)
        return raw[:place] + bytes([raw[place] ^ (1 + which % 255)]) + raw[place + 1 :]
    return forge(author, raw, **changes[kind])


def _spoil_checkpoint(body: bytes, which: int) -> bytes:
    return (body[:-1] + bytes([body[-1] ^ 1]) if body else b"", b"\x90", encode((b"\x93", bytes(3309))))[which % 3]


def _succeed(author: Member, which: int) -> bytes:
    """A succession to the root that the pact pins as next, or to one that nobody pinned."""
    world = author.world
    heir = world.next_roots[author.name if which % 3 else "KOR"].find_public(world.suite)
    body = Succession(world.lineage, author.name, heir.ed25519, heir.mldsa, bytes(32), 1)
    return sign_statement(body, author.root, suite=world.suite, ceremony=world.ceremony)


def _certify_by_heir(author: Member) -> bytes:
    """The author's certificate by its next root, which counts only where the succession is known."""
    root, author.root = author.root, author.world.next_roots[author.name]
    try:
        return author.certify()
    finally:
        author.root = root


def _find_author(history: History, raw: bytes) -> Member:
    members = history.world.parties
    return members[members["USA"].parse(raw).header.journal.author]


def _rename(header: Header, which: int) -> JournalId:
    fields: tuple[dict[str, Any], ...] = (
        {"lineage": bytes(32)},
        {"realm": "real"},
        {"audience": ("JPN", "KOR", "PRK", "USA")},
        {"incarnation": header.journal.incarnation + 1},
        {"feed": Feed.BULK},
        {"realm": "Real"},
    )
    return msgspec.structs.replace(header.journal, **fields[which % len(fields)])


def draw_pool(
    acts: list[Act], lies: list[tuple[str, int]], seed: int, keep: float, world: World | None = None
) -> tuple[History, list[bytes]]:
    """Play a history, add the lies, lose some pages, deliver some twice, in no order."""
    history = play(acts, world)
    draw = random.Random(seed)
    pool = [*history.pool, *(lie(history, kind, which) for kind, which in lies)]
    pool = [raw for raw in pool if draw.random() < keep]
    pool += draw.sample(pool, len(pool) // 4)
    draw.shuffle(pool)
    return history, pool
