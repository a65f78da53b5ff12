"""A snapshot saves what was checked, for this node and this store alone; what does not hold is read from its bytes."""

import asyncio
import dataclasses
import gc
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

import comity
from comity.base.errors import OutageError
from comity.base.names import Digest
from comity.crypto.production import ProductionSuite
from comity.machine.machine import Machine, Setup
from comity.machine.vouched import Vouched
from comity.node import snapshot_keeper
from comity.node.segment import Row
from comity.node.snapshot import SNAPSHOT_FILE, Snapshot
from comity.node.snapshot_keeper import COUNT_AT_ONCE, SnapshotKeeper
from comity.node.store import Store
from comity.procedure.fields import Level
from comity.procedure.hotline import MessageSent, Precedence
from kit.loop import marked
from kit.nodes import CEREMONY, PARTIES, Nodes, make_machine, play
from kit.patience import until

SECRET = "the lamp in the east window"
COUNT = 12


class Kept:
    """USA's folder after its node said something and was stopped: store, snapshot, and what opens them."""

    def __init__(self, nodes: Nodes) -> None:
        async def scene(nodes: Nodes) -> None:
            await nodes.be_in_force()
            for number in range(COUNT):
                text = marked(f"{SECRET} {number}", originator="USA", level="USA-U", topics=("public-message",))
                message = MessageSent("hotline.nsc", Level.WATCH, Precedence.ROUTINE, (), (), text)
                (id_,) = await nodes.say("USA", message)
                await nodes.reaches(id_, *PARTIES)
            await until(lambda: nodes["USA"].store.find_unpublished() == ())

        nodes.has_snapshots = True
        play(nodes, scene)
        self.nodes = nodes
        self.folder = nodes.accepted["USA"].path
        self.path = self.folder / SNAPSHOT_FILE
        self.setup = make_machine("USA", nodes.accepted["USA"]).setup

    def open_store(self) -> Store:
        return Store(self.folder / "store.db", party="USA")

    def read(self, setup: Setup | None = None) -> list[Row]:
        """The rows that hold, read anew."""
        store = self.open_store()
        try:
            return list(Snapshot(self.path, setup or self.setup, ceremony=CEREMONY).read(store))
        finally:
            store.close()

    def start(self) -> Machine:
        """The machine as a start makes it."""
        store, machine = self.open_store(), Machine(self.setup)
        try:
            SnapshotKeeper(Snapshot(self.path, self.setup, ceremony=CEREMONY), machine, store).restore()
        finally:
            store.close()
        return machine

    def add_all(self) -> None:
        """Bring the snapshot up with the store, as a running node does."""
        store, machine = self.open_store(), Machine(self.setup)
        keeper = SnapshotKeeper(Snapshot(self.path, self.setup, ceremony=CEREMONY), machine, store)
        try:
            keeper.restore()
            asyncio.run(keeper.add_new(pause_s=0))
        finally:
            store.close()

    def change_store(self, statement: str) -> None:
        """Change the store behind everybody's back."""
        db = sqlite3.connect(self.folder / "store.db")
        db.execute(statement)
        db.commit()
        db.close()


@pytest.fixture
def kept(nodes: Nodes) -> Kept:
    """A stopped node's folder."""
    return Kept(nodes)


def _digests(rows: list[Row]) -> list[Digest]:
    return [row.page.digest for row in rows if isinstance(row, Vouched)]


def test_a_stopped_node_leaves_a_snapshot_of_its_whole_store(kept: Kept) -> None:
    """Every page that was accepted is in it as what it said; and a start checks no page's signature again."""
    rows = kept.read()
    store = kept.open_store()
    assert len(rows) == store.count_pages()
    store.close()
    assert len(_digests(rows)) >= len(rows) - 3  # pages of the last moments may not have been out yet
    kept.path.rename(kept.path.with_suffix(".old"))
    from_bytes = kept.start()
    kept.path.with_suffix(".old").rename(kept.path)
    assert kept.start().statements.all == from_bytes.statements.all


