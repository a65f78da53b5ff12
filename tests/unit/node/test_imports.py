"""An import goes in pages of many entries, in a feed of its own, and nobody's words wait for more than one of them."""

import asyncio
from collections.abc import Iterator

import pytest

from comity.base.errors import OutageError, UsageError
from comity.journal.header import Feed, Kind, parse_page
from comity.machine.effect import Commit
from comity.machine.outgoing import BULK_ENTRY_COUNT
from comity.node.imports import AHEAD_COUNT, import_entries
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.threat import ThreatKind
from kit.loop import Loop, marked
from kit.nodes import PARTIES, SUITE, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
COUNT = 4 * BULK_ENTRY_COUNT + 7


def _entries(count: int = COUNT) -> Iterator[Entry]:
    return (Acknowledged(bytes(32), "duty-officer", f"officer-{number}") for number in range(count))


def _count(nodes: Nodes, party: str) -> int:
    return len(nodes[party].machine.statements.find(Acknowledged))


def test_an_import_reaches_every_reader_in_pages_of_many_entries(nodes: Nodes) -> None:
    """Its readers learn of the feed by themselves, and sign for it."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        assert await nodes["USA"].import_entries(PARTIES, _entries()) == COUNT
        assert _count(nodes, "USA") == COUNT
        await until(lambda: all(_count(nodes, party) == COUNT for party in PARTIES))
        pages = [parse_page(raw, SUITE) for raw in nodes["JPN"].store.read_all()]
        bulk = [page for page in pages if page.header.journal.feed is Feed.BULK and page.header.kind is Kind.ENTRIES]
        assert max(page.header.entry_count for page in bulk) == BULK_ENTRY_COUNT
        assert len(bulk) == 5
        journal = bulk[0].journal
        confirmed = nodes["USA"].machine.ledger.witnesses.find_confirmed
        await until(lambda: {"JPN", "KOR"} <= set(confirmed(journal)))

    play(nodes, scene)


def test_words_go_before_what_is_left_of_an_import(nodes: Nodes) -> None:
    """A statement made while an import is under way is stored while most of the import is not."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.say("USA", CALL)  # the epoch key of this journal is in use now
        importing = asyncio.create_task(nodes["USA"].import_entries(PARTIES, _entries(40 * BULK_ENTRY_COUNT)))
        await until(lambda: _count(nodes, "USA") > 0)
        await nodes.say("USA", CALL)
        assert _count(nodes, "USA") < 40 * BULK_ENTRY_COUNT
        assert not importing.done()
        importing.cancel()
        await asyncio.gather(importing, return_exceptions=True)

    play(nodes, scene)


def test_words_and_imports_never_share_a_commit() -> None:
    """A page of an import is written in a step of its own, so the commit of words is as small as ever."""
    loop = Loop()
    loop.be_born()
    loop.settle()
    commits: list[set[Feed]] = []
    take = loop._take

    def watch(party: str, effects: tuple[object, ...]) -> None:
        commits.extend(
            {page.header.journal.feed for page in effect.pages if page.header.journal.author == "USA"}
            for effect in effects
            if isinstance(effect, Commit) and party == "USA"
        )
        take(party, effects)  # type: ignore[arg-type]

    loop._take = watch  # type: ignore[method-assign]
    usa = loop.machines["USA"]
    for number in range(3):
        usa.pen.queue(Feed.BULK, loop.pact.audience, [b"\x92\xa4Said\xa8%08d" % number], 0)
        loop.say("USA", CALL)
    assert {Feed.BULK} in commits
    assert {Feed.RECORD} in commits
    assert all(Feed.BULK not in feeds or feeds == {Feed.BULK} for feeds in commits)
    assert not any(own.queue for own in usa.pen.outgoing.all())


def test_the_first_entry_that_may_not_go_ends_an_import(nodes: Nodes) -> None:
    """What was stored before it stays stated; nothing after its batch is asked for."""
    secret = marked("no basis", originator="USA", level="USA-TS", topics=("public-message",))
    hidden = MessageSent("hotline.nsc", Level.WATCH, Precedence.ROUTINE, (), (), secret)

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        taken = 0

        def entries() -> Iterator[Entry]:
            nonlocal taken
            for entry in _entries(20 * BULK_ENTRY_COUNT):
                taken += 1
                yield hidden if taken == BULK_ENTRY_COUNT + 5 else entry

        with pytest.raises(UsageError) as refused:
            await nodes["USA"].import_entries(PARTIES, entries())
        assert refused.value.code == "release.withheld"
        assert taken <= (AHEAD_COUNT + 2) * BULK_ENTRY_COUNT
        assert _count(nodes, "USA") >= BULK_ENTRY_COUNT

    play(nodes, scene)


def test_an_import_runs_a_few_pages_ahead_and_no_further() -> None:
    """Whoever reads slowly is not buried, and memory holds a few pages."""
    waiting: list[asyncio.Future[None]] = []

    async def state(_: tuple[Entry, ...]) -> None:
        waiting.append(asyncio.get_running_loop().create_future())
        await waiting[-1]

    async def scene() -> None:
        importing = asyncio.create_task(import_entries(_entries(10 * BULK_ENTRY_COUNT), state))
        for _ in range(30):
            await asyncio.sleep(0)
        assert len(waiting) == AHEAD_COUNT
        waiting[0].set_exception(OutageError("node.not-yet"))
        for future in waiting[1:]:
            future.set_result(None)
        with pytest.raises(OutageError):
            await importing

    asyncio.run(scene())
