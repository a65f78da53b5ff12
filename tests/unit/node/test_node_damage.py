"""A bit flipped in a store, while its node runs or before it starts: found, named, refilled, and nothing forked."""

import asyncio
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.base.names import Party
from comity.journal.header import Page, parse_page
from comity.node import errands
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.damage import flip, smear
from kit.nodes import PARTIES, SUITE, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))


@pytest.fixture(autouse=True)
def _scrub_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "SCRUB_REST_S", 0.2)
    monkeypatch.setattr(errands, "SCRUB_PAUSE_S", 0.01)
    monkeypatch.setattr(errands, "LOOK_S", 0.1)


def _path(nodes: Nodes, party: Party) -> Path:
    return nodes.accepted[party].path / "store.db"


def _pages(nodes: Nodes, party: Party, author: Party, feed: str = "record") -> list[Page]:
    read = [parse_page(raw, SUITE) for raw in nodes[party].store.read_all()]
    ids = [(page, page.header.journal) for page in read]
    return [page for page, id_ in ids if (id_.author, id_.feed, id_.audience) == (author, feed, PARTIES)]


async def _speak(nodes: Nodes) -> None:
    await nodes.be_in_force()
    for _ in range(4):
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        await nodes.reaches((await nodes.say("JPN", CALL))[0], *PARTIES)
    await nodes.settle()  # the receipts too are signed, stored and out


@pytest.mark.parametrize("author", ["USA", "JPN"])
def test_a_bit_flipped_while_running_is_found_named_and_refilled(nodes: Nodes, author: Party) -> None:
    """By the scrub; from a reader, or from the author. The machine never stops."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        page = _pages(nodes, "USA", author)[2]
        stored = list(nodes["USA"].store.read_all())
        assert flip(_path(nodes, "USA"), page.signature, offset=7) >= 1
        await until(lambda: nodes["USA"].store.count_damage() == (1, 0))
        alarms = [alarm for alarm in nodes["USA"].alarms if "page" in alarm.code]
        assert [alarm.code for alarm in alarms] == ["alarm.page-damaged", "alarm.page-back"]
        assert alarms[0].details["number"] == page.header.number
        assert alarms[0].details["journal"] == page.journal
        assert alarms[0].details["remedy"] == "fetch"
        assert list(nodes["USA"].store.read_all())[: len(stored)] == stored
        assert nodes["USA"].failure is None

    play(nodes, scene)


@pytest.mark.parametrize("feed", ["record", "genesis"])
def test_the_last_own_page_damaged_before_a_start_is_fetched_and_not_written_over(nodes: Nodes, feed: str) -> None:
    """A statement at once after the start waits for it, and no reader ever sees two pages of one number."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        page = _pages(nodes, "USA", "USA", feed)[-1]
        place = nodes["USA"].store.find_place(page.digest)
        await nodes.stop("USA")
        assert flip(_path(nodes, "USA"), page.signature, offset=7) == 1
        await nodes.start("USA")
        assert [lost.digest for lost in nodes["USA"].store.find_losses()] == [page.digest]
        (after,) = await nodes.say("USA", CALL)
        await nodes.reaches(after, *PARTIES)
        assert nodes["USA"].store.count_damage() == (1, 0)
        assert nodes["USA"].store.find_place(page.digest) == place
        for party in PARTIES:
            assert not [alarm for alarm in nodes[party].alarms if alarm.code == "alarm.fork"]
            numbers = [read.header.number for read in _pages(nodes, party, "USA")]
            assert sorted(numbers) == list(range(len(numbers)))

    play(nodes, scene)


@pytest.mark.parametrize("author", PARTIES)
def test_a_statement_while_the_genesis_is_not_whole_is_told_to_come_again(nodes: Nodes, author: Party) -> None:
    """Without the page by which a party accepted it nobody knows that the pact is in force; nor that it is not."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        page = _pages(nodes, "USA", author, "genesis")[0]
        await nodes.stop("USA")
        assert flip(_path(nodes, "USA"), page.signature, offset=7) == 1
        for other in ("JPN", "KOR"):
            nodes.set_cut("USA", other, is_cut=True)
        await nodes.start("USA")
        for key in ("k", "k", "other"):
            with pytest.raises(OutageError, match=r"store\.refilling"):
                await nodes["USA"].say(PARTIES, (CALL,), key=key)
        for other in ("JPN", "KOR"):
            nodes.set_cut("USA", other, is_cut=False)
        await until(lambda: nodes["USA"].store.count_damage() == (1, 0))
        (after,) = await nodes["USA"].say(PARTIES, (CALL,), key="k")
        await nodes.reaches(after, *PARTIES)

    play(nodes, scene)


def test_a_block_lost_before_a_start_comes_back_from_readers(nodes: Nodes) -> None:
    """SQLite cannot read it: the rest is moved, the rows in it are named and fetched."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        stored = list(nodes["USA"].store.read_all())
        page = _pages(nodes, "USA", "JPN")[2]
        await nodes.stop("USA")
        assert smear(_path(nodes, "USA"), page.signature) == 1
        await nodes.start("USA")
        assert nodes["USA"].store.count_damage()[0] >= 1
        await until(lambda: nodes["USA"].store.count_damage()[1] == 0)
        (after,) = await nodes.say("USA", CALL)
        await nodes.reaches(after, *PARTIES)
        assert set(stored) <= set(nodes["USA"].store.read_all())
        assert _path(nodes, "USA").with_name("store.db.damaged-1").exists()

    play(nodes, scene)


