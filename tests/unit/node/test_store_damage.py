"""What a disk does to a store behind its back is found, named, set aside, and put right when the page comes again."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.journal.header import Page, parse_page
from comity.node import losses as losses_module
from comity.node.realm_record import _read_pages
from comity.node.store import Damage, Store
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.damage import flip, smear
from kit.loop import NOON, Loop

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    """What USA stored while it and JPN spoke, to all, to each other, and USA to itself."""
    loop = Loop()
    loop.be_born()
    for _ in range(4):
        loop.say("USA", CALL)
        loop.say("JPN", CALL)
        loop.say("USA", CALL, to=("JPN",))
        loop.say("USA", CALL, to=("USA",))
    loop.settle()
    return [parse_page(raw, loop.suite) for raw in loop.stored["USA"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lies."""
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path, pages: list[Page]) -> Iterator[Store]:
    """USA's store, with everything in it."""
    opened = Store(path, party="USA")
    for page in pages:
        opened.commit([page], (), at=NOON)
    yield opened
    opened.close()


def _reopen(store: Store, path: Path) -> tuple[Store, list[Damage]]:
    found: list[Damage] = []
    store.close()
    opened = Store(path, party="USA")
    opened.on_damage = found.append
    return opened, found


def _scrub(store: Store) -> None:
    after = store.scrub(0, count=7)
    while after:
        after = store.scrub(after, count=7)


