"""A store that was put back from a copy: nothing is said twice, nothing is lost, and what is awaited is named (J22)."""

import asyncio
from typing import Any

import pytest

from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.journal.header import Kind, Page, parse_page
from comity.machine.closed import ClosedWhy
from comity.node.marks import suspect_store
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.damage import flip
from kit.nodes import PARTIES, SUITE, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
PAIR = ("JPN", "USA")


async def _say_and_lose(nodes: Nodes) -> list[Digest]:
    """USA says things, keeps a copy of its store, says more to all and to a pair, and gets the copy back next day."""
    await nodes.be_in_force()
    await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
    await nodes.stop("USA")
    copy = nodes.keep_copy("USA")
    await nodes.start("USA")
    lost = [(await nodes.say("USA", CALL))[0] for _ in range(3)]
    lost += await nodes.say("USA", CALL, to=PAIR)
    await nodes.reaches(lost[2], *PARTIES)
    await nodes.reaches(lost[3], "JPN")
    heard = await nodes.say("JPN", CALL)
    await nodes.reaches(heard[0], *PARTIES)
    await nodes.settle()
    await nodes.stop("USA")
    nodes.put_back("USA", copy)
    nodes.days_later = 1
    return [*lost, *heard]


def _has_fork(nodes: Nodes) -> bool:
    return any(book.is_forked for node in nodes.nodes.values() for book in node.machine.ledger.books())


def _find_salts(nodes: Nodes, party: str) -> list[bytes]:
    books = nodes[party].machine.ledger.books()
    return [page.header.salt for book in books for page in book.pages()]


async def _assert_goes_on(nodes: Nodes, lost: list[Digest]) -> None:
    await until(lambda: all(nodes.knows("USA", id_) for id_ in lost))
    await until(lambda: nodes["USA"].machine.is_in_force and not _find_reckoned(nodes))
    said = [*(await nodes.say("USA", CALL)), *(await nodes.say("USA", CALL, to=PAIR))]
    await nodes.reaches(said[0], *PARTIES)
    await nodes.reaches(said[1], "JPN")
    assert not _has_fork(nodes)
    salts = _find_salts(nodes, "JPN")
    assert len(set(salts)) == len(salts)
    assert nodes["USA"].failure is None


def _find_reckoned(nodes: Nodes) -> list[tuple[str, ...]]:
    return [row.audience for row in nodes["USA"].machine.find_closed() if row.why is ClosedWhy.RECKONING]


def _find_epochs(nodes: Nodes, *audience: str) -> list[int]:
    """The epochs that USA announced to an audience, as JPN holds them."""
    books = nodes["JPN"].machine.ledger.books()
    mine = [book for book in books if (book.id.author, book.id.feed, book.id.audience) == ("USA", "record", audience)]
    return [page.header.epoch for page in mine[0].pages() if page.header.kind is Kind.KEYS]


@pytest.mark.parametrize("has_outbox", [True, False])
def test_what_was_said_since_the_copy_comes_back_before_anything_is_said(nodes: Nodes, *, has_outbox: bool) -> None:
    """From the own outbox where that is whole, or from readers; epochs go on, no salt comes twice."""

    async def scene(nodes: Nodes) -> None:
        lost = await _say_and_lose(nodes)
        if not has_outbox:
            nodes.outboxes["USA"].lose_all()
        await nodes.start("USA")
        await _assert_goes_on(nodes, lost)
        await until(lambda: _find_epochs(nodes, *PARTIES) == _find_epochs(nodes, *PAIR) == [1, 2])

    play(nodes, scene)


def test_a_journal_stays_closed_until_every_reader_has_answered(nodes: Nodes) -> None:
    """KOR cannot be reached: what KOR reads stays closed and says for whom it waits, the pair with JPN is open."""

    async def scene(nodes: Nodes) -> None:
        lost = await _say_and_lose(nodes)
        nodes.outboxes["USA"].lose_all()
        nodes.set_cut("USA", "KOR", is_cut=True)
        await nodes.start("USA")
        await until(lambda: PAIR not in _find_reckoned(nodes))
        with pytest.raises(UsageError, match=r"journal\.reckoning.*KOR"):
            await nodes.say("USA", CALL)
        await nodes.reaches((await nodes.say("USA", CALL, to=PAIR))[0], "JPN")
        closed = {row.audience: row.waits_for for row in nodes["USA"].machine.find_closed()}
        assert closed == {PARTIES: ("KOR",), ("KOR", "USA"): ("KOR",)}
        # A node that dies meanwhile begins again: the mark outside the store remembers.
        await nodes.stop("USA")
        await nodes.start("USA")
        await until(lambda: PAIR not in _find_reckoned(nodes))
        assert PARTIES in _find_reckoned(nodes)
        nodes.set_cut("USA", "KOR", is_cut=False)
        await _assert_goes_on(nodes, lost)
        mark = nodes.find_mark("USA")
        await until(lambda: "is_suspect = false" in mark.read_text())
        await nodes.stop("USA")
        nodes.set_cut("USA", "KOR", is_cut=True)
        await nodes.start("USA")
        assert not nodes["USA"].machine.reckoning.is_reckoning

    play(nodes, scene)


