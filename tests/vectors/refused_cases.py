"""Vectors of pages that are refused, held for ever, or accepted and not believed: one fault each."""

import hashlib
from typing import Any

import msgspec

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.journal.header import SeenHead, encode_page
from comity.journal.keypage import KeyBody, Wrap, find_wrap_info
from comity.journal.seal import find_page_key
from comity.journal.statement import Closure, sign_statement
from comity.journal.writer import sign_checkpoint
from kit.forgery import begin_again, forge, genesis_of, head_of, sign_closure
from kit.two_faces import build_two_faced
from kit.vector import Json
from vectors.accepted_cases import make_checkpoint
from vectors.workshop import WORDS, Case, Workshop

__all__ = ["REFUSED"]


def _changed(clause: str, shows: str, verdict: str, **fields: Any) -> Any:
    """A case of USA's first key page to JPN with some header fields changed and signed anew."""

    def build(shop: Workshop) -> Json:
        keys, _ = shop.say("JPN")
        return Case(clause, shows).give(forge(shop.usa, keys, **fields), verdict=verdict).write()

    return build


def _elsewhere(clause: str, shows: str, verdict: str, **fields: Any) -> Any:
    """The same, with another journal id in it."""

    def build(shop: Workshop) -> Json:
        keys, _ = shop.say("JPN")
        journal = msgspec.structs.replace(shop.usa.parse(keys).header.journal, **fields)
        wrong = forge(shop.usa, keys, journal=journal, previous=journal.find_digest(shop.world.suite))
        return Case(clause, shows).give(wrong, verdict=verdict).write()

    return build


def malformed(shop: Workshop) -> Json:
    """Not three elements."""
    keys, _ = shop.say("JPN")
    return Case("J6", "a page cut off by one byte").give(keys[:-1], verdict="refused page.malformed").write()


def long_form(shop: Workshop) -> Json:
    """Three bytes for what takes one."""
    keys, _ = shop.say("JPN")
    case = Case("J1", "the outer array's length written in three bytes")
    return case.give(b"\xdc\x00\x03" + keys[1:], verdict="refused bytes.not-canonical").write()


def long_header(shop: Workshop) -> Json:
    """A signed header that is not in its one form."""
    usa = shop.usa
    page = usa.parse(shop.say("JPN")[0])
    header = page.header_raw[:1] + b"\xcc\x01" + page.header_raw[2:]
    signature = shop.world.suite.sign(secret=usa.secrets.node, message=b"comity/1/page\x00" + header)
    raw = encode_page(header_raw=header, signature=signature, body=page.body)
    case = Case("J1", "a header whose first integer takes two bytes, rightly signed")
    return case.give(raw, verdict="refused bytes.not-canonical").write()


def too_large(_shop: Workshop) -> Json:
    """Above the limit of every feed."""
    case = Case("J1, J6", "one byte more than any page may have")
    return case.give({"zeros": 524_289}, verdict="refused bytes.too-large").write()


def own_journal_seen(shop: Workshop) -> Json:
    """A page that names its own journal."""
    keys, said = shop.say("JPN")
    wrong = forge(shop.usa, said, seen=(head_of(shop.usa, keys),))
    case = Case("J12", "heads seen never name the page's own journal")
    return case.give(keys, key="learned").give(wrong, verdict="refused page.malformed").write()


def body_digest(shop: Workshop) -> Json:
    """A body that was not signed."""
    keys, _ = shop.say("JPN")
    page = shop.usa.parse(keys)
    raw = encode_page(
        header_raw=page.header_raw, signature=page.signature, body=page.body[:-1] + bytes([page.body[-1] ^ 1])
    )
    return Case("J7, J11.1", "one bit of the body flipped").give(raw, verdict="refused page.body-digest").write()


def other_audience(shop: Workshop) -> Json:
    """A page to another party."""
    keys, _ = shop.say("KOR")
    return Case("J11.2", "the reader is not in the audience").give(keys, verdict="refused page.other-audience").write()


