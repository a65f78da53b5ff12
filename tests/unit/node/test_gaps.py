"""What a store lost without knowing what it was: the node reckons; and what came back is not counted twice (J22)."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.base.names import Party
from comity.machine.closed import ClosedWhy
from comity.node.losses import Damage
from comity.node.marks import find_mark_path
from comity.node.store import Store
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.damage import BLOCK_SIZE_BYTES, flip
from kit.nodes import PARTIES, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
PAIR = ("JPN", "USA")
LEAF = 0x0D
"""The first byte of a block that holds rows of a table."""


def _path(nodes: Nodes, party: Party) -> Path:
    return nodes.accepted[party].path / "store.db"


def _find_root(path: Path, name: str) -> int:
    db = sqlite3.connect(path)
    try:
        return int(dict(db.execute("SELECT name, rootpage FROM sqlite_schema"))[name]) - 1
    finally:
        db.close()


def _find_tip(path: Path) -> bytes:
    """The digest of USA's last page to all: what is written next if nobody minds has its number."""
    db = sqlite3.connect(path)
    try:
        asked = "SELECT digest FROM pages WHERE author = ? AND feed = ? AND audience = ? ORDER BY number DESC LIMIT 1"
        (digest,) = db.execute(asked, ("USA", "record", " ".join(PARTIES))).fetchone()
    finally:
        db.close()
    return bytes(digest)


def _empty(path: Path, *blocks: int) -> None:
    for found in path.parent.glob("store.db-*"):
        found.unlink()
    with path.open("r+b") as file:
        for block in blocks:
            file.seek(block * BLOCK_SIZE_BYTES)
            file.write(bytes(BLOCK_SIZE_BYTES))


def _find_blocks(path: Path, piece: bytes) -> list[int]:
    """The blocks of the table in which a piece lies."""
    content, found, at = path.read_bytes(), [], -1
    while (at := content.find(piece, at + 1)) >= 0:
        if content[at // BLOCK_SIZE_BYTES * BLOCK_SIZE_BYTES] == LEAF:
            found.append(at // BLOCK_SIZE_BYTES)
    return found


async def _speak(nodes: Nodes) -> None:
    await nodes.be_in_force()
    for _ in range(12):
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
    for _ in range(8):  # what comes after the tip lies in other blocks
        await nodes.reaches((await nodes.say("JPN", CALL, to=PAIR))[0], "USA")
    await nodes.settle()
    await nodes.stop("USA")


def _find_reckoned(nodes: Nodes) -> list[tuple[Party, ...]]:
    return [row.audience for row in nodes["USA"].machine.find_closed() if row.why is ClosedWhy.RECKONING]


def test_rows_lost_with_their_names_are_waited_for(nodes: Nodes) -> None:
    """A block of the table and one of an index are met while the start reads, when nobody can be reached yet."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        path = _path(nodes, "USA")
        _empty(path, _find_root(path, "pages_of_journal"), *_find_blocks(path, _find_tip(path)))
        nodes.outboxes["USA"].lose_all()
        for other in ("JPN", "KOR"):
            nodes.cut.add(frozenset(("USA", other)))
        await nodes.start("USA")
        assert PARTIES in _find_reckoned(nodes)
        await asyncio.sleep(3.2)  # longer than any start waits that has no doubt
        with pytest.raises(UsageError, match=r"journal\.reckoning"):
            await nodes.say("USA", CALL)
        await nodes.stop("USA")
        await nodes.start("USA")  # the store remembers
        assert nodes["USA"].machine.reckoning.is_reckoning
        for other in ("JPN", "KOR"):
            nodes.set_cut("USA", other, is_cut=False)
        await until(lambda: not _find_reckoned(nodes))
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        assert not any(book.is_forked for node in nodes.nodes.values() for book in node.machine.ledger.books())
        await until(lambda: not nodes["USA"].store.has_gaps)
        await nodes.stop("USA")
        await nodes.start("USA")
        assert not nodes["USA"].machine.reckoning.is_reckoning

    play(nodes, scene)


def test_an_index_that_cannot_be_read_costs_nothing(nodes: Nodes) -> None:
    """Every row is there: the start mends the file, and no journal waits for anybody."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        path = _path(nodes, "USA")
        _empty(path, _find_root(path, "pages_of_stream"))
        await nodes.start("USA")
        assert path.with_name("store.db.damaged-1").exists()
        assert not nodes["USA"].store.has_gaps
        assert not nodes["USA"].machine.reckoning.is_reckoning
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)

    play(nodes, scene)


def test_a_list_of_losses_that_cannot_be_read_is_a_gap(nodes: Nodes) -> None:
    """It alone tells which own page was being fetched: without it, nothing would wait for that."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        path = _path(nodes, "USA")
        _empty(path, _find_root(path, "losses"))
        found: list[Damage] = []
        store = Store(path.with_name("store.db"), party="USA")
        store.on_damage = found.append
        assert (store.has_gaps, found) == (True, [])
        store.close()

    play(nodes, scene)


def test_a_page_that_came_back_is_not_counted_twice(nodes: Nodes) -> None:
    """Else the next start would take a whole store for an old one, and wait for readers who may be away for weeks."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        await nodes.settle()
        usa = nodes["USA"]
        seq = usa.store.last_seq
        db = usa.store._db
        (seq,) = db.execute("SELECT MAX(seq) FROM pages WHERE author = 'USA' AND audience = 'JPN KOR USA'").fetchone()
        (raw,) = db.execute("SELECT raw FROM pages WHERE seq = ?", (seq,)).fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert flip(_path(nodes, "USA"), raw[-64:], offset=3) == 1
        db.execute("PRAGMA shrink_memory")
        usa.store.scrub(seq - 1, count=1)
        await until(lambda: usa.store.count_damage() == (1, 0))
        await nodes.stop("USA", "KOR")
        marked = find_mark_path(nodes.accepted["USA"].path.parent, "USA").read_text()
        store = nodes.open_store("USA")
        assert f"pages = {store.count_all_own()}\n" in marked
        store.close()
        await nodes.start("USA")
        assert not nodes["USA"].machine.reckoning.is_reckoning

    play(nodes, scene)
