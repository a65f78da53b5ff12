"""A reader names a reply subject that is not its own, so that the server or the node acts for it.

Every attack is made against all three services, with the accounts as Comity writes them, and must leave everything as
it was. The same attacks are made against a server where readers are users with permissions in one account: there they
succeed, so these tests can fail. The streams attacked have none of the settings that would also refuse a purge.
"""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import comity.node.server
from comity.node.accounts import NODE_ACCOUNT, Peer, login_seed
from comity.node.pages import encode_page_request
from comity.node.stream import Stream
from comity.node.wire import Wire
from kit.outbox import RealWorld, keys_of, pages, play, public_of, reader_of, stream_of, take
from kit.patience import PATIENCE_S

pytestmark = pytest.mark.server

ALL = stream_of("USA", "JPN", "KOR")
OTHERS = stream_of("USA", "KOR")
JPN, KOR = reader_of("JPN"), reader_of("KOR")

TARGETS = {
    "purge": f"$JS.API.STREAM.PURGE.{ALL.name}",
    "delete": f"$JS.API.STREAM.DELETE.{ALL.name}",
    "delete a stream of others": f"$JS.API.STREAM.DELETE.{OTHERS.name}",
    "delete another's cursor": f"$JS.API.CONSUMER.DELETE.{ALL.name}.{KOR.tag}",
    "put a page in again": ALL.subject,
    "put a page into a stream of others": OTHERS.subject,
    "own pulls": JPN.pull_subject(ALL.name),
    "own page requests": JPN.pages_subject,
    "another's page requests": KOR.pages_subject,
}


async def _ask(wire: Wire, subject: str, content: dict[str, Any]) -> dict[str, Any]:
    answer = await wire.request(f"$JS.API.{subject}", json.dumps(content).encode(), timeout_s=PATIENCE_S)
    read: dict[str, Any] = json.loads(answer.payload)
    return read


async def _make_streams(world: RealWorld, own: Wire) -> None:
    for stream, readers in ((ALL, (JPN, KOR)), (OTHERS, (KOR,))):
        await _ask(own, f"STREAM.CREATE.{stream.name}", {"name": stream.name, "subjects": [stream.subject]})
        for reader in readers:
            await world.outbox._api.ensure_cursor(stream, reader, start=1)
        for page in pages(3):
            await own.request(stream.subject, page, timeout_s=PATIENCE_S)


async def _look(own: Wire) -> list[object]:
    """What there is: streams, how many pages, whose cursors."""
    seen: list[object] = []
    for stream in (ALL, OTHERS):
        info = await _ask(own, f"STREAM.INFO.{stream.name}", {})
        names = await _ask(own, f"CONSUMER.NAMES.{stream.name}", {})
        state = info.get("state", {})
        seen.append((state.get("messages"), state.get("last_seq"), sorted(names.get("consumers") or ())))
    return seen


async def _forge_pulls(jpn: Wire, target: str) -> None:
    """Let pages, and then the empty answer "no messages", be sent to the target."""
    pull = json.dumps({"batch": 1, "no_wait": True}).encode()
    for _ in range(5):
        await jpn.publish(JPN.pull_subject(ALL.name), pull, reply=target)


async def _forge_acks(jpn: Wire, target: str) -> None:
    """Let the confirmation of an acknowledgement, and the page that "next" asks for, be sent to the target."""
    async with jpn.open_pull(count_max=8) as inbox:
        pull = json.dumps({"batch": 2, "no_wait": True}).encode()
        await jpn.publish(JPN.pull_subject(ALL.name), pull, reply=inbox.subject)
        first, second = [(await inbox.get(5)).reply for _ in range(2)]
    await jpn.publish(first, b"+NXT", reply=target)
    await jpn.publish(second, b"", reply=target)
    await jpn.publish(second, b'+NXT {"batch": 1, "no_wait": true}', reply=target)


async def _forge_page_requests(jpn: Wire, target: str) -> None:
    """Let the node's own answer be sent to the target."""
    await jpn.publish(JPN.pages_subject, encode_page_request(bytes(32), first=0, last=0), reply=target)


SERVICES = {"pull": _forge_pulls, "acknowledge": _forge_acks, "ask for pages": _forge_page_requests}


async def _attack(world: RealWorld, service: str, target: str) -> tuple[list[object], list[object]]:
    own = await world.wire("USA")
    await _make_streams(world, own)
    await world.outbox.serve_pages([JPN, KOR], lambda *_: pages(1))
    before = await _look(own)
    jpn = await world.wire("JPN")
    await SERVICES[service](jpn, TARGETS[target])
    await asyncio.sleep(0.3)
    return before, await _look(own)


