"""Vectors for branches of the clauses that no other vector reaches: limits, kinds, openings, files cut elsewhere."""

from collections.abc import Callable
from typing import Any

import msgspec

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.crypto.label import digest, label, u32, u64
from comity.journal.bundle import BundleHead, write_bundle
from comity.journal.disclosure import disclose
from comity.journal.header import Kind, SeenHead
from comity.journal.keypage import find_key_id
from comity.journal.statement import Closed, Closure, sign_statement
from comity.journal.writer import sign_checkpoint
from kit.forgery import begin_again, forge, genesis_of
from kit.vector import Json
from vectors.workshop import WORDS, Case, Workshop, file_case

__all__ = ["EDGES"]

BORN = ["92a4426f726ea0"]


def closure_of_a_page_not_here(shop: Workshop) -> Json:
    """The last good page is named, and nobody has it: only what comes after its number is left out."""
    usa = shop.usa
    keys, said = shop.say("JPN")
    more = usa.say(usa.journal("JPN"), WORDS)[-1]
    born = begin_again(usa, genesis_of(usa))
    journal = usa.journal("JPN")
    closed = (Closed(0, 1, Digest(bytes(32))),)
    closure = Closure(journal.lineage, journal.realm, "record", "USA", journal.audience, 1, closed)
    raw = sign_statement(closure, usa.root, suite=shop.world.suite, ceremony=shop.ceremony)
    closing = usa.open_epoch(journal, opening=(raw,))[0]
    case = Case("J17", "a closure whose last good page is not here: only pages of a higher number are left out")
    case.give(keys, key="learned").give(said, more, reads=[WORDS.hex()]).give(born, reads=BORN)
    return case.give(closing, key="learned").write()


def checkpoint_of_its_own_journal(shop: Workshop) -> Json:
    """A checkpoint whose heads name the journal that it stands in."""
    usa, journal = shop.usa, shop.usa.journal("JPN")
    keys, said = shop.say("JPN")
    page = usa.parse(said)
    statement = usa.writer.find_checkpoint_statement(journal)
    own = SeenHead(page.journal, 0, usa.parse(keys).digest)
    heads = tuple(sorted((*statement.heads, own), key=lambda head: head.order))
    body = sign_checkpoint(
        journal=journal,
        statement=msgspec.structs.replace(statement, heads=heads),
        checkpoint_secret=usa.secrets.checkpoint,
        ceremony=shop.ceremony,
    )
    wrong = usa.writer.build_checkpoint(usa.draft(journal), body)
    case = Case("J12, J13", "a checkpoint, rightly signed, whose full vector names its own journal")
    case.give(keys, key="learned").give(said, reads=[WORDS.hex()])
    return case.give(wrong, verdict="refused page.checkpoint").write()


def _of_kind(clause: str, shows: str, **fields: Any) -> Callable[[Workshop], Json]:
    def build(shop: Workshop) -> Json:
        keys, _ = shop.say("JPN")
        wrong = forge(shop.usa, keys, **fields)
        return Case(clause, shows).give(wrong, verdict="refused page.kind").write()

    return build


def statement_too_large(_shop: Workshop) -> Json:
    """One byte above the limit."""
    return Case("S10", "16,385 bytes for a root statement").learn(bytes(16_385), verdict="bytes.too-large").write()


def closure_unsorted(shop: Workshop) -> Json:
    """Incarnations that descend."""
    journal = shop.usa.journal("JPN")
    closed = (Closed(1, 0, Digest(bytes(32))), Closed(0, 0, Digest(bytes(32))))
    body = Closure(journal.lineage, journal.realm, "record", "USA", journal.audience, 2, closed)
    raw = sign_statement(body, shop.usa.root, suite=shop.world.suite, ceremony=shop.ceremony)
    case = Case("S10", "a closure, rightly signed, whose incarnations descend")
    return case.learn(raw, verdict="statement.malformed").write()


def _disclosure(shows: str, code: str, **fields: Any) -> Callable[[Workshop], Json]:
    """A disclosure under another header."""

    def build(shop: Workshop) -> Json:
        usa = shop.usa
        said = usa.parse(shop.say("JPN")[-1])
        shown = msgspec.msgpack.decode(
            disclose(said, index=0, epoch_key=usa.epochs[said.journal][1], suite=shop.world.suite)
        )
        header = encode(msgspec.structs.replace(said.header, **fields))
        signature = shop.world.suite.sign(secret=usa.secrets.node, message=label("page") + header)
        keys = [key.hex() for key in usa.ledger.trust.find_node_keys("USA")]
        raw = encode([header, signature, *shown[2:]])
        return file_case("disclosure", raw, clause="S7", shows=shows, code=code, node_keys=keys)

    return build


