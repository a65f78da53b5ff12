"""The warning feed driven over outboxes in memory and real files (docs/spec/warning.md, W24, W26, W33)."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.base.instants import DAY_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed, Kind, parse_page
from comity.node.feed.keeping import Keeping
from comity.node.feed.kept import FEED_FILE, FeedFile
from comity.node.feed.kept_beside import read_span
from comity.node.feed.runner import FeedRunner
from comity.node.memory_outbox import MemoryLink, MemoryOutbox
from comity.node.stream import Reader, Stream
from comity.warning.effect import Anchor, Received
from comity.warning.telling import Releases, Terms
from kit.feed import AGREEMENT, BALLISTIC, SHIPS, Feeds, make_block, make_releases
from kit.patience import PATIENCE_S
from kit.world import LINEAGE, T0

ALL: Audience = ("JPN", "KOR", "USA")


def _releases(author: Party) -> Releases:
    others = [name for name in ALL if name != author]
    return make_releases(author, {(class_, to): Terms(AGREEMENT) for class_ in (BALLISTIC, SHIPS) for to in others})


class _Net:
    """Each party's outbox, file and runner; what each was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.feeds = Feeds()
        self.outboxes = {name: MemoryOutbox(ack_wait_ms=200) for name in ALL}
        self.runners: dict[Party, FeedRunner] = {}
        self.files: dict[Party, FeedFile] = {}
        self.told: dict[Party, list[Received]] = {name: [] for name in ALL}
        self.anchors: list[Anchor] = []
        self.closed: list[Audience] = []
        self.now = T0

    async def start(self, name: Party) -> FeedRunner:
        """Start a party's feed, as after a restart."""
        world = self.feeds.world
        me = Reader(Digest(LINEAGE), world.realm, name)
        file = self.files[name] = FeedFile(self.folder / name / FEED_FILE)
        links = {other: MemoryLink(self.outboxes[other], me, poll_s=0.01) for other in ALL if other != name}
        channel = self.feeds.make_channel(world.parties[name])
        runner = FeedRunner(
            channel, Keeping(file, seal=bytes), self.outboxes[name], links,
            me=me, suite=world.suite, ceremony=world.ceremony, clock=lambda: self.now,
        )  # fmt: skip
        runner.on_received = self.told[name].append
        runner.on_anchor = self.anchors.append
        runner.on_closed = self.closed.append
        await runner.start(_releases(name))
        for other in links:
            runner.follow(other, ALL)
        self.runners[name] = runner
        return runner

    async def stop(self, name: Party) -> None:
        """Stop it."""
        await self.runners.pop(name).stop()
        self.files.pop(name).close()

    async def until_told(self, reader: Party, *numbers: int) -> None:
        """Wait until a reader was told exactly these updates."""
        await self.until(lambda: sorted(self.numbers(reader)) == list(numbers))

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for a state."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():  # noqa: ASYNC110 -- a state of many parts
                await asyncio.sleep(0.01)

    def numbers(self, reader: Party) -> list[int]:
        """The numbers of the updates that a reader was told, in the order in which it was."""
        blocks = [block for received in self.told[reader] for block in received.blocks]
        return [int(number) for block in blocks for number in block.rows["number"]]

    def stream(self, *, author: Party = "USA") -> list[bytes]:
        """The pages of an author's stream."""
        stream = Stream(Digest(LINEAGE), self.feeds.world.realm, Feed.WARNING, ALL)
        held = self.outboxes[author]._streams[stream.name]
        return [held.pages[sequence] for sequence in sorted(held.pages)]

    def list_chain(self) -> list[int]:
        """The numbers of USA's pages in its stream; each must follow the one before."""
        pages = [parse_page(raw, self.feeds.world.suite) for raw in self.stream()]
        for before, after in itertools.pairwise(pages):
            assert after.header.previous == before.digest
        return [page.header.number for page in pages]


def _play(folder: Path, play: Callable[[_Net], Awaitable[None]], *names: Party) -> None:
    async def run() -> None:
        net = _Net(folder)
        for name in names or ALL:
            await net.start(name)
        try:
            await play(net)
        finally:
            for name in list(net.runners):
                await net.stop(name)

    asyncio.run(run())