def test_a_long_record_is_out_of_the_search_for_garbage_before_it_goes_on(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the first search after a start would go through all that the start has made."""
    was_collecting: list[bool] = []
    monkeypatch.setattr(snapshot_keeper, "FROZEN_COUNT_MIN", 1)
    monkeypatch.setattr(gc, "freeze", lambda: was_collecting.append(gc.isenabled()))
    kept.start()
    assert was_collecting == [False]
    assert gc.isenabled()


def test_a_start_from_a_snapshot_checks_no_signature_again(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only pages that the snapshot has as bytes are verified: at most those of the last moments."""
    checked: list[bytes] = []
    verify = ProductionSuite.verify

    def count(self: ProductionSuite, **given: Any) -> bool:
        checked.append(given["signature"])
        return verify(self, **given)

    monkeypatch.setattr(ProductionSuite, "verify", count)
    vouched_count = len(_digests(kept.read()))
    kept.start()
    of_pages = len(checked)
    checked.clear()
    kept.path.unlink()
    kept.start()
    assert len(checked) - of_pages >= vouched_count > 0


def test_a_snapshot_rests_on_nothing_that_the_disk_does_not_have(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which own pages are out is made durable before each segment; where that fails, nothing is added."""
    done: list[str] = []
    kept.path.unlink()
    add, make_durable = Snapshot.add, Store.make_durable

    def note_add(snapshot: Snapshot, rows: list[Row], **given: Any) -> None:
        done.append("add")
        add(snapshot, rows, **given)

    def note_durable(store: Store) -> None:
        done.append("durable")
        make_durable(store)

    monkeypatch.setattr(Snapshot, "add", note_add)
    monkeypatch.setattr(Store, "make_durable", note_durable)
    monkeypatch.setattr(snapshot_keeper, "SEGMENT_COUNT_MAX", 2 * COUNT_AT_ONCE)
    kept.add_all()
    assert len(done) >= 4
    assert done == ["durable", "add"] * (len(done) // 2)
    kept.path.unlink()
    done.clear()

    def fail(_: Store) -> None:
        raise OutageError("store.full")

    monkeypatch.setattr(Store, "make_durable", fail)
    kept.add_all()
    assert done == []
    assert kept.read() == []


def test_a_snapshot_is_sealed(kept: Kept) -> None:
    """It holds what was opened, and shows none of it."""
    raw = kept.path.read_bytes()
    assert SECRET.encode() not in raw
    assert any(SECRET.encode() in entry for row in kept.read() if isinstance(row, Vouched) and row.opened
               for entry in row.opened.entries)  # fmt: skip


def test_a_flipped_byte_ends_the_snapshot_and_changes_nothing(kept: Kept) -> None:
    """Wherever it is: the rows before it hold, and with the rest from bytes the record is the same."""
    raw, whole = kept.path.read_bytes(), _digests(kept.read())
    expected = kept.start().statements.all
    for at in [*range(60), *range(60, len(raw), max(1, len(raw) // 40)), len(raw) - 1]:
        kept.path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :])
        found = _digests(kept.read())
        assert found == whole[: len(found)]
        assert len(found) < len(whole)
    assert kept.start().statements.all == expected
    for size in (0, 7, len(raw) // 2, len(raw) - 1):
        kept.path.write_bytes(raw[:size])
        assert kept.read() == []


def _of_another_pact(setup: Setup) -> Setup:
    return dataclasses.replace(setup, pact_digest=Digest(bytes(32)))


def _of_another_secret(setup: Setup) -> Setup:
    secrets = dataclasses.replace(setup.secrets, receiving=CEREMONY.generate_receiving())
    return dataclasses.replace(setup, secrets=secrets)


def _of_another_realm(setup: Setup) -> Setup:
    return dataclasses.replace(setup, pins=dataclasses.replace(setup.pins, realm="exercise/other"))


@pytest.mark.parametrize("change", [_of_another_pact, _of_another_secret, _of_another_realm])
def test_a_snapshot_of_something_else_is_not_read(kept: Kept, change: Callable[[Setup], Setup]) -> None:
    """Of another pact, node key or realm: its key is another, so it does not open."""
    assert kept.read() != []
    assert kept.read(change(kept.setup)) == []


def test_a_snapshot_by_another_version_is_not_read(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older program found good is looked at again by the newer one, once."""
    monkeypatch.setattr(comity, "__version__", "0.0.0")
    assert kept.read() == []


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM pages WHERE seq = (SELECT MAX(seq) FROM pages)",
        "DELETE FROM pages WHERE seq = 5",
        "UPDATE pages SET digest = zeroblob(32) WHERE seq = (SELECT MAX(seq) FROM pages)",
    ],
)
def test_a_snapshot_of_a_store_that_is_not_this_one_is_not_read(kept: Kept, change: str) -> None:
    """A store that is shorter than it says, or has another page at its end."""
    assert kept.read() != []
    kept.change_store(change)
    assert kept.read() == []


