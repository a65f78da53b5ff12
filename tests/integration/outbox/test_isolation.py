"""What a peer can reach at an outbox besides its three services: nothing, and it cannot tell what there is."""

import asyncio
import json
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.base.limits import (
    PEER_CONNECTION_COUNT_MAX,
    PEER_PAYLOAD_SIZE_BYTES_MAX,
    PULL_WAITING_COUNT_MAX,
)
from comity.node.accounts import login_seed
from comity.node.inbox import Message
from comity.node.wire import Wire, make_tls_context
from kit.outbox import (
    RealWorld,
    keyed,
    keys_of,
    pages,
    peer_of,
    play,
    public_of,
    publish_all,
    reader_of,
    stream_of,
    take,
)
from kit.patience import PATIENCE_S

pytestmark = pytest.mark.server

ALL = stream_of("USA", "JPN", "KOR")
OTHERS = stream_of("USA", "KOR")
JPN, KOR, USA = reader_of("JPN"), reader_of("KOR"), reader_of("USA")
NOWHERE = "f" * 32


async def _prepare(world: RealWorld) -> None:
    await world.outbox.ensure_stream(ALL, ["JPN", "KOR"])
    await world.outbox.ensure_stream(OTHERS, ["KOR"])
    await publish_all(world.outbox, ALL, pages(3))
    await publish_all(world.outbox, OTHERS, pages(2))


async def _check_unharmed(world: RealWorld) -> None:
    assert [await world.outbox.last_sequence(stream) for stream in (ALL, OTHERS)] == [3, 2]
    assert await take(world.link("KOR"), [OTHERS], 2) == pages(2)
    assert await take(world.link("JPN"), [ALL], 3) == pages(3)


def test_a_hidden_stream_and_one_that_does_not_exist_answer_alike(tmp_path: Path) -> None:
    """Law 2: not a field of the answer differs, whatever is asked for."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        jpn = await world.wire("JPN")

        async def ask(stream: str, payload: bytes) -> tuple[int, str, bytes]:
            answer = await jpn.request(JPN.pull_subject(stream), payload, timeout_s=PATIENCE_S)
            return answer.status, answer.description.replace(stream, "STREAM"), answer.payload

        for payload in (b"", b'{"batch": 1}', b'{"batch": 1, "no_wait": true}', b"\xff", b'{"batch": 100000}'):
            hidden = await ask(OTHERS.name, payload)
            assert hidden == await ask(NOWHERE, payload)
            assert hidden[0] == 503
        await _check_unharmed(world)

    play(RealWorld, tmp_path, scene)


FORBIDDEN = {
    "a page": ALL.subject,
    "a page for others": OTHERS.subject,
    "what streams there are": "$JS.API.STREAM.NAMES",
    "a stream's state": f"$JS.API.STREAM.INFO.{ALL.name}",
    "the state of a stream of others": f"$JS.API.STREAM.INFO.{OTHERS.name}",
    "a page by number": f"$JS.API.STREAM.MSG.GET.{OTHERS.name}",
    "deleting": f"$JS.API.STREAM.DELETE.{ALL.name}",
    "a cursor of one's own making": f"$JS.API.CONSUMER.CREATE.{ALL.name}.mine",
    "another's pulls": KOR.pull_subject(ALL.name),
    "another's acknowledgements": f"$JS.ACK.{ALL.name}.{KOR.tag}.1.1.1.1.1",
    "another's page requests": KOR.pages_subject,
    "the standby's page requests": USA.pages_subject,
    "the own pulls in another realm": reader_of("JPN", realm="real").pull_subject(ALL.name),
    "the system account": "$SYS.REQ.SERVER.PING",
    "another's inbox": "_INBOX.anybody.1",
}


@pytest.mark.parametrize("what", list(FORBIDDEN))
def test_a_peer_may_not_send_there(what: str, tmp_path: Path) -> None:
    """The server refuses, no answer comes, nothing changes."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        heard: list[str] = []
        jpn = await world.wire("JPN", heard=heard)
        with pytest.raises(OutageError, match=r"link.no-answer"):
            await jpn.request(FORBIDDEN[what], b"", timeout_s=0.5)
        assert any("permissions violation for publish" in text for text in heard)
        await _check_unharmed(world)

    play(RealWorld, tmp_path, scene)