def _pick(pages: list[Page], *audience: str, author: str = "USA") -> Page:
    """A page of a journal, in the middle of it."""
    of = [page for page in pages if page.header.journal.audience == audience and page.header.journal.author == author]
    return of[len(of) // 2]


@pytest.mark.parametrize("part", ["signature", "body"])
@pytest.mark.parametrize("author", ["USA", "JPN"])
def test_a_flipped_bit_is_found_at_the_start_named_and_mended_in_place(
    store: Store, path: Path, pages: list[Page], author: str, part: str
) -> None:
    """The signature too, which the page digest does not cover; the page comes back to the place it had."""
    page = _pick(pages, "JPN", "KOR", "USA", author=author)
    store.close()
    assert flip(path, getattr(page, part), offset=20) == 1
    again, found = _reopen(store, path)
    assert list(again.read_all()) == [other.raw for other in pages if other is not page]
    (damage,) = found
    assert damage.remedy == "fetch"
    assert damage.page is not None
    assert (damage.page.digest, damage.page.number) == (page.digest, page.header.number)
    assert list(again.find_losses()) == [damage.page]
    assert again.count_damage() == (1, 1)
    again.commit([page], (), at=NOON)
    assert list(again.read_all()) == [other.raw for other in pages]
    assert found[-1] == Damage("back", damage.page)
    assert (list(again.find_losses()), again.count_damage()) == ([], (1, 0))
    again, found = _reopen(again, path)
    assert (list(again.read_all()), found) == ([other.raw for other in pages], [])
    ((evidence,),) = again._db.execute("SELECT raw FROM losses").fetchall()
    assert len(evidence) == len(page.raw)
    assert evidence != page.raw
    again.close()


def test_a_bit_flipped_while_running_is_found_by_the_scrub(store: Store, path: Path, pages: list[Page]) -> None:
    """What SQLite holds in memory does not hide what lies on the disk."""
    found: list[Damage] = []
    store.on_damage = found.append
    page = _pick(pages, "JPN", "KOR", "USA", author="JPN")
    _scrub(store)
    assert found == []
    assert flip(path, page.body, offset=9) >= 1
    _scrub(store)
    assert [(damage.remedy, damage.page and damage.page.digest) for damage in found] == [("fetch", page.digest)]
    _scrub(store)
    assert len(found) == 1


def test_a_damaged_page_is_not_given_to_a_peer_nor_to_the_outbox(store: Store, path: Path, pages: list[Page]) -> None:
    """An answer leaves it out; a stream is rebuilt up to it, for what comes after has no place yet."""
    page = _pick(pages, "JPN", "USA")
    of = [other for other in pages if other.journal == page.journal]
    store.close()
    flip(path, page.body, offset=3)
    again, found = _reopen(store, path)
    read = list(again.read_range(page.journal, first=0, last=99, reader="JPN"))
    assert read == [other.raw for other in of if other is not page]
    assert len(found) == 1
    own = [raw for _, raw in again.read_stream("record", ("JPN", "USA"))]
    assert own == [other.raw for other in of[: of.index(page)]]
    assert again.has_lost_of("record", ("JPN", "USA"))
    assert not again.has_lost_of("record", ("JPN", "KOR", "USA"))
    assert again.count_own("record", ("JPN", "USA")) == len(of)
    assert again.find_place(of[-1].digest) == len(of)
    again.commit([page], (), at=NOON)
    assert [raw for _, raw in again.read_stream("record", ("JPN", "USA"))] == [other.raw for other in of]
    again.close()


def test_who_has_lost_all_that_is_asked_for_does_not_say_that_there_is_nothing(
    store: Store, path: Path, pages: list[Page]
) -> None:
    """To its readers (T20); a party that may not read it gets the same empty answer as ever (law 2)."""
    page = _pick(pages, "JPN", "USA")
    number = page.header.number
    store.close()
    flip(path, page.body, offset=3)
    again, _ = _reopen(store, path)
    assert list(again.read_range(page.journal, first=number, last=number, reader="KOR")) == []
    for _ in range(2):  # as it is found, and ever after
        with pytest.raises(OutageError, match=r"store\.refilling"):
            list(again.read_range(page.journal, first=number, last=number, reader="JPN"))
    assert list(again.read_range(page.journal, first=number, last=number, reader="KOR")) == []
    assert len(list(again.read_range(page.journal, first=number - 1, last=number, reader="JPN"))) == 1
    again.commit([page], (), at=NOON)
    assert list(again.read_range(page.journal, first=number, last=number, reader="JPN")) == [page.raw]
    again.close()


def test_what_nobody_else_reads_is_put_back_from_its_second_copy(store: Store, path: Path, pages: list[Page]) -> None:
    """No reader could send it."""
    page = _pick(pages, "USA")
    store.close()
    content = path.read_bytes()
    at = content.find(page.raw)
    assert content.count(page.raw) == 2
    path.write_bytes(content[: at + 50] + bytes([content[at + 50] ^ 1]) + content[at + 51 :])
    again, found = _reopen(store, path)
    again.scrub(0, count=1000)
    assert list(again.read_all()) == [other.raw for other in pages]
    assert [damage.remedy for damage in found] in (["copy"], [])
    assert again.count_damage() == (0, 0)
    again.close()


def test_a_damaged_column_is_righted_from_the_indexes(store: Store, path: Path, pages: list[Page]) -> None:
    """The bytes are whole; nobody has to be asked."""
    page = _pick(pages, "JPN", "KOR", "USA", author="JPN")
    store.close()
    content = path.read_bytes()
    at = content.rfind(b"JPN" + b"record" + b"JPN KOR USA", 0, content.find(page.raw))
    path.write_bytes(content[:at] + b"KPN" + content[at + 3 :])
    again, found = _reopen(store, path)
    assert list(again.read_all()) == [other.raw for other in pages]
    assert [damage.remedy for damage in found] == ["columns"]
    _scrub(again)
    assert [damage.remedy for damage in found] == ["columns"]
    again.close()


def test_an_index_that_contradicts_the_table_is_made_anew(store: Store, path: Path, pages: list[Page]) -> None:
    """A row that an index does not find, and an index entry without a row."""
    found: list[Damage] = []
    store.on_damage = found.append
    page = _pick(pages, "JPN", "USA")
    db = store._db
    db.execute("PRAGMA writable_schema = ON")
    ((sql,),) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'pages_of_journal'").fetchall()
    db.execute("UPDATE sqlite_schema SET sql = sql || ' WHERE number < 1' WHERE name = 'pages_of_journal'")
    again, found = _reopen(store, path)
    again._db.execute("REINDEX pages_of_journal")
    again._db.execute("PRAGMA writable_schema = ON")
    again._db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'pages_of_journal'", (sql,))
    again, found = _reopen(again, path)
    asked = {"first": page.header.number, "last": page.header.number, "reader": "JPN"}
    assert list(again.read_range(page.journal, **asked)) == []  # type: ignore[arg-type]
    _scrub(again)
    assert [damage.remedy for damage in found] == ["index"]
    assert list(again.read_range(page.journal, **asked)) == [page.raw]  # type: ignore[arg-type]
    again.close()


def test_a_block_that_sqlite_cannot_read_costs_its_rows_alone(store: Store, path: Path, pages: list[Page]) -> None:
    """All else moves to a new file; the old one is kept; the rows that are gone are named and come back."""
    page = _pick(pages, "JPN", "KOR", "USA", author="JPN")
    store.close()
    assert smear(path, page.signature) == 1
    again, found = _reopen(store, path)
    read = list(again.read_all())
    lost = [other for other in pages if other.raw not in read]
    assert page in lost
    assert len(lost) < len(pages) / 2
    assert {damage.page and damage.page.digest for damage in found} == {other.digest for other in lost}
    assert path.with_name("store.db.damaged-1").exists()
    assert again.count_pages() == len(pages)
    again.commit(lost, (), at=NOON)
    assert list(again.read_all()) == [other.raw for other in pages]
    again.close()
    assert _read_pages(path) == tuple(other.raw for other in pages)


def test_a_block_that_cannot_be_read_while_running_is_met_by_whoever_reads(
    store: Store, path: Path, pages: list[Page]
) -> None:
    """A commit goes through as well: what was acknowledged is in the new file."""
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page = _pick(pages, "JPN", "KOR", "USA", author="JPN")
    assert smear(path, page.signature) == 1
    store._db.execute("PRAGMA shrink_memory")
    found: list[Damage] = []
    store.on_damage = found.append
    list(store.read_range(page.journal, first=0, last=99, reader="JPN"))
    lost = {damage.page.digest for damage in found if damage.page}
    assert page.digest in lost
    store.commit([other for other in pages if other.digest in lost], (), at=NOON)
    assert list(store.read_all()) == [other.raw for other in pages]


def test_a_store_of_an_older_version_gets_its_sums(path: Path, pages: list[Page]) -> None:
    """It is read as before, damage in it is found, and the first scrub adds what was not kept then."""
    Store(path, party="USA").close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("ALTER TABLE pages DROP COLUMN sum")
    db.execute("DROP TABLE losses")
    db.execute("DROP TABLE copies")
    rows = [
        (page.digest, page.journal, page.header.number, page.header.journal.author, page.header.journal.feed,
         " ".join(page.header.journal.audience), 1, page.raw)
        for page in pages
    ]  # fmt: skip
    db.executemany(
        "INSERT INTO pages (digest, journal, number, author, feed, audience, is_out, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    db.close()
    damaged = _pick(pages, "JPN", "USA")
    flip(path, damaged.body, offset=1)
    store = Store(path, party="USA")
    found: list[Damage] = []
    store.on_damage = found.append
    assert list(store.read_all()) == [page.raw for page in pages if page is not damaged]
    assert [damage.page and damage.page.digest for damage in found] == [damaged.digest]
    _scrub(store)
    ((count,),) = store._db.execute("SELECT COUNT(*) FROM pages WHERE sum = x''").fetchall()
    assert count == 0
    store.close()


def test_evidence_of_a_failing_disk_is_bounded(
    store: Store, path: Path, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every loss is named; the bytes of the first are kept."""
    monkeypatch.setattr(losses_module, "EVIDENCE_COUNT_MAX", 2)
    store.close()
    mine = [page for page in pages if page.header.journal.author == "JPN"][-4:]
    for page in mine:
        flip(path, page.signature, offset=1)
    again, found = _reopen(store, path)
    list(again.read_all())
    assert len(found) == 4
    sizes = [len(raw) > 0 for (raw,) in again._db.execute("SELECT raw FROM losses ORDER BY seq")]
    assert sizes == [True, True, False, False]
    again.close()
