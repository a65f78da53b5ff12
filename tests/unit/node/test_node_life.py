"""A node says stored after the commit, resumes where it was, and stops clearly where it cannot keep a promise."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from comity.base.errors import OutageError, UsageError
from comity.base.instants import Instant
from comity.journal.header import Feed, parse_page
from comity.journal.ledger import Verdict
from comity.machine.effect import Acknowledge, Publish
from comity.machine.input import Input
from comity.node import errands
from comity.node.log import JsonLines
from comity.node.pages import encode_page_request
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.genesis import PactAccepted, RootStatementPublished
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.threat import ThreatKind
from kit.loop import marked
from kit.nodes import PARTIES, SUITE, Nodes, play
from kit.patience import PATIENCE_S, until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
CANARY = "the heron stands at the north gate"


def _raws(nodes: Nodes, party: str) -> list[bytes]:
    return list(nodes[party].store.read_all())


def test_a_statement_reaches_every_reader_and_is_stored_when_it_is_answered(nodes: Nodes) -> None:
    """The id that the caller gets names an entry of a page that is in the store at that moment."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        before = nodes["USA"].store.count_pages()
        (id_,) = await nodes.say("USA", CALL)
        assert nodes["USA"].store.count_pages() > before
        await nodes.reaches(id_, *PARTIES)

    play(nodes, scene)


def test_links_are_stated_once_even_if_the_node_died_right_after_its_birth(nodes: Nodes) -> None:
    """A node killed between page 0 and its next page states at the next start what it did not come to state."""

    def find_links(party: str) -> int:
        return len([row for row in nodes[party].machine.statements.find(RootStatementPublished) if row.author == "USA"])

    async def scene(nodes: Nodes) -> None:
        nodes.outboxes["USA"].is_down = True  # page 0 stays in flight, so nothing more is written
        await nodes.start("USA")
        assert nodes["USA"].store.count_pages() == 1
        await nodes.stop("USA")
        nodes.outboxes["USA"].is_down = False
        await nodes.be_in_force()
        await until(lambda: all(find_links(party) == 1 for party in PARTIES))
        await nodes.stop("USA")
        await nodes.start("USA")
        await nodes.say("USA", CALL)
        assert find_links("USA") == 1

    play(nodes, scene)


def test_a_restarted_node_goes_on_where_it_was(nodes: Nodes) -> None:
    """It folds its store, publishes what never went out, sends nothing twice and writes on the same chain."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        (first,) = await nodes.say("USA", CALL)
        await nodes.reaches(first, *PARTIES)
        nodes.outboxes["USA"].is_down = True
        (second,) = await nodes.say("USA", CALL)
        assert nodes["USA"].store.find_unpublished()
        await nodes.stop("USA")
        nodes.outboxes["USA"].is_down = False
        await nodes.start("USA")
        await nodes.reaches(second, *PARTIES)
        await until(lambda: not nodes["USA"].store.find_unpublished())
        (third,) = await nodes.say("USA", CALL)
        await nodes.reaches(third, *PARTIES)
        stream, store = nodes.stream(*PARTIES), nodes["USA"].store
        own = [raw for _, raw in store.read_stream(Feed.RECORD, PARTIES)]
        held = [await nodes.outboxes["USA"].find_page(stream, place) for place in range(1, len(own) + 1)]
        assert held == own
        numbers = [parse_page(raw, SUITE).header.number for raw in own]
        assert numbers == list(range(len(own)))
        assert await nodes.outboxes["USA"].last_sequence(stream) == len(own)

    play(nodes, scene)


def test_officers_act_while_their_own_outbox_is_down(nodes: Nodes) -> None:
    """A start does not wait for the outbox, and a statement is stored without it (law 7)."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.say("USA", CALL)  # the epoch key of this journal is in use now
        await nodes.stop("USA")
        nodes.outboxes["USA"].is_down = True
        async with asyncio.timeout(PATIENCE_S):
            await nodes.start("USA")
            (id_,) = await nodes.say("USA", CALL)
        assert not nodes.knows("JPN", id_)
        nodes.outboxes["USA"].is_down = False
        await nodes.reaches(id_, *PARTIES)

    play(nodes, scene)


