"""The events of a node: all of them, in order, for this party alone; slow and lost listeners."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from comity.api.events import bulletin as module
from comity.api.events.bulletin import Bulletin
from comity.api.events.told import AlarmRaised, Begun, Ended, Event, Heartbeat, LinkChanged, Stated, Told
from comity.base.errors import OutageError, UsageError
from comity.console.keeping import SIZE_MAX, SIZE_OF_ONE_MAX
from comity.console.session import SESSION_COUNT_OF_ONE_MAX
from comity.node.approvals import HELD_COUNT_MAX, HELD_COUNT_OF_ONE_MAX
from kit.api import TOKEN, Apis
from kit.patience import PATIENCE_S
from kit.stage import CALL

CANARY = "the heron stands at the south gate"
BODY = {
    "marking": {"originator": "USA", "scheme": "USA", "level": "USA-U", "topics": ["public-message"], "caveats": []},
    "translations": [{"language": "en", "text": CANARY}],
}
FLASH: dict[str, object] = {"type": "MessageSent", "channel": "line-1", "level": "watch", "precedence": "flash",
        "consultation": [], "answers": [], "body": BODY}  # fmt: skip


async def _hear(stream: Any, *ids: str) -> list[Told]:
    """Listen until these statements were told."""
    heard: list[Told] = []
    while not set(ids) <= {told.event.id for told in heard if isinstance(told.event, Stated)}:
        async with asyncio.timeout(PATIENCE_S):
            heard += await anext(stream)
    return heard


def _stated(heard: list[Told]) -> list[str]:
    return [told.event.id for told in heard if isinstance(told.event, Stated)]


def _first(heard: list[Told]) -> Begun:
    assert isinstance(heard[0].event, Begun)
    return heard[0].event


def _listen(apis: Apis, after: str, *ids: str, party: str = "USA") -> list[Told]:
    async def hear() -> list[Told]:
        async with aclosing(apis.desks[party].bulletin.listen(after)) as stream:
            return await _hear(stream, *ids)

    heard: list[Told] = apis.run(hear())
    return heard


def _position(apis: Apis, party: str = "USA") -> str:
    position: str = apis.get("/v1/events/position", party=party)["position"]
    return position


def test_what_is_stated_is_told_at_once_and_without_its_words(apis: Apis) -> None:
    """A reference with what an alarm needs; the text is nowhere in it."""
    bulletin = apis.desks["USA"].bulletin

    async def scene() -> list[Told]:
        async with aclosing(bulletin.listen()) as stream:
            begun = await anext(stream)
            return [*begun, *await _hear(stream, *await _state(apis, FLASH))]

    heard = apis.run(scene())
    assert (_first(heard).missed_count, _first(heard).is_whole, _first(heard).party) == (0, True, "USA")
    (told,) = [told for told in heard if isinstance(told.event, Stated) and told.event.type == "MessageSent"]
    event = told.event
    assert isinstance(event, Stated)
    assert (event.type, event.object, event.precedence, event.ref) == ("MessageSent", "message", "flash", event.id)
    assert told.raw.startswith(b"event: stated\nid: " + told.position.encode())
    assert CANARY.encode() not in b"".join(told.raw for told in heard)
    assert bulletin.listener_count == 0


async def _state(apis: Apis, *statements: dict[str, object], to: tuple[str, ...] = ("JPN", "KOR")) -> list[str]:
    from comity.api.shape import Stating

    ids: list[str] = (await apis.desks["USA"].state(Stating(to, statements)))["ids"]
    return ids


def test_whoever_comes_back_hears_what_was_missed_and_nothing_twice(apis: Apis) -> None:
    """From a position: first how much, then that, in order, each with the position after it."""
    position = _position(apis)
    ids = [apis.state(CALL)[0] for _ in range(70)]
    heard = _listen(apis, position, ids[-1])
    assert (_first(heard).missed_count, _first(heard).is_whole, _first(heard).position) == (70, True, position)
    assert _stated(heard) == ids
    middle = next(told.position for told in heard if isinstance(told.event, Stated) and told.event.id == ids[34])
    assert _stated(_listen(apis, middle, ids[-1])) == ids[35:]


def test_a_position_outlives_the_node(apis: Apis) -> None:
    """After a new start on the same store the listener learns exactly what came meanwhile."""
    position = _position(apis, "KOR")
    apis.run(apis.nodes.stop("KOR"))
    (id_,) = apis.state(CALL)
    apis.start("KOR")
    heard = _listen(apis, position, id_, party="KOR")
    assert _first(heard).is_whole
    assert _stated(heard) == [id_]


@pytest.mark.parametrize("wrong", ["x", "-1-" + "0" * 32, "1-" + "0" * 32, "999999-" + "0" * 32, "1" * 60])
def test_a_position_of_another_order_is_said_to_be_none(apis: Apis, wrong: str) -> None:
    """The listener is told to look at all views anew, and goes on from now."""
    (id_,) = apis.state(CALL)

    async def hear() -> list[Told]:
        async with aclosing(apis.desks["USA"].bulletin.listen(wrong)) as stream:
            begun = list(await anext(stream))
            return begun + await _hear(stream, *await _state(apis, CALL))

    heard = apis.run(hear())
    assert (_first(heard).is_whole, _first(heard).code) == (False, "events.position-unknown")
    assert id_ not in _stated(heard)
    assert _first(heard).position != wrong


def test_nothing_of_a_hidden_audience_is_told_nor_counted(apis: Apis) -> None:
    """What JPN and USA say to each other moves no position at KOR (law 2)."""
    apis.reaches(apis.state(CALL)[0], "KOR")
    before = _position(apis, "KOR")
    ids = apis.state(FLASH, CALL, to=("JPN", "USA"))
    (marker,) = apis.state(CALL, party="JPN")
    apis.reaches(marker, "KOR", "USA")
    heard = _listen(apis, before, marker, party="KOR")
    assert _stated(heard) == [marker]
    assert int(_position(apis, "KOR").partition("-")[0]) == int(before.partition("-")[0]) + 1
    text = json.dumps([told.raw.decode() for told in heard])
    assert not [id_ for id_ in ids if id_ in text]


def test_a_slow_listener_is_ended_and_holds_nobody_back(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """One takes nothing while the others hear all; it is ended with a code, and misses nothing from its position."""
    monkeypatch.setattr(module, "BEHIND_COUNT_MAX", 5)
    bulletin = apis.desks["USA"].bulletin

    async def scene() -> tuple[list[str], list[Told], list[Told]]:
        async with aclosing(bulletin.listen()) as slow, aclosing(bulletin.listen()) as quick:
            await anext(quick)
            heard = [*await anext(slow)]
            ids = await _state(apis, CALL)
            heard += await _hear(slow, *ids)
            more, others = [], await _hear(quick, *ids)
            for _ in range(7):
                more += await _state(apis, CALL)
                others += await _hear(quick, more[-1])
            async for batch in slow:
                heard += batch
            return [*ids, *more], heard, others

    ids, heard, others = apis.run(scene())
    assert _stated(others) == ids
    assert isinstance(heard[-1].event, Ended)
    assert heard[-1].event.code == "events.too-slow"
    position = [told.position for told in heard if told.position][-1]
    assert _stated(_listen(apis, position, ids[-1])) == ids[len(_stated(heard)) :]


def test_the_queue_of_what_has_no_position_is_bounded(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alarms without end fill no listener's memory."""
    monkeypatch.setattr(module, "QUEUE_COUNT_MAX", 4)
    node, bulletin = apis.nodes["USA"], apis.desks["USA"].bulletin

    async def scene() -> list[Told]:
        async with aclosing(bulletin.listen()) as stream:
            heard = [*await anext(stream)]
            for _ in range(9):
                node.raise_alarm("alarm.store-resumed", {})
            node._note_change()
            async for batch in stream:
                heard += batch
            return heard

    heard = apis.run(scene())
    assert [type(told.event) for told in heard] == [Begun, Ended]


