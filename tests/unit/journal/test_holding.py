"""What is held, for how long, and what no flood can do (J11)."""

import pytest

from comity.journal.ledger import Verdict
from kit.forgery import begin_again, forge, head_of, restore, take_all
from kit.world import World

WORDS = b"\x92\xa4Said\xa5words"


def _chain(world: World, count: int) -> list[bytes]:
    usa = world.parties["USA"]
    return [raw for _ in range(count) for raw in usa.say(usa.journal("JPN"), WORDS)]


def test_a_chain_that_comes_backwards_is_set_free_by_its_first_page(world: World) -> None:
    """Each held page is judged when the one before it is accepted, in one call."""
    jpn = world.parties["JPN"]
    raws = _chain(world, 5)
    assert take_all(jpn, raws[:0:-1]) == ["held page.gap"] * 5
    judged = jpn.take(raws[0])
    assert [judgement.raw for judgement in judged] == raws
    assert {judgement.verdict for judgement in judged} == {Verdict.ACCEPTED}
    assert jpn.ledger.held() == ()


def test_a_held_page_that_comes_again_is_held_once(world: World) -> None:
    """Duplicates fill nothing."""
    jpn = world.parties["JPN"]
    raws = _chain(world, 2)
    assert take_all(jpn, [raws[2], raws[2]]) == ["held page.gap"] * 2
    assert len(jpn.ledger.held()) == 1


def test_past_the_limit_a_page_is_dropped_and_may_come_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost by it: once the gap is filled the page is accepted when it is asked for again."""
    monkeypatch.setattr("comity.journal.held.PENDING_COUNT_MAX", 2)
    jpn = world.parties["JPN"]
    raws = _chain(world, 4)
    assert take_all(jpn, raws[2:]) == ["held page.gap"] * 2 + ["dropped page.gap"]
    assert take_all(jpn, raws[:2]) == ["accepted"] * 2
    assert take_all(jpn, raws[2:]) == ["duplicate"] * 2 + ["accepted"]


def test_held_pages_of_an_author_are_bounded_by_their_bytes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large pages that wait fill memory and disk long before they are many; what was stored stays all the same."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    raws = _chain(world, 4)
    monkeypatch.setattr("comity.journal.held.PENDING_SIZE_BYTES_MAX", len(raws[2]) + len(raws[3]))
    assert take_all(jpn, raws[2:]) == ["held page.gap"] * 2 + ["dropped page.gap"]
    assert jpn.ledger.accept(raws[4], is_stored=True)[0].verdict is Verdict.HELD
    assert take_all(jpn, raws[:2]) == ["accepted"] * 2
    assert take_all(jpn, raws[2:]) == ["duplicate"] * 3
    assert [jpn.ledger.find_page(usa.parse(raw).digest) is not None for raw in raws] == [True] * 5
    more = [raw for _ in range(3) for raw in usa.say(usa.journal("JPN"), WORDS)]
    assert take_all(jpn, more[1:]) == ["held page.gap"] * 2  # the room is free again


def test_a_page_that_waits_for_one_thing_and_then_another_is_not_dropped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was acknowledged when it was first held, and does not come again."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    born = begin_again(usa)
    raws = [usa.open_epoch(usa.journal("JPN"))[0], *_chain(world, 3)]
    waiting = raws[2:]
    assert take_all(jpn, waiting) == ["held page.stranger"] * len(waiting)
    monkeypatch.setattr("comity.journal.held.PENDING_SIZE_BYTES_MAX", 1)
    jpn.take(born)
    assert [code for _, code in jpn.ledger.held()] == ["page.gap"] * len(waiting)


def test_pages_that_anyone_can_make_do_not_crowd_out_signed_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Junk in an author's name under a key never certified has room of its own (law 1)."""
    monkeypatch.setattr("comity.journal.held.PENDING_COUNT_MAX", 2)
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    raws = _chain(world, 2)
    journal = usa.parse(raws[0]).header.journal
    later = type(journal)(journal.lineage, journal.realm, journal.feed, "USA", journal.audience, 9)
    junk = [forge(usa, raws[0], journal=later, salt=bytes([n]) * 32, secret=bytes(32)) for n in range(3)]
    assert take_all(jpn, junk) == ["held page.stranger"] * 2 + ["dropped page.stranger"]
    assert take_all(jpn, raws[1:]) == ["held page.gap"] * 2


