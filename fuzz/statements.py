"""Root statements and cards, changed and signed anew by the root they speak for."""

import random

import msgspec

from comity.base.encoding import encode
from comity.crypto.label import label
from comity.journal.card import parse_card
from comity.journal.statement import ROOT_CONTEXT, parse_statement
from comity.journal.trust import Trust
from fuzz.change import change_message
from fuzz.door import Door
from fuzz.pages import find_openings, find_world
from fuzz.vectors import SUITE, find_pins, find_seeds

__all__ = ["DOORS"]


def _believe(raw: bytes) -> None:
    parse_statement(raw)
    Trust(find_pins(), SUITE).learn([raw])


def _believe_root(raw: bytes) -> None:
    """A body that a pinned root signed, whatever it says, between two of another party's."""
    world, _ = find_world()
    usa, kor = world.parties["USA"], world.parties["KOR"]
    signed = encode(
        (
            raw,
            world.suite.sign(secret=usa.root.ed25519, message=label("root") + raw),
            world.ceremony.sign_mldsa(secret=usa.root.mldsa, message=raw, context=ROOT_CONTEXT),
        )
    )
    trust = Trust(world.pins, world.suite)
    trust.learn([kor.certificate, signed, usa.certificate])
    assert trust.find_certificates("KOR", 1) or trust.find_certificates("KOR", 0)
    trust.find_newest("USA")
    trust.find_links("USA")
    parse_statement(signed)


def _find_bodies() -> list[bytes]:
    """The bodies of the world's and of the vectors' statements."""
    statements = [
        *find_openings(),
        *find_seeds("statement"),
        *(m.certificate for m in find_world()[0].parties.values()),
    ]
    bodies = [msgspec.msgpack.decode(raw) for raw in statements if raw[:1] == b"\x93"]
    return [body[0] for body in bodies if isinstance(body, list) and isinstance(body[0], bytes)]


def _change_body(raw: bytes, draw: random.Random) -> bytes:
    """Most bodies are of the world's pact and realm."""
    world, _ = find_world()
    changed = change_message(raw, draw)
    try:
        value = msgspec.msgpack.decode(changed, type=list[object])
    except (msgspec.DecodeError, ValueError):
        return changed
    if len(value) > 3 and draw.randrange(6):
        value[1] = world.lineage
        value[2] = world.realm if value[0] != "succession" else value[2]
        value[3] = draw.choice(("USA", value[3]))
    return msgspec.msgpack.encode(value)


DOORS = (
    Door("statement", _believe, lambda: (*find_seeds("statement"), *find_openings())),
    Door("root", _believe_root, _find_bodies, _change_body),
    Door("card", lambda raw: parse_card(raw, SUITE), lambda: find_seeds("card")),
)
