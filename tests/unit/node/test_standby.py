"""A standby among nodes that run: it follows, is promoted, and the old node cannot fork (T29)."""

import asyncio
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.machine.closed import ClosedWhy
from comity.node.assembly import assemble
from comity.node.ceremony import Accepted, open_accepted
from comity.node.home import Home, open_home
from comity.node.marks import suspect_store
from comity.node.memory_outbox import MemoryLink
from comity.node.promotion import check_primary_silent, collect
from comity.node.replacement import replace_key
from comity.node.standby import FOLLOWED, Follower, keep_standby, read_primary
from comity.node.standby_answer import Asked
from comity.node.store import Store
from comity.node.stream import Reader
from comity.procedure.blob import find_blob_id
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.nodes import CEREMONY, PARTIES, REALM, SUITE, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
PAIR = ("JPN", "USA")


@pytest.fixture
def nodes(home_nodes: Nodes) -> Nodes:
    """Nodes on this test's copies of the homes."""
    return home_nodes


def _now() -> Instant:
    return Instant(time.time_ns() // 1_000_000)


class Standby:
    """A second home of USA, in a folder of its own, that follows over a link as the party's own reader."""

    def __init__(self, nodes: Nodes, home: Home, folder: Path) -> None:
        shutil.copytree(home.path, folder / "USA", ignore=shutil.ignore_patterns("store.db*", "marks"))
        self.home = open_home(folder / "USA")
        self.accepted = open_accepted(self.home, realm=REALM, suite=SUITE)
        keep_standby(self.accepted.path, ())
        self.store = Store(self.accepted.path / "store.db", party="USA")
        self.link = MemoryLink(nodes.outboxes["USA"], Reader(nodes.lineage, REALM, "USA"))
        self.follower = Follower(self.link, self.store, lineage=nodes.lineage, realm=REALM, suite=SUITE)

    async def catch_up(self) -> None:
        """Follow until everything is here."""
        await self.follower.catch_up(at=_now())
        await self.follower.fetch_blobs()

    def take_the_place(self, nodes: Nodes) -> None:
        """Let the nodes of this test find USA's home here from now on."""
        nodes.accepted["USA"] = open_accepted(self.home, realm=REALM, suite=SUITE)


def _rows(store: Store) -> list[bytes]:
    return list(store.read_all())


def _has_fork(nodes: Nodes) -> bool:
    return any(book.is_forked for node in nodes.nodes.values() for book in node.machine.ledger.books())


def _standing(nodes: Nodes, party: Party, id_: Digest) -> str:
    return next(row.standing.value for row in nodes[party].machine.statements.all if row.id == id_)


def test_a_standby_has_every_page_in_the_order_of_the_primary(
    nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path
) -> None:
    """Private journals, pairs, others' pages, acts and blobs too; and it says how far behind it is."""

    async def scene(nodes: Nodes) -> None:
        standby = Standby(nodes, homes["USA"], tmp_path / "standby")
        await nodes.be_in_force()
        await nodes.say("USA", CALL)
        await nodes.say("USA", CALL, to=PAIR)
        await nodes.say("USA", CALL, to=("USA",))
        (heard,) = await nodes.say("JPN", CALL)
        await nodes.reaches(heard, "USA")
        ids = await nodes["USA"].say(PARTIES, (CALL,), key="once")
        blob = b"an item" * 100_000
        blob_id = Digest(find_blob_id(SUITE, blob))
        nodes["USA"].store.keep_blob(blob_id, blob, {"JPN": (b"a wrap",), "USA": (b"another", b"third")})
        await asyncio.sleep(1)  # receipts
        behind = await standby.follower.follow(at=_now())
        assert standby.store.count_pages() + behind == nodes["USA"].store.count_pages()
        await standby.catch_up()
        assert _rows(standby.store) == _rows(nodes["USA"].store)
        assert standby.store.find_act("once") == nodes["USA"].store.find_act("once")
        assert standby.store.find_act("once") is not None
        assert ids
        assert standby.store.find_blob(blob_id) == blob
        assert standby.store.find_wraps(blob_id, "USA") == (b"another", b"third")
        assert standby.store.find_wraps(blob_id, "JPN") == (b"a wrap",)
        for _ in range(80):
            await nodes.say("USA", CALL)
        assert await standby.follower.follow(at=_now()) > 0
        await standby.catch_up()
        assert _rows(standby.store) == _rows(nodes["USA"].store)
        for _ in range(2):  # and nothing is asked for twice
            assert await standby.follower.follow(at=_now()) == 0
        standby.store.close()

    play(nodes, scene)


def test_no_other_reader_is_given_rows(nodes: Nodes) -> None:
    """A peer that asks for what a standby asks for gets the answer that a journal gets which does not exist (law 2)."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        jpn = MemoryLink(nodes.outboxes["USA"], Reader(nodes.lineage, REALM, "JPN"))
        elsewhere = MemoryLink(nodes.outboxes["USA"], Reader(nodes.lineage, "real", "USA"))
        asked = Asked.encode(Asked.make(SUITE).rows)
        assert await jpn.request_pages(asked, timeout_ms=60_000) == []
        with pytest.raises(OutageError):
            await elsewhere.request_pages(asked, timeout_ms=1000)

    play(nodes, scene)


async def _promote(nodes: Nodes, standby: Standby, known: list[Digest]) -> Digest:
    """The standby collects, says nothing meanwhile, is promoted, and says something."""
    standby.take_the_place(nodes)
    nodes.outboxes["USA"].lose_all()
    nodes.set_cut("USA", "JPN", is_cut=False)
    nodes.set_cut("USA", "KOR", is_cut=False)
    suspect_store(standby.home.path, REALM)
    await nodes.make("USA", is_mute=True).start()
    before = {book.id: len(book.by_number) for book in nodes["JPN"].machine.ledger.books()}
    await collect(nodes["USA"], within_s=30)
    assert all(nodes.knows("USA", id_) for id_ in known)
    with pytest.raises(UsageError, match=r"standby\.not-promoted"):
        await nodes.say("USA", CALL)
    await nodes.stop("USA")
    after = {book.id: len(book.by_number) for book in nodes["JPN"].machine.ledger.books() if book.id.author == "USA"}
    assert all(before.get(id_) == count for id_, count in after.items())
    replace_key(standby.home, nodes.accepted["USA"], at=_now(), is_collected=True, suite=SUITE, ceremony=CEREMONY)
    standby.take_the_place(nodes)
    await nodes.start("USA")
    await until(lambda: nodes["USA"].machine.is_in_force and not nodes["USA"].machine.find_closed())
    (new,) = await nodes.say("USA", CALL)
    return new


async def _bring_back(nodes: Nodes, old: Accepted, standby: Standby, unheard: Digest) -> None:
    """The old node comes back, at first alone; it falls silent, and the new one goes on."""
    nodes.accepted["USA"] = old
    nodes.outboxes["USA"].lose_all()
    nodes.set_cut("USA", "JPN", is_cut=True)
    nodes.set_cut("USA", "KOR", is_cut=True)
    await nodes.start("USA")
    await asyncio.sleep(3.5)
    await nodes.say("USA", CALL)
    nodes.set_cut("USA", "JPN", is_cut=False)
    nodes.set_cut("USA", "KOR", is_cut=False)
    await until(lambda: {row.why for row in nodes["USA"].machine.find_closed()} == {ClosedWhy.SUPERSEDED})
    with pytest.raises(UsageError, match=r"key\.superseded"):
        await nodes.say("USA", CALL)
    await nodes.reaches(unheard, "JPN")
    assert _standing(nodes, "JPN", unheard) == "disowned"
    await nodes.stop("USA")
    standby.take_the_place(nodes)
    nodes.outboxes["USA"].lose_all()
    await nodes.start("USA")
    await until(lambda: nodes["USA"].machine.is_in_force and not nodes["USA"].machine.find_closed())
    (last,) = await nodes.say("USA", CALL)
    await nodes.reaches(last, *PARTIES)
    assert not _has_fork(nodes)
    assert not [node.failure for node in nodes.nodes.values() if node.failure]


def test_the_primary_dies_under_load_and_the_standby_takes_its_place(
    nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path
) -> None:
    """What reached a reader or the standby stands; the old node comes back, says nothing and forks nothing."""

    async def scene(nodes: Nodes) -> None:
        standby = Standby(nodes, homes["USA"], tmp_path / "standby")
        await nodes.be_in_force()
        said: list[Digest] = []
        for round_ in range(6):
            said += await nodes.say("USA", CALL)
            said += await nodes.say("USA", CALL, to=PAIR)
            if round_ == 3:
                await standby.catch_up()
        (only_here,) = await nodes.say("USA", CALL, to=("USA",))
        await standby.catch_up()
        late = [*(await nodes.say("USA", CALL)), *(await nodes.say("USA", CALL, to=PAIR))]
        await nodes.reaches(late[0], "JPN", "KOR")
        await nodes.reaches(late[1], "JPN")
        nodes.set_cut("USA", "JPN", is_cut=True)
        nodes.set_cut("USA", "KOR", is_cut=True)
        unheard = await nodes.say("USA", CALL)  # answered, and nobody else has it
        await asyncio.sleep(0.3)
        old = nodes.accepted["USA"]
        await nodes.stop("USA")
        standby.store.close()

        new = await _promote(nodes, standby, [*said, *late, only_here])
        await nodes.reaches(new, *PARTIES)
        for party, ids in (("JPN", [*said, *late]), ("KOR", [*said[::2], late[0]]), ("USA", [*said, *late, only_here])):
            assert {_standing(nodes, party, id_) for id_ in ids} == {"good"}
        await nodes.stop("USA")
        await _bring_back(nodes, old, standby, unheard[0])

    play(nodes, scene)


def test_who_has_not_answered_is_named_and_can_be_gone_without(
    nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path
) -> None:
    """KOR is away: nothing is promoted behind its back unless the operator says so."""

    async def scene(nodes: Nodes) -> None:
        standby = Standby(nodes, homes["USA"], tmp_path / "standby")
        await nodes.be_in_force()
        await nodes.say("USA", CALL)
        await standby.catch_up()
        await nodes.stop("USA", "KOR")
        standby.store.close()
        standby.take_the_place(nodes)
        suspect_store(standby.home.path, REALM)
        nodes.cut.add(frozenset(("USA", "KOR")))
        await nodes.make("USA", is_mute=True).start()
        with pytest.raises(UsageError, match=r"standby\.unanswered.*KOR"):
            await collect(nodes["USA"], within_s=3)
        await collect(nodes["USA"], within_s=20, without=("KOR",))

    play(nodes, scene)


def test_a_home_that_is_a_standbys_runs_no_node(homes: Mapping[Party, Home]) -> None:
    """Two nodes of one party would speak against each other."""
    accepted = open_accepted(homes["USA"], realm=REALM, suite=SUITE)
    with pytest.raises(UsageError, match=r"standby\.none"):
        read_primary(accepted.path)
    keep_standby(accepted.path, ("192.0.2.1:4222", "[::1]:4222"))
    assert [endpoint.port for endpoint in read_primary(accepted.path)] == [4222, 4222]
    with pytest.raises(UsageError, match=r"standby\.not-promoted"):
        assemble(homes["USA"], accepted, suite=SUITE, ceremony=CEREMONY)
    with pytest.raises(UsageError, match=r"home\.reach-malformed"):
        keep_standby(accepted.path, ("nowhere",))


def test_a_primary_that_answers_is_not_replaced(nodes: Nodes) -> None:
    """Nor one whose answer is empty: it runs."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        link = MemoryLink(nodes.outboxes["USA"], Reader(nodes.lineage, REALM, "USA"))
        with pytest.raises(UsageError, match=r"standby\.primary-runs"):
            await check_primary_silent(link, suite=SUITE)
        await nodes.stop("USA")
        await check_primary_silent(link, suite=SUITE)

    play(nodes, scene)


def test_what_is_not_what_the_primary_names_is_refused_and_another_store_is_read_anew(
    nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path
) -> None:
    """A page that is not the one named is not stored; where the primary's store is another, it begins anew."""

    async def scene(nodes: Nodes) -> None:
        standby = Standby(nodes, homes["USA"], tmp_path / "standby")
        await nodes.be_in_force()
        honest = standby.link.request_pages

        async def swap(request: bytes, *, timeout_ms: int) -> list[bytes]:
            pieces = await honest(request, timeout_ms=timeout_ms)
            if bytes(Asked.make(SUITE).rows) not in bytes(request):
                return pieces
            return [pieces[0], *pieces[2:3], *pieces[1:2], *pieces[3:]]

        standby.link.request_pages = swap  # type: ignore[method-assign]
        with pytest.raises(RemoteError, match=r"link\.page-answer"):
            await standby.catch_up()
        assert standby.store.count_pages() == 0
        standby.link.request_pages = honest  # type: ignore[method-assign]
        await standby.catch_up()
        standby.store.set_mark(FOLLOWED, f"2 {bytes(32).hex()}")
        assert await standby.follower.follow(at=_now()) > 0
        await standby.catch_up()
        assert _rows(standby.store) == _rows(nodes["USA"].store)
        standby.store.close()

    play(nodes, scene)


def test_a_standby_erases_what_its_primary_destroyed(nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path) -> None:
    """Also what it had fetched before, and it is not kept again (R50)."""

    async def scene(nodes: Nodes) -> None:
        standby = Standby(nodes, homes["USA"], tmp_path / "standby")
        await nodes.be_in_force()
        blobs = {Digest(find_blob_id(SUITE, raw)): raw for raw in (b"an item" * 1000, b"another" * 1000)}
        for blob_id, raw in blobs.items():
            nodes["USA"].store.keep_blob(blob_id, raw, {"USA": (b"a wrap of " + blob_id,)})
        await standby.catch_up()
        gone, kept = blobs
        assert standby.store.find_blob(gone) == blobs[gone]
        nodes["USA"].store.erase_blobs([gone])
        await standby.catch_up()
        for store in (standby.store, nodes["USA"].store):
            store.keep_blob(gone, blobs[gone], {"USA": (b"a wrap",)})
            assert (store.find_blob(gone), store.find_wraps(gone, "USA")) == (None, ())
            assert store.find_blob(kept) == blobs[kept]
        standby.store.close()

    play(nodes, scene)
