"""Vectors of pages that are accepted, held for a while, or seen in another light later."""

from typing import Any

import msgspec

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.journal.header import Feed, Kind, SeenHead
from comity.journal.keypage import KeyBody
from comity.journal.statement import Succession, sign_statement
from comity.journal.writer import sign_checkpoint
from kit.forgery import begin_again, forge, genesis_of, restore, sign_closure
from kit.vector import Json
from kit.world import Member
from vectors.workshop import WORDS, Case, Workshop

__all__ = ["ACCEPTED"]

READ = [WORDS.hex()]


def genesis_opens(shop: Workshop) -> Json:
    """Genesis page 0."""
    case = Case("J5, J11.3, J14", "a genesis page brings its own certificate and is read without a key", genesis=[])
    return case.give(genesis_of(shop.usa), reads=["92a4426f726ea0"]).write()


def sealed_page(shop: Workshop) -> Json:
    """Key page, then entries."""
    keys, said = shop.say("JPN")
    case = Case("J9, S5, S9", "a key page gives its reader the epoch key, and the sealed page after it opens")
    return case.give(keys, key="learned").give(said, reads=READ).write()


def several_entries(shop: Workshop) -> Json:
    """A page of five entries."""
    entries = [b"\x92\xa4Said" + bytes([n]) for n in range(5)]
    keys, said = shop.usa.say(shop.usa.journal("JPN"), *entries)
    case = Case("S7", "five entries: the Merkle tree has an odd node on two levels")
    return case.give(keys, key="learned").give(said, reads=[entry.hex() for entry in entries]).write()


def receipt(shop: Workshop) -> Json:
    """Heads seen."""
    pages = shop.say("JPN", "KOR")
    for raw in pages:
        shop.kor.take(raw)
    seen = shop.kor.see("JPN", "USA")
    assert seen is not None
    case = Case("J12, J15, J19", "a receipt names pages; the one that the reader lacks is missing until it comes")
    return case.give(pages[0], key="learned").give(seen).write()


def make_checkpoint(member: Member, shop: Workshop, *readers: str) -> bytes:
    """Sign a checkpoint over the member's journal to these readers."""
    journal = member.journal(*readers)
    body = sign_checkpoint(
        journal=journal,
        statement=member.writer.find_checkpoint_statement(journal),
        checkpoint_secret=member.secrets.checkpoint,
        ceremony=shop.ceremony,
    )
    return member.writer.build_checkpoint(member.draft(journal), body)


def checkpoint(shop: Workshop) -> Json:
    """A checkpoint."""
    keys, said = shop.say("JPN")
    case = Case("J13", "a checkpoint names the page before it and is signed with ML-DSA-65 too")
    return case.give(keys, key="learned").give(said, reads=READ).give(make_checkpoint(shop.usa, shop, "JPN")).write()


def duplicate(shop: Workshop) -> Json:
    """The same page twice."""
    keys, _ = shop.say("JPN")
    return (
        Case("J11", "a page that comes twice is one page")
        .give(keys, key="learned")
        .give(keys, verdict="duplicate")
        .write()
    )


def wrong_order(shop: Workshop) -> Json:
    """Entries before their key page."""
    keys, said = shop.say("JPN")
    case = Case("J11.8", "a page waits for the one before it and is read when that comes")
    case.give(said, verdict="held page.gap", reads=READ)
    return case.give(keys, key="learned", frees={"0": "accepted"}).write()


def certificate_later(shop: Workshop) -> Json:
    """A page before its author's genesis page."""
    keys, _ = shop.say("JPN")
    case = Case("J11.4", "a page waits for its author's certificate", genesis=["JPN", "KOR"])
    case.give(keys, verdict="held page.stranger", key="learned")
    return case.give(genesis_of(shop.usa), reads=["92a4426f726ea0"], frees={"0": "accepted"}).write()


def second_wrap(shop: Workshop) -> Json:
    """A second key page of one epoch."""
    usa = shop.usa
    keys, said = shop.say("JPN")
    again = forge(usa, keys, number=2, previous=usa.parse(said).digest, salt=bytes(32))
    case = Case("S9", "a later key page may wrap the same epoch key again")
    return case.give(keys, key="learned").give(said, reads=READ).give(again, key="nothing new").write()


