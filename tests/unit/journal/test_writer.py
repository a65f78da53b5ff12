"""Building own pages (docs/spec/journal.md, J12 to J15)."""

import pytest

from comity.base.limits import PAGE_SIZE_BYTES_MAX, SEEN_COUNT_MAX
from comity.journal.header import Feed, Kind
from comity.journal.keypage import split_wraps
from comity.journal.seal import open_page
from comity.journal.writer import SEEN_PER_PAGE, sign_checkpoint
from kit.forgery import forge, head_of, take_all
from kit.world import World

WORDS = b"\x92\xa4Said\xa5words"


def _crowd(count: int) -> World:
    """Many parties who have all met, in their genesis journals alone."""
    world = World(names=tuple(f"P{n:03}" for n in range(count)))
    one = next(iter(world.parties.values()))
    for member in world.parties.values():
        one.take(member.be_born())
    return world


def test_pages_are_numbered_along_the_chain_and_name_what_came_since() -> None:
    """Each page follows the one before; a head named once is not named again."""
    world = World()
    world.meet()
    usa = world.parties["USA"]
    raws = [*usa.say(usa.journal("JPN"), WORDS), *usa.say(usa.journal("JPN"), WORDS)]
    first, second, third = map(usa.parse, raws)
    assert [page.header.number for page in (first, second, third)] == [0, 1, 2]
    assert (second.header.previous, third.header.previous) == (first.digest, second.digest)
    assert len(first.header.seen) == 3
    assert second.header.seen == third.header.seen == ()


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64])
def test_what_the_writer_says_a_page_opens_to_is_what_a_reader_finds(count: int) -> None:
    """Ids and entries of an open and of a sealed page: its author need not open it to know them."""
    world = World()
    world.meet()
    usa = world.parties["USA"]
    entries = [b"\x92\xa4Said" + bytes([0xA1, 0x61 + index % 26]) for index in range(count)]
    journal = usa.journal("JPN")
    usa.open_epoch(journal)
    epoch, key = usa.epochs[journal.find_digest(world.suite)]
    raw, opened = usa.writer.write_entries(usa.draft(journal), entries, epoch=epoch, epoch_key=key)
    assert opened == open_page(world.suite, usa.parse(raw), key)
    genesis = usa.journal(*world.names, feed=Feed.GENESIS)
    raw, opened = usa.writer.write_open(usa.draft(genesis), entries)
    assert opened == open_page(world.suite, usa.parse(raw), b"")


def test_an_idle_reader_has_nothing_to_sign() -> None:
    """A receipt is written only where something new was seen, else there is none."""
    world = World()
    world.meet()
    usa = world.parties["USA"]
    assert usa.see("JPN") is not None
    assert usa.see("JPN") is None


def test_a_receipt_names_news_alone_and_the_next_words_name_the_rest() -> None:
    """J12: of receipts there is no receipt; what the author knew when it spoke is named whole all the same."""
    world = World()
    world.meet()
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    for raw in usa.say(usa.journal("JPN", "KOR"), WORDS):
        for reader in (jpn, kor):
            reader.take(raw)
    receipt = jpn.see("KOR", "USA")
    assert receipt is not None
    assert kor.see("JPN", "USA") is not None
    head = head_of(jpn, receipt)
    kor.take(receipt)
    assert kor.see("JPN", "USA") is None, "nothing but a receipt came"
    (spoken,) = usa.say(usa.journal("JPN", "KOR"), WORDS)
    kor.take(spoken)
    receipt = kor.see("JPN", "USA")
    assert receipt is not None
    assert kor.parse(receipt).header.seen == (head_of(kor, spoken),)
    named = [seen for raw in kor.say(kor.journal("JPN", "USA"), WORDS) for seen in kor.parse(raw).header.seen]
    assert named == [head]


