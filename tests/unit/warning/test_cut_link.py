"""A link cut for ten minutes and joined again, played through channels and pictures on a clock of the test's own.

Issue 6, must show: late data shown late, nothing doubled. Three parties; between two of them nothing passes, the third
reaches both. Real nodes go through it in `bench/cut_link.py` (docs/cut-link.md).
"""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Digest, Party
from comity.warning.domain import TrackTerms
from comity.warning.effect import AnchorFault, Fate, PageOut
from comity.warning.picture import Picture
from comity.warning.rows import Block
from comity.warning.situation import Situation, Stand
from kit.feed import BALLISTIC, Feeds, number_rows
from kit.world import T0

ALL: tuple[Party, ...] = ("JPN", "KOR", "USA")
ENDS = frozenset(("KOR", "USA"))
STEP_MS, STALE_MS, LOOK_EVERY_MS = 4 * SECOND_MS, 20 * SECOND_MS, 20 * SECOND_MS
TERMS = {BALLISTIC: TrackTerms(BALLISTIC, "missile", 8_000, STALE_MS, 5 * MINUTE_MS)}
CUT_AT, JOINED_AT, OVER_AT = T0 + MINUTE_MS, T0 + 11 * MINUTE_MS, T0 + 12 * MINUTE_MS
ENDING_AT = T0 + 9 * MINUTE_MS
"""From here on each party's second track says nothing more."""

RowName = tuple[Party, int, int]


@dataclass
class _Reader:
    """What one party was told, how late, and its picture."""

    picture: Picture = field(default_factory=lambda: Picture(TERMS))
    told: Counter[RowName] = field(default_factory=Counter)
    late: set[RowName] = field(default_factory=set)
    """Rows that were stale when they came."""
    shown: Situation | None = None


class _Play:
    """Parties that report two tracks each, every four seconds, and look at their pictures now and then."""

    def __init__(self) -> None:
        self.feeds = Feeds()
        self.readers = {name: _Reader() for name in ALL}
        self.waiting: dict[tuple[Party, Party], list[PageOut]] = {}
        """Pages that the cut link keeps from a reader, by author and reader."""
        self.lost_count = 0

    def is_cut(self, one: Party, other: Party) -> bool:
        return {one, other} == ENDS and CUT_AT <= self.feeds.now < JOINED_AT

    def step(self, *, order: random.Random | None) -> None:
        """Have everybody say what it sees now; what waited comes with it once the link is whole, in some order."""
        now = self.feeds.now
        for author in ALL:
            block = _see(author, now)
            self.feeds.channels[author].say(block, at=now)
            self._learn(author, author, block, own=True)
            pages = self.feeds.write(author)
            for reader in (name for name in ALL if name != author):
                waiting = self.waiting.setdefault((author, reader), [])
                waiting += pages
                if not self.is_cut(author, reader):
                    self._hand(author, reader, waiting, order)
        if (now + STEP_MS - T0) % LOOK_EVERY_MS == 0:
            for one in self.readers.values():
                one.shown = one.picture.at(now)
        self.lost_count += sum(len(self.feeds.channels[name].give_up(now)) for name in ALL)
        self.feeds.now = Instant(now + STEP_MS)

    def _hand(self, author: Party, reader: Party, waiting: list[PageOut], order: random.Random | None) -> None:
        """A link that comes back may bring pages in any order, and some again."""
        coming = list(waiting)
        if order is not None and len(coming) > 2:
            order.shuffle(coming)
            coming += order.sample(coming, 20)
        waiting.clear()
        for page in coming:
            taken = self.feeds.hand(page, to=reader)
            assert taken.fate in (Fate.TAKEN, Fate.HELD, Fate.DUPLICATE), taken
            for received in taken.received:
                for block in received.blocks:
                    self._learn(reader, author, block)

    def _learn(self, name: Party, author: Party, block: Block, *, own: bool = False) -> None:
        reader, now = self.readers[name], self.feeds.now
        reader.picture.take(author, block, None if own else now)
        for row in block.rows:
            of = (author, int(row["track"]), int(row["number"]))
            reader.told[of] += 1
            if now - int(row["at"]) > STALE_MS:
                reader.late.add(of)


def _see(author: Party, now: Instant) -> Block:
    """What a party sees at an instant: far from what the others see, and until a while before the link is whole."""
    rows = number_rows(2 if now < ENDING_AT else 1, at=now)
    rows["track"] = [1, 2][: len(rows)]
    rows["number"] = (now - T0) // STEP_MS + 1
    rows["latitude"] = 391_000_000 + 20_000_000 * ALL.index(author) + 5_000_000 * rows["track"]
    return Block.of_rows(BALLISTIC, rows)