def recovery(shop: Workshop) -> Json:
    """A wrap for the recovery key alone."""
    usa = shop.usa
    keys, said = shop.say("JPN")
    body = msgspec.msgpack.decode(usa.parse(keys).body, type=KeyBody)
    second = [wrap for wrap in body.wraps if wrap.party == "JPN"][1]
    keys = forge(usa, keys, body=encode(msgspec.structs.replace(body, wraps=(second,))))
    said = forge(usa, said, previous=usa.parse(keys).digest)
    case = Case("S9", "a wrap for the recovery key opens like any other")
    return case.give(keys, key="learned").give(said, reads=READ).write()


def _fork(shop: Workshop) -> tuple[list[bytes], bytes, bytes]:
    usa = shop.usa
    trunk = shop.say("JPN", "KOR")
    left = shop.say("JPN", "KOR")[-1]
    twin = restore(usa, [raw for raw in usa.raws if raw != left])
    twin.epochs.update(usa.epochs)
    right = twin.say(usa.journal("JPN", "KOR"), b"\x92\xa4Said\xa5other")[-1]
    return trunk, left, right


def fork(shop: Workshop) -> Json:
    """Two pages with one number."""
    trunk, left, right = _fork(shop)
    case = Case("J16", "two accepted pages with one number are a fork; nobody else having named either, both are good")
    case.give(trunk[0], key="learned").give(trunk[1], left, reads=READ)
    return case.give(right, reads=["92a453616964a56f74686572"]).write()


def disputed(shop: Workshop) -> Json:
    """A witness of one branch."""
    trunk, left, right = _fork(shop)
    for raw in (*trunk, right):
        shop.kor.take(raw)
    seen = shop.kor.see("JPN", "USA")
    assert seen is not None
    case = Case("J16", "another party's signed heads name one page of a fork: its rival is disputed")
    case.give(seen).give(trunk[0], key="learned").give(trunk[1], left, reads=READ)
    return case.give(right, reads=["92a453616964a56f74686572"]).write()


def _second_life(shop: Workshop) -> tuple[list[bytes], bytes, bytes, bytes]:
    """Three old pages of which the root stands by two; new genesis page, new first page with and without a closure."""
    usa = shop.usa
    old = [*shop.say("JPN"), *shop.say("JPN")]
    born = begin_again(usa, genesis_of(usa))
    journal = usa.journal("JPN")
    bare = usa.open_epoch(journal)[0]
    closing = forge(usa, bare, opening=(sign_closure(usa, journal, old[1]),))
    return old, born, bare, closing


BORN = ["92a4426f726ea0"]


def closure(shop: Workshop) -> Json:
    """A new incarnation."""
    old, born, _, closing = _second_life(shop)
    case = Case(
        "J14, J17", "a closure names the last good page: what comes after it is disowned, even if it comes later"
    )
    case.give(born, reads=BORN).give(closing, key="learned").give(old[0], key="learned").give(*old[1:], reads=READ)
    return case.write()


def no_closure(shop: Workshop) -> Json:
    """A new incarnation without a closure."""
    old, born, bare, _ = _second_life(shop)
    case = Case("J14, J17", "a later incarnation that opens with nothing closes the earlier one before its first page")
    case.give(old[0], key="learned").give(*old[1:], reads=READ).give(born, reads=BORN).give(bare, key="learned")
    return case.write()


def succession(shop: Workshop) -> Json:
    """A closure by a root that is not known yet."""
    usa, world = shop.usa, shop.world
    old, born, bare, _ = _second_life(shop)
    following = world.next_roots["USA"]
    keys = following.find_public(world.suite)
    body = Succession(world.lineage, "USA", keys.ed25519, keys.mldsa, bytes(32), usa.now)
    statement = sign_statement(body, usa.root, suite=world.suite, ceremony=shop.ceremony)
    usa.root = following
    closing = forge(usa, bare, opening=(sign_closure(usa, usa.journal("JPN"), old[1]),))
    case = Case(
        "J11.6, S10, S11", "a closure by an unknown root waits; the succession that the root before signed frees it"
    )
    case.give(born, reads=BORN).give(closing, verdict="held statement.signature", key="learned")
    return case.learn(statement, frees={"1": "accepted"}).write()