@pytest.mark.parametrize("target", list(TARGETS))
@pytest.mark.parametrize("service", list(SERVICES))
def test_a_forged_reply_subject_does_nothing(service: str, target: str, tmp_path: Path) -> None:
    """Nothing is purged, deleted or put in, and both readers still get what is theirs."""

    async def scene(world: RealWorld) -> None:
        before, after = await _attack(world, service, target)
        assert after == before == [(3, 3, sorted([JPN.tag, KOR.tag])), (3, 3, [KOR.tag])]
        assert await take(world.link("KOR"), [ALL], 3) == pages(3)
        assert await world.link("JPN").request_pages(b"", timeout_ms=60_000) == pages(1)

    play(RealWorld, tmp_path, scene)


@contextlib.contextmanager
def _permissions_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Write readers as mere users, with permissions, of the party's own account."""

    def format_users(_: object, own: object, peers: list[Peer]) -> str:
        del own
        users = [f"{{ nkey: {_login('USA')} }}"]
        for peer in peers:
            reader = peer.reader
            subjects = [reader.pull_subject("*"), reader.ack_subjects, reader.pages_subject]
            permissions = f'publish: {{ allow: {json.dumps(subjects)} }}, subscribe: {{ allow: ["_INBOX.>"] }}'
            users.append(f"{{ nkey: {_login(reader.party)}, permissions: {{ {permissions} }} }}")
        return f"accounts {{ {NODE_ACCOUNT} {{ jetstream: enabled, users: [ {', '.join(users)} ] }} }}\n"

    with monkeypatch.context() as patch:
        patch.setattr(comity.node.server, "format_accounts", format_users)
        yield


def _login(party: str) -> str:
    from comity.crypto.link import format_login_public
    from comity.crypto.production import ProductionSuite

    reader = None if party == "USA" else reader_of(party)
    seed = login_seed(keys_of(party), client=public_of(party), server=public_of("USA"), reader=reader)
    return format_login_public(ProductionSuite().public_of_signing(seed))


WHOLE = [(3, 3, sorted([JPN.tag, KOR.tag])), (3, 3, [KOR.tag])]
HARM: dict[tuple[str, str], tuple[Stream, object]] = {
    ("pull", "purge"): (ALL, (0, 3, sorted([JPN.tag, KOR.tag]))),
    ("pull", "delete"): (ALL, (None, None, [])),
    ("pull", "delete a stream of others"): (OTHERS, (None, None, [])),
    ("pull", "delete another's cursor"): (ALL, (3, 3, [JPN.tag])),
    ("pull", "put a page into a stream of others"): (OTHERS, None),
    ("acknowledge", "purge"): (ALL, (0, 3, sorted([JPN.tag, KOR.tag]))),
    ("acknowledge", "delete"): (ALL, (None, None, [])),
    ("acknowledge", "delete a stream of others"): (OTHERS, (None, None, [])),
    ("acknowledge", "delete another's cursor"): (ALL, (3, 3, [JPN.tag])),
    ("ask for pages", "put a page into a stream of others"): (OTHERS, (4, 4, [KOR.tag])),
}


@pytest.mark.parametrize(("service", "target"), list(HARM))
def test_with_permissions_alone_the_attack_succeeds(
    service: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same bytes do the harm where a reader shares the account of the streams."""

    async def scene(world: RealWorld) -> None:
        before, after = await _attack(world, service, target)
        assert before == WHOLE
        stream, expected = HARM[service, target]
        seen = after[0 if stream is ALL else 1]
        assert seen != before[0 if stream is ALL else 1]
        assert expected in (None, seen)

    with _permissions_only(monkeypatch):
        play(RealWorld, tmp_path, scene)


def test_a_stream_as_comity_makes_it_refuses_to_be_purged_even_by_its_own_account(tmp_path: Path) -> None:
    """A second fence behind the accounts: single pages cannot be removed by any call."""

    async def scene(world: RealWorld) -> None:
        await world.outbox.ensure_stream(ALL, ["JPN"])
        own = await world.wire("USA")
        await own.request(ALL.subject, b"page", timeout_s=PATIENCE_S)
        assert (await _ask(own, f"STREAM.PURGE.{ALL.name}", {}))["error"]["code"] == 500
        assert (await _ask(own, f"STREAM.MSG.DELETE.{ALL.name}", {"seq": 1}))["error"]["code"] == 500
        assert await world.outbox.find_page(ALL, 1) == b"page"

    play(RealWorld, tmp_path, scene)