def signature(shop: Workshop) -> Json:
    """A stranger's key."""
    keys, _ = shop.say("JPN")
    wrong = forge(shop.usa, keys, secret=bytes(32))
    return (
        Case("J8, J11.5", "signed with a key that no root certified")
        .give(wrong, verdict="refused page.signature")
        .write()
    )


def header_flipped(shop: Workshop) -> Json:
    """A clock changed on the way."""
    page = shop.usa.parse(shop.say("JPN")[0])
    header = encode(msgspec.structs.replace(page.header, written_at=page.header.written_at + 1))
    raw = encode_page(header_raw=header, signature=page.signature, body=page.body)
    case = Case("J8, J11.5", "the author's clock in the header moved by one millisecond after signing")
    return case.give(raw, verdict="refused page.signature").write()


def opening_later(shop: Workshop) -> Json:
    """A certificate in a record page."""
    keys, _ = shop.say("JPN")
    wrong = forge(shop.usa, keys, opening=(shop.usa.parse(genesis_of(shop.usa)).header.opening[0],))
    case = Case("J14", "a certificate in page 0 of a record journal of incarnation 0")
    return case.give(wrong, verdict="refused page.opening").write()


def _birth(shows: str, verdict: str, opening: Any) -> Any:
    def build(shop: Workshop) -> Json:
        wrong = forge(shop.usa, genesis_of(shop.usa), opening=opening(shop))
        case = Case("J11.3, J14", shows, genesis=["JPN", "KOR"])
        return case.give(wrong, verdict=verdict).write()

    return build


def _by_strange_root(shop: Workshop) -> tuple[bytes, ...]:
    shop.usa.root = shop.kor.root
    return (shop.usa.certify(),)


def previous_of_first(shop: Workshop) -> Json:
    """Page 0 that follows nothing."""
    keys, _ = shop.say("JPN")
    case = Case("J7, J11.8", "page 0 whose `previous` is not the journal digest")
    return case.give(forge(shop.usa, keys, previous=bytes(32)), verdict="refused page.previous").write()


def previous_elsewhere(shop: Workshop) -> Json:
    """A page after one of another journal."""
    keys, said = shop.say("JPN")
    wrong = forge(shop.usa, said, previous=shop.usa.parse(genesis_of(shop.usa)).digest)
    case = Case("J11.8", "page 1 that names a page of another journal as the one before it")
    return case.give(keys, key="learned").give(wrong, verdict="refused page.previous").write()


def previous_unknown(shop: Workshop) -> Json:
    """A page after a page that is not here, while a rival of that one is."""
    keys, said = shop.say("JPN")
    case = Case("J11.8", "the page before it is not here, but another one of that number is")
    return (
        case.give(keys, key="learned")
        .give(forge(shop.usa, said, previous=bytes(32)), verdict="held page.previous")
        .write()
    )


def gap(shop: Workshop) -> Json:
    """A page whose predecessor never comes."""
    _, said = shop.say("JPN")
    return Case("J11.8", "page 1 without page 0").give(said, verdict="held page.gap").write()


def epoch_unknown(shop: Workshop) -> Json:
    """Entries under an epoch that no key page announced."""
    keys, said = shop.say("JPN")
    case = Case("J9, J11.9", "entries sealed under epoch 2, which no earlier page of the chain announced")
    return case.give(keys, key="learned").give(forge(shop.usa, said, epoch=2), verdict="refused page.kind").write()


def _key_body(shop: Workshop, keys: bytes, **fields: Any) -> bytes:
    body = msgspec.msgpack.decode(shop.usa.parse(keys).body, type=KeyBody)
    return forge(shop.usa, keys, body=encode(msgspec.structs.replace(body, **fields)))


def key_page_epoch(shop: Workshop) -> Json:
    """A key page that contradicts its header."""
    keys, _ = shop.say("JPN")
    case = Case("S9", "a key page whose body is of another epoch than its header")
    return case.give(_key_body(shop, keys, epoch=2), verdict="refused page.kind").write()