def disclosure_of_the_next(shop: Workshop) -> Json:
    """The second of three entries as if it were the third: the path leads to the root, and is too long for it."""
    usa = shop.usa
    said = usa.parse(usa.say(usa.journal("JPN"), WORDS, WORDS, WORDS)[-1])
    raw = disclose(said, index=1, epoch_key=usa.epochs[said.journal][1], suite=shop.world.suite)
    changed = msgspec.msgpack.decode(raw)
    changed[2] = 2
    keys = [key.hex() for key in usa.ledger.trust.find_node_keys("USA")]
    shows = "the second of three entries at the index of the third, whose path is shorter"
    code = "disclosure.entries-root"
    return file_case("disclosure", encode(changed), clause="S7", shows=shows, code=code, node_keys=keys)


def card_too_large(_shop: Workshop) -> Json:
    """One byte above the limit."""
    raw = bytes(32_769)
    return file_case("card", raw, clause="S13", shows="32,769 bytes for a card", code="bytes.too-large")


def _frames(shows: str, code: str, *kinds: str) -> Callable[[Workshop], Json]:
    """A bundle of these frames, with an end that is right for them if it has one."""

    def build(shop: Workshop) -> Json:
        head = encode((1, shop.world.lineage, shop.world.realm, "USA", 1))
        body, count = b"", 0
        for kind in kinds:
            payload = head if kind == "head" else b"pact"
            if kind == "end":
                payload = encode((count, digest(shop.world.suite, "bundle", body)))
            frame = encode((kind, payload))
            body, count = body + u32(len(frame)) + frame, count + 1
        return file_case("bundle", b"COMITYB1" + body, clause="J20", shows=shows, code=code)

    return build


def holder_is_no_party(shop: Workshop) -> Json:
    """An auditor's bundle."""
    head = BundleHead(1, shop.world.lineage, shop.world.realm, "an auditor", 1)
    raw = write_bundle(shop.world.suite, head, pacts=(), pages=[genesis_of(shop.usa)])
    case = file_case("bundle", raw, clause="J20", shows="a bundle whose holder is no party of any pact")
    return {**case, "gives": [genesis_of(shop.usa).hex()]}


def _chunks(shows: str, code: str, *sizes: int) -> Callable[[Workshop], Json]:
    """A sealed bundle of chunks of these sizes, each rightly sealed."""

    def build(shop: Workshop) -> Json:
        suite, key = shop.world.suite, shop.ceremony.random(32)
        public = suite.public_of_receiving(shop.jpn.secrets.receiving)
        wrapped = shop.ceremony.wrap(public=public, plaintext=key, info=label("bundle"))
        frames = [encode((find_key_id(suite, public), wrapped))]
        for index, size in enumerate(sizes):
            info = label("chunk") + u64(index) + bytes([index == len(sizes) - 1])
            frames.append(suite.seal(key=suite.expand(key, info), plaintext=bytes(size), aad=b""))
        raw = b"COMITYE1" + b"".join(u32(len(frame)) + frame for frame in frames)
        case = file_case("sealed-bundle", raw, clause="J21", shows=shows, code=code)
        return {**case, "gives": [] if code else [bytes(sum(sizes)).hex()]}

    return build


_NOTHING = {"epoch": 0, "body": b"", "seen": ()}

EDGES: dict[str, Callable[[Workshop], Json]] = {
    "021-closure-of-a-page-not-here": closure_of_a_page_not_here,
    "134-checkpoint-own-journal": checkpoint_of_its_own_journal,
    "136-key-page-without-epoch": _of_kind("J9", "a key page of epoch 0", epoch=0),
    "137-receipt-of-nothing": _of_kind("J9", "a receipt that names no head", kind=Kind.HEADS_SEEN, **_NOTHING),
    "138-receipt-with-body": _of_kind("J9", "a receipt with a body", kind=Kind.HEADS_SEEN, epoch=0, body=b"\x90"),
    "139-checkpoint-first": _of_kind("J9", "a checkpoint at number 0", kind=Kind.CHECKPOINT, epoch=0),
    "305-statement-too-large": statement_too_large,
    "306-closure-unsorted": closure_unsorted,
    "407-disclosure-format": _disclosure("a header of format 2", "page.format-unknown", format=2),
    "408-disclosure-kind": _disclosure(
        "a header that no page has: open, in the record feed", "disclosure.malformed", kind=Kind.OPEN, epoch=0
    ),
    "409-disclosure-at-another-place": disclosure_of_the_next,
    "507-bundle-two-heads": _frames("a second head", "bundle.malformed", "head", "head", "end"),
    "508-bundle-without-end": _frames("no end", "bundle.malformed", "head", "pact"),
    "509-bundle-without-head": _frames("no head", "bundle.malformed", "pact", "end"),
    "510-bundle-of-an-auditor": holder_is_no_party,
    "605-sealed-without-chunk": _chunks("no chunk", "bundle.malformed"),
    "606-sealed-short-chunk": _chunks("a chunk before the last that is short", "bundle.malformed", 7, 7),
    "608-sealed-nothing": _chunks("a sealed bundle of no bytes at all", "", 0),
    "704-card-too-large": card_too_large,
}