def test_a_snapshot_goes_on_after_what_holds(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments are added; where the file was damaged, from the damage on they are written anew."""
    monkeypatch.setattr(snapshot_keeper, "SEGMENT_COUNT_MAX", 10)
    whole = kept.read()
    kept.path.unlink()
    sizes: list[int] = []

    async def write() -> None:
        store, machine = kept.open_store(), Machine(kept.setup)
        snapshot = Snapshot(kept.path, kept.setup, ceremony=CEREMONY)
        keeper = SnapshotKeeper(snapshot, machine, store)
        keeper.restore()
        await keeper.add_new(pause_s=0)
        sizes.append(kept.path.stat().st_size)
        store.close()

    asyncio.run(write())
    assert _digests(kept.read()) == _digests(whole)
    raw = kept.path.read_bytes()
    kept.path.write_bytes(raw[:-20])
    part = kept.read()
    assert 0 < len(part) < len(whole)
    asyncio.run(write())
    assert _digests(kept.read()) == _digests(whole)
    assert sizes[0] == sizes[1]


def test_nothing_waits_for_a_snapshot(kept: Kept) -> None:
    """Between every few pages everything else has its turn."""
    kept.path.unlink()
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def write() -> int:
        store, machine = kept.open_store(), Machine(kept.setup)
        snapshot = Snapshot(kept.path, kept.setup, ceremony=CEREMONY)
        keeper = SnapshotKeeper(snapshot, machine, store)
        keeper.restore()
        turning = asyncio.create_task(turn())
        await keeper.add_new(pause_s=0)
        turning.cancel()
        count = store.count_pages()
        store.close()
        return count

    count = asyncio.run(write())
    assert turns >= count // COUNT_AT_ONCE


def test_a_node_that_is_stopped_while_it_writes_leaves_a_whole_snapshot(kept: Kept) -> None:
    """The thread that writes is waited for, so what the stop adds follows what it added."""
    whole = kept.read()
    for turns in range(0, 12, 3):
        kept.path.unlink()

        async def write(turns: int = turns) -> None:
            store, machine = kept.open_store(), Machine(kept.setup)
            snapshot = Snapshot(kept.path, kept.setup, ceremony=CEREMONY)
            keeper = SnapshotKeeper(snapshot, machine, store)
            keeper.restore()
            writing = asyncio.create_task(keeper.add_new(pause_s=0))
            for _ in range(turns):
                await asyncio.sleep(0)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await keeper.add_new(pause_s=0)
            store.close()

        asyncio.run(write())
        assert _digests(kept.read()) == _digests(whole)


def test_a_full_disk_costs_the_snapshot_and_nothing_else(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot stays as it was, and the node stops as it should."""
    before = kept.path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Snapshot, "add", fail)

    async def scene(nodes: Nodes) -> None:
        await nodes.start("USA")
        await nodes.stop("USA")

    play(kept.nodes, scene)
    assert kept.path.read_bytes() == before
