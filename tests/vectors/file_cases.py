"""Vectors of disclosures, bundles and cards."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from comity.base.encoding import encode
from comity.crypto.label import label, u32
from comity.journal.bundle import BundleHead, seal_bundle, write_bundle
from comity.journal.card import Card, CardLinks, find_fingerprint, sign_card
from comity.journal.disclosure import disclose
from kit.forgery import genesis_of
from kit.vector import Json
from vectors.workshop import WORDS, Workshop, file_case

__all__ = ["FILES"]


def _disclosure(shows: str, code: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[Workshop], Json]:
    def build(shop: Workshop) -> Json:
        usa = shop.usa
        said = usa.parse(usa.say(usa.journal("JPN"), WORDS, b"\x92\xa4Said\xa5other", b"\x92\xa4Said\xa5third")[-1])
        raw = disclose(said, index=1, epoch_key=usa.epochs[said.journal][1], suite=shop.world.suite)
        changed = encode(change(msgspec.msgpack.decode(raw)))
        keys = [key.hex() for key in usa.ledger.trust.find_node_keys("USA")]
        case = file_case("disclosure", changed, clause="S7", shows=shows, code=code, node_keys=keys)
        return {**case, "gives": [] if code else [b"\x92\xa4Said\xa5other".hex()]}

    return build


def _write(shop: Workshop) -> bytes:
    head = BundleHead(1, shop.world.lineage, shop.world.realm, "USA", 1_702_855_440_000)
    return write_bundle(shop.world.suite, head, pacts=(b"pact",), pages=[genesis_of(shop.usa), *shop.say("JPN")])


def _bundle(shows: str, code: str, change: Callable[[bytes], bytes]) -> Callable[[Workshop], Json]:
    def build(shop: Workshop) -> Json:
        raw = _write(shop)
        case = file_case("bundle", change(raw), clause="J20", shows=shows, code=code)
        if code:
            return case
        pages = [raw.hex() for raw in shop.usa.raws if shop.usa.parse(raw).header.journal.author == "USA"]
        return {**case, "gives": pages}

    return build


def _newer(_raw: bytes) -> bytes:
    frame = encode(("head", encode((2, "whatever version 2 says"))))
    content = u32(len(frame)) + frame
    end = encode(("end", encode((1, hashlib.sha256(label("bundle") + content).digest()))))
    return b"COMITYB1" + content + u32(len(end)) + end


def _sealed(
    shows: str, code: str, change: Callable[[bytes], bytes], *, reader: str = "JPN"
) -> Callable[[Workshop], Json]:
    def build(shop: Workshop) -> Json:
        raw = _write(shop)
        public = shop.world.suite.public_of_receiving(shop.world.parties[reader].secrets.receiving)
        sealed = seal_bundle(raw, public=public, suite=shop.world.suite, ceremony=shop.ceremony)
        case = file_case("sealed-bundle", change(sealed), clause="J21", shows=shows, code=code)
        return {**case, "gives": [] if code else [raw.hex()]}

    return build


def _flip_last(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


def _flip_wrap(raw: bytes) -> bytes:
    """Flip a bit at the end of the wrapped key: the first frame is 8 + 4 bytes in, and says its own length."""
    end = 12 + int.from_bytes(raw[8:12], "big")
    return raw[: end - 1] + bytes([raw[end - 1] ^ 1]) + raw[end:]


def _card(shows: str, code: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[Workshop], Json]:
    def build(shop: Workshop) -> Json:
        keys = shop.usa.root.find_public(shop.world.suite)
        links = CardLinks(shop.world.realm, bytes(32), b"", "tls://usa.example:4222")
        card = Card("USA", keys.ed25519, keys.mldsa, bytes(32), 1, (links,), 1_702_855_440_000)
        raw = sign_card(card, shop.usa.root, suite=shop.world.suite, ceremony=shop.ceremony)
        changed = encode(change(msgspec.msgpack.decode(raw)))
        case = file_case("card", changed, clause="S13", shows=shows, code=code)
        return {**case, "gives": [] if code else [find_fingerprint(keys, shop.world.suite).hex()]}

    return build


FILES = {
    "401-disclosure": _disclosure("the second of three entries, with its blind and path", "", lambda f: f),
    "402-disclosure-entry": _disclosure(
        "another entry in its place", "disclosure.entries-root", lambda f: [*f[:3], WORDS, *f[4:]]
    ),
    "403-disclosure-index": _disclosure(
        "the same entry at another index", "disclosure.entries-root", lambda f: [f[0], f[1], 0, *f[3:]]
    ),
    "404-disclosure-path": _disclosure(
        "a path without its end", "disclosure.entries-root", lambda f: [*f[:5], f[5][:-1]]
    ),
    "405-disclosure-signature": _disclosure(
        "a header that its author did not sign", "disclosure.signature", lambda f: [f[0], bytes(64), *f[2:]]
    ),
    "406-disclosure-beyond": _disclosure(
        "an index that the page does not have", "disclosure.malformed", lambda f: [f[0], f[1], 3, *f[3:]]
    ),
    "501-bundle": _bundle("a pact, three pages", "", lambda raw: raw),
    "502-bundle-flipped": _bundle(
        "one bit of the pact in it flipped",
        "bundle.damaged",
        lambda raw: raw.replace(b"\xc4\x04pact", b"\xc4\x04pacu", 1),
    ),
    "503-bundle-cut": _bundle("its last byte missing", "bundle.malformed", lambda raw: raw[:-1]),
    "504-bundle-longer": _bundle(
        "a frame after the end", "bundle.damaged", lambda raw: raw + u32(9) + encode(("page", b"xx"))
    ),
    "505-bundle-format": _bundle("a head of format 2", "bundle.format-unknown", _newer),
    "506-bundle-magic": _bundle("other first bytes", "bundle.malformed", lambda raw: b"COMITYB2" + raw[8:]),
    "601-sealed-bundle": _sealed("a bundle sealed for the reader", "", lambda raw: raw),
    "602-sealed-for-another": _sealed(
        "a bundle sealed for another party", "bundle.sealed", lambda raw: raw, reader="KOR"
    ),
    "603-sealed-damaged": _sealed("one bit of its chunk flipped", "bundle.damaged", _flip_last),
    "701-card": _card("a card with one link", "", lambda f: f),
    "702-card-signature": _card(
        "one bit of the first signature flipped", "card.signature", lambda f: [f[0], _flip_last(f[1]), f[2]]
    ),
    "703-card-malformed": _card("a body of no fields", "card.malformed", lambda f: [b"\x90", *f[1:]]),
    "604-sealed-wrap": _sealed("one bit of its wrapped key flipped", "key.not-unwrapped", _flip_wrap),
}
