"""Building own pages (docs/spec/journal.md, J12 to J15)."""

import pytest

from comity.base.limits import PAGE_SIZE_BYTES_MAX, SEEN_COUNT_MAX
from comity.journal.header import Feed, Kind
from comity.journal.keypage import split_wraps
from comity.journal.seal import open_page
from comity.journal.writer import SEEN_PER_PAGE, sign_checkpoint
from kit.forgery import forge, take_all
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