def commitment_changed(shop: Workshop) -> Json:
    """Two commitments along one chain."""
    usa = shop.usa
    keys, said = shop.say("JPN")
    wrong = forge(usa, _key_body(shop, keys, commitment=bytes(32)), number=2, previous=usa.parse(said).digest)
    case = Case("S9, J11.9", "a second key page of an epoch that commits to another key")
    return (
        case.give(keys, key="learned")
        .give(said, reads=[WORDS.hex()])
        .give(wrong, verdict="refused key.commitment")
        .write()
    )


def checkpoint_signature(shop: Workshop) -> Json:
    """A checkpoint whose second signature is wrong."""
    keys, said = shop.say("JPN")
    raw = make_checkpoint(shop.usa, shop, "JPN")
    body = shop.usa.parse(raw).body
    wrong = forge(shop.usa, raw, body=body[:-1] + bytes([body[-1] ^ 1]))
    case = Case("J13", "one bit of the ML-DSA-65 signature flipped, the page rightly signed")
    return (
        case.give(keys, key="learned")
        .give(said, reads=[WORDS.hex()])
        .give(wrong, verdict="refused page.checkpoint")
        .write()
    )


def checkpoint_number(shop: Workshop) -> Json:
    """A checkpoint over another page than the one before it."""
    usa, journal = shop.usa, shop.usa.journal("JPN")
    keys, said = shop.say("JPN")
    statement = msgspec.structs.replace(
        usa.writer.find_checkpoint_statement(journal), number=0, page=usa.parse(keys).digest
    )
    body = sign_checkpoint(
        journal=journal, statement=statement, checkpoint_secret=usa.secrets.checkpoint, ceremony=shop.ceremony
    )
    wrong = usa.writer.build_checkpoint(usa.draft(journal), body)
    case = Case("J13", "a checkpoint, rightly signed, that names page 0 and stands at number 2")
    return (
        case.give(keys, key="learned")
        .give(said, reads=[WORDS.hex()])
        .give(wrong, verdict="refused page.checkpoint")
        .write()
    )


def closure_of_another_family(shop: Workshop) -> Json:
    """A closure for another audience."""
    usa = shop.usa
    keys, _ = shop.say("JPN")
    born = begin_again(usa, genesis_of(usa))
    bare = usa.open_epoch(usa.journal("JPN"))[0]
    wrong = forge(usa, bare, opening=(sign_closure(usa, usa.journal("JPN", "KOR"), keys),))
    case = Case("J14", "a closure of the journal to JPN and KOR in the journal to JPN")
    return case.give(born, reads=["92a4426f726ea0"]).give(wrong, verdict="refused page.opening").write()


def _read(clause: str, shows: str, code: str, change: Any) -> Any:
    """A case of a page that is accepted and, when opened, not believed."""

    def build(shop: Workshop) -> Json:
        keys, said = shop.say("JPN")
        wrong = forge(shop.usa, said, **change(shop, said))
        return Case(clause, shows).give(keys, key="learned").give(wrong, reads=code).write()

    return build


def _flip(shop: Workshop, said: bytes) -> dict[str, Any]:
    body = shop.usa.parse(said).body
    return {"body": bytes([body[0] ^ 1]) + body[1:]}


def _two_faces(shop: Workshop, said: bytes) -> dict[str, Any]:
    page = shop.usa.parse(said)
    epoch_keys = (shop.usa.epochs[page.journal][1], hashlib.sha256(b"the other epoch key").digest())
    keys = tuple(
        find_page_key(shop.world.suite, epoch_key=key, salt=page.header.salt, journal=page.journal, number=1, epoch=1)
        for key in epoch_keys
    )
    aad = b"comity/1/page-seal\x00" + encode((page.header.journal, 1))
    # The first text is, whole, an array of one entry of 45 bytes.
    return {"body": build_two_faced((keys[0], keys[1]), (b"\x91\xc4\x2dWE SUPPORT...", b"WE OBJECT......."), aad)}