@pytest.mark.parametrize("comes", ["alarms", "statements"])
def test_the_place_of_one_who_stands_still_is_another_s(
    apis: Apis, monkeypatch: pytest.MonkeyPatch, comes: str
) -> None:
    """Once it is too far behind, though it never asks again; it costs nothing more, and others are let in."""
    monkeypatch.setattr(module, "QUEUE_COUNT_MAX", 4)
    monkeypatch.setattr(module, "BEHIND_COUNT_MAX", 4)
    monkeypatch.setattr(module, "LISTENER_COUNT_MAX", 2)
    node, bulletin = apis.nodes["USA"], apis.desks["USA"].bulletin

    async def come() -> None:
        if comes == "statements":
            await _state(apis, CALL)
        else:
            node.raise_alarm("alarm.store-resumed", {})
            node._note_change()

    async def scene() -> list[Told]:
        async with aclosing(bulletin.listen()) as still, aclosing(bulletin.listen()) as quick:
            heard = [*await anext(still)]
            await anext(quick)
            with pytest.raises(OutageError, match=r"events\.too-many"):
                bulletin.listen()
            for _ in range(6):
                await come()
                async with asyncio.timeout(PATIENCE_S):
                    await anext(quick)
            assert bulletin.listener_count == 1
            async with aclosing(bulletin.listen()) as third:
                await anext(third)
            async for batch in still:
                heard += batch
        return heard

    heard = apis.run(scene())
    assert isinstance(heard[-1].event, Ended)
    assert heard[-1].event.code == "events.too-slow"
    assert bulletin.listener_count == 0