def test_a_copy_of_the_whole_home_is_found_out_by_the_look_at_its_start(nodes: Nodes) -> None:
    """No mark tells of it: the readers are asked all the same, before the first word."""

    async def scene(nodes: Nodes) -> None:
        lost = await _say_and_lose(nodes)
        nodes.outboxes["USA"].lose_all()
        nodes.has_marks = False
        await nodes.start("USA")
        said = asyncio.create_task(nodes.say("USA", CALL))
        await _assert_goes_on(nodes, lost)
        await nodes.reaches((await said)[0], *PARTIES)
        assert "alarm.store-was-old" in [alarm.code for alarm in nodes["USA"].alarms]

    play(nodes, scene)


def test_a_log_that_was_damaged_under_a_killed_node_takes_nothing_away(nodes: Nodes) -> None:
    """SQLite ends its log at the first damaged frame and says nothing: the mark tells, and all pages come back."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        said = [(await nodes.say("USA", CALL))[0] for _ in range(3)]
        said += await nodes.say("JPN", CALL)
        await nodes.reaches(said[-1], *PARTIES)
        await asyncio.sleep(2.5)  # the mark is written beside the node's work
        folder, before = nodes.accepted["USA"].path, nodes["USA"].store.count_pages()
        page = next(page for page in map(_parse, nodes["USA"].store.read_all()) if said[0] in _find_ids(nodes, page))
        killed = {name: (folder / name).read_bytes() for name in ("store.db", "store.db-wal")}
        await nodes.stop("USA")
        nodes.put_back("USA", None)
        for name, content in killed.items():
            (folder / name).write_bytes(content)
        assert flip(folder / "store.db", page.signature)
        nodes.outboxes["USA"].lose_all()
        node = nodes.make("USA")
        assert node.store.count_pages() < before - 4
        await node.start(statements=nodes.accepted["USA"].statements)
        assert node.machine.reckoning.is_reckoning
        await _assert_goes_on(nodes, said)
        await until(lambda: node.store.count_pages() >= before)

    play(nodes, scene)


def _parse(raw: bytes) -> Page:
    return parse_page(raw, SUITE)


def _find_ids(nodes: Nodes, page: Page) -> list[Digest]:
    return [row.id for row in nodes["USA"].machine.statements.all if row.page_digest == page.digest]


def test_a_lost_store_is_not_born_a_second_time(nodes: Nodes) -> None:
    """Keys and mark are there, the store is gone: the genesis page comes back from the others."""

    async def scene(nodes: Nodes) -> None:
        lost = await _say_and_lose(nodes)
        nodes.outboxes["USA"].lose_all()
        nodes.put_back("USA", None)
        await nodes.start("USA")
        await _assert_goes_on(nodes, lost)

    play(nodes, scene)


@pytest.mark.parametrize("is_named", [True, False])
def test_a_fresh_store_under_suspicion_is_born_once_all_say_that_there_was_nothing(
    nodes: Nodes, *, is_named: bool
) -> None:
    """`comity restore` marks every realm that it puts back. With no store and no mark the first page waits as well."""

    async def scene(nodes: Nodes) -> None:
        mark = nodes.find_mark("USA")
        if is_named:
            suspect_store(nodes.accepted["USA"].path.parent, "USA")
        else:
            mark.unlink()
        await nodes.start("USA", "JPN")
        await asyncio.sleep(0.5)
        assert nodes["USA"].store.count_all_own() == 0
        await nodes.start("KOR")
        await until(lambda: all(node.machine.is_in_force for node in nodes.nodes.values()))

    play(nodes, scene)


def test_an_own_journal_that_is_forked_is_closed_and_nothing_stops(nodes: Nodes, monkeypatch: Any) -> None:
    """Somebody with our key wrote another page: we say no more there, and all else goes on."""
    from comity.machine.reckoning import Reckoning

    async def scene(nodes: Nodes) -> None:
        await _say_and_lose(nodes)
        nodes.outboxes["USA"].lose_all()
        nodes.has_marks = False
        monkeypatch.setattr(Reckoning, "begin", lambda *_, **__: None)  # the seatbelt is off
        await nodes.start("USA")
        await nodes.say("USA", CALL)
        await until(lambda: any(row.why is ClosedWhy.FORK for row in nodes["USA"].machine.find_closed()))
        with pytest.raises(UsageError, match=r"journal\.forked"):
            await nodes.say("USA", CALL)
        await asyncio.sleep(0.3)
        assert nodes["USA"].failure is None

    play(nodes, scene)


def test_a_mark_that_cannot_be_read_counts_as_suspicion(nodes: Nodes) -> None:
    """Damage must not pass for the assurance that nothing is missing."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.stop("USA")
        nodes.find_mark("USA").write_bytes(b"\xff")
        await nodes.start("USA")
        assert nodes["USA"].machine.reckoning.is_reckoning

    play(nodes, scene)