def test_a_forged_signature_on_a_true_header_does_not_take_its_place(world: World) -> None:
    """While no certificate is here both copies wait; the true one is accepted, the forged one refused."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    born = begin_again(usa)
    page = usa.open_epoch(usa.journal("JPN"))[0]
    forged = forge(usa, page, secret=bytes(32))
    assert usa.parse(forged).digest == usa.parse(page).digest
    for first, second in ((forged, page), (page, forged)):
        reader = restore(jpn, jpn.raws)
        assert take_all(reader, [first, second]) == ["held page.stranger"] * 2
        verdicts = {judgement.raw: judgement.verdict for judgement in reader.take(born)}
        assert verdicts[page] is Verdict.ACCEPTED
        assert verdicts[forged] in (Verdict.REFUSED, Verdict.DUPLICATE)
        assert page in reader.raws
        assert forged not in reader.raws


def test_a_held_page_that_turns_out_wrong_is_refused(world: World) -> None:
    """It waited for the page before it; with that page here it breaks a rule of the chain."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    raws = _chain(world, 1)
    wrong = forge(usa, raws[1], epoch=7)
    assert take_all(jpn, [wrong]) == ["held page.gap"]
    judged = jpn.take(raws[0])
    assert [(judgement.verdict, judgement.code) for judgement in judged] == [
        (Verdict.ACCEPTED, ""),
        (Verdict.REFUSED, "page.kind"),
    ]


def test_doubted_pages_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused pages that a later certificate could make good: a few are remembered, the rest are only evidence."""
    monkeypatch.setattr("comity.journal.held.DOUBTED_COUNT_MAX", 2)
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    raw = _chain(world, 1)[0]
    junk = [forge(usa, raw, salt=bytes([n]) * 32, secret=bytes(32)) for n in range(4)]
    assert take_all(jpn, junk) == ["refused page.signature"] * 4
    assert len(jpn.ledger._held) == 2
    assert jpn.ledger.held() == ()


def test_doubted_pages_are_bounded_by_their_bytes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can make them in another's name: sixty-four large ones must not lie in memory."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    raw = _chain(world, 1)[0]
    monkeypatch.setattr("comity.journal.held.DOUBTED_SIZE_BYTES_MAX", 3 * len(raw))
    junk = [forge(usa, raw, salt=bytes([n]) * 32, secret=bytes(32)) for n in range(5)]
    assert take_all(jpn, junk) == ["refused page.signature"] * 5
    assert len(jpn.ledger._held) == 3


def test_all_of_a_liars_branches_are_kept_and_a_few_are_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """J11: a limit would let the order of arrival choose between them. What it costs readers is bounded by J12."""
    monkeypatch.setattr("comity.journal.branch.BRANCH_COUNT_MAX", 3)
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    raws = _chain(world, 2)
    rivals = [forge(usa, raws[1], salt=bytes([n]) * 32) for n in range(6)]
    lowest = sorted(rivals, key=lambda raw: usa.parse(raw).digest)[:2]
    expected = sorted((head_of(usa, raw) for raw in (raws[2], *lowest)), key=lambda head: head.order)
    born = list(jpn.raws)
    for order in ([*raws, *rivals], [*rivals[::-1], *raws]):
        reader = restore(jpn, born)
        take_all(reader, order)
        journal = usa.parse(raws[0]).journal
        assert len(reader.raws) == len(born) + 3 + 6
        named = [head for head in reader.ledger.find_unnamed(reader.journal("USA")) if head.journal == journal]
        assert named == expected


def test_statements_that_came_by_another_way_set_pages_free(world: World) -> None:
    """A certificate may come in a bundle or from a relay instead of with its genesis page (S11)."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    begin_again(usa)
    page = usa.open_epoch(usa.journal("JPN"))[0]
    assert take_all(jpn, [page]) == ["held page.stranger"]
    assert [judgement.verdict for judgement in jpn.ledger.learn((usa.certificate,))] == [Verdict.ACCEPTED]
    assert jpn.ledger.learn((usa.certificate,)) == ()


def test_bytes_that_are_no_page_are_refused_and_returned(world: World) -> None:
    """The verdict carries them: they are the evidence."""
    (judgement,) = world.parties["JPN"].ledger.accept(b"words")
    assert (judgement.verdict, judgement.code, judgement.raw) == (Verdict.REFUSED, "page.malformed", b"words")
    assert judgement.page is None
