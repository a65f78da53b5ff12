"""The rules of `comity.node.outbox`, kept by the outbox in memory and by the real one alike."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import pytest

from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.limits import PAGES_CHUNK_COUNT_MAX, PAGES_CHUNK_SIZE_BYTES
from comity.journal.header import Feed
from comity.node.pages import decode_page_request, encode_page_request
from comity.node.stream import Reader
from kit.outbox import (
    AnyWorld,
    MemoryWorld,
    RealWorld,
    keyed,
    pages,
    play,
    publish_all,
    reader_of,
    stream_of,
    take,
    take_none,
)
from kit.patience import until

PAIR = stream_of("USA", "JPN")
ALL = stream_of("USA", "JPN", "KOR")
JOURNAL = b"\x07" * 32

Play = Callable[[Callable[[AnyWorld], Awaitable[None]]], None]


@pytest.fixture(params=[MemoryWorld, pytest.param(RealWorld, marks=pytest.mark.server)], ids=["memory", "real"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Play a scene in one world after the other."""
    return lambda scene: play(request.param, tmp_path, scene)


def test_every_page_arrives_once_and_in_order_at_each_reader(scene: Play) -> None:
    """Each reader has a cursor of its own and gets all pages, in order where nothing goes wrong."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(ALL, ["JPN", "KOR"])
        given = pages(100)
        assert await publish_all(world.outbox, ALL, given) == 100
        for party in ("JPN", "KOR"):
            assert await take(world.link(party), [ALL], 100) == given

    scene(run)


def test_a_page_published_while_a_reader_waits_arrives(scene: Play) -> None:
    """A waiting pull is answered by the next page, and one pull serves several streams."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(ALL, ["JPN"])
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        waiting = asyncio.create_task(take(world.link("JPN"), [ALL, PAIR], 2))
        await asyncio.sleep(0.2)
        await publish_all(world.outbox, PAIR, [b"to one"])
        await publish_all(world.outbox, ALL, [b"to all"])
        assert sorted(await waiting) == [b"to all", b"to one"]

    scene(run)


def test_what_is_not_acknowledged_comes_again_after_later_pages_and_what_is_does_not(scene: Play) -> None:
    """At least once: a cursor outlives its link, and an acknowledged page stays away."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        await publish_all(world.outbox, PAIR, [b"one", b"two"])
        assert await take(world.link("JPN"), [PAIR], 1, is_acked=False) == [b"one"]
        link = world.link("JPN")
        rest = await take(link, [PAIR], 2)
        assert sorted(rest) == [b"one", b"two"]
        await take_none(link, [PAIR], within_s=world.ack_wait_s + 0.5)

    scene(run)


def test_publishing_again_is_harmless(scene: Play) -> None:
    """The same page at the same place succeeds, however often, and is stored once."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        await publish_all(world.outbox, PAIR, [b"one", b"two"])
        for _ in range(2):
            assert await world.outbox.publish(PAIR, *keyed(b"one"), expected_last_sequence=0) == 1
            assert await world.outbox.publish(PAIR, *keyed(b"two"), expected_last_sequence=1) == 2
        assert await world.outbox.last_sequence(PAIR) == 2
        assert await take(world.link("JPN"), [PAIR], 2) == [b"one", b"two"]

    scene(run)


def test_a_second_writer_is_fenced(scene: Play) -> None:
    """Another page at a place that is taken is refused, the first place included, and changes nothing."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        await publish_all(world.outbox, PAIR, [b"one", b"two"])
        for expected in (0, 1):
            with pytest.raises(UsageError, match=r"outbox.fenced"):
                await world.outbox.publish(PAIR, *keyed(b"rival"), expected_last_sequence=expected)
        assert [await world.outbox.find_page(PAIR, n) for n in (1, 2, 3)] == [b"one", b"two", None]

    scene(run)


def test_an_outbox_that_lost_its_tail_says_so(scene: Play) -> None:
    """A page whose predecessor is missing is not taken: the caller rebuilds."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        await publish_all(world.outbox, PAIR, [b"one"])
        with pytest.raises(OutageError, match=r"outbox.behind"):
            await world.outbox.publish(PAIR, *keyed(b"three"), expected_last_sequence=2)
        assert await world.outbox.last_sequence(PAIR) == 1

    scene(run)


def test_a_stream_that_was_never_made_is_an_outage(scene: Play) -> None:
    """No call makes a stream by the way, because its readers would be missing."""

    async def run(world: AnyWorld) -> None:
        with pytest.raises(OutageError, match=r"outbox.no-stream"):
            await world.outbox.publish(PAIR, *keyed(b"one"), expected_last_sequence=0)
        with pytest.raises(OutageError, match=r"outbox.no-stream"):
            await world.outbox.last_sequence(PAIR)
        with pytest.raises(OutageError, match=r"outbox.no-stream"):
            await world.outbox.find_page(PAIR, 1)

    scene(run)


