"""Each refusal and each waiting of J11, provoked by the smallest change to a page that would be accepted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from comity.base.encoding import encode
from comity.journal.header import EMPTY_ROOT, Kind, Page, SeenHead
from comity.journal.keypage import KeyBody
from comity.journal.ledger import Ledger, Verdict
from comity.journal.statement import Closure, sign_statement
from comity.journal.trust import Trust
from comity.journal.writer import sign_checkpoint
from kit.forgery import begin_again, forge, genesis_of, sign_closure, take_all
from kit.world import Member, World

WORDS = b"\x92\xa4Said\xa5words"


def _judge(member: Member, raw: bytes) -> str:
    return take_all(member, [raw])[0]


def _two_pages(world: World) -> tuple[bytes, bytes]:
    """USA's key page and first statement to JPN."""
    usa = world.parties["USA"]
    keys, said = usa.say(usa.journal("JPN"), WORDS)
    return keys, said


def _with_journal(**fields: object) -> Callable[[Page], dict[str, Any]]:
    return lambda page: {"journal": msgspec.structs.replace(page.header.journal, **fields)}


SCOPES: dict[str, tuple[Callable[[Page], dict[str, Any]], str]] = {
    "lineage": (_with_journal(lineage=bytes(32)), "refused page.other-lineage"),
    "realm": (_with_journal(realm="real"), "refused page.other-realm"),
    "audience": (_with_journal(audience=("KOR", "USA")), "refused page.other-audience"),
    "audience with a stranger": (_with_journal(audience=("JPN", "PRK", "USA")), "refused page.unknown-party"),
    "incarnation not certified": (_with_journal(incarnation=1), "held page.stranger"),
    "signature": (lambda _: {}, "refused page.signature"),
}


@pytest.mark.parametrize("case", SCOPES)
def test_a_page_out_of_scope_has_its_code(case: str, world: World) -> None:
    """Lineage, realm, audience and author are judged before anything else of the page is believed."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, _ = _two_pages(world)
    change, expected = SCOPES[case]
    secret = world.ceremony.random(32) if case == "signature" else None
    assert _judge(jpn, forge(usa, keys, secret=secret, **change(usa.parse(keys)))) == expected


def test_an_auditor_reads_in_every_audience(world: World) -> None:
    """A ledger without a reader judges pages, not who may hold them."""
    keys, said = _two_pages(world)
    auditor = Ledger(Trust(world.pins, world.suite), reader=None, suite=world.suite)
    born = genesis_of(world.parties["USA"])
    assert [auditor.accept(raw)[0].verdict for raw in (born, keys, said)] == [Verdict.ACCEPTED] * 3


def test_the_first_page_follows_its_journals_name(world: World) -> None:
    """J11 step 8: `previous` of number 0 is the journal digest."""
    keys, _ = _two_pages(world)
    assert (
        _judge(world.parties["JPN"], forge(world.parties["USA"], keys, previous=bytes(32))) == "refused page.previous"
    )


def test_a_page_waits_for_the_one_before_it(world: World) -> None:
    """`page.gap` while no page of the number before is here, `page.previous` while only another one is."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, said = _two_pages(world)
    stray = forge(usa, said, previous=b"\x07" * 32)
    assert take_all(jpn, [said, stray]) == ["held page.gap", "held page.gap"]
    assert take_all(jpn, [keys]) == ["accepted"]
    assert [code for _, code in jpn.ledger.held()] == ["page.previous"]
    assert _judge(jpn, forge(usa, said, previous=b"\x08" * 32)) == "held page.previous"


def test_a_page_cannot_follow_another_journals_page_or_skip_a_number(world: World) -> None:
    """What is here and can't be the page before will never be: refused, not held."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, said = _two_pages(world)
    born = usa.parse(genesis_of(usa))
    assert take_all(jpn, [keys, said]) == ["accepted"] * 2
    assert _judge(jpn, forge(usa, said, previous=born.digest)) == "refused page.previous"
    assert _judge(jpn, forge(usa, said, previous=usa.parse(keys).digest, number=2)) == "refused page.previous"


def test_entries_need_an_epoch_that_their_chain_announced(world: World) -> None:
    """J9: else a reader could never ask for the key in the chain's name."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, said = _two_pages(world)
    jpn.take(keys)
    assert _judge(jpn, forge(usa, said, epoch=2)) == "refused page.kind"
    journal = usa.parse(said).header.journal
    lone = forge(usa, said, number=0, previous=journal.find_digest(world.suite))
    assert _judge(jpn, lone) == "refused page.kind"