def test_words_name_what_was_said_before_they_name_receipts() -> None:
    """Where all is too much for one page: what was said to the author is not pushed out of what it knew."""
    world = _crowd(SEEN_PER_PAGE + 24)
    one, *others = world.parties.values()
    while one.see(*world.names) is not None:
        pass
    said = one.say(one.journal(*world.names), WORDS)
    births = one.raws[: len(world.names)]
    for other in others:
        take_all(other, [*births, *said])
        while (receipt := other.see(*world.names)) is not None:
            one.take(receipt)
    spoken = others[-1].say(others[-1].journal(*world.names), WORDS)
    take_all(one, spoken)
    *_, words = one.say(one.journal(*world.names), WORDS)
    seen = one.parse(words).header.seen
    assert len(seen) == SEEN_PER_PAGE
    assert head_of(one, spoken[-1]) in seen
    assert list(seen) == sorted(seen, key=lambda head: head.order)


def test_a_receipt_names_what_was_said_before_a_receipt() -> None:
    """JPN speaks and then signs for something: its last page is a receipt, and what it said is news."""
    world = World()
    world.meet()
    jpn, kor, usa = (world.parties[name] for name in ("JPN", "KOR", "USA"))
    raws = jpn.say(jpn.journal("KOR", "USA"), WORDS)
    for raw in usa.say(usa.journal("JPN", "KOR"), WORDS):
        jpn.take(raw)
    last = jpn.see("KOR", "USA")
    assert last is not None
    assert take_all(kor, [*raws, last]) == ["accepted"] * (len(raws) + 1)
    receipt = kor.see("JPN", "USA")
    assert receipt is not None
    assert head_of(kor, last) in kor.parse(receipt).header.seen
    assert kor.see("JPN", "USA") is None


def test_heads_beyond_one_page_go_into_the_next() -> None:
    """A newcomer among 200 parties names 96 heads a page."""
    world = _crowd(200)
    one = world.parties["P000"]
    counts = []
    while (raw := one.see()) is not None:
        counts.append(len(one.parse(raw).header.seen))
        assert len(raw) < PAGE_SIZE_BYTES_MAX
    assert counts == [SEEN_PER_PAGE, SEEN_PER_PAGE, 200 - 2 * SEEN_PER_PAGE]


def test_a_checkpoint_names_no_more_heads_than_the_format_allows() -> None:
    """J13: at most 512, so that our own page is never refused at our own door."""
    world = _crowd(256)
    one = world.parties["P000"]
    for member in list(world.parties.values())[1:]:
        member.take(member.be_born())
        for readers in (("P000",), ("P000", "P001")):
            journal = member.journal(*readers)
            one.take(member.writer.build_keys(member.draft(journal), _empty_keys(), epoch=1))
    one.see()
    watch = one.journal()
    statement = one.writer.find_checkpoint_statement(watch)
    assert len(statement.heads) == SEEN_COUNT_MAX
    body = sign_checkpoint(
        journal=watch, statement=statement, checkpoint_secret=one.secrets.checkpoint, ceremony=world.ceremony
    )
    raw = one.writer.build_checkpoint(one.draft(watch), body)
    assert len(raw) < PAGE_SIZE_BYTES_MAX
    assert take_all(one, [raw]) == ["accepted"]
    assert one.parse(raw).header.kind is Kind.CHECKPOINT


def _empty_keys() -> bytes:
    return split_wraps(epoch=1, commitment=bytes(32), wraps=())[0]


def test_a_writer_never_goes_on_in_a_forked_journal() -> None:
    """A party that finds its own journal forked continues in a new incarnation; writing on would choose a branch."""
    world = World()
    world.meet()
    usa = world.parties["USA"]
    journal = usa.journal("JPN")
    _, said = usa.say(journal, WORDS)
    assert take_all(usa, [forge(usa, said, salt=bytes(32))]) == ["accepted"]
    with pytest.raises(AssertionError, match="new incarnation"):
        usa.say(journal, WORDS)
    assert usa.writer.find_next_number(usa.journal("KOR").find_digest(world.suite)) == 0


def test_a_checkpoint_needs_a_chain() -> None:
    """Number 0 has nothing before it that a checkpoint could cover."""
    world = World()
    usa = world.parties["USA"]
    with pytest.raises(AssertionError, match="covers a chain"):
        usa.writer.find_checkpoint_statement(usa.journal("JPN", feed=Feed.BULK))