def test_alarms_links_and_heartbeats_are_told(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not on the record has no position, so it moves nobody's."""
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.05)
    node, bulletin = apis.nodes["USA"], apis.desks["USA"].bulletin
    wanted: set[type[Event]] = {AlarmRaised, LinkChanged, Heartbeat}

    async def scene() -> list[Told]:
        heard: list[Told] = []
        async with asyncio.timeout(PATIENCE_S), aclosing(bulletin.listen()) as stream:
            await anext(stream)
            node.raise_alarm("alarm.store-resumed", {"secret": CANARY})
            apis.nodes.set_cut("USA", "KOR", is_cut=True)
            while not wanted <= {type(told.event) for told in heard}:
                heard += await anext(stream)
        apis.nodes.set_cut("USA", "KOR", is_cut=False)
        return heard

    heard = apis.run(scene())
    links = [told.event for told in heard if isinstance(told.event, LinkChanged)]
    assert [(link.party, link.is_up) for link in links] == [("KOR", False)]
    assert {told.position for told in heard if not isinstance(told.event, Stated)} == {""}
    assert CANARY.encode() not in b"".join(told.raw for told in heard)


def test_two_hundred_listeners_hear_the_same(apis: Apis) -> None:
    """Each event is made once, whoever hears it; none who reads nothing has anything kept for it but its place."""
    bulletin = apis.desks["USA"].bulletin

    async def scene() -> tuple[list[str], list[list[Told]]]:
        streams = [bulletin.listen() for _ in range(200)]
        await asyncio.gather(*(anext(stream) for stream in streams))
        ids = [(await _state(apis, FLASH))[0] for _ in range(5)]
        assert sum(len(listener.queue) for listener in bulletin._listeners) <= 200
        heard = await asyncio.gather(*(_hear(stream, *ids) for stream in streams))
        for stream in streams:
            await stream.aclose()
        return ids, heard

    ids, heard = apis.run(scene())
    assert all(_stated(one) == ids for one in heard)
    shared = {id(told) for one in heard for told in one if isinstance(told.event, Stated)}
    assert len(shared) == len(ids)
    assert bulletin.listener_count == 0


def test_there_is_a_bound_to_how_many_listen(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than that is refused at once, with a code."""
    monkeypatch.setattr(module, "LISTENER_COUNT_MAX", 1)
    bulletin = apis.desks["USA"].bulletin

    async def scene() -> None:
        async with aclosing(bulletin.listen()) as stream:
            await anext(stream)
            with pytest.raises(OutageError, match=r"events\.too-many"):
                bulletin.listen()

    apis.run(scene())


def test_an_officer_who_may_no_longer_is_told_so_and_no_more(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked at every heartbeat."""
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.02)

    async def scene() -> list[Told]:
        answers = iter([True, True, False])
        bulletin = apis.desks["USA"].bulletin
        return [told async for batch in bulletin.listen(may_listen=lambda: next(answers)) for told in batch]

    last = apis.run(scene())[-1].event
    assert isinstance(last, Ended)
    assert last.code == "api.no-access"