def test_what_one_party_says_both_others_are_told(tmp_path: Path) -> None:
    """Pages are in the author's file, its stream and the readers' files; each is told once."""

    async def play(net: _Net) -> None:
        for first in (1, 4, 7):
            assert net.runners["USA"].say(make_block(3, first=first)) == 1
        await net.until(lambda: len(net.numbers("JPN")) == len(net.numbers("KOR")) == 9)
        assert net.numbers("JPN") == net.numbers("KOR") == list(range(1, 10))
        assert net.files["USA"].count_pages() == len(net.stream())
        await net.until(lambda: net.files["JPN"].count_pages() == len(net.stream()))

    _play(tmp_path, play)


def test_a_restart_goes_on_in_the_same_chain(tmp_path: Path) -> None:
    """Neither a number twice nor one left out, and the same epoch key."""

    async def play(net: _Net) -> None:
        net.runners["USA"].say(make_block(1, first=1))
        await net.until(lambda: net.numbers("JPN") == [1])
        await net.stop("USA")
        await net.start("USA")
        net.runners["USA"].say(make_block(1, first=2))
        await net.until(lambda: net.numbers("JPN") == net.numbers("KOR") == [1, 2])
        kinds = [parse_page(raw, net.feeds.world.suite).header.kind for raw in net.stream()]
        assert net.list_chain() == list(range(len(kinds)))
        assert kinds.count(Kind.KEYS) == 1

    _play(tmp_path, play)


def test_a_lost_file_is_filled_again_from_the_own_stream(tmp_path: Path) -> None:
    """What the stream still has is taken back before anything is said: no fork."""

    async def play(net: _Net) -> None:
        net.runners["USA"].say(make_block(1, first=1))
        await net.until(lambda: net.numbers("JPN") == [1])
        count = net.files["USA"].count_pages()
        await net.stop("USA")
        (net.folder / "USA" / FEED_FILE).unlink()
        await net.start("USA")
        assert net.files["USA"].count_pages() == count
        net.runners["USA"].say(make_block(1, first=2))
        await net.until(lambda: net.numbers("JPN") == [1, 2])
        assert net.list_chain() == list(range(count + 1))

    _play(tmp_path, play)


def test_a_lost_stream_is_begun_again_and_the_chain_goes_on(tmp_path: Path) -> None:
    """The outbox may lose anything at any time; what follows is read by whoever had what was before."""

    async def play(net: _Net) -> None:
        net.runners["USA"].say(make_block(1, first=1))
        await net.until(lambda: net.numbers("JPN") == [1])
        net.outboxes["USA"].lose_all()
        net.runners["USA"].say(make_block(1, first=2))
        await net.until(lambda: net.numbers("JPN") == [1, 2])
        assert net.list_chain() == [2]

    _play(tmp_path, play)


def test_while_the_own_outbox_is_down_rows_wait_and_then_leave_together(tmp_path: Path) -> None:
    """One page is in flight, and no more are built than that one."""

    async def play(net: _Net) -> None:
        net.runners["USA"].say(make_block(1, first=1))
        await net.until(lambda: net.numbers("JPN") == [1])
        net.outboxes["USA"].is_down = True
        for first in range(2, 60):
            net.runners["USA"].say(make_block(1, first=first))
            await asyncio.sleep(0)
        (outlet,) = net.runners["USA"].channel.outlets()
        await net.until(lambda: outlet.is_in_flight and net.files["USA"].count_pages() == outlet.next_number)
        held = net.files["USA"].count_pages()
        net.outboxes["USA"].is_down = False
        await net.until(lambda: len(net.numbers("JPN")) == 59)
        assert sorted(net.numbers("JPN")) == list(range(1, 60))
        assert net.files["USA"].count_pages() <= held + 1

    _play(tmp_path, play)


def test_a_reader_who_was_away_reads_what_the_stream_keeps(tmp_path: Path) -> None:
    """He comes back and is told all of it, once."""

    async def play(net: _Net) -> None:
        net.runners["USA"].say(make_block(1, first=1))
        await net.until(lambda: net.numbers("KOR") == [1])
        await net.stop("KOR")
        for first in (2, 3, 4):
            net.runners["USA"].say(make_block(1, first=first))
            await net.until_told("JPN", *range(1, first + 1))
        await net.start("KOR")
        await net.until(lambda: net.numbers("KOR") == [1, 2, 3, 4])
        (inlet,) = net.runners["KOR"].channel.intake.inlets()
        assert (inlet.missing_count, inlet.is_forked, inlet.last) == (0, False, 4)

    _play(tmp_path, play)