def _wraps(shop: Workshop, keys: bytes) -> tuple[Wrap, ...]:
    return msgspec.msgpack.decode(shop.usa.parse(keys).body, type=KeyBody).wraps


def no_key(shop: Workshop) -> Json:
    """No wrap for the reader."""
    keys, said = shop.say("JPN")
    wrong = _key_body(shop, keys, wraps=tuple(wrap for wrap in _wraps(shop, keys) if wrap.party != "JPN"))
    said = forge(shop.usa, said, previous=shop.usa.parse(wrong).digest)
    case = Case("S9", "a key page without a wrap for the reader: the page after it is accepted and can't be read")
    return case.give(wrong, key="nothing new").give(said, reads="page.no-key").write()


def not_unwrapped(shop: Workshop) -> Json:
    """A wrap that does not open."""
    keys, _ = shop.say("JPN")
    wraps = tuple(
        msgspec.structs.replace(wrap, wrapped=wrap.wrapped[:-1] + bytes([wrap.wrapped[-1] ^ 1]))
        for wrap in _wraps(shop, keys)
    )
    case = Case("S9", "wraps of which one bit was flipped by the author, who signed them so")
    return case.give(_key_body(shop, keys, wraps=wraps), key="key.not-unwrapped").write()


def wrong_key_wrapped(shop: Workshop) -> Json:
    """Another key than the one committed to."""
    usa, jpn, world = shop.usa, shop.jpn, shop.world
    keys, _ = shop.say("JPN")
    wrap = next(wrap for wrap in _wraps(shop, keys) if wrap.party == "JPN")
    body = msgspec.msgpack.decode(usa.parse(keys).body, type=KeyBody)
    info = find_wrap_info(journal=usa.journal("JPN"), epoch=1, commitment=body.commitment, party="JPN")
    public = world.suite.public_of_receiving(jpn.secrets.receiving)
    wrapped = shop.ceremony.wrap(public=public, plaintext=bytes(32), info=info)
    case = Case("S4, S9", "the wrap opens, to a key that does not give the commitment")
    wrong = _key_body(shop, keys, wraps=(msgspec.structs.replace(wrap, wrapped=wrapped),))
    return case.give(wrong, key="key.commitment").write()


def statement_of_stranger(shop: Workshop) -> Json:
    """A root statement of a party without a root."""
    body = Closure(shop.world.lineage, shop.world.realm, "record", "PRK", ("PRK",), 1, ())
    raw = sign_statement(body, shop.usa.root, suite=shop.world.suite, ceremony=shop.ceremony)
    return (
        Case("S10", "a statement about a party that the pact pins no root for")
        .learn(raw, verdict="statement.unknown-root")
        .write()
    )


def statement_of_other_pact(shop: Workshop) -> Json:
    """A root statement of another lineage."""
    body = Closure(bytes(32), shop.world.realm, "record", "USA", ("USA",), 1, ())
    raw = sign_statement(body, shop.usa.root, suite=shop.world.suite, ceremony=shop.ceremony)
    case = Case("S10", "a closure, rightly signed, of another pact")
    return case.learn(raw, verdict="statement.other-pact").write()


def statement_half_signed(shop: Workshop) -> Json:
    """One of the two signatures."""
    form = msgspec.msgpack.decode(shop.usa.parse(genesis_of(shop.usa)).header.opening[0])
    raw = encode((form[0], form[1], form[2][:-1] + bytes([form[2][-1] ^ 1])))
    return (
        Case("S3, S10", "a certificate whose second signature does not verify", genesis=[])
        .learn(raw, verdict="statement.signature")
        .write()
    )


def statement_malformed(_shop: Workshop) -> Json:
    """Not a statement."""
    raw = encode((encode(("promise", bytes(32))), bytes(64), bytes(3309)))
    return Case("S10", "a body of no known kind").learn(raw, verdict="statement.malformed").write()


