"""What the feed keeps lies in files that are only added to: whatever a kill or a cut leaves is read (W87)."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.base.instants import HOUR_MS, MINUTE_MS, Instant
from comity.journal.header import parse_page
from comity.node.feed.kept import FEED_FILE, Brought, FeedFile
from comity.node.feed.kept_beside import open_beside, read_key_pages, read_own, read_page, read_span
from comity.node.feed.segments import Frame, FrameKind, Place, SegmentReader, Segments, find_segments
from comity.warning.effect import Received
from comity.warning.quarantine import Quarantined
from kit.feed import Feeds, make_pages
from kit.world import T0


def _make_frames(count: int) -> list[Frame]:
    return [Frame(FrameKind.SAID, Instant(T0 + n), b"%d" % n, os.urandom(40)) for n in range(count)]


def _read_all(folder: Path) -> list[Frame]:
    segments = Segments(folder)
    try:
        return [frame for frame, _ in segments.scan(since=(0, 0))]
    finally:
        segments.close()


BEFORE = """
CREATE TABLE kept (
    seq INTEGER PRIMARY KEY, digest BLOB UNIQUE, journal BLOB, number INTEGER, author TEXT, kind INTEGER,
    written_at INTEGER, kept_at INTEGER, size_bytes INTEGER, raw BLOB
);
CREATE TABLE said (seq INTEGER PRIMARY KEY, kept_at INTEGER, size_bytes INTEGER, raw BLOB);
CREATE INDEX kept_by_age ON kept (kept_at);
"""


@pytest.fixture
def segments(tmp_path: Path) -> Iterator[Segments]:
    """Yield the files of a folder."""
    opened = Segments(tmp_path / "pages")
    yield opened
    opened.close()


def _kill(folder: Path) -> Path:
    """Return a folder as a kill at this moment leaves it."""
    left = folder.with_name(folder.name + "-left")
    shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(folder, left)
    return left


def test_what_was_written_is_read_beside(segments: Segments, tmp_path: Path) -> None:
    """At once, by its place; what is asked for at another place is nothing."""
    frames = _make_frames(1_000)
    places = segments.append(frames, is_durable=True)
    reader = SegmentReader(tmp_path / "pages")
    assert [reader.read(place) for place in places] == frames
    assert reader.read(places[1]._replace(offset=places[1].offset + 1)) is None
    assert reader.read(places[1]._replace(segment=9)) is None
    reader.close()


def test_a_tail_that_was_not_written_whole_is_cut_off(tmp_path: Path) -> None:
    """Wherever it was cut: all before it is read, what is written after it is too, and nothing else."""
    frames = _make_frames(4)
    segments = Segments(tmp_path / "pages")
    places = segments.append(frames, is_durable=True)
    segments.close()
    path = tmp_path / "pages" / f"{places[0].segment:08d}"
    raw = path.read_bytes()
    for size in range(places[2].offset, places[3].offset + places[3].size_bytes):
        path.write_bytes(raw[:size])
        whole = frames[: 3 if size >= places[3].offset else 2]
        assert _read_all(tmp_path / "pages") == whole
        again = Segments(tmp_path / "pages")
        list(again.scan(since=(0, 0)))
        again.append(frames[3:], is_durable=True)
        again.close()
        assert _read_all(tmp_path / "pages") == [*whole, frames[3]]


def test_a_frame_that_was_damaged_is_passed_over(segments: Segments, tmp_path: Path) -> None:
    """A changed byte of its content costs that frame alone."""
    frames = _make_frames(3)
    places = segments.append(frames, is_durable=True)
    path = tmp_path / "pages" / f"{segments.number:08d}"
    raw = bytearray(path.read_bytes())
    raw[places[1].offset + places[1].size_bytes - 1] ^= 1
    path.write_bytes(raw)
    assert _read_all(tmp_path / "pages") == [frames[0], frames[2]]
    reader = SegmentReader(tmp_path / "pages")
    assert [reader.read(place) for place in places] == [frames[0], None, frames[2]]
    reader.close()


def test_a_file_without_its_beginning_is_not_gone_on_with(tmp_path: Path) -> None:
    """A power cut may leave it empty: the next takes its place."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "00000007").write_bytes(b"")
    segments = Segments(tmp_path / "pages")
    assert list(segments.scan(since=(0, 0))) == []
    assert segments.number == 8
    segments.append(_make_frames(1), is_durable=True)
    segments.close()
    assert len(_read_all(tmp_path / "pages")) == 1