@pytest.fixture(scope="module", params=["in order", "in any order, some again"])
def played(request: pytest.FixtureRequest) -> _Play:
    """A minute before the cut, ten of it, a minute after it."""
    play = _Play()
    order = None if request.param == "in order" else random.Random(11)
    while play.feeds.now < OVER_AT:
        play.step(order=order)
        if play.feeds.now == JOINED_AT:
            _look_while_cut(play)
    return play


def _look_while_cut(play: _Play) -> None:
    """At the end of the cut: the far end's tracks stand as given up, and the record says that more was said."""
    korea = play.readers["KOR"].shown
    assert korea is not None
    stands = {str(korea.name_member(place)): int(row["standing"]) for place, row in enumerate(korea.members)}
    assert stands["USA-0001"] == stands["USA-0002"] == Stand.DROPPED
    assert stands["JPN-0001"] == stands["KOR-0001"] == Stand.LIVE
    (anchor,) = play.feeds.channels["USA"].find_anchors()
    assert play.feeds.channels["KOR"].intake.find_anchor_fault("USA", anchor) is AnchorFault.AHEAD
    assert play.feeds.channels["JPN"].intake.find_anchor_fault("USA", anchor) is None


def test_every_row_is_told_once_and_none_is_missing(played: _Play) -> None:
    """Counted by author, track and number; no page is given up, for ten minutes are less than a stream keeps."""
    own = {name for reader, of in played.readers.items() for name in of.told if name[0] == reader}
    for reader in played.readers.values():
        assert reader.told.keys() == own
        assert set(reader.told.values()) == {1}
    assert played.lost_count == 0
    assert [inlet.missing_count for name in ALL for inlet in played.feeds.channels[name].intake.inlets()] == [0] * 6


def test_what_was_kept_back_is_late_and_nothing_else_is(played: _Play) -> None:
    """At either end the other's rows of the cut, but for those said just before it was whole again."""
    numbers = range((CUT_AT - T0) // STEP_MS + 1, (JOINED_AT - STALE_MS - T0) // STEP_MS + 1)
    last_of_second = (ENDING_AT - T0) // STEP_MS
    for reader, other in (("KOR", "USA"), ("USA", "KOR")):
        late = {(other, 1, number) for number in numbers}
        late |= {(other, 2, number) for number in numbers if number <= last_of_second}
        assert played.readers[reader].late == late
    assert played.readers["JPN"].late == set()


def test_late_rows_are_in_their_place_and_shown_late(played: _Play) -> None:
    """A track that ended during the cut stands where it was last seen, and its delay says how late that came."""
    for reader, other in (("KOR", "USA"), ("USA", "KOR")):
        shown = played.readers[reader].shown
        assert shown is not None
        place = next(at for at in range(len(shown.members)) if str(shown.name_member(at)) == f"{other}-0002")
        row = shown.members[place]["row"]
        assert (int(row["at"]), int(row["number"])) == (ENDING_AT - STEP_MS, (ENDING_AT - T0) // STEP_MS)
        assert int(shown.received_at[place]) == JOINED_AT
        delay = next(of for of in shown.delays if of.author == other)
        assert (delay.late_count, delay.longest_ms, delay.latest_ms) == (1, JOINED_AT - ENDING_AT + STEP_MS, 0)
        (in_time,) = (of for of in shown.delays if of.author == "JPN")
        assert (in_time.late_count, in_time.longest_ms) == (0, 0)


def test_all_three_show_the_same_picture_again(played: _Play) -> None:
    """To the byte, whatever came when; and it is the picture folded anew from all rows."""
    suite = played.feeds.world.suite
    digests: set[Digest] = {of.shown.digest(suite) for of in played.readers.values() if of.shown is not None}
    assert len(digests) == 1
    anew = Picture(TERMS)
    for author in reversed(ALL):
        for now in range(OVER_AT - STEP_MS, T0 - 1, -STEP_MS):
            anew.take(author, _see(author, Instant(now)))
    assert digests == {anew.at(Instant(OVER_AT - STEP_MS)).digest(suite)}


def test_anchors_agree_again(played: _Play) -> None:
    """What each says in the record of how far it came is what everybody has."""
    for author in ALL:
        (anchor,) = played.feeds.channels[author].find_anchors()
        for reader in (name for name in ALL if name != author):
            assert played.feeds.channels[reader].intake.find_anchor_fault(author, anchor) is None
