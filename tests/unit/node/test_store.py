"""The page store: the truth. What is committed is there, in order, once, and for its readers alone."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.base.names import Digest
from comity.journal.header import Page, parse_page
from comity.machine.effect import Refusal
from comity.node import store as store_module
from comity.node.store import Store
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import NOON, Loop

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
ALL = ("JPN", "KOR", "USA")


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    """What USA stored while two calls were made to all and one to JPN alone."""
    loop = Loop()
    loop.be_born()
    loop.say("USA", CALL)
    loop.say("USA", CALL, to=("JPN",))
    loop.say("USA", CALL)
    loop.settle()
    return [parse_page(raw, loop.suite) for raw in loop.stored["USA"]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store of USA's."""
    opened = Store(tmp_path / "store.db", party="USA")
    yield opened
    opened.close()


def _fill(store: Store, pages: list[Page]) -> None:
    for page in pages:
        store.commit([page], (), at=NOON)


def test_what_was_committed_is_there_in_order_after_reopening(pages: list[Page], tmp_path: Path) -> None:
    """The order of commits is the order in which a machine is folded again."""
    store = Store(tmp_path / "store.db", party="USA")
    _fill(store, pages)
    store.close()
    again = Store(tmp_path / "store.db", party="USA")
    assert list(again.read_all()) == [page.raw for page in pages]
    assert again.count_pages() == len(pages) > 10
    again.close()


def test_a_page_is_kept_once(store: Store, pages: list[Page]) -> None:
    """A page that comes again changes neither the count nor the place that it had."""
    _fill(store, pages)
    _fill(store, list(reversed(pages)))
    store.commit(pages, (), at=NOON)
    assert list(store.read_all()) == [page.raw for page in pages]


def test_a_range_is_read_by_readers_alone(store: Store, pages: list[Page]) -> None:
    """A stranger to a journal gets nothing of it, exactly as of a journal that does not exist (law 2)."""
    _fill(store, pages)
    pair = [page for page in pages if page.header.journal.audience == ("JPN", "USA")]
    journal = pair[0].journal
    own = sorted((page for page in pair if page.journal == journal), key=lambda page: page.header.number)
    assert len(own) >= 2
    assert list(store.read_range(journal, first=0, last=2**53, reader="JPN")) == [page.raw for page in own]
    assert list(store.read_range(journal, first=1, last=1, reader="JPN")) == [own[1].raw]
    assert list(store.read_range(journal, first=0, last=2**53, reader="KOR")) == []
    assert list(store.read_range(bytes(32), first=0, last=2**53, reader="KOR")) == []


def test_a_name_that_is_part_of_a_readers_name_reads_nothing(store: Store, pages: list[Page]) -> None:
    """An audience is compared party by party."""
    _fill(store, pages)
    journal = pages[0].journal
    assert all(
        not list(store.read_range(journal, first=0, last=99, reader=name)) for name in ("US", "JP", "", "JPN KOR")
    )