@pytest.mark.parametrize("is_short", [True, False])
def test_a_full_disk_leaves_nothing_behind(segments: Segments, is_short: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a frame that was written is cut off before the next."""
    frames = _make_frames(3)
    segments.append(frames[:1], is_durable=True)
    write = os.pwritev

    def fill(file: int, pieces: list[bytes], offset: int) -> int:
        if is_short:
            return write(file, [b"".join(pieces)[:30]], offset)
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("os.pwritev", fill)
    with pytest.raises(OutageError, match=r"store\.full"):
        segments.append(frames[1:2], is_durable=True)
    monkeypatch.undo()
    segments.append(frames[2:], is_durable=True)
    assert [frame for frame, _ in segments.scan(since=(0, 0))] == [frames[0], frames[2]]


def test_a_next_file_that_finds_no_room_leaves_nothing_open(
    segments: Segments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried; the one before is written on."""
    frames = _make_frames(2)
    segments.append(frames[:1], is_durable=True)

    def fill(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    open_count = len(list(Path("/proc/self/fd").iterdir()))
    for call in ("os.pwrite", "comity.node.feed.segments.sync_folder"):
        with monkeypatch.context() as patched:
            patched.setattr(call, fill)
            for _ in range(3):
                with pytest.raises(OutageError, match=r"store\.full"):
                    segments.roll()
    assert len(list(Path("/proc/self/fd").iterdir())) == open_count
    segments.append(frames[1:], is_durable=True)
    segments.roll()
    assert [frame for frame, _ in segments.scan(since=(0, 0))] == frames


def test_a_start_takes_in_what_a_kill_kept_from_the_index(tmp_path: Path) -> None:
    """Own pages that may be out, others' with what is in quarantine, the numbers that were given: nothing is lost."""
    folder = tmp_path / "home"
    file = FeedFile(folder / FEED_FILE)
    keys, first, second = make_pages(3)
    file.keep_own([keys], at=T0)
    file.settle()
    apart = Quarantined(0, "policy.track.ballistic", "warning.unpermitted", "AG1", 2)
    received = Received(
        "USA", 0, second.header.journal.audience, second.journal, 2, second.digest, T0, False, (), (apart,)
    )
    file.keep_together(own=[(first, T0)], others=[Brought((second,), T0, (received,))])
    file.note_next_track(7)
    left = _kill(folder)
    file.close()
    again = FeedFile(left / FEED_FILE)
    assert [parse_page(raw, Feeds().world.suite).header.number for raw in again.read_tips()] == [0, 2]
    assert (again.count_pages(), again.next_track) == (3, 1_007)
    assert [(row.author, row.row_count) for row in again.list_quarantined()] == [("USA", 2)]
    again.keep_own([first], at=T0)
    assert again.count_pages() == 3
    again.close()
    assert len(list(read_span(left / FEED_FILE, from_at=Instant(0), until_at=Instant(T0 + 1)))) == 3
    assert read_page(left / FEED_FILE, second.digest) == second.raw
    assert [page.number for page in read_own(left / FEED_FILE, "USA")] == [0, 1, 2]


def test_a_lost_index_is_made_from_the_segments(tmp_path: Path) -> None:
    """All pages are found again, and no number of a track is given twice."""
    file = FeedFile(tmp_path / FEED_FILE)
    file.keep_own(make_pages(3), at=T0)
    file.note_next_track(1)
    file.close()
    for path in tmp_path.glob(FEED_FILE + "*"):
        path.unlink()
    again = FeedFile(tmp_path / FEED_FILE)
    assert (again.count_pages(), again.next_track) == (3, 1_001)
    again.close()


def test_what_a_power_cut_took_is_not_said_to_be_here(tmp_path: Path) -> None:
    """The index may have been quicker to the disk than a page of another was."""
    pages = make_pages(3)
    file = FeedFile(tmp_path / FEED_FILE)
    file.keep_own(pages[:2], at=T0)
    file.keep_together(others=[Brought((pages[2],), T0)])
    file.close()
    (path,) = find_segments(tmp_path / FEED_FILE).iterdir()
    path.write_bytes(path.read_bytes()[:-10])
    again = FeedFile(tmp_path / FEED_FILE)
    assert again.count_pages() == 2
    again.keep_together(others=[Brought((pages[2],), T0)])
    again.close()
    assert [page.number for page in read_own(tmp_path / FEED_FILE, "USA")] == [0, 1, 2]
    assert len(list(read_key_pages(tmp_path / FEED_FILE, until_at=Instant(T0 + 1)))) == 1


def test_old_segments_go_whole_and_what_stays_is_carried_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour's file after its day; and where room lacks, the oldest first. A start reads what was carried."""
    monkeypatch.setattr("comity.node.feed.segments.SEGMENT_SIZE_BYTES", 1)
    pages = make_pages(6)
    file = FeedFile(tmp_path / FEED_FILE, keep_ms=MINUTE_MS)
    for number, page in enumerate(pages):
        file.keep_own([page], at=Instant(T0 + number))
    folder = find_segments(tmp_path / FEED_FILE)
    assert len(list(folder.iterdir())) == 7
    assert file.size_bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert file.prune(Instant(T0 + MINUTE_MS + 3)) == 2
    assert [page.number for page in read_own(tmp_path / FEED_FILE, "USA")] == [0, 3, 4, 5]
    assert len(list(folder.iterdir())) < 6
    monkeypatch.setattr("comity.node.feed.kept.KEEP_SIZE_BYTES_MAX", 1)
    assert file.prune(T0) == 2
    file.close()
    again = FeedFile(tmp_path / FEED_FILE)
    tips = [bytes(raw) for raw in again.read_tips()]
    assert tips == [pages[0].raw, pages[-1].raw]
    again.close()


@pytest.mark.parametrize("goes_first", [False, True])
def test_what_goes_while_it_is_read_beside_is_read(
    tmp_path: Path, goes_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that there was when the reading began, and what stays is found though it was carried elsewhere meanwhile."""
    monkeypatch.setattr("comity.node.feed.segments.SEGMENT_SIZE_BYTES", 1)
    monkeypatch.setattr("comity.node.feed.kept.KEEP_SIZE_BYTES_MAX", 1)
    pages = make_pages(6)
    file = FeedFile(tmp_path / FEED_FILE)
    for page in pages:
        file.keep_own([page], at=T0)
    file.settle()
    hold = SegmentReader.hold

    def prune_and_hold(reader: SegmentReader, segment: int) -> bool:
        monkeypatch.setattr(SegmentReader, "hold", hold)
        file.prune(T0)
        return hold(reader, segment)

    if goes_first:
        monkeypatch.setattr(SegmentReader, "hold", prune_and_hold)
    reading = read_span(tmp_path / FEED_FILE, from_at=Instant(0), until_at=Instant(T0 + 1))
    read = [next(reading)]
    file.prune(T0)
    read += reading
    assert read == [page.raw for page in (pages[::5] if goes_first else pages)]
    assert len(list(read_span(tmp_path / FEED_FILE, from_at=Instant(0), until_at=Instant(T0 + 1)))) == 2
    file.close()


def test_lost_segments_are_passed_over_by_who_reads_beside(tmp_path: Path) -> None:
    """Before a start has seen it: what is there is read."""
    file = FeedFile(tmp_path / FEED_FILE)
    file.keep_own(make_pages(3), at=T0)
    file.close()
    shutil.rmtree(find_segments(tmp_path / FEED_FILE))
    assert list(read_span(tmp_path / FEED_FILE, from_at=Instant(0), until_at=Instant(T0 + 1))) == []


def test_a_segment_is_an_hour_long_at_most(segments: Segments) -> None:
    """So that what is older than a day does not lie there much longer."""
    segments.append(_make_frames(1), is_durable=False)
    assert not segments.is_over(Instant(T0 + HOUR_MS - 1))
    assert segments.is_over(Instant(T0 + HOUR_MS))


@pytest.mark.parametrize("is_broken_off", [False, True])
def test_a_file_of_the_form_before_is_taken_over(
    tmp_path: Path, is_broken_off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pages and blocks lie in segments then, each once, also where a start was broken off in the midst."""
    pages = make_pages(3)
    with sqlite3.connect(tmp_path / FEED_FILE) as db:
        db.executescript(BEFORE)
        for page in pages:
            header = page.header
            words = (page.digest, page.journal, header.number, "USA", int(header.kind), header.written_at)
            db.execute("INSERT INTO kept VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 0, ?)", (*words, T0, page.raw))
        db.execute("INSERT INTO said VALUES (NULL, ?, 4, ?)", (T0, b"said"))
    db.close()
    if is_broken_off:
        with monkeypatch.context() as patched:
            patched.setattr("comity.node.feed.kept_before._GONE", "SELECT no_such")
            with pytest.raises(OutageError, match=r"store\.damaged"):
                FeedFile(tmp_path / FEED_FILE)
    for _ in range(2):
        file = FeedFile(tmp_path / FEED_FILE)
        assert file.count_pages() == 3
        assert list(file.read_tips()) == [pages[0].raw, pages[2].raw]
        file.close()
    with open_beside(tmp_path / FEED_FILE) as beside:
        said = [beside.read(Place(*row)) for row in beside.db.execute("SELECT segment, place, size_bytes FROM said")]
    assert said == [b"said"]


@pytest.mark.parametrize("is_all_lost", [False, True])
def test_what_lay_in_lost_segments_is_not_said_to_be_here(
    tmp_path: Path, is_all_lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index was left and files were not: a lost page is taken when it comes again, and no number is used again."""
    monkeypatch.setattr("comity.node.feed.segments.SEGMENT_SIZE_BYTES", 1)
    pages = make_pages(3)
    file = FeedFile(tmp_path / FEED_FILE)
    for page in pages:
        file.keep_together(own=[(page, T0)], said=[(b"said", T0)])
    file.close()
    folder = find_segments(tmp_path / FEED_FILE)
    numbers = sorted(folder.iterdir())
    for path in numbers if is_all_lost else numbers[-1:]:
        path.unlink()
    again = FeedFile(tmp_path / FEED_FILE)
    assert again.count_pages() == (0 if is_all_lost else 2)
    assert max(folder.iterdir()) > numbers[-1]
    again.keep_together(others=[Brought(tuple(pages), T0)])
    left = _kill(tmp_path)
    again.close()
    killed = FeedFile(left / FEED_FILE)
    assert killed.count_pages() == 3
    assert list(killed.read_tips()) == [pages[0].raw, pages[2].raw]
    killed.close()
