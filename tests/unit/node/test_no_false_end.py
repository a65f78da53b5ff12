"""Who reckons takes an empty answer for the end of a journal: nothing else may pass for one (J22, T20).

In each scene USA's store is put back from a copy, its outbox is lost, and JPN alone has what USA said to JPN since.
"""

import asyncio

import pytest

from comity.base.errors import OutageError
from comity.base.names import Digest, Party
from comity.journal.header import Feed
from comity.machine.closed import ClosedWhy
from comity.machine.effect import Fetch
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.damage import flip
from kit.nodes import SUITE, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
PAIR = ("JPN", "USA")


async def _say_and_lose(nodes: Nodes, *, has_outbox: bool = False) -> Digest:
    """Return the id of what USA said to JPN after the copy of its store that is then put back."""
    await nodes.be_in_force()
    await nodes.reaches((await nodes.say("USA", CALL, to=PAIR))[0], "JPN")
    await nodes.stop("USA")
    copy = nodes.keep_copy("USA")
    await nodes.start("USA")
    (lost,) = await nodes.say("USA", CALL, to=PAIR)
    await nodes.reaches(lost, "JPN")
    await nodes.settle()
    await nodes.stop("USA")
    nodes.put_back("USA", copy)
    if not has_outbox:
        nodes.outboxes["USA"].lose_all()
    return lost


def _is_open(nodes: Nodes) -> bool:
    return PAIR not in [row.audience for row in nodes["USA"].machine.find_closed() if row.why is ClosedWhy.RECKONING]


def _find_forked(nodes: Nodes) -> list[tuple[Party, ...]]:
    return [book.id.audience for node in nodes.nodes.values() for book in node.machine.ledger.books() if book.is_forked]


async def _assert_goes_on(nodes: Nodes, lost: Digest) -> None:
    await until(lambda: _is_open(nodes))
    assert nodes.knows("USA", lost)
    await nodes.reaches((await nodes.say("USA", CALL, to=PAIR))[0], "JPN")
    assert _find_forked(nodes) == []
    assert nodes["USA"].failure is None


def test_a_reader_that_lost_the_page_does_not_answer_that_there_is_none(nodes: Nodes) -> None:
    """One bad byte on JPN's disk: the journal stays closed and waits for JPN, until the page comes by another way."""

    async def scene(nodes: Nodes) -> None:
        lost = await _say_and_lose(nodes)
        stated = next(row for row in nodes["JPN"].machine.statements.all if row.id == lost)
        raws = list(nodes["JPN"].store.read_range(stated.journal, first=stated.page, last=99, reader="USA"))
        await nodes.stop("JPN")
        for raw in raws:
            assert flip(nodes.accepted["JPN"].path / "store.db", raw[-64:], offset=3) == 1
        await nodes.start("JPN", "USA")
        await asyncio.sleep(1)
        assert [row.waits_for for row in nodes["USA"].machine.find_closed() if row.audience == PAIR] == [("JPN",)]
        for raw in raws:
            nodes["USA"].take_bytes(raw)
        await _assert_goes_on(nodes, lost)
        await until(lambda: nodes["JPN"].store.count_damage()[1] == 0)

    play(nodes, scene)


def test_pages_that_find_no_room_here_were_not_answered(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full as JPN's answer comes: it is asked again once there is room."""

    async def scene(nodes: Nodes) -> None:
        lost = await _say_and_lose(nodes)
        await nodes.start("USA")
        usa = nodes["USA"]
        pair = usa.machine.pen.make_id(Feed.RECORD, PAIR).find_digest(SUITE)
        commit, fetch, dropped = usa.store.commit, usa.carrier.fetch, list[bytes]()
        is_full = asyncio.Event()

        def refuse(*_: object, **__: object) -> None:
            raise OutageError("store.full")

        async def fetch_late(party: Party, journal: Digest, *, first: int, last: int) -> list[bytes]:
            if journal != pair or party != "JPN" or is_full.is_set():
                return await fetch(party, journal, first=first, last=last)
            is_full.set()
            monkeypatch.setattr(usa.store, "commit", refuse)
            await nodes.say("JPN", CALL)  # whatever comes meets the full disk
            await until(lambda: usa.is_full)
            dropped.extend(await fetch(party, journal, first=first, last=last))
            asyncio.get_running_loop().call_later(0.5, lambda: monkeypatch.setattr(usa.store, "commit", commit))
            return dropped

        monkeypatch.setattr(usa.carrier, "fetch", fetch_late)
        await until(lambda: bool(dropped) and not usa.is_full)
        await _assert_goes_on(nodes, lost)

    play(nodes, scene)


def test_own_pages_in_the_outbox_that_find_no_room_are_no_other_nodes_word(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full as they are taken back from there (T19): the node waits for room, and is not fenced."""

    async def scene(nodes: Nodes) -> None:
        lost = await _say_and_lose(nodes, has_outbox=True)
        nodes.set_cut("USA", "JPN", is_cut=True)
        usa = nodes.make("USA")
        commit, refused = usa.store.commit, list[bool]()

        def refuse(*_: object, **__: object) -> None:
            refused.append(True)
            raise OutageError("store.full")

        monkeypatch.setattr(usa.store, "commit", refuse)
        await usa.start()
        await until(lambda: usa.is_full)
        await asyncio.sleep(0.2)
        assert (usa.failure_code, bool(refused)) == ("", True)
        monkeypatch.setattr(usa.store, "commit", commit)
        await until(lambda: nodes.knows("USA", lost))
        nodes.set_cut("USA", "JPN", is_cut=False)
        await _assert_goes_on(nodes, lost)

    play(nodes, scene)


def test_a_reader_whom_no_link_leads_to_is_no_fault_of_the_node(nodes: Nodes) -> None:
    """Audiences can have readers of circles that this party is not in: they cannot be asked."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        with pytest.raises(OutageError, match=r"link\.unavailable"):
            await nodes["USA"].carrier.fetch("ATLANTIS", Digest(b"\x01" * 32), first=0, last=9)
        nodes["USA"].carry_out(Fetch("ATLANTIS", Digest(b"\x01" * 32), 0, 9))
        await asyncio.sleep(0.2)
        assert nodes["USA"].failure is None

    play(nodes, scene)
