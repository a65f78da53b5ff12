"""What waits for the feed's file is put there together, and whoever waits is told (docs/spec/warning.md, W33, W38)."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.node.feed.keeping import Keeping
from comity.node.feed.kept import FEED_FILE, Brought, FeedFile
from comity.node.feed.kept_beside import open_beside
from comity.node.feed.sending import receive
from comity.warning.rows import Block, read_block
from kit.feed import BALLISTIC, make_block, make_pages
from kit.patience import PATIENCE_S
from kit.world import T0


def _play(folder: Path, play: Callable[[Keeping], Awaitable[None]]) -> None:
    async def run() -> None:
        file = FeedFile(folder / FEED_FILE)
        keeping = Keeping(file, seal=bytes)
        running = asyncio.get_running_loop().create_task(keeping.run())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await play(keeping)
        finally:
            running.cancel()
            keeping.close()
            file.close()

    asyncio.run(run())


def _read_said(keeping: Keeping, folder: Path) -> list[tuple[Instant, Block]]:
    keeping.file.settle()
    with open_beside(folder / FEED_FILE) as beside:
        rows = beside.read_each("SELECT kept_at, segment, place, size_bytes FROM said ORDER BY seq")
        return [(at, read_block(raw)) for at, raw in rows]


def test_what_waits_beside_an_own_page_is_kept_with_it(tmp_path: Path) -> None:
    """Once the own page may go out, what was said before it is in the file, as one block for each kind of it."""

    async def play(keeping: Keeping) -> None:
        for first in (1, 2, 3):
            keeping.keep_said(make_block(1, first=first), at=Instant(T0 + first))
        keeping.keep_said(make_block(2, class_="policy.track.ship"), at=T0)
        await keeping.keep_own(make_pages(2), at=T0)
        said = [(at, block.class_, block.rows["number"].tolist()) for at, block in _read_said(keeping, tmp_path)]
        assert said == [(T0 + 3, BALLISTIC, [1, 2, 3]), (T0, "policy.track.ship", [1, 2])]
        assert keeping.file.count_pages() == 2

    _play(tmp_path, play)


def test_a_page_of_another_is_done_with_once_it_is_in_the_file(tmp_path: Path) -> None:
    """Not before: what a kill takes from memory comes again."""

    async def play(keeping: Keeping) -> None:
        done: asyncio.Queue[int] = asyncio.Queue()
        for page in make_pages(2):
            keeping.keep(Brought((page,), T0), done=lambda: done.put_nowait(keeping.file.count_pages()))
        assert done.empty()
        assert [await done.get(), await done.get()] == [2, 2]

    _play(tmp_path, play)


def test_whoever_reads_finds_what_came(tmp_path: Path) -> None:
    """From another thread too, without a wait for the moment at which it would be written."""

    async def play(keeping: Keeping) -> None:
        keeping.keep_said(make_block(1), at=T0)
        await asyncio.to_thread(keeping.flush)
        assert len(_read_said(keeping, tmp_path)) == 1

    _play(tmp_path, play)


def test_where_more_waits_than_fits_it_is_written_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood is bounded by the disk and not by memory."""
    monkeypatch.setattr("comity.node.feed.keeping.ROOM_SIZE_BYTES", 100)

    async def play(keeping: Keeping) -> None:
        keeping.keep_said(make_block(2), at=T0)
        assert len(_read_said(keeping, tmp_path)) == 1

    _play(tmp_path, play)


def test_a_full_disk_is_told_to_whoever_must_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An own page does not go out; a page of another is acknowledged, for it would find no room again either."""

    async def play(keeping: Keeping) -> None:
        def fill(**_: object) -> None:
            raise OutageError("store.full")

        monkeypatch.setattr(keeping.file, "keep_together", fill)
        done: list[int] = []
        keys, entries = make_pages(2)
        keeping.keep(Brought((keys,), T0), done=lambda: done.append(1))
        with pytest.raises(OutageError, match=r"store\.full"):
            await keeping.keep_own([entries], at=T0)
        assert done == [1]
        monkeypatch.undo()
        await keeping.keep_own([entries], at=T0)
        assert keeping.file.count_pages() == 1

    _play(tmp_path, play)


def test_lines_that_follow_one_another_at_once_are_taken_together() -> None:
    """The first at once, those that come while it is taken as one batch; the last may lack its end."""

    async def play() -> None:
        reader = asyncio.StreamReader()
        batches: list[bytes] = []

        def take(lines: bytes) -> dict[str, int]:
            batches.append(lines)
            if len(batches) == 1:
                for line in (b"2\n", b"3\n", b"4"):
                    reader.feed_data(line)
                reader.feed_eof()
            return {"taken": lines.count(b"\n")}

        reader.feed_data(b"1\n")
        assert await receive(reader, take) == {"taken": 3}
        assert batches == [b"1\n", b"2\n3\n", b"4"]

    asyncio.run(play())


def test_a_line_without_end_is_not_gathered_for_ever() -> None:
    """It is longer than any line may be: whoever sends it is cut off."""

    async def play() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(b"x" * (64 * 1024 + 1))
        reader.feed_eof()
        with pytest.raises(ValueError, match="longer than any line"):
            await receive(reader, lambda _: {})

    asyncio.run(play())