def test_a_node_that_stops_ends_every_stream(apis: Apis) -> None:
    """Else its server would wait for them for ever; whoever comes then is refused."""

    async def scene() -> Event:
        bulletin = Bulletin(apis.nodes["USA"])
        async with aclosing(bulletin.listen()) as stream:
            await anext(stream)
            bulletin.close()
            ((told,),) = [batch async for batch in stream]
        with pytest.raises(OutageError, match=r"node\.stopping"):
            bulletin.listen()
        last: Event = told.event
        return last

    assert apis.run(scene()).code == "node.stopping"


def test_over_the_wire(apis: Apis) -> None:
    """`GET /v1/events` with `Last-Event-ID`: the form of server-sent events, until the client goes."""
    position = _position(apis)
    (id_,) = apis.state(CALL)
    sent: list[dict[str, Any]] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not sent:
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if id_.encode() in message.get("body", b""):
            gone.set()

    headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"last-event-id", position.encode())]
    scope = {"type": "http", "method": "GET", "path": "/v1/events", "raw_path": b"/v1/events", "root_path": "",
             "query_string": b"", "headers": headers, "client": ("127.0.0.1", 9), "server": ("node.test", 80),
             "scheme": "http", "http_version": "1.1", "asgi": {"version": "3.0"}}  # fmt: skip
    app: Any = apis.find_app("USA")
    apis.run(asyncio.wait_for(app(scope, receive, send), 20))
    assert dict(sent[0]["headers"])[b"content-type"].startswith(b"text/event-stream")
    text = b"".join(message.get("body", b"") for message in sent).decode()
    assert text.startswith(f"event: begun\nid: {position}\nretry: 1000\ndata: {{")
    assert text.endswith("\n\n")
    assert apis.desks["USA"].bulletin.listener_count == 0


@pytest.mark.parametrize(
    ("bound", "of"),
    [
        ("LISTENER_COUNT_OF_ONE_MAX", {"officer": "usa-a"}),
        ("LISTENER_COUNT_OF_REALM_MAX", {}),
        ("LISTENER_COUNT_OF_SESSION_MAX", {"officer": "usa-a", "session": "s"}),
    ],
)
def test_one_officer_leaves_the_others_their_places(
    apis: Apis, monkeypatch: pytest.MonkeyPatch, bound: str, of: dict[str, Any]
) -> None:
    """One more of the same is refused at once, with its own code, and whoever else comes is let in."""
    monkeypatch.setattr(module, bound, 2)
    bulletin = apis.desks["USA"].bulletin

    async def scene() -> Event:
        async with aclosing(bulletin.listen(**of)) as first, aclosing(bulletin.listen(**of)) as second:
            async with aclosing(bulletin.listen(**of)) as late:  # let in when there was still room
                await anext(first)
                await anext(second)
                with pytest.raises(UsageError, match=r"events\.too-many-of-one") as caught:
                    bulletin.listen(**of)
                assert caught.value.details == {"count_max": 2}
                (told,) = await anext(late)
            async with aclosing(bulletin.listen(officer="usa-b", session="t")) as other:
                assert isinstance((await anext(other))[0].event, Begun)
        async with aclosing(bulletin.listen(**of)) as again:
            await anext(again)
        return told.event

    ended = apis.run(scene())
    assert isinstance(ended, Ended)
    assert ended.code == "events.too-many-of-one"


def test_all_bounds_of_one_are_below_the_whole() -> None:
    """Also together with what comes with the realm's own token."""
    assert module.LISTENER_COUNT_OF_SESSION_MAX < module.LISTENER_COUNT_OF_ONE_MAX
    assert module.LISTENER_COUNT_OF_ONE_MAX + module.LISTENER_COUNT_OF_REALM_MAX < module.LISTENER_COUNT_MAX
    assert 2 * HELD_COUNT_OF_ONE_MAX < HELD_COUNT_MAX
    assert SESSION_COUNT_OF_ONE_MAX * SIZE_OF_ONE_MAX < SIZE_MAX
