"""Which pages are known to exist and are not here (J19), whatever a liar names."""

from dataclasses import replace

import msgspec
import pytest

from comity.base.names import Audience, Digest
from comity.journal.header import EMPTY_ROOT, Kind, SeenHead
from kit.forgery import forge, head_of, restore, take_all
from kit.world import PACT, Member, World

WORDS = b"\x92\xa4Said\xa5words"
FALSE = Digest(bytes(32))
"""A journal that never was; its name comes before every other in the order of heads."""


def _name(member: Member, raw: bytes, *heads: SeenHead) -> bytes:
    """Write a receipt in the place of a page: one that names these heads."""
    seen = tuple(sorted(heads, key=lambda head: head.order))
    return forge(
        member, raw, body=b"", kind=Kind.HEADS_SEEN, epoch=0, entry_count=0, entries_root=EMPTY_ROOT, seen=seen
    )


def _find_readers(member: Member, journal: Digest) -> Audience:
    want = member.ledger.wanted.find(journal)
    return want.readers if want else ()


@pytest.mark.parametrize("is_lie_first", [True, False])
def test_a_page_named_under_a_false_journal_is_wanted_in_its_own(world: World, *, is_lie_first: bool) -> None:
    """KOR names USA's page; USA names it to JPN in a journal that never was. JPN asks for both until it comes."""
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    said = usa.say(usa.journal("JPN", "KOR"), WORDS)
    true, journal = head_of(usa, said[1]), usa.parse(said[1]).journal
    take_all(kor, said)
    receipt = kor.see("JPN", "USA")
    assert receipt is not None
    key_page, words = usa.say(usa.journal("JPN"), WORDS)
    false = SeenHead(FALSE, 5, true.page)
    lie = _name(usa, words, false)
    take_all(jpn, [said[0], key_page, *([lie, receipt] if is_lie_first else [receipt, lie])])
    assert _find_readers(jpn, journal) == ("JPN", "KOR", "USA")
    assert _find_readers(jpn, FALSE) == ("JPN", "USA")
    assert [row.head for row in jpn.ledger.find_missing()] == [false]
    take_all(jpn, said[1:])
    assert (_find_readers(jpn, journal), _find_readers(jpn, FALSE)) == ((), ())
    assert jpn.ledger.find_missing() == ()


def test_a_page_that_waits_for_a_version_of_the_pact_is_not_wanted(world: World) -> None:
    """It is here, in one copy or two. Once it is refused under that version it is wanted again, and shown all along."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    key_page, words = usa.say(usa.journal("JPN"), WORDS)
    strange = msgspec.structs.replace(usa.journal("JPN"), audience=("JPN", "PRK", "USA"))
    later = forge(usa, key_page, journal=strange, pact=bytes(32), previous=strange.find_digest(world.suite))
    copy = forge(usa, later, secret=bytes(32))
    world.pins = replace(world.pins, versions=frozenset({PACT}))
    reader = restore(jpn, jpn.raws)
    head = head_of(usa, later)
    naming = _name(usa, words, head)
    assert take_all(reader, [key_page, later, copy]) == ["accepted", *["held page.unknown-party"] * 2]
    assert take_all(reader, [naming]) == ["accepted"]
    assert _find_readers(reader, Digest(head.journal)) == ()
    assert [row.head for row in reader.ledger.find_missing()] == [head]
    other = restore(jpn, jpn.raws)
    assert take_all(other, [key_page, naming]) == ["accepted"] * 2
    assert _find_readers(other, Digest(head.journal)) == ("JPN", "USA")
    take_all(other, [later])
    assert _find_readers(other, Digest(head.journal)) == ()
    other.ledger.trust.pins = replace(world.pins, versions=frozenset({PACT, Digest(bytes(32))}))
    other.ledger.trust.version += 1
    other.ledger.learn(())
    assert _find_readers(other, Digest(head.journal)) == ("JPN", "USA")