REFUSED = {
    "101-page-malformed": malformed,
    "102-page-not-canonical": long_form,
    "103-header-not-canonical": long_header,
    "104-page-too-large": too_large,
    "105-format": _changed("J7", "format 2", "refused page.format-unknown", format=2),
    "106-suite": _changed("J7", "suite 2", "refused page.format-unknown", suite=2),
    "107-kind-unknown": _changed("J7, J9", "a kind that is none", "refused page.kind", kind=5),
    "108-kind": _changed("J9", "a key page that counts an entry", "refused page.kind", entry_count=1),
    "109-heads-unsorted": _changed(
        "J12",
        "heads that descend",
        "refused page.malformed",
        seen=tuple(SeenHead(Digest(bytes([first]) * 32), 0, Digest(bytes(32))) for first in (2, 1)),
    ),
    "110-own-journal-seen": own_journal_seen,
    "111-body-digest": body_digest,
    "112-other-lineage": _elsewhere("J11.2", "another pact", "refused page.other-lineage", lineage=bytes(32)),
    "113-other-realm": _elsewhere("J11.2", "another realm", "refused page.other-realm", realm="real"),
    "114-other-audience": other_audience,
    "115-stranger-in-audience": _elsewhere(
        "J11.2",
        "a party of the audience that the pact does not name",
        "refused page.unknown-party",
        audience=("JPN", "PRK", "USA"),
    ),
    "116-no-certificate": _elsewhere(
        "J11.4", "an incarnation that nobody certified", "held page.stranger", incarnation=1
    ),
    "117-signature": signature,
    "118-header-changed": header_flipped,
    "119-opening-in-record": opening_later,
    "120-genesis-without-certificate": _birth(
        "page 0 of genesis without a certificate", "refused page.opening", lambda _: ()
    ),
    "121-genesis-certificate-of-another": _birth(
        "page 0 of genesis with another party's certificate",
        "refused page.opening",
        lambda shop: shop.kor.parse(genesis_of(shop.kor)).header.opening,
    ),
    "122-genesis-by-strange-root": _birth(
        "page 0 of genesis with a certificate that another root signed", "refused statement.signature", _by_strange_root
    ),
    "123-genesis-statement-malformed": _birth(
        "page 0 of genesis with bytes for a statement", "refused statement.malformed", lambda _: (b"\x90",)
    ),
    "124-first-previous": previous_of_first,
    "125-previous-of-another-journal": previous_elsewhere,
    "126-previous-not-here": previous_unknown,
    "127-gap": gap,
    "128-epoch-not-announced": epoch_unknown,
    "129-key-page-epoch": key_page_epoch,
    "130-commitment-changed": commitment_changed,
    "131-checkpoint-signature": checkpoint_signature,
    "132-checkpoint-number": checkpoint_number,
    "133-closure-of-another-family": closure_of_another_family,
    "201-not-opened": _read("S5", "one bit of the ciphertext flipped by its author", "page.not-opened", _flip),
    "202-entries-root": _read(
        "S6, S7",
        "entries that do not give the signed root",
        "page.entries-root",
        lambda *_: {"entries_root": bytes(32)},
    ),
    "203-two-texts": _read(
        "S6",
        "a ciphertext that opens to two texts under two keys: neither is believed",
        "page.entries-root",
        _two_faces,
    ),
    "204-entry-count": _read(
        "S6", "fewer entries than the header counts", "page.entries-root", lambda *_: {"entry_count": 2}
    ),
    "205-no-key": no_key,
    "206-not-unwrapped": not_unwrapped,
    "207-key-commitment": wrong_key_wrapped,
    "301-statement-of-stranger": statement_of_stranger,
    "302-statement-half-signed": statement_half_signed,
    "303-statement-malformed": statement_malformed,
    "304-statement-of-other-pact": statement_of_other_pact,
}