def _break_stream(nodes: Nodes, how: str) -> None:
    outbox, name = nodes.outboxes["USA"], nodes.stream(*PARTIES).name
    held = outbox._streams[name]
    match how:
        case "gone":
            del outbox._streams[name]
        case "hole":
            del held.pages[2]
        case "behind":
            del held.pages[held.last]
            held.last -= 1
        case "damaged":
            held.pages[2] = held.pages[2][:-1] + bytes([held.pages[2][-1] ^ 1])
        case "cursor":
            held.cursors.popitem()


@pytest.mark.parametrize("how", ["gone", "hole", "behind", "damaged", "cursor"])
def test_a_stream_broken_while_running_is_found_named_and_rebuilt(nodes: Nodes, how: str) -> None:
    """Although nothing more is said, and without a restart; readers who have everything get on as before."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        own = [raw for _, raw in nodes["USA"].store.read_stream("record", PARTIES)]
        _break_stream(nodes, how)

        def causes() -> list[object]:
            return [alarm.details["cause"] for alarm in nodes["USA"].alarms if alarm.code == "alarm.outbox-rebuilt"]

        def is_whole() -> bool:
            held = nodes.outboxes["USA"]._streams[nodes.stream(*PARTIES).name]
            return list(held.pages.values())[: len(own)] == own and len(held.cursors) == 2

        await until(lambda: causes() == [how])
        await until(is_whole)
        (after,) = await nodes.say("USA", CALL)
        await nodes.reaches(after, *PARTIES)
        assert causes() == [how]
        assert nodes["USA"].failure is None

    play(nodes, scene)


def test_another_page_of_ours_in_the_outbox_is_another_node_and_no_damage(nodes: Nodes) -> None:
    """It is never deleted by a rebuild: this node stops."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        other = next(raw for _, raw in nodes["USA"].store.read_stream("genesis", PARTIES))
        nodes.outboxes["USA"]._streams[nodes.stream(*PARTIES).name].pages[2] = other
        await until(lambda: nodes["USA"].failure_code == "outbox.fenced")

    play(nodes, scene)


def test_an_outbox_that_does_nothing_for_a_while_is_said_to_be_sick(nodes: Nodes) -> None:
    """So that whoever runs its server can replace it; what waited goes out when it answers again."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        sick: list[bool] = []
        nodes["USA"].on_sick_outbox = lambda: sick.append(True)
        nodes.outboxes["USA"].is_down = True
        (id_,) = await nodes.say("USA", CALL)
        await until(lambda: len(sick) > 1)
        nodes.outboxes["USA"].is_down = False
        await nodes.reaches(id_, *PARTIES)

    play(nodes, scene)


def test_an_outbox_that_answers_and_takes_nothing_is_sick_too(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a JetStream does whose disk was full once; with nothing to publish it would never be noticed, and need not."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        sick: list[bool] = []
        nodes["USA"].on_sick_outbox = lambda: sick.append(True)
        await asyncio.sleep(1)
        assert sick == []

        async def refuse(*_: object, **__: object) -> int:
            raise OutageError("outbox.unavailable")

        with monkeypatch.context() as patched:
            patched.setattr(nodes.outboxes["USA"], "publish", refuse)
            (id_,) = await nodes.say("USA", CALL)
            await until(lambda: sick != [])
        await nodes.reaches(id_, *PARTIES)

    play(nodes, scene)


def test_an_outbox_whose_answers_find_no_room_here_is_not_sick(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its server, which might not find the room to start anew, stays; the notes are made once there is room."""

    async def scene(nodes: Nodes) -> None:
        await _speak(nodes)
        store = nodes["USA"].store
        sick: list[bool] = []
        nodes["USA"].on_sick_outbox = lambda: sick.append(True)

        def find_no_room(_: object) -> None:
            raise OutageError("store.full")

        with monkeypatch.context() as patched:
            patched.setattr(store, "set_out", find_no_room)
            (id_,) = await nodes.say("USA", CALL)
            await nodes.reaches(id_, *PARTIES)
            await asyncio.sleep(2 * errands.SICK_COUNT * errands.LOOK_S)
            assert store.find_unpublished()
        await until(lambda: not store.find_unpublished())
        assert sick == []

    play(nodes, scene)