def test_a_key_page_says_what_its_header_says(world: World) -> None:
    """S9: the epoch of the header, a part below the parts; else `page.kind`. Another shape is malformed."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, _ = _two_pages(world)
    body = msgspec.msgpack.decode(usa.parse(keys).body, type=KeyBody)
    other_epoch = encode(msgspec.structs.replace(body, epoch=2))
    no_part = encode(msgspec.structs.replace(body, part=1))
    assert _judge(jpn, forge(usa, keys, body=other_epoch)) == "refused page.kind"
    assert _judge(jpn, forge(usa, keys, body=no_part)) == "refused page.kind"
    assert _judge(jpn, forge(usa, keys, body=b"\x90")) == "refused page.malformed"


def test_a_chain_commits_to_one_key_an_epoch(world: World) -> None:
    """S9: a second key page of an epoch may wrap the same key again, never another."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, said = _two_pages(world)
    last = usa.parse(said)
    body = msgspec.msgpack.decode(usa.parse(keys).body, type=KeyBody)
    place: dict[str, Any] = {"number": 2, "previous": last.digest, "salt": world.ceremony.random(32)}
    again = forge(usa, keys, **place)
    other = forge(usa, keys, body=encode(msgspec.structs.replace(body, commitment=bytes(32))), **place)
    assert take_all(jpn, [keys, said, other, again]) == ["accepted", "accepted", "refused key.commitment", "accepted"]


def test_only_a_first_page_may_carry_an_opening(world: World) -> None:
    """J14: root statements travel in page 0 of a later incarnation, and there a closure of that family alone."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, said = _two_pages(world)
    jpn.take(keys)
    for raw in (keys, said):
        assert _judge(jpn, forge(usa, raw, opening=(usa.certificate,))) == "refused page.opening"
    assert _judge(jpn, forge(usa, said, opening=(b"\x90",))) == "refused statement.malformed"


OPENINGS = ["closure", "nothing", "certificate", "other-audience", "twice"]


@pytest.mark.parametrize("case", OPENINGS)
def test_a_later_incarnation_opens_with_a_closure_or_nothing(case: str, world: World) -> None:
    """J14: of this family and this incarnation, once."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, _ = _two_pages(world)
    jpn.take(keys)
    first = begin_again(usa, genesis_of(usa))
    journal = usa.journal("JPN")
    closure = sign_closure(usa, journal, keys)
    openings = {
        "closure": (closure,),
        "nothing": (),
        "certificate": (usa.certificate,),
        "other-audience": (sign_closure(usa, usa.journal("JPN", "KOR"), keys),),
        "twice": (closure, closure),
    }
    assert _judge(jpn, first) == "accepted"
    raw = forge(usa, usa.open_epoch(journal)[0], opening=openings[case])
    expected = "accepted" if case in ("closure", "nothing") else "refused page.opening"
    assert _judge(jpn, raw) == expected


def test_a_closure_signed_by_an_unknown_root_waits(world: World) -> None:
    """J11 step 6: the succession may be on its way, so the page is held and not refused."""
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    jpn.take(begin_again(usa))
    journal = usa.journal("JPN")
    raw = usa.open_epoch(journal)[0]
    usa.root = kor.root
    closure = sign_closure(usa, journal)
    assert _judge(jpn, forge(usa, raw, opening=(closure,))) == "held statement.signature"


BIRTHS: dict[str, str] = {
    "nothing": "refused page.opening",
    "certificate twice": "refused page.opening",
    "another party's": "refused page.opening",
    "another incarnation's": "refused page.opening",
    "closure for no reason": "refused page.opening",
    "stranger's root": "refused statement.signature",
    "bytes": "refused statement.malformed",
}