def test_a_page_that_is_dropped_is_not_acknowledged_and_any_other_is(nodes: Nodes) -> None:
    """Dropped is what has no room now: it must come again. Stored, held, refused and known must not."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        node = nodes["USA"]
        for verdict in Verdict:
            heard: list[Verdict] = []
            node._deliveries[-1] = lambda verdict=verdict, heard=heard: heard.append(verdict)  # type: ignore[misc]
            node.carry_out(Acknowledge(-1, verdict))
            assert heard == ([] if verdict is Verdict.DROPPED else [verdict])

    play(nodes, scene)


def test_garbage_is_refused_kept_and_acknowledged_and_the_node_goes_on(nodes: Nodes) -> None:
    """Evidence in the store, an alarm with the code, and no second delivery."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        node, heard = nodes["USA"], []
        for raw in (b"", b"\x00", bytes(70_000), b"\x9f" * 500):
            node.take_bytes(raw, stored=lambda: heard.append(1))
        assert len(heard) == 4
        assert [alarm.details["code"] for alarm in node.alarms if alarm.code == "alarm.page-refused"] != []
        (count,) = node.store._db.execute("SELECT COUNT(*) FROM refusals").fetchone()
        assert count == 4
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)

    play(nodes, scene)


async def _assert_stopped(nodes: Nodes, cause: str) -> None:
    """A stopped node says so at once to whoever states something, keeps its views, and takes nothing."""
    node = nodes["USA"]
    await until(lambda: node.failure is not None)
    assert node.failure_code == cause
    assert [(alarm.code, alarm.details) for alarm in node.alarms][-1] == ("alarm.node-stopped", {"code": cause})
    count = node.store.count_pages()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutageError, match=rf"node\.stopped.*{cause}"):
            await nodes.say("USA", CALL)
    heard: list[int] = []
    node.take_bytes(b"garbage", stored=lambda: heard.append(1))
    await asyncio.sleep(0.1)
    assert (node.store.count_pages(), heard, node._deliveries) == (count, [], {})
    assert any(isinstance(row.entry, PactAccepted) for row in node.machine.statements.all)


