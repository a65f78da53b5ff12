"""Damage to what holds a store's rows, rather than to their bytes: much of it SQLite itself does not notice."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.base.errors import OutageError, UsageError
from comity.base.names import Digest
from comity.journal.header import Page, parse_page
from comity.machine.machine import Machine
from comity.node.mark import Mark
from comity.node.marks import find_mark_path, mark_new_keys
from comity.node.schema import Act
from comity.node.store import Damage, Store
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.damage import BLOCK_SIZE_BYTES, alter
from kit.loop import NOON, Loop
from kit.nodes import PARTIES, SUITE

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
ACTS = [Act(f"key-{number}", bytes([number]) * 32, (Digest(bytes([number + 100]) * 32),)) for number in range(3)]
ROWS_OF_TABLE, ROWS_OF_INDEX = 0x0D, 0x0A
"""The first byte of a block that holds rows of a table, or of an index."""


@pytest.fixture(scope="module")
def loop() -> Loop:
    """USA and JPN spoke, to all and USA to itself."""
    loop = Loop()
    loop.be_born()
    for _ in range(6):
        loop.say("USA", CALL)
        loop.say("JPN", CALL)
        loop.say("USA", CALL, to=("USA",))
    loop.settle()
    return loop


@pytest.fixture(scope="module")
def pages(loop: Loop) -> list[Page]:
    """What USA stored meanwhile."""
    return [parse_page(raw, loop.suite) for raw in loop.stored["USA"]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, pages: list[Page]) -> bytes:
    """USA's store as it was stopped, with those pages and three acts."""
    path = tmp_path_factory.mktemp("whole") / "store.db"
    store = Store(path, party="USA")
    for page in pages:
        store.commit([page], (), at=NOON)
    store.commit((), (), at=NOON, acts=ACTS)
    store.close()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, whole: bytes) -> Path:
    """A copy of it."""
    copy = tmp_path / "store.db"
    copy.write_bytes(whole)
    return copy


@pytest.fixture
def opened() -> Iterator[list[Store]]:
    """The stores that a test opens, which are closed after it."""
    stores: list[Store] = []
    yield stores
    for store in stores:
        store.close()


def _open(path: Path, opened: list[Store]) -> tuple[Store, list[Damage]]:
    found: list[Damage] = []
    store = Store(path, party="USA")
    opened.append(store)
    store.on_damage = found.append
    return store, found


def _find_block(path: Path, piece: bytes, kind: int) -> int:
    """Where a block of this kind begins in which a piece lies."""
    content, at = path.read_bytes(), -1
    while (at := content.find(piece, at + 1)) >= 0:
        begin = at // BLOCK_SIZE_BYTES * BLOCK_SIZE_BYTES
        if content[begin] == kind:
            return begin
    raise AssertionError("it lies in no such block")


def _find_root(path: Path, name: str) -> int:
    db = sqlite3.connect(path)
    try:
        return (int(dict(db.execute("SELECT name, rootpage FROM sqlite_schema"))[name]) - 1) * BLOCK_SIZE_BYTES
    finally:
        db.close()


def _empty(path: Path, begin: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:begin] + bytes(BLOCK_SIZE_BYTES) + content[begin + BLOCK_SIZE_BYTES :])


def test_rows_out_of_their_order_are_not_read_for_ever(path: Path, pages: list[Page], opened: list[Store]) -> None:
    """A block that claims more rows than it has gives rows numbered 0: who reads on from the last goes in circles."""
    alter(path, _find_block(path, pages[-1].signature, ROWS_OF_TABLE) + 3, mask=2)
    store, _ = _open(path, opened)
    read = list(store.read_all())
    lost = {lost.digest for lost in store.find_losses()}
    assert [page for page in pages if page.raw not in read and page.digest not in lost] == []
    assert not store.has_gaps
    assert path.with_name("store.db.damaged-1").exists()