def test_refusals_are_kept_as_evidence_and_bounded(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of garbage fills its own room and no more."""
    monkeypatch.setattr(store_module, "EVIDENCE_COUNT_MAX", 5)
    for number in range(4):
        store.commit((), [Refusal(b"junk %d" % number, "page.malformed")] * 2, at=NOON)
    store.close()
    rows = sqlite3.connect(tmp_path / "store.db").execute("SELECT code, raw FROM refusals ORDER BY seq").fetchall()
    assert rows == [("page.malformed", b"junk %d" % number) for number in (0, 0, 1, 1, 2)]


def test_evidence_is_bounded_by_its_bytes(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few large pages count as much as many small ones."""
    monkeypatch.setattr(store_module, "EVIDENCE_SIZE_BYTES_MAX", 2_000)
    store.commit((), [Refusal(bytes(900), "page.signature")] * 5, at=NOON)
    store.close()
    rows = sqlite3.connect(tmp_path / "store.db").execute("SELECT LENGTH(raw) FROM refusals").fetchall()
    assert rows == [(900,)] * 3  # one more than fits, at most


def test_a_second_opener_is_locked_out(store: Store, tmp_path: Path) -> None:
    """Two nodes on one store would write two histories."""
    with pytest.raises(OutageError, match=r"store\.locked"):
        Store(tmp_path / "store.db", party="USA")
    assert store.count_pages() == 0


def test_another_format_is_not_opened(tmp_path: Path) -> None:
    """What a newer version wrote is left alone, and the file is let go of."""
    Store(tmp_path / "store.db", party="USA").close()
    db = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    db.execute("UPDATE marks SET value = '2'")
    db.close()
    for _ in range(2):
        with pytest.raises(OutageError, match=r"store\.format-unknown"):
            Store(tmp_path / "store.db", party="USA")


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    """It is named as such, and is not overwritten."""
    (tmp_path / "store.db").write_bytes(b"not a database" * 100)
    with pytest.raises(OutageError, match=r"store\.damaged"):
        Store(tmp_path / "store.db", party="USA")
    assert (tmp_path / "store.db").read_bytes() == b"not a database" * 100


def test_a_full_disk_keeps_nothing_of_a_transaction(store: Store, pages: list[Page]) -> None:
    """What was stored before stays whole, and when there is room again the same commit succeeds."""
    _fill(store, pages[:2])
    (used,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {used}")
    with pytest.raises(OutageError, match=r"store\.full"):
        store.commit(pages[2:], [Refusal(bytes(50_000), "page.malformed")] * 4, at=NOON)
    assert list(store.read_all()) == [page.raw for page in pages[:2]]
    store._db.execute("PRAGMA max_page_count = 1000000")
    store.commit(pages[2:], (), at=NOON)
    assert store.count_pages() == len(pages)


def test_an_own_page_has_its_place_in_its_stream_from_one_on(store: Store, pages: list[Page]) -> None:
    """Places count own pages of one feed and audience, in whatever order they are asked for."""
    _fill(store, pages)
    own: dict[tuple[str, tuple[str, ...]], list[Digest]] = {}
    for page in pages:
        journal = page.header.journal
        if journal.author == "USA":
            own.setdefault((journal.feed, journal.audience), []).append(page.digest)
    assert len(own) >= 3
    for (feed, audience), digests in own.items():
        places = list(range(1, len(digests) + 1))
        assert [store.find_place(digest) for digest in digests] == places
        assert [store.find_place(digest) for digest in reversed(digests)] == places[::-1]
        assert [digest for digest, _ in store.read_stream(feed, audience)] == digests
        assert [digest for digest, _ in store.read_stream(feed, audience, after=1)] == digests[1:]
        assert store.count_own(feed, audience) == len(digests)
    assert set(store.find_streams()) == {key for key in own if len(key[1]) > 1}


def test_what_is_out_is_not_sent_again(store: Store, pages: list[Page]) -> None:
    """Others' pages never wait to go out; own pages do until the outbox answered."""
    _fill(store, pages)
    own = [page for page in pages if page.header.journal.author == "USA"]
    assert store.find_unpublished() == tuple(page.digest for page in own)
    store.set_out(own[0].digest)
    assert store.find_unpublished() == tuple(page.digest for page in own[1:])
    journal = own[0].header.journal
    assert store.count_out(journal.feed, journal.audience) == 1


def test_a_power_cut_undoes_no_more_than_the_note_that_a_page_is_out(
    store: Store, pages: list[Page], tmp_path: Path
) -> None:
    """The note waits for no disk: cut before it got there, all pages are there and this one goes out again.

    With the next commit, or where something is to rest on it, it is durable.
    """
    _fill(store, pages)
    log = tmp_path / "store.db-wal"
    own = [page.digest for page in pages if page.header.journal.author == "USA"]
    synced_size = log.stat().st_size
    store.set_out(own[0])
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
    after_cut = _cut(tmp_path, tmp_path / "cut", log_size=synced_size)
    assert list(after_cut.read_all()) == [page.raw for page in pages]
    assert after_cut.find_unpublished() == tuple(own)
    after_cut.close()
    store.make_durable()
    after_cut = _cut(tmp_path, tmp_path / "later", log_size=log.stat().st_size)
    assert after_cut.find_unpublished() == tuple(own[1:])
    after_cut.close()


def _cut(folder: Path, to: Path, *, log_size: int) -> Store:
    """Open a copy of the store whose log ends where the disk had it when the power went."""
    to.mkdir()
    (to / "store.db").write_bytes((folder / "store.db").read_bytes())
    (to / "store.db-wal").write_bytes((folder / "store.db-wal").read_bytes()[:log_size])
    return Store(to / "store.db", party="USA")


def test_a_blob_is_kept_with_its_wraps_for_each_reader(store: Store) -> None:
    """A blob is kept once; wraps are added and never mixed between readers."""
    blob_id = Digest(b"\x05" * 32)
    store.keep_blob(blob_id, b"sealed", {"JPN": (b"for jpn", b"for jpn's recovery")})
    store.keep_blob(blob_id, b"other bytes are not taken", {"JPN": (b"for jpn",), "KOR": (b"for kor",)})
    assert store.find_blob(blob_id) == b"sealed"
    assert store.find_wraps(blob_id, "JPN") == (b"for jpn", b"for jpn's recovery")
    assert store.find_wraps(blob_id, "KOR") == (b"for kor",)
    assert store.find_wraps(blob_id, "USA") == ()
    assert store.find_blob(bytes(32)) is None