def test_a_fault_of_the_machine_stops_the_node_and_says_so(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever waits is told, nothing more is written, and the log names the place but not what was being said."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()

        def broken(_: Input) -> Any:
            raise AssertionError(CANARY)

        monkeypatch.setattr(nodes["USA"].machine, "handle", broken)
        with pytest.raises(OutageError, match=r"node\.stopped"):
            await nodes.say("USA", CALL)
        await _assert_stopped(nodes, "node.fault")

    with caplog.at_level(logging.DEBUG, logger="comity"):
        play(nodes, scene)
    logged = [json.loads(JsonLines().format(record)) for record in caplog.records]
    (stopped,) = [row for row in logged if row["event"] == "node.stopped"]
    assert (stopped["code"], stopped["error"], stopped["level"]) == ("node.fault", "AssertionError", "error")
    assert any(frame.endswith(" broken") for frame in stopped["trace"])
    assert CANARY not in json.dumps(logged)


def _fill_disk(nodes: Nodes, party: str) -> Callable[[], None]:
    """Leave a party's store no room; return what gives it room again."""
    db = nodes[party].store._db
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")

    def make_room() -> None:
        db.execute("PRAGMA max_page_count = 1000000")

    return make_room


def test_a_full_disk_makes_a_node_wait_and_nothing_is_lost_or_doubled(nodes: Nodes) -> None:
    """Statements are refused with a code, peers' pages are not acknowledged, peers are answered; then all resumes."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        (kept,) = await nodes.say("USA", CALL)
        await nodes.reaches(kept, *PARTIES)
        await asyncio.sleep(1)  # the receipts too are signed and stored
        make_room = _fill_disk(nodes, "USA")
        long = MessageSent("x", Level.WATCH, Precedence.FLASH, (), (), _words("USA", "a" * 16_000))
        saying = [asyncio.create_task(nodes.say("USA", long, to=("JPN",))) for _ in range(20)]
        await until(lambda: nodes["USA"].is_full)
        with pytest.raises(OutageError, match=r"store\.full"):
            await nodes.say("USA", CALL)
        (from_jpn,) = await nodes.say("JPN", CALL)
        await asyncio.sleep(1.5)
        assert nodes["USA"].is_full
        assert nodes["USA"].failure is None
        assert not nodes.knows("USA", from_jpn)
        journal = next(row.journal for row in nodes["USA"].machine.statements.all if row.id == kept)
        link = nodes.links["JPN", "USA"]
        request = encode_page_request(journal, first=0, last=99)
        assert await link.request_pages(request, timeout_ms=60_000)
        make_room()
        answers = await asyncio.gather(*saying, return_exceptions=True)
        ids = [id_ for answer in answers if isinstance(answer, tuple) for id_ in answer]
        refused = [answer for answer in answers if isinstance(answer, OutageError)]
        assert len(ids) + len(refused) == 20
        assert ids
        assert {error.code for error in refused} <= {"store.full"}
        await nodes.reaches(from_jpn, *PARTIES)
        for id_ in ids:
            await nodes.reaches(id_, "USA", "JPN")
        (after,) = await nodes.say("USA", CALL)
        await nodes.reaches(after, *PARTIES)
        said = [row.id for row in nodes["JPN"].machine.statements.find(MessageSent)]
        assert sorted(said) == sorted(ids)
        codes = [alarm.code for alarm in nodes["USA"].alarms]
        assert codes.index("alarm.store-full") < codes.index("alarm.store-resumed")
        await nodes.stop("USA")
        await nodes.start("USA")
        assert all(nodes.knows("USA", id_) for id_ in (*ids, from_jpn, after))

    play(nodes, scene)


def test_a_node_killed_while_its_disk_is_full_has_all_that_it_answered(nodes: Nodes) -> None:
    """What was not answered may be gone; a restart with room goes on."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        (kept,) = await nodes.say("USA", CALL)
        _fill_disk(nodes, "USA")
        long = MessageSent("x", Level.WATCH, Precedence.FLASH, (), (), _words("USA", "a" * 16_000))
        saying = [asyncio.create_task(nodes.say("USA", long, to=("JPN",))) for _ in range(20)]
        await until(lambda: nodes["USA"].is_full)
        await nodes.stop("USA")
        answers = await asyncio.gather(*saying, return_exceptions=True)
        answered = [answer for answer in answers if isinstance(answer, tuple)]
        assert len(answered) < len(answers)
        await nodes.start("USA")
        assert all(nodes.knows("USA", id_) for id_ in (kept, *(id_ for ids in answered for id_ in ids)))
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)

    play(nodes, scene)


def _words(party: str, text: str) -> Any:
    return marked(text, originator=party, level=f"{party}-U", topics=("public-message",))