@pytest.mark.parametrize("number", [-1, 4])
def test_rows_that_a_block_no_longer_counts_are_named(
    path: Path, pages: list[Page], opened: list[Store], number: int
) -> None:
    """The indexes know them; were they not asked, a journal would go on without its end, and nobody would notice."""
    begin = _find_block(path, pages[number].signature, ROWS_OF_TABLE)
    alter(path, begin + 4, mask=path.read_bytes()[begin + 4])
    store, _ = _open(path, opened)
    read = list(store.read_all())
    gone = {page.digest for page in pages if page.raw not in read}
    assert gone
    assert {lost.digest for lost in store.find_losses()} == gone
    store.commit([page for page in pages if page.digest in gone], (), at=NOON)
    assert list(store.read_all()) == [page.raw for page in pages]


def test_what_nobody_else_reads_survives_the_loss_of_its_block(
    path: Path, pages: list[Page], opened: list[Store]
) -> None:
    """From its second copy, which lies elsewhere."""
    alone = [page for page in pages if page.header.journal.audience == ("USA",)]
    _empty(path, _find_block(path, alone[2].signature, ROWS_OF_TABLE))
    store, found = _open(path, opened)
    read = list(store.read_all())
    assert [page.raw for page in alone if page.raw not in read] == []
    assert "copy" in {damage.remedy for damage in found}
    assert all(len(lost.audience) > 1 for lost in store.find_losses())


def test_a_start_folds_what_was_put_back_behind_its_look(
    path: Path, whole: bytes, loop: Loop, pages: list[Page], opened: list[Store]
) -> None:
    """Its journal to itself is whole at once, and goes on after its last page: not a second time under its number."""
    before = loop.machines["USA"]
    alone = [page for page in pages if page.header.journal.audience == ("USA",)]
    wanted = sorted(row.id for row in before.statements.all if row.audience == ("USA",))
    for begin in _find_blocks(whole, alone[0].journal):
        path.write_bytes(whole)
        alter(path, begin + 4, mask=4)  # how many rows it counts
        store, _ = _open(path, opened)
        machine = Machine(before.setup)
        machine.restore(store.read_all(), lost=store.find_losses())
        store.close()
        assert sorted(row.id for row in machine.statements.all if row.audience == ("USA",)) == wanted, begin
        book = machine.ledger.find_book(alone[0].journal)
        assert book is not None
        assert len(book.by_number) == len(alone)


def _find_blocks(content: bytes, piece: bytes) -> Iterator[int]:
    """Where the blocks of a table's rows begin in which a piece lies."""
    for begin in range(0, len(content), BLOCK_SIZE_BYTES):
        if content[begin] == ROWS_OF_TABLE and piece in content[begin : begin + BLOCK_SIZE_BYTES]:
            yield begin


@pytest.mark.parametrize("offset", [0, 6, 11], ids=["author", "feed", "audience"])
def test_an_index_that_names_a_stream_wrongly_makes_no_stream(
    path: Path, whole: bytes, pages: list[Page], opened: list[Store], offset: int
) -> None:
    """Neither is one opened that is not there, nor is another node suspected for a page that is not counted."""
    piece = b"USArecordJPN KOR USA"
    ids = [page.header.journal for page in pages]
    count = sum((id_.author, id_.feed, id_.audience) == ("USA", "record", PARTIES) for id_ in ids)
    begin, remedies = _find_block(path, piece, ROWS_OF_INDEX), set()
    at = whole.find(piece, begin)
    while 0 <= at < begin + BLOCK_SIZE_BYTES:  # some of them what was left where a row has moved
        path.write_bytes(whole)
        alter(path, at + offset, mask=0x20)
        store, found = _open(path, opened)
        assert set(store.find_streams()) <= {("genesis", PARTIES), ("record", PARTIES)}
        assert not store.has_fewer("record", PARTIES, than=count)
        assert store.has_fewer("record", PARTIES, than=count + 1)
        remedies |= {damage.remedy for damage in found}
        store.close()
        at = whole.find(piece, at + 1)
    assert remedies == {"index"}


@pytest.mark.parametrize("table", ["acts", "act_copies", "sqlite_autoindex_acts_1", "sqlite_autoindex_act_copies_1"])
def test_a_block_of_the_acts_makes_none_forgotten(path: Path, opened: list[Store], table: str) -> None:
    """Emptied, or with another table's rows in it: each act has the answer that it had."""
    root, other = _find_root(path, table), _find_root(path, "marks")
    whole = path.read_bytes()
    for block in (bytes(BLOCK_SIZE_BYTES), whole[other : other + BLOCK_SIZE_BYTES]):
        path.write_bytes(whole[:root] + block + whole[root + BLOCK_SIZE_BYTES :])
        store, _ = _open(path, opened)
        assert [store.find_act(act.key) for act in ACTS] == ACTS
        store.close()