@pytest.mark.parametrize("case", BIRTHS)
def test_a_genesis_page_brings_its_own_certificate(case: str, world: World) -> None:
    """J11 step 3 and J14: signed by the pinned root, for this author, realm and incarnation."""
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    born = genesis_of(usa)
    page = usa.parse(born)
    own = page.header.opening
    root, secrets = usa.root, usa.secrets
    usa.root = kor.root
    strange = usa.certify()
    usa.root, usa.secrets = root, replace(secrets, incarnation=1)
    later = usa.certify()
    usa.secrets = secrets
    closure = Closure(page.header.journal.lineage, world.realm, "genesis", "USA", world.names, 0, ())
    openings = {
        "nothing": (),
        "certificate twice": (*own, *own),
        "another party's": (kor.certificate,),
        "another incarnation's": (later,),
        "closure for no reason": (*own, sign_statement(closure, root, suite=world.suite, ceremony=world.ceremony)),
        "stranger's root": (strange,),
        "bytes": (b"\x93",),
    }
    fresh = Member(world, "JPN", jpn.root)
    assert _judge(fresh, forge(usa, born, opening=openings[case])) == BIRTHS[case]
    assert _judge(fresh, born) == "accepted"


def _checkpoint(usa: Member) -> bytes:
    """USA signs a checkpoint over its journal to JPN, at its own door not yet."""
    journal = usa.journal("JPN")
    statement = usa.writer.find_checkpoint_statement(journal)
    body = sign_checkpoint(
        journal=journal,
        statement=statement,
        checkpoint_secret=usa.secrets.checkpoint,
        ceremony=usa.world.ceremony,
    )
    return usa.writer.build_checkpoint(usa.draft(journal), body)


def test_a_checkpoint_is_accepted_and_announces_heads(world: World) -> None:
    """J13: its statement names the page before it and every head held."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, said = _two_pages(world)
    raw = _checkpoint(usa)
    assert take_all(jpn, [keys, said, raw]) == ["accepted"] * 3
    assert usa.parse(raw).header.entries_root == EMPTY_ROOT


CHECKPOINTS = ["signature", "statement", "shape", "number", "page", "own-head", "order"]


@pytest.mark.parametrize("case", CHECKPOINTS)
def test_a_wrong_checkpoint_has_one_code(case: str, world: World) -> None:
    """J13: whatever is wrong with its statement or second signature, it is `page.checkpoint`."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, said = _two_pages(world)
    raw = _checkpoint(usa)
    journal = usa.journal("JPN")
    statement = usa.writer.find_checkpoint_statement(journal)
    own = SeenHead(journal.find_digest(world.suite), 0, usa.parse(keys).digest)
    heads = statement.heads
    statements = {
        "number": msgspec.structs.replace(statement, number=0),
        "page": msgspec.structs.replace(statement, page=usa.parse(keys).digest),
        "own-head": msgspec.structs.replace(statement, heads=tuple(sorted((*heads, own), key=lambda head: head.order))),
        "order": msgspec.structs.replace(statement, heads=tuple(reversed(heads))),
    }

    def sign(what: object) -> bytes:
        return sign_checkpoint(
            journal=journal,
            statement=what,  # type: ignore[arg-type]
            checkpoint_secret=usa.secrets.checkpoint,
            ceremony=world.ceremony,
        )

    body = usa.parse(raw).body
    bodies = {
        "signature": body[:-1] + bytes([body[-1] ^ 1]),
        "statement": sign(b"words"),
        "shape": b"\x90",
        **{name: sign(changed) for name, changed in statements.items()},
    }
    wrong = forge(usa, raw, body=bodies[case])
    assert take_all(jpn, [keys, said, wrong, raw]) == ["accepted", "accepted", "refused page.checkpoint", "accepted"]


def test_every_kind_of_page_is_accepted_by_its_readers(world: World) -> None:
    """Genesis, keys, entries, receipt, checkpoint."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    raws = [*_two_pages(world), _checkpoint(usa)]
    assert take_all(jpn, raws) == ["accepted"] * 3
    receipt = jpn.see("USA")
    assert receipt is not None
    assert take_all(usa, [receipt]) == ["accepted"]
    kinds = {jpn.parse(raw).header.kind for raw in jpn.raws}
    assert kinds == set(Kind)
    assert take_all(jpn, raws) == ["duplicate"] * 3