@pytest.mark.parametrize(
    "subject", [">", "PAGES.>", "PAGES.*", JPN.pages_subject, "page.>", "$JS.>", "_R_.>", "$SYS.>"]
)
def test_a_peer_may_not_listen_there(subject: str, tmp_path: Path) -> None:
    """A subscription to anything but an own inbox is refused, and what others do does not come by."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        heard: list[str] = []
        caught: list[Message] = []

        async def catch(message: Message) -> None:
            caught.append(message)

        jpn = await world.wire("JPN", heard=heard)
        await jpn.subscribe(subject, catch)
        await _check_unharmed(world)
        await asyncio.sleep(0.1)
        assert any("permissions violation for subscription" in text for text in heard)
        assert caught == []

    play(RealWorld, tmp_path, scene)


def test_a_peer_that_listens_to_all_inboxes_hears_only_its_own(tmp_path: Path) -> None:
    """Inboxes are an account's own: KOR's pages, and the answers to the node itself, do not come by."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        caught: list[Message] = []

        async def catch(message: Message) -> None:
            caught.append(message)

        jpn = await world.wire("JPN")
        await jpn.subscribe("_INBOX.>", catch)
        await take(world.link("KOR"), [ALL, OTHERS], 5)
        await world.outbox.publish(ALL, *keyed(b"more"), expected_last_sequence=3)
        await asyncio.sleep(0.1)
        assert caught == []

    play(RealWorld, tmp_path, scene)


def test_a_page_cannot_be_sent_to_another_peer(tmp_path: Path) -> None:
    """A pull whose reply subject is KOR's inbox, even the very one that KOR waits on, brings KOR nothing."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        kor, jpn = await world.wire("KOR"), await world.wire("JPN")
        async with kor.open_pull(count_max=8) as inbox:
            for _ in range(3):
                await jpn.publish(JPN.pull_subject(ALL.name), b'{"batch": 1}', reply=inbox.subject)
            with pytest.raises(OutageError, match=r"link.no-answer"):
                await inbox.get(0.5)

    play(RealWorld, tmp_path, scene)


@pytest.mark.parametrize("service", ["pull", "acknowledge"])
def test_an_oversized_pull_is_refused(service: str, tmp_path: Path) -> None:
    """A reader cannot have a whole stream thrown at it, or at the server's buffers, by one request (409)."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        jpn = await world.wire("JPN")
        subject, order = JPN.pull_subject(ALL.name), b""
        if service == "acknowledge":
            async with jpn.open_pull(count_max=8) as inbox:
                await jpn.publish(subject, b'{"batch": 1}', reply=inbox.subject)
                subject, order = (await inbox.get(PATIENCE_S)).reply, b"+NXT "
        for pull in ({"batch": ALL.pull_count_max + 1}, {"batch": 1, "expires": 3600 * 10**9}):
            answer = await jpn.request(subject, order + json.dumps(pull).encode(), timeout_s=PATIENCE_S)
            assert (answer.status, answer.description.split(" of")[0].split(" Max")[0]) == (409, "Exceeded")

    play(RealWorld, tmp_path, scene)


def test_a_flood_of_pulls_hurts_only_who_sends_it(tmp_path: Path) -> None:
    """A few pulls wait, the rest are refused; the other reader is served meanwhile and so is the node."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        jpn = await world.wire("JPN")
        await take(world.link("JPN"), [ALL], 3)
        async with jpn.open_pull(count_max=10_000) as inbox:
            pull = json.dumps({"batch": 1, "expires": 20 * 10**9}).encode()
            for _ in range(3_000):
                await jpn.publish(JPN.pull_subject(ALL.name), pull, reply=inbox.subject)
            assert await take(world.link("KOR"), [OTHERS], 2) == pages(2)
            assert (await inbox.get(PATIENCE_S)).status == 409
            cursor = await world.outbox._api.find_cursor(ALL, JPN)
            assert cursor is not None
            assert cursor["num_waiting"] <= PULL_WAITING_COUNT_MAX
            assert await world.outbox.publish(OTHERS, *keyed(b"more"), expected_last_sequence=2) == 3

    play(RealWorld, tmp_path, scene)


def test_a_flood_of_page_requests_is_dropped_beyond_a_few(tmp_path: Path) -> None:
    """One reader's requests are not queued without end, and another's are answered meanwhile."""

    async def scene(world: RealWorld) -> None:
        asked = []

        def answer(reader: object, _: bytes) -> list[bytes]:
            asked.append(reader)
            return pages(10, size_bytes=500_000)

        await world.outbox.serve_pages([JPN, KOR], answer)
        jpn = await world.wire("JPN")
        with jpn.open_inbox(count_max=100_000) as inbox:
            for _ in range(1_000):
                await jpn.publish(JPN.pages_subject, b"", reply=inbox.subject)
            assert await world.link("KOR").request_pages(b"", timeout_ms=20_000) == pages(10, size_bytes=500_000)
        assert asked.count(KOR) == 1
        assert 0 < asked.count(JPN) < 500

    play(RealWorld, tmp_path, scene)


def test_connections_are_counted(tmp_path: Path) -> None:
    """A peer that opens too many is refused the next one; the other peer still gets in."""

    async def scene(world: RealWorld) -> None:
        for _ in range(PEER_CONNECTION_COUNT_MAX):
            await world.wire("JPN")
        with pytest.raises(OutageError, match=r"link.unavailable"):
            await world.wire("JPN")
        await world.wire("KOR")

    play(RealWorld, tmp_path, scene)


def test_a_large_message_from_a_peer_ends_its_connection(tmp_path: Path) -> None:
    """Nothing that a peer has to say is large; the limit is checked by the server, not by the peer's library."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        jpn = await world.wire("JPN")
        jpn._client._max_payload = 10**9
        await jpn.publish(JPN.pages_subject, bytes(PEER_PAYLOAD_SIZE_BYTES_MAX + 1), reply="_INBOX.x")
        async with asyncio.timeout(PATIENCE_S):
            await jpn.broken.wait()
        await _check_unharmed(world)

    play(RealWorld, tmp_path, scene)