def test_a_bit_flipped_in_an_act_changes_no_answer(path: Path, opened: list[Store]) -> None:
    """In its key, in what was asked, in an id, in its sum; whichever of the places."""
    act, whole = ACTS[1], path.read_bytes()
    for piece in (act.key.encode(), act.asked, act.ids[0]):
        at = -1
        while (at := whole.find(piece, at + 1)) >= 0:
            path.write_bytes(whole)
            alter(path, at + 4, mask=4)
            store, _ = _open(path, opened)
            assert store.find_act(act.key) == act
            store.close()


def test_an_act_of_which_both_places_are_damaged_is_not_done_again(path: Path, opened: list[Store]) -> None:
    """Nor answered with an id that was never given: who asks is sent to the timeline."""
    store, _ = _open(path, opened)
    store._db.execute("UPDATE acts SET ids = x'00' WHERE key = 'key-1'")
    store._db.execute("UPDATE act_copies SET ids = x'00' WHERE key = 'key-1'")
    with pytest.raises(UsageError, match=r"statement\.key-damaged"):
        store.find_act("key-1")
    assert [act for _, act in store.read_acts(after=0, count=9)] == [ACTS[0], ACTS[2]]


def test_an_act_that_an_older_version_kept_is_answered(path: Path, opened: list[Store]) -> None:
    """It kept one copy, without a sum."""
    store, _ = _open(path, opened)
    store._db.execute("DELETE FROM act_copies")
    assert [store.find_act(act.key) for act in ACTS] == ACTS


def test_a_name_of_a_table_that_is_no_text_any_more_is_a_damaged_store(path: Path) -> None:
    """SQLite quotes it in what it says of it."""
    alter(path, path.read_bytes().index(b"pages_of_stream ON pages"), mask=0x80)
    with pytest.raises(OutageError, match=r"store\.damaged"):
        Store(path, party="USA")


def test_a_count_of_starts_that_is_no_number_is_behind_its_mark(
    path: Path, tmp_path: Path, opened: list[Store]
) -> None:
    """The node reckons, and goes on counting from what the mark says."""
    mark_new_keys(tmp_path, "USA")
    store, _ = _open(path, opened)
    for number, is_old in (("1", False), ("q", True)):
        store.set_mark("starts", number)
        assert Mark(find_mark_path(tmp_path, "USA")).begin(store, frozenset()) == is_old


def _find_places(content: bytes) -> list[int]:
    """In the head of every block: its kind, how many rows it counts, where they begin, where the first one lies."""
    places = [16, 18, 20, 24, 28, 32, 44, 56, 95, 100, 103, 105]
    for begin in range(BLOCK_SIZE_BYTES, len(content), BLOCK_SIZE_BYTES):
        places += [begin + offset for offset in (0, 3, 4, 5, 9, 13)]
    return places


def test_no_bit_in_the_head_of_a_block_is_a_fault_or_a_loss_unnamed(
    tmp_path: Path, whole: bytes, pages: list[Page]
) -> None:
    """Whatever is hit: each page is there, or named, or it is said that more may be gone; or nothing is opened."""
    for number, place in enumerate(_find_places(whole)):
        path = tmp_path / str(number) / "store.db"
        path.parent.mkdir()
        path.write_bytes(whole)
        alter(path, place, mask=1 << number % 8)
        with contextlib.suppress(OutageError), contextlib.closing(Store(path, party="USA")) as store:
            # One look, as at a start: what it does not find is not folded, and would be said a second time.
            raws = list(store.read_all())
            held = {parse_page(raw, SUITE).digest for raw in raws}
            assert len(held) == len(raws), place
            store.find_streams()
            held |= {lost.digest for lost in store.find_losses()}
            assert store.has_gaps or held == {page.digest for page in pages}, place
            assert [store.find_act(act.key) for act in ACTS] == ACTS, place
            after = store.scrub(0, count=100)
            while after:
                after = store.scrub(after, count=100)
