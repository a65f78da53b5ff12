"""The feed goes on under new keys, and what the old ones say after their closing counts no more (W76; J14, J17)."""

from collections.abc import Sequence

from comity.base.names import Digest
from comity.journal.building import Draft, Place, Signer
from comity.journal.header import Kind, parse_page
from comity.journal.statement import Closed
from comity.warning.channel import Channel
from comity.warning.effect import Fate, PageOut
from comity.warning.rows import encode_blocks
from kit.feed import Feeds, make_block
from kit.world import T0


class _Replaced:
    """USA says four pages after its key page; then its key is replaced, with its root's word of where the old ends."""

    def __init__(self) -> None:
        self.feeds = Feeds()
        self.world, self.usa = self.feeds.world, self.feeds.world.parties["USA"]
        self.old = self.feeds.channels["USA"]
        self.pages: list[PageOut] = []
        for first in range(1, 5):
            self.old.say(make_block(1, first=first), at=T0)
            self.pages += self.feeds.write("USA")

    def replace(self, *closed: Closed) -> Channel:
        """Replace the key; everybody hears of the certificate."""
        return self.feeds.replace_key("USA", *closed)

    def close_at(self, number: int) -> Closed:
        """The row that names one of the old pages as the last good one."""
        return Closed(0, number, self.pages[number].digest)

    def read(self, pages: Sequence[PageOut], *, by: str = "JPN") -> list[int]:
        """The numbers of the updates that a reader reads in these pages."""
        return [int(number) for block in self.feeds.share(list(pages), to=by) for number in block.rows["number"]]

    def count_disowned(self, *, by: str = "JPN") -> list[int]:
        """How many pages a reader holds to be disowned, by incarnation."""
        inlets = sorted(self.feeds.channels[by].intake.inlets(), key=lambda inlet: inlet.id.incarnation)
        return [inlet.disowned_count for inlet in inlets]


def test_page_0_closes_the_old_journal_though_nothing_is_said() -> None:
    """A key page with the root's word goes out at once; nothing more before there are words, and then all goes on."""
    case = _Replaced()
    assert case.read(case.pages) == [1, 2, 3, 4]
    channel = case.replace(case.close_at(4))
    (first,) = case.feeds.write("USA")
    page = parse_page(first.raw, case.world.suite)
    assert (page.header.kind, page.header.number, len(page.header.opening)) == (Kind.KEYS, 0, 1)
    taken = case.feeds.hand(first, to="JPN")
    assert (taken.fate, taken.is_closing, taken.faults) == (Fate.TAKEN, True, ())
    assert not case.feeds.hand(first, to="JPN").is_closing
    channel.say(make_block(1, first=5), at=T0)
    (second,) = case.feeds.write("USA")
    assert parse_page(second.raw, case.world.suite).header.opening == ()
    assert case.read([second]) == [5]
    assert case.count_disowned() == [0, 0]


def test_what_the_old_key_says_after_its_closing_is_not_read() -> None:
    """A thief's pages stand as evidence and are named; good ones that come late are read, in whatever order."""
    case = _Replaced()
    case.old.say(make_block(1, first=66), at=T0)
    case.feeds.now = T0
    case.feeds.channels["USA"] = case.old
    thief = case.feeds.write("USA")
    case.replace(case.close_at(3))
    opening = case.feeds.write("USA")
    assert case.read([*case.pages[:2], *opening]) == [1]
    taken = case.feeds.hand(thief[0], to="JPN")
    assert (taken.fate, taken.faults, taken.received) == (Fate.TAKEN, ("page.disowned",), ())
    assert case.read(case.pages[2:]) == [2, 3], "page 4 lies beyond the last good one"
    assert case.count_disowned() == [2, 0]


def test_another_branch_below_the_last_good_page_is_left_out_once_it_shows() -> None:
    """A rival of a page before the last good one: as far as the pages between are here."""
    case = _Replaced()
    (outlet,) = case.old.outlets()
    rival = Signer(case.usa.secrets.node, case.world.suite)
    key = case.old._keyring.find_epoch_key(journal=outlet.digest, epoch=1)
    assert key is not None
    draft = Draft(outlet.id, Digest(parse_page(case.pages[1].raw, case.world.suite).header.pact), T0, bytes(32))
    place = Place(outlet.digest, 2, case.pages[1].digest)
    built, _ = rival.write_entries(draft, encode_blocks([make_block(1, first=66)]), place, epoch=1, epoch_key=key)
    case.replace(case.close_at(3))
    opening = case.feeds.write("USA")
    jpn = case.feeds.channels["JPN"]
    assert case.read([case.pages[0], case.pages[1], case.pages[3], *opening]) == [1, 3]
    taken = jpn.take(built.raw, T0)
    assert taken.faults == ("page.disowned",)
    assert case.read([case.pages[2]]) == [2]


def test_without_a_row_for_it_nothing_of_an_incarnation_stands() -> None:
    """A closure that does not name the old journal leaves it out from its first page (J17)."""
    case = _Replaced()
    case.replace()
    assert case.read([*case.feeds.write("USA"), *case.pages]) == []
    assert case.count_disowned() == [4, 0]


def test_a_reader_that_starts_anew_knows_the_closing_from_its_kept_pages() -> None:
    """Page 0 is among what is read back."""
    case = _Replaced()
    case.replace(case.close_at(2))
    opening = case.feeds.write("USA")
    jpn = case.feeds.make_channel(case.world.parties["JPN"])
    for page in (case.pages[0], case.pages[1], *opening):
        jpn.restore(parse_page(page.raw, case.world.suite), at=T0)
    assert jpn.take(case.pages[2].raw, T0).faults == ()
    assert jpn.take(case.pages[3].raw, T0).faults == ("page.disowned",)