def test_another_process_of_the_same_party_closes_the_journal(tmp_path: Path) -> None:
    """T19: at a place where another page of ours lies nothing more is written, and it is said."""

    async def play(net: _Net) -> None:
        net.runners["USA"].say(make_block(1, first=1))
        await net.until(lambda: net.numbers("JPN") == [1])
        stream = Stream(Digest(LINEAGE), net.feeds.world.realm, Feed.WARNING, ALL)
        last = await net.outboxes["USA"].last_sequence(stream)
        await net.outboxes["USA"].publish(stream, "other", b"another's page", expected_last_sequence=last)
        net.runners["USA"].say(make_block(1, first=2))
        await net.until(lambda: net.closed == [ALL])
        net.runners["USA"].say(make_block(1, first=3))
        await asyncio.sleep(0)
        assert net.stream()[-1] == b"another's page"

    _play(tmp_path, play)


def test_each_journal_that_went_on_is_anchored_once(tmp_path: Path) -> None:
    """W30: the last page that is out; nothing where nothing was said since."""

    async def play(net: _Net) -> None:
        net.runners["USA"].say(make_block(1, first=1))
        await net.until(lambda: net.numbers("JPN") == [1])
        await net.until(lambda: not net.runners["USA"].channel.outlets()[0].is_in_flight)
        net.anchors.clear()
        net.runners["USA"].anchor()
        net.runners["USA"].anchor()
        last = parse_page(net.stream()[-1], net.feeds.world.suite)
        assert net.anchors in ([Anchor(ALL, 0, last.header.number, last.digest)], [])
        net.runners["USA"]._anchored.clear()
        net.runners["USA"].anchor()
        assert net.anchors[-1] == Anchor(ALL, 0, last.header.number, last.digest)

    _play(tmp_path, play)


def test_the_file_lets_go_of_old_pages_and_keeps_what_a_start_needs(tmp_path: Path) -> None:
    """Of each journal the last page and the last key page stay, however old."""

    async def play(net: _Net) -> None:
        for first in (1, 2, 3):
            net.runners["USA"].say(make_block(1, first=first))
            await net.until_told("JPN", *range(1, first + 1))
        file = net.files["USA"]
        assert file.prune(Instant(T0 + DAY_MS)) == 0
        assert file.prune(Instant(T0 + DAY_MS + 1)) == 2
        kinds = [parse_page(raw, net.feeds.world.suite).header.kind for raw in file.read_tips()]
        assert kinds == [Kind.KEYS, Kind.ENTRIES]
        path, day_at = tmp_path / "USA" / FEED_FILE, Instant(T0 - T0 % DAY_MS)
        next_at, end_at = Instant(day_at + DAY_MS), Instant(day_at + 2 * DAY_MS)
        assert len(list(read_span(path, from_at=day_at, until_at=next_at))) == 2
        assert list(read_span(path, from_at=next_at, until_at=end_at)) == []

    _play(tmp_path, play)


def test_the_oldest_go_first_where_the_room_for_all_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood fills the room and no more."""

    async def play(net: _Net) -> None:
        for first in (1, 2, 3):
            net.runners["USA"].say(make_block(1, first=first))
            await net.until_told("JPN", *range(1, first + 1))
        monkeypatch.setattr("comity.node.feed.kept.KEEP_SIZE_BYTES_MAX", 1)
        assert net.files["USA"].prune(T0) == 2

    _play(tmp_path, play)


def test_one_process_holds_the_file(tmp_path: Path) -> None:
    """A second one is told so, and the first goes on."""
    first = FeedFile(tmp_path / FEED_FILE)
    with pytest.raises(OutageError, match=r"store\.locked"):
        FeedFile(tmp_path / FEED_FILE)
    first.close()
    FeedFile(tmp_path / FEED_FILE).close()