def successions_in_genesis(shop: Workshop) -> Json:
    """Genesis page 0 under the next root."""
    usa, world = shop.usa, shop.world
    following = world.next_roots["USA"]
    keys = following.find_public(world.suite)
    body = Succession(world.lineage, "USA", keys.ed25519, keys.mldsa, bytes(32), usa.now)
    statement = sign_statement(body, usa.root, suite=world.suite, ceremony=shop.ceremony)
    usa.root = following
    born = forge(usa, genesis_of(usa), opening=(statement, usa.certify()))
    case = Case(
        "J14, S11",
        "genesis page 0 brings the successions that lead to the root which signed its certificate",
        genesis=[],
    )
    return case.give(born, reads=BORN).write()


def two_certificates(shop: Workshop) -> Json:
    """A root that certified two node keys for one incarnation."""
    usa, world = shop.usa, shop.world
    twin = Member(world, "USA", usa.root, now=usa.now)
    for raw in usa.raws:
        if usa.parse(raw).header.journal.author != "USA":
            twin.take(raw)
    born = twin.be_born()
    twin.take(born)
    keys, said = twin.say(twin.journal("JPN"), WORDS)
    case = Case(
        "J11.5, S11", "pages refused for their signature are accepted once a second certificate vouches for the key"
    )
    case.give(keys, verdict="refused page.signature", key="learned").give(
        said, verdict="refused page.signature", reads=READ
    )
    return case.give(born, reads=BORN, frees={"0": "accepted", "1": "accepted"}).write()


def other_feeds(shop: Workshop) -> Json:
    """A page of the bulk feed."""
    usa = shop.usa
    journal = usa.journal("JPN", feed=Feed.BULK)
    keys, said = usa.say(journal, WORDS)
    case = Case("J3, J6", "the bulk feed has journals of its own, with the same pages")
    return case.give(keys, key="learned").give(said, reads=READ).write()


def many_rivals(shop: Workshop) -> Json:
    """Sixty-five pages with one number."""
    usa = shop.usa
    keys, _ = shop.say("JPN")
    place: dict[str, Any] = {"number": 1, "previous": usa.parse(keys).digest, "kind": Kind.HEADS_SEEN, "epoch": 0}
    seen = (SeenHead(Digest(bytes(32)), 0, Digest(bytes(32))),)
    rivals = [forge(usa, keys, body=b"", seen=seen, salt=bytes([n]) * 32, **place) for n in range(65)]
    case = Case("J11", "there is no limit to the rivals of a page: the order of arrival must not choose between them")
    return case.give(keys, key="learned").give(*rivals).write()


def statement_in_a_refused_page(shop: Workshop) -> Json:
    """A certificate in a page that is refused for another reason."""
    usa = shop.usa
    begin_again(usa)
    keys = usa.open_epoch(usa.journal("JPN"))[0]
    wrong = forge(usa, keys, opening=(usa.certificate,), salt=bytes(32))
    case = Case("S11", "a root statement counts wherever its bytes lie, even in a page that is refused for bringing it")
    case.give(keys, verdict="held page.stranger", key="learned")
    return case.give(wrong, verdict="refused page.opening", frees={"0": "accepted"}).write()


ACCEPTED = {
    "001-genesis": genesis_opens,
    "002-sealed-page": sealed_page,
    "003-several-entries": several_entries,
    "004-heads-seen": receipt,
    "005-checkpoint": checkpoint,
    "006-duplicate": duplicate,
    "007-gap-filled": wrong_order,
    "008-certificate-later": certificate_later,
    "009-epoch-wrapped-again": second_wrap,
    "010-recovery-key": recovery,
    "011-bulk-feed": other_feeds,
    "012-fork": fork,
    "013-disputed": disputed,
    "014-closure": closure,
    "015-no-closure": no_closure,
    "016-succession-frees-closure": succession,
    "017-succession-in-genesis": successions_in_genesis,
    "018-two-certificates": two_certificates,
    "019-many-rivals": many_rivals,
    "020-statement-in-a-refused-page": statement_in_a_refused_page,
}
