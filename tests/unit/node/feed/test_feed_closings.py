"""What a root says of its party's warning journals when a key is replaced, from file and record (W76)."""

import shutil
from pathlib import Path

from comity.base.instants import MINUTE_MS, Instant
from comity.journal.building import Draft, Place, Signer
from comity.journal.header import Kind, parse_page
from comity.journal.statement import Closed, Closure
from comity.node.feed.closings import find_warning_closures
from comity.node.feed.kept import FEED_FILE, FeedFile
from comity.node.feed.segments import find_segments
from comity.procedure.anchor import WarningAnchored
from comity.procedure.registry import encode_entry
from comity.warning.effect import PageOut
from kit.feed import Feeds, make_block
from kit.world import PACT, T0

ALL = ("JPN", "KOR", "USA")


class _Home:
    """USA's file with a key page and four pages, one a minute, and its record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.feeds = Feeds()
        self.usa = self.feeds.world.parties["USA"]
        self.pages: list[PageOut] = []
        for number in range(4):
            self.feeds.now = Instant(T0 + number * MINUTE_MS)
            self.feeds.channels["USA"].say(make_block(1, first=number + 1), at=self.feeds.now)
            self.pages += self.feeds.write("USA")
        self.keep(*(page.raw for page in self.pages))

    def keep(self, *raws: bytes) -> None:
        """Keep own pages in the file."""
        file = FeedFile(self.folder / FEED_FILE)
        file.keep_own([parse_page(raw, self.feeds.world.suite) for raw in raws], at=T0)
        file.close()

    def anchor(self, number: int) -> None:
        """State an anchor."""
        entry = encode_entry(WarningAnchored(ALL, 0, number, self.pages[number].digest))
        self.usa.say(self.usa.journal("JPN", "KOR"), entry)

    def close(self, *, stolen_since: Instant | None = None, opens: int = 1, earlier: bytes = b"") -> list[Closed]:
        """What the closure of the journal to all names."""
        closures = find_warning_closures(
            self.folder, self.usa.ledger, self.usa.raws, party="USA", receiving=(self.usa.secrets.receiving,),
            earlier=[earlier] if earlier else [], opens=opens, stolen_since=stolen_since, suite=self.feeds.world.suite,
        )  # fmt: skip
        if not closures:
            return []
        (closure,) = closures
        assert isinstance(closure, Closure)
        assert (closure.feed, closure.audience, closure.opens) == ("warning", ALL, opens)
        return list(closure.closed)

    def row(self, number: int) -> Closed:
        """The row that names a page."""
        return Closed(0, number, self.pages[number].digest)


def test_the_last_kept_page_is_the_last_good_one(tmp_path: Path) -> None:
    """Before the theft, where there was one; of a journal that the thief had from the first, nothing stands."""
    home = _Home(tmp_path)
    assert home.close() == [home.row(4)]
    assert home.close(stolen_since=Instant(T0 + 2 * MINUTE_MS)) == [home.row(2)]
    assert home.close(stolen_since=T0) == []
    assert find_closed_audiences(home, T0) == [(ALL, ())]


def find_closed_audiences(home: _Home, stolen_since: Instant) -> list[tuple[tuple[str, ...], tuple[Closed, ...]]]:
    """The closures, whatever they name."""
    closures = find_warning_closures(
        home.folder, home.usa.ledger, home.usa.raws, party="USA", receiving=(), earlier=[], opens=1,
        stolen_since=stolen_since, suite=home.feeds.world.suite,
    )  # fmt: skip
    return [(closure.audience, closure.closed) for closure in closures]


def test_what_is_anchored_was_said_though_the_file_be_lost(tmp_path: Path) -> None:
    """The later of both counts, and a journal that neither shows has no closure."""
    home = _Home(tmp_path)
    home.anchor(2)
    assert home.close() == [home.row(4)]
    (tmp_path / FEED_FILE).unlink()
    assert home.close() == [home.row(4)]  # the index alone: it follows from the segments
    (tmp_path / FEED_FILE).unlink()
    shutil.rmtree(find_segments(tmp_path / FEED_FILE))
    assert home.close() == [home.row(2)]
    home.usa.raws.clear()
    assert home.close() == []


def test_what_a_kill_kept_from_the_index_was_said(tmp_path: Path) -> None:
    """A page is durable in the segments before it goes out, and in the index later: it is not disowned."""
    home = _Home(tmp_path / "home")
    file = FeedFile(home.folder / FEED_FILE)
    home.feeds.channels["USA"].say(make_block(1, first=9), at=home.feeds.now)
    (last,) = home.feeds.write("USA")
    file.keep_own([parse_page(last.raw, home.feeds.world.suite)], at=T0)
    home.pages.append(last)
    killed = tmp_path / "killed"
    shutil.copytree(home.folder, killed)
    file.close()
    home.folder = killed
    assert home.close() == [home.row(5)]


def test_a_fork_ends_what_stands(tmp_path: Path) -> None:
    """Neither of two pages of one number is the last good one, nor what follows them."""
    home = _Home(tmp_path)
    (outlet,) = home.feeds.channels["USA"].outlets()
    draft = Draft(outlet.id, PACT, T0, bytes(32))
    body = parse_page(home.pages[0].raw, home.feeds.world.suite).body
    signer = Signer(home.usa.secrets.node, home.feeds.world.suite)
    place = Place(outlet.digest, 3, home.pages[2].digest)
    home.keep(signer.build(draft, Kind.KEYS, place, body=body, epoch=1).raw)
    assert home.close() == [home.row(2)]


def test_what_was_closed_before_stays_closed_there(tmp_path: Path) -> None:
    """A second replacement does not take back in what the first left out."""
    home = _Home(tmp_path)
    home.feeds.replace_key("USA", home.row(2))
    opening = home.feeds.write("USA")
    home.keep(opening[0].raw)
    (closure,) = parse_page(opening[0].raw, home.feeds.world.suite).header.opening
    assert home.close(opens=2, earlier=closure) == [home.row(2), Closed(1, 0, opening[0].digest)]