def test_a_second_writer_fences_this_node(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another page at our place in the outbox: this node stops writing, raises the alarm, and sends no rival page.

    Met by a page of its own that is to go out, not by the look after the streams, which would find it as well.
    """
    monkeypatch.setattr(errands, "LOOK_S", 3_600)

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        (id_,) = await nodes.say("USA", CALL)
        await nodes.reaches(id_, *PARTIES)
        await until(lambda: not nodes["USA"].store.find_unpublished())
        outbox, stream = nodes.outboxes["USA"], nodes.stream(*PARTIES)
        last = await outbox.last_sequence(stream)
        await outbox.publish(stream, "rival", b"rival", expected_last_sequence=last)
        # Stored: it binds its author; but it does not go out. A receipt that met the rival first has stopped the node.
        with contextlib.suppress(OutageError):
            await nodes.say("USA", CALL)
        await _assert_stopped(nodes, "outbox.fenced")
        assert await outbox.find_page(stream, last + 1) == b"rival"
        assert await outbox.last_sequence(stream) == last + 1

    play(nodes, scene)


def test_a_foreign_page_in_the_outbox_stops_the_node_at_its_start(nodes: Nodes) -> None:
    """The outbox holds more than the store ever had, and it is no page of ours: another writer was there."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.say("USA", CALL)
        await asyncio.sleep(0.5)
        await nodes.stop("USA")
        outbox, stream = nodes.outboxes["USA"], nodes.stream(*PARTIES)
        last = await outbox.last_sequence(stream)
        await outbox.publish(stream, "rival", b"rival", expected_last_sequence=last)
        await nodes.start("USA")
        await _assert_stopped(nodes, "outbox.fenced")

    play(nodes, scene)


def test_a_stopping_node_answers_whoever_waits(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that is not stored when the node stops is answered with an outage, not with silence."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.say("USA", CALL)
        post = nodes.posts["USA"]

        async def hang(*_: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(post, "publish", hang)
        waiting = []
        for _ in range(3):  # the first page, or one before it, is in flight and stays so
            waiting.append(asyncio.create_task(nodes.say("USA", CALL)))
            await asyncio.sleep(0.1)
        assert not waiting[-1].done()
        await nodes.stop("USA")
        with pytest.raises(OutageError, match=r"node\.stopping"):
            await waiting[-1]
        await asyncio.gather(*waiting, return_exceptions=True)

    play(nodes, scene)


def test_before_the_pact_is_in_force_nothing_is_stated(nodes: Nodes) -> None:
    """One party alone has accepted: an officer is told who is awaited, not kept waiting."""

    async def scene(nodes: Nodes) -> None:
        await nodes.start("USA")
        with pytest.raises(UsageError, match=r"pact\.not-in-force"):
            await nodes.say("USA", CALL)

    play(nodes, scene)


def test_a_late_party_gets_everything(nodes: Nodes) -> None:
    """Weeks later or seconds: whoever comes back reads every page that it may read, in whatever order they come."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.stop("KOR")
        ids = [(await nodes.say("USA", CALL))[0] for _ in range(20)]
        ids += [(await nodes.say("JPN", CALL))[0] for _ in range(5)]
        await nodes.start("KOR")
        await until(lambda: all(nodes.knows("KOR", id_) for id_ in ids))

    play(nodes, scene)


def test_a_cut_link_is_bridged_by_a_relay_for_all_and_by_nobody_for_a_pair(nodes: Nodes) -> None:
    """With USA-KOR cut, what is said to all arrives by way of Japan; the bilateral waits, and arrives after healing."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        nodes.set_cut("USA", "KOR", is_cut=True)
        (to_all,) = await nodes.say("USA", CALL)
        (to_kor,) = await nodes.say("USA", CALL, to=("KOR",))
        await nodes.reaches(to_all, *PARTIES)
        await until(lambda: nodes["USA"].machine.find_links(("KOR", "USA")).unreachable == ("KOR",))
        assert nodes["USA"].machine.find_links(PARTIES).unreachable == ()
        assert not nodes.knows("KOR", to_kor)
        assert not nodes.knows("JPN", to_kor)
        nodes.set_cut("USA", "KOR", is_cut=False)
        await nodes.reaches(to_kor, "KOR")
        assert not nodes.knows("JPN", to_kor)

    play(nodes, scene)


def test_an_outbox_that_lost_pages_is_rebuilt_from_the_store(nodes: Nodes) -> None:
    """At the start, and when it is noticed while publishing; readers go on and get each page."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        for _ in range(3):
            (id_,) = await nodes.say("USA", CALL)
        await nodes.reaches(id_, *PARTIES)
        await until(lambda: not nodes["USA"].store.find_unpublished())
        outbox, stream = nodes.outboxes["USA"], nodes.stream(*PARTIES)
        held = outbox._streams[stream.name]
        for sequence in (held.last, held.last - 1):
            del held.pages[sequence]
        held.last -= 2
        (id_,) = await nodes.say("USA", CALL)
        await nodes.reaches(id_, *PARTIES)
        own = [raw for _, raw in nodes["USA"].store.read_stream(Feed.RECORD, PARTIES)]
        await until(lambda: list(outbox._streams[stream.name].pages.values())[: len(own)] == own)
        await nodes.stop("USA")
        del outbox._streams[stream.name]
        await nodes.start("USA")
        await until(lambda: stream.name in outbox._streams and len(outbox._streams[stream.name].pages) >= len(own))
        (id_,) = await nodes.say("USA", CALL)
        await nodes.reaches(id_, *PARTIES)

    play(nodes, scene)


def test_an_outbox_that_was_started_anew_is_compared_with_the_store(nodes: Nodes) -> None:
    """A page that its server lost reaches its readers even if nothing more is ever said."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        nodes.set_cut("USA", "JPN", is_cut=True)
        (id_,) = await nodes.say("USA", CALL, to=("JPN",))
        store = nodes["USA"].store
        await until(lambda: not store.find_unpublished())
        nodes.outboxes["USA"]._streams.clear()
        nodes.set_cut("USA", "JPN", is_cut=False)
        await asyncio.sleep(0.5)
        assert not nodes.knows("JPN", id_)
        nodes["USA"].restore_outbox()
        await nodes.reaches(id_, "JPN")

    play(nodes, scene)


def test_what_waited_for_an_outbox_goes_out_without_rebuilding(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short outage must not cost a new copy of a journal of years."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        post, store = nodes.posts["USA"], nodes["USA"].store
        await until(lambda: not store.find_unpublished())
        outbox, stream, rebuilt = nodes.outboxes["USA"], nodes.stream(*PARTIES), []

        async def rebuild(*_: object, **__: object) -> int:
            rebuilt.append(1)
            return 0

        monkeypatch.setattr(outbox, "rebuild", rebuild)
        outbox.is_down = True
        for _ in range(3):
            (id_,) = await nodes.say("USA", CALL)
            await asyncio.sleep(0.1)
        outbox.is_down = False
        rows = list(store.read_stream(Feed.RECORD, PARTIES))
        await post.publish(Feed.RECORD, PARTIES, *rows[-1])  # the newest first: those before it are put there too
        assert [await outbox.find_page(stream, place) for place in range(1, len(rows) + 1)] == [raw for _, raw in rows]
        await nodes.reaches(id_, *PARTIES)
        assert rebuilt == []

    play(nodes, scene)


def test_a_clock_that_was_set_back_does_not_stop_a_node(nodes: Nodes) -> None:
    """Time passes for the machine by ticks, whatever the clock says."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        real: Callable[[], int] = nodes["USA"]._clock
        nodes["USA"]._clock = lambda: real() - 3_600_000
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        assert nodes["USA"].now() < Instant(real())
        await nodes.reaches((await nodes.say("JPN", CALL))[0], *PARTIES)

    play(nodes, scene)


def test_publishing_again_a_page_that_is_out_changes_nothing(nodes: Nodes) -> None:
    """A kill between the outbox's answer and the note of it costs one repeated publish."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.say("USA", CALL)
        store = nodes["USA"].store
        await until(lambda: not store.find_unpublished())
        outbox, stream = nodes.outboxes["USA"], nodes.stream(*PARTIES)
        for digest, raw in list(store.read_stream(Feed.RECORD, PARTIES)):
            nodes["USA"]._errands.enqueue(Publish(Feed.RECORD, PARTIES, digest, raw))
        await asyncio.sleep(0.5)
        own = [raw for _, raw in store.read_stream(Feed.RECORD, PARTIES)]
        assert [await outbox.find_page(stream, place) for place in range(1, len(own) + 2)] == [*own, None]
        assert nodes["USA"].failure is None

    play(nodes, scene)