def test_what_is_held_is_described(scene: Play) -> None:
    """First and last, how many pages and cursors; a stream that is not there is an outage, and holes show."""

    async def look(world: AnyWorld) -> None:
        stream = stream_of("JPN", "USA")
        with pytest.raises(OutageError, match=r"outbox\.no-stream"):
            await world.outbox.describe(stream)
        await world.outbox.ensure_stream(stream, ["JPN"])
        assert (await world.outbox.describe(stream)).last == 0
        assert not (await world.outbox.describe(stream)).has_hole
        await publish_all(world.outbox, stream, pages(3))
        held = await world.outbox.describe(stream)
        assert held == (1, 3, 3, 1)
        assert not held.has_hole
        assert held._replace(page_count=2).has_hole

    scene(look)


def test_making_a_stream_again_keeps_everything_and_a_new_reader_begins_at_the_first_page(scene: Play) -> None:
    """Streams are ensured at every start; cursors stay where they are."""

    async def run(world: AnyWorld) -> None:
        assert await world.outbox.ensure_stream(ALL, ["JPN"]) == 0
        await publish_all(world.outbox, ALL, [b"one", b"two"])
        link = world.link("JPN")
        assert await take(link, [ALL], 2) == [b"one", b"two"]
        assert await world.outbox.ensure_stream(ALL, ["JPN", "KOR"]) == 2
        assert await take(world.link("KOR"), [ALL], 2) == [b"one", b"two"]
        await publish_all(world.outbox, ALL, [b"three"], after=2)
        assert await take(link, [ALL], 1) == [b"three"]

    scene(run)


def test_a_stream_that_comes_later_is_found_and_one_for_others_never_answers(scene: Play) -> None:
    """Who pulls what does not exist, or is not for it, hears nothing; when it exists, its pages come."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        await publish_all(world.outbox, PAIR, [b"for JPN"])
        waiting = asyncio.create_task(take(world.link("KOR"), [PAIR, ALL], 1))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await world.outbox.ensure_stream(ALL, ["JPN", "KOR"])
        await publish_all(world.outbox, ALL, [b"for all"])
        assert await waiting == [b"for all"]

    scene(run)


def test_a_rebuilt_stream_continues_for_readers_who_had_its_pages(scene: Play) -> None:
    """Rebuilding from the same pages keeps the cursor: nothing is sent twice, and what follows arrives."""

    async def run(world: AnyWorld) -> None:
        given = pages(150)
        await world.outbox.ensure_stream(ALL, ["JPN", "KOR"])
        await publish_all(world.outbox, ALL, given)
        assert await take(world.link("JPN"), [ALL], 100) == given[:100]
        assert await world.outbox.rebuild(ALL, ["JPN", "KOR"], map(keyed, given)) == 150
        assert await take(world.link("JPN"), [ALL], 50) == given[100:]
        assert await take(world.link("KOR"), [ALL], 150) == given
        assert await world.outbox.ensure_stream(ALL, ["JPN", "KOR"]) == 150
        assert await publish_all(world.outbox, ALL, [b"next"], after=150) == 151
        assert await take(world.link("JPN"), [ALL], 1) == [b"next"]

    scene(run)


def test_a_stream_rebuilt_from_other_pages_begins_anew_for_its_readers(scene: Play) -> None:
    """Where the page under a cursor is not the store's page, the reader gets everything again."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        await publish_all(world.outbox, PAIR, [b"one", b"damaged"])
        await take(world.link("JPN"), [PAIR], 2)
        await world.outbox.rebuild(PAIR, ["JPN"], map(keyed, [b"one", b"two", b"three"]))
        assert await take(world.link("JPN"), [PAIR], 3) == [b"one", b"two", b"three"]

    scene(run)


def test_a_stream_that_is_gone_is_rebuilt_from_nothing_and_may_begin_late(scene: Play) -> None:
    """A lost folder is no loss; a feed with retired pages keeps its numbering."""

    async def run(world: AnyWorld) -> None:
        warning = stream_of("USA", "JPN", feed=Feed.WARNING)
        given = [b"eight", b"nine"]
        assert await world.outbox.rebuild(warning, ["JPN"], map(keyed, given), first_sequence=8) == 9
        assert await world.outbox.ensure_stream(warning, ["JPN"]) == 9
        assert await take(world.link("JPN"), [warning], 2) == given
        assert await publish_all(world.outbox, warning, [b"ten"], after=9) == 10

    scene(run)