def test_a_peer_in_two_realms_has_two_accounts_that_know_nothing_of_each_other(tmp_path: Path) -> None:
    """Law 5: the exercise login opens no real stream, though the party, its keys and the server are the same."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        world.peers.append(peer_of("JPN", realm="real"))
        await world.server.reload(world.peers)
        reader = reader_of("JPN", realm="real")
        login = login_seed(keys_of("JPN"), client=public_of("JPN"), server=public_of("USA"), reader=reader)
        context = make_tls_context(keys_of("JPN"), server=public_of("USA"))
        for _ in range(100):
            try:
                real = await Wire.connect(world.endpoint, context=context, login=login)
                break
            except OutageError:
                await asyncio.sleep(0.05)
        try:
            for own in (JPN, reader):
                asked = own.pull_subject(ALL.name)
                try:
                    answer = await real.request(asked, b'{"batch": 1, "no_wait": true}', timeout_s=0.5)
                except OutageError:
                    continue
                assert answer.status == 503
        finally:
            await real.close()
        await _check_unharmed(world)

    play(RealWorld, tmp_path, scene)


class _StandbyWorld(RealWorld):
    """USA's server with an account for its standby: the party as its own reader."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.peers.append(peer_of("USA"))


async def _connect_standby(world: RealWorld, *, keys: str = "USA") -> Wire:
    """Connect as the standby of USA, with somebody's keys."""
    login = login_seed(keys_of(keys), client=public_of(keys), server=public_of("USA"), reader=USA)
    context = make_tls_context(keys_of(keys), server=public_of("USA"))
    heard: list[str] = []
    return await Wire.connect(world.endpoint, context=context, login=login, on_refusal=heard.append)


def test_the_standbys_account_asks_for_pages_and_nothing_else(tmp_path: Path) -> None:
    """T28: no pull, no acknowledgement, no API; and a forged reply subject is resolved in its own account."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        await world.outbox.serve_pages([JPN, KOR, USA], lambda reader, _: [reader.party.encode()])
        standby = await _connect_standby(world)
        try:
            answer = await standby.request(USA.pages_subject, b"", timeout_s=PATIENCE_S)
            assert b"USA" in answer.payload
            forbidden = (USA.pull_subject(ALL.name), JPN.pull_subject(ALL.name), JPN.pages_subject, ALL.subject)
            for subject in (*forbidden, f"$JS.API.STREAM.DELETE.{ALL.name}", f"$JS.ACK.{ALL.name}.{JPN.tag}.1.1.1.1.1"):
                with pytest.raises(OutageError, match=r"link.no-answer"):
                    await standby.request(subject, b"", timeout_s=0.3)
            for reply in (f"$JS.API.STREAM.DELETE.{ALL.name}", f"$JS.API.STREAM.PURGE.{ALL.name}", ALL.subject):
                await standby.publish(USA.pages_subject, b"", reply=reply)
            await asyncio.sleep(0.3)
        finally:
            await standby.close()
        await _check_unharmed(world)

    play(_StandbyWorld, tmp_path, scene)


def test_a_peers_keys_open_no_standbys_account(tmp_path: Path) -> None:
    """Its login follows from the party's own link keys."""

    async def scene(world: RealWorld) -> None:
        await _prepare(world)
        with pytest.raises(OutageError):
            await _connect_standby(world, keys="JPN")
        await _check_unharmed(world)

    play(_StandbyWorld, tmp_path, scene)
