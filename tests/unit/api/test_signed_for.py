"""Since when it is proved that a party had a page (ADR 0062)."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.api.knowledge import Knowing, judge_knowledge
from comity.api.signed_for import SignedFor, _Steps
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.plan import PlanRetired
from comity.procedure.stated import Standing, Stated
from kit.forgery import restore, take_all
from kit.world import Member, World

WORDS = b"\x92\xa4Said\xa5words"


@pytest.fixture
def world() -> World:
    """Three parties that know one another."""
    met = World()
    met.meet()
    return met


def _stated(member: Member, raw: bytes) -> Stated:
    page = member.parse(raw)
    header = page.header
    return Stated(
        PlanRetired(bytes(32)), Digest(bytes(32)), header.journal.author, header.journal.audience,
        page.journal, header.number, 0, Instant(header.written_at), Standing.GOOD, {}, page_digest=page.digest,
    )  # fmt: skip


def _read_by(member: Member) -> SignedFor:
    def read(journal: Digest, number: int) -> Iterable[bytes]:
        pages = map(member.parse, member.raws)
        return [page.raw for page in pages if (page.journal, page.header.number) == (journal, number)]

    signed = SignedFor(member.ledger, member.world.suite, read)
    asyncio.run(signed.catch_up())
    return signed


def _find_at(signed: SignedFor, stated: Stated, party: Party) -> int | None:
    found = signed.find_first(stated, party)
    return None if found is None else found.header.written_at


def test_the_first_signature_that_covers_a_page_counts(world: World) -> None:
    """A receipt of a later page proves the earlier one too; whoever signed nothing is not said to have it."""
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    journal = usa.journal("JPN", "KOR")
    first, second = usa.say(journal, WORDS), usa.say(journal, WORDS)
    stated = _stated(usa, first[-1])
    for raw in (*first, *second):
        jpn.take(raw)
    jpn.now = usa.now
    receipt = jpn.see("KOR", "USA")
    assert receipt is not None
    later = usa.say(journal, WORDS)
    for raw in (*first, *second, *later):
        jpn.take(raw)
        kor.take(raw)
    again = jpn.see("KOR", "USA")
    assert again is not None
    for raw in (receipt, again):
        kor.take(raw)
    signed = _read_by(kor)
    assert _find_at(signed, stated, "JPN") == jpn.parse(receipt).header.written_at
    assert _find_at(signed, _stated(usa, later[-1]), "JPN") == jpn.parse(again).header.written_at
    assert _find_at(signed, stated, "KOR") is None
    assert _find_at(signed, stated, "USA") == stated.written_at
    at = Instant(jpn.parse(receipt).header.written_at)
    judged = {
        moment: [row.knowing for row in judge_knowledge(stated, ("JPN", "KOR", "USA"), signed=signed, disclosures={},
                                                        at=Instant(moment))]
        for moment in (stated.written_at - 1, at - 1, at)
    }  # fmt: skip
    assert judged[stated.written_at - 1] == [Knowing.NOT_YET] * 3
    assert judged[at - 1] == [Knowing.NOT_PROVED, Knowing.NOT_PROVED, Knowing.SAID]
    assert judged[at] == [Knowing.KNOWN, Knowing.NOT_PROVED, Knowing.SAID]


def test_what_comes_later_is_taken_up(world: World) -> None:
    """Asking again after a page came finds it."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    raws = usa.say(usa.journal("JPN"), WORDS)
    take_all(jpn, raws)
    signed = _read_by(usa)
    stated = _stated(usa, raws[-1])
    assert signed.find_first(stated, "JPN") is None
    receipt = jpn.see("USA")
    assert receipt is not None
    usa.take(receipt)
    asyncio.run(signed.catch_up())
    assert _find_at(signed, stated, "JPN") == jpn.parse(receipt).header.written_at


def test_a_name_proves_its_own_branch_alone(world: World) -> None:
    """Of two histories whoever signed for the one is not said to have had the other."""
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    journal = usa.journal("JPN", "KOR")
    trunk = usa.say(journal, WORDS)
    twin = restore(usa, [*usa.raws])
    twin.epochs[journal.find_digest(world.suite)] = usa.epochs[journal.find_digest(world.suite)]
    long, short = [*usa.say(journal, WORDS), *usa.say(journal, WORDS)], twin.say(journal, b"\x92\xa4Said\xa2no")
    take_all(kor, [*trunk, *short])
    receipt = kor.see("JPN", "USA")
    assert receipt is not None
    take_all(jpn, [*trunk, *long, *short, receipt])
    signed = _read_by(jpn)
    at = kor.parse(receipt).header.written_at
    assert signed.is_forked(_stated(usa, trunk[-1]))
    assert [_find_at(signed, _stated(usa, raw), "KOR") for raw in (trunk[-1], short[-1], long[0])] == [at, at, None]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20))
def test_the_steps_say_what_all_of_it_says(rows: list[tuple[int, int]]) -> None:
    """Whatever a party signs in whatever order, the earliest proof of each page is found."""
    steps = _Steps()
    for number, clock in rows:
        page: Any = SimpleNamespace(header=SimpleNamespace(written_at=clock))
        steps.note(number, page)
    for number in range(13):
        found = steps.find_first(number)
        clocks = [clock for signed, clock in rows if signed >= number]
        assert (found.header.written_at if found else None) == min(clocks, default=None)