def test_a_link_survives_an_outage_and_so_does_the_outbox(scene: Play) -> None:
    """While the outbox is down calls are outages; afterwards the same calls work and a waiting pull goes on."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        link = world.link("JPN")
        waiting = asyncio.create_task(take(link, [PAIR], 1))
        await asyncio.sleep(0.2)
        await until(lambda: link.is_up)
        await world.break_down()
        with pytest.raises(OutageError, match=r"outbox.unavailable"):
            await world.outbox.publish(PAIR, *keyed(b"one"), expected_last_sequence=0)
        await until(lambda: not link.is_up)
        await world.recover()
        await publish_all(world.outbox, PAIR, [b"one"])
        assert await waiting == [b"one"]

    scene(run)


def _store(reader: Reader, request: bytes) -> Iterable[bytes]:
    """Answer as a node would whose store holds one journal that JPN may read."""
    wanted = decode_page_request(request)
    if reader == reader_of("JPN") and wanted.journal == JOURNAL:
        return pages(100)[wanted.first : wanted.last + 1]
    return ()


def test_pages_are_asked_of_the_node_itself(scene: Play) -> None:
    """The node answers from its store, to each reader what that reader may read."""

    async def run(world: AnyWorld) -> None:
        readers = [reader_of("JPN"), reader_of("KOR")]
        await world.outbox.serve_pages(readers, _store)
        request = encode_page_request(JOURNAL, first=10, last=14)
        assert await world.link("JPN").request_pages(request, timeout_ms=60_000) == pages(100)[10:15]
        assert await world.link("KOR").request_pages(request, timeout_ms=60_000) == []
        other = encode_page_request(b"\x08" * 32, first=10, last=14)
        assert await world.link("JPN").request_pages(other, timeout_ms=60_000) == []

    scene(run)


def test_a_request_that_is_refused_is_answered_as_if_there_were_nothing(scene: Play) -> None:
    """Whatever the node objects to, the reader sees an empty answer."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.serve_pages([reader_of("JPN")], _store)
        assert await world.link("JPN").request_pages(b"\xc1", timeout_ms=60_000) == []

    scene(run)


@pytest.mark.parametrize("count", [0, 1])
def test_a_node_that_cannot_read_its_store_gives_no_answer(scene: Play, count: int) -> None:
    """An empty one would say that there is nothing (T20); nor does what it read before that make an answer."""

    def answer(_: Reader, __: bytes) -> Iterable[bytes]:
        yield from pages(count)
        raise OutageError("store.damaged")

    async def run(world: AnyWorld) -> None:
        await world.outbox.serve_pages([reader_of("JPN")], answer)
        request = encode_page_request(JOURNAL, first=0, last=9)
        with pytest.raises(OutageError, match=r"link.no-answer"):
            await world.link("JPN").request_pages(request, timeout_ms=500)

    scene(run)


def test_a_long_answer_ends_at_its_limit_and_is_continued_by_asking_again(scene: Play) -> None:
    """An answer is a beginning of what was asked for, of bounded size; pages larger than a chunk travel alone."""
    large = pages(PAGES_CHUNK_COUNT_MAX + 3, size_bytes=PAGES_CHUNK_SIZE_BYTES + 1)

    def answer(_: Reader, request: bytes) -> Iterable[bytes]:
        wanted = decode_page_request(request)
        return iter(large[wanted.first : wanted.last + 1])

    async def run(world: AnyWorld) -> None:
        await world.outbox.serve_pages([reader_of("JPN")], answer)
        link, last = world.link("JPN"), len(large) - 1
        first = await link.request_pages(encode_page_request(JOURNAL, first=0, last=last), timeout_ms=60_000)
        assert first == large[:PAGES_CHUNK_COUNT_MAX]
        rest = encode_page_request(JOURNAL, first=len(first), last=last)
        assert await link.request_pages(rest, timeout_ms=60_000) == large[PAGES_CHUNK_COUNT_MAX:]

    scene(run)


def test_a_node_that_does_not_serve_is_an_outage(scene: Play) -> None:
    """Nobody answers, and the caller asks another reader."""

    async def run(world: AnyWorld) -> None:
        request = encode_page_request(JOURNAL, first=0, last=0)
        with pytest.raises(OutageError, match=r"link.no-answer"):
            await world.link("JPN").request_pages(request, timeout_ms=1_000)

    scene(run)


def test_an_answer_of_another_form_is_the_peers_fault(scene: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that sends what is no answer is refused with a code, and the link lives on."""

    async def run(world: AnyWorld) -> None:
        await world.outbox.serve_pages([reader_of("JPN")], _store)
        link = world.link("JPN")
        for module in ("pages_service", "memory_outbox"):
            monkeypatch.setattr(f"comity.node.{module}.cut_answer", lambda _: iter([b"\xc1"]))
        request = encode_page_request(JOURNAL, first=0, last=0)
        with pytest.raises(RemoteError, match=r"link.page-answer"):
            await link.request_pages(request, timeout_ms=60_000)
        monkeypatch.undo()
        assert await link.request_pages(request, timeout_ms=60_000) == pages(1)

    scene(run)
