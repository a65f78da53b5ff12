"""Garbage at every door of a running node: it stays up, keeps evidence, and its log says nothing that was said."""

import asyncio
import contextlib
import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from comity.api.token import read_token
from comity.base.names import Digest
from comity.cli.demo.stage import REALM, Stage
from comity.crypto.link import get_link_public
from comity.crypto.production import ProductionSuite
from comity.journal.header import Feed
from comity.node.accounts import Peer
from comity.node.ceremony import open_accepted
from comity.node.home import open_home
from comity.node.jetstream import JetStreamOutbox
from comity.node.link import JetStreamLink
from comity.node.pages import encode_page_request
from comity.node.reach import parse_endpoint
from comity.node.server import ServerChild
from comity.node.stream import Reader, Stream
from kit.patience import PATIENCE_S, wait
from kit.stage import WITHOUT_FEED, Teller

pytestmark = pytest.mark.server

SUITE = ProductionSuite()
PARTIES = ("JPN", "KOR", "USA")
CANARY = "the heron stands at the north gate"
POSTS = ("/v1/statements", "/v1/items", "/v1/items/pass-on", "/v1/items/consent", "/v1/bundle")
SEED = 41


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    """Three running nodes, for all tests of this module in turn."""
    stage = Stage(tmp_path_factory.mktemp("garbage") / "homes", options=WITHOUT_FEED)
    stage.build()
    with stage.running():
        yield Teller(stage)


def _call(teller: Teller, path: str, body: bytes, kind: str = "application/json") -> httpx.Response:
    folder = teller.stage.realm_path("USA")
    headers = {"Authorization": f"Bearer {read_token(folder)}", "Content-Type": kind}
    return httpx.post(
        (folder / "api").read_text() + path, content=body, headers=headers, timeout=PATIENCE_S, trust_env=False
    )


def _assert_up(teller: Teller) -> None:
    """USA's node takes a statement, and it reaches the others."""
    id_ = teller.insist("USA")
    for party in PARTIES:
        wait(lambda party=party: teller.is_at(party, id_))  # type: ignore[misc]
    assert teller.status("USA")["stopped_by"] == ""


def _draw_json(chance: random.Random, depth: int = 0) -> Any:
    kinds: list[Callable[[], Any]] = [
        lambda: None,
        lambda: chance.choice([True, False]),
        lambda: chance.choice([0, -1, 2**63, 2**64, 10**40, 1.5, 1e300]),
        lambda: chance.choice(["", "USA", "JPN", "00" * 32, "\x00", "𝕏" * 50, "Acknowledged", "SilenceKept", CANARY]),
        lambda: [_draw_json(chance, depth + 1) for _ in range(chance.randrange(4))],
        lambda: {
            chance.choice(["to", "statements", "type", "portions", "item", "consultation", "x", "marking", "preview"]):
            _draw_json(chance, depth + 1)
            for _ in range(chance.randrange(5))
        },
    ]  # fmt: skip
    return chance.choice(kinds[:4] if depth > 4 else kinds)()


def test_garbage_bodies_at_the_api(running: Teller) -> None:
    """Random JSON of the API's own words, random bytes, cut and flipped requests: each answered, none with 500."""
    chance = random.Random(SEED)
    good = json.dumps({"to": ["JPN"], "statements": [{"type": "MessageRead", "message": "00" * 32, "officer": "a"}]})
    for _ in range(120):
        path, raw = chance.choice(POSTS), good.encode()
        at = chance.randrange(len(raw))
        body = chance.choice(
            [
                json.dumps({"to": ["JPN"], "statements": [_draw_json(chance)]}).encode(),
                json.dumps(_draw_json(chance)).encode(),
                chance.randbytes(chance.randrange(2_000)),
                raw[:at],
                raw[:at] + chance.randbytes(1) + raw[at + 1 :],
            ]
        )
        response = _call(running, path, body)
        assert response.status_code in {200, 201, 400, 403, 404, 413, 422}, (path, body, response.text)
    _assert_up(running)


def test_garbage_bundles(running: Teller) -> None:
    """A true bundle, cut and flipped at random places."""
    chance = random.Random(SEED)
    with contextlib.closing(running.stage.connect("KOR")) as kor:
        whole = kor.get_bytes("/v1/bundle")
    for _ in range(40):
        at = chance.randrange(len(whole))
        body = chance.choice([whole[:at], whole[:at] + chance.randbytes(3) + whole[at + 3 :], whole[at:]])
        response = _call(running, "/v1/bundle", body, "application/octet-stream")
        assert response.status_code == 422, response.text
        assert response.json()["code"].startswith("bundle.")
    _assert_up(running)


def _open(stage: Stage, party: str) -> tuple[Any, Reader]:
    held = open_accepted(open_home(stage.home(party)), realm=REALM, suite=SUITE)
    return held, Reader(Digest(held.pins.lineage), REALM, party)


def _find_endpoint(stage: Stage, party: str) -> Any:
    links = open_home(stage.home(party)).get_card(SUITE).find_links(REALM)
    assert links is not None
    return parse_endpoint(links.endpoint)


def test_garbage_at_the_pages_service(running: Teller) -> None:
    """A peer with good keys and bad manners: its requests get nothing, and an honest one is answered after them."""
    stage, chance = running.stage, random.Random(SEED)
    jpn, reader = _open(stage, "JPN")
    usa, _ = _open(stage, "USA")
    journal = SUITE.hash(b"no such journal")

    async def ask() -> None:
        link = JetStreamLink(
            _find_endpoint(stage, "USA"),
            jpn.secrets.link,
            server=get_link_public(usa.secrets.link),
            reader=reader,
        )
        honest = encode_page_request(journal, first=0, last=2**53)
        requests = [b"", b"\xc1", honest[:-1], honest + b"\x00", b"\x93" + honest[1:33], *(
            chance.randbytes(chance.randrange(1, 3_000)) for _ in range(60)
        )]  # fmt: skip
        for request in (*requests, honest):
            assert await link.request_pages(request, timeout_ms=60_000) == []
        await link.close()

    asyncio.run(ask())
    _assert_up(running)


def test_a_peer_whose_outbox_serves_garbage(running: Teller) -> None:
    """JPN's own server hands out bytes that are no pages: refused with evidence, acknowledged, and shown as alarms."""
    stage, chance = running.stage, random.Random(SEED)
    jpn, reader = _open(stage, "JPN")
    peers = [
        Peer(Reader(reader.lineage, REALM, party), get_link_public(_open(stage, party)[0].secrets.link))
        for party in ("KOR", "USA")
    ]
    before = len(running.status("USA")["alarms"])
    stage.kill("JPN")

    async def serve() -> None:
        endpoint = _find_endpoint(stage, "JPN")
        server = ServerChild(
            stage.realm_path("JPN") / "outbox", jpn.secrets.link, host=endpoint.host, port=endpoint.port
        )
        await server.start(peers)
        outbox = JetStreamOutbox(endpoint, jpn.secrets.link)
        stream = Stream(reader.lineage, REALM, Feed.RECORD, PARTIES)
        last = await outbox.ensure_stream(stream, ["KOR", "USA"])
        for size in (0, 1, 100, 5_000, 65_536):
            page = chance.randbytes(size)
            last = await outbox.publish(stream, hashlib.sha256(page).hexdigest(), page, expected_last_sequence=last)
        async with asyncio.timeout(PATIENCE_S):
            while len(running.status("USA")["alarms"]) < before + 5:  # noqa: ASYNC110 -- a test looks on from outside
                await asyncio.sleep(0.2)
        await asyncio.sleep(4)  # longer than the wait for an acknowledgement: nothing comes again
        assert len(running.status("USA")["alarms"]) == before + 5
        await outbox.close()
        await server.stop()

    asyncio.run(serve())
    alarms = running.status("USA")["alarms"][before:]
    assert {row["code"] for row in alarms} == {"alarm.page-refused"}
    # JPN's own node would rightly stop at pages that it never wrote; without them it makes its outbox anew.
    shutil.rmtree(stage.realm_path("JPN") / "outbox" / "jetstream")
    stage.start("JPN")
    _assert_up(running)
    id_ = running.insist("JPN")
    wait(lambda: running.is_at("KOR", id_))


def test_no_log_holds_a_secret_or_a_word_that_was_said(running: Teller) -> None:
    """After all of the above, and after a message, an item and a refusal with a canary in them: grep."""
    stage = running.stage
    for party in ("USA", "KOR"):
        running.insist(party, text=CANARY)
    running.insist("USA", "KOR", text=CANARY)
    portion = {"marking": {"level": "USA-U", "topics": ["dprk-missile"]}, "text": CANARY}
    for to in (["KOR"], ["XXX"]):
        _call(running, "/v1/items", json.dumps({"to": to, "portions": [portion]}).encode())
    _call(running, "/v1/statements", json.dumps({"to": [CANARY[:12]], "statements": [{"type": CANARY}]}).encode())
    secrets: list[bytes] = [CANARY.encode()]
    for party in PARTIES:
        home = open_home(stage.home(party))
        held = home.get_realm_secrets(REALM)
        root, next_root = home.get_root()
        secrets += [home.passphrase, read_token(stage.realm_path(party)).encode(), held.link.seed]
        secrets += [
            held.node.node,
            held.node.checkpoint,
            held.node.receiving,
            root.ed25519,
            root.mldsa,
            next_root.mldsa,
        ]
    logs = [path for path in stage.folder.rglob("*") if path.is_file() and path.name in {"node.log", "server.log"}]
    assert {path.name for path in logs} == {"node.log", "server.log"}
    for path in logs:
        content = path.read_bytes()
        found = [secret for secret in secrets if secret in content or secret.hex().encode() in content]
        assert not found, path
        assert b"Traceback" not in content, content.decode()[-2000:]


def test_no_store_holds_a_word_in_the_clear(running: Teller) -> None:
    """Sealed at rest as on the way: neither a store nor an outbox has the canary, at its author's or its reader's."""
    files = [path for path in running.stage.folder.rglob("*") if path.is_file()]
    assert any(path.name == "store.db" for path in files)
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


def test_files_of_a_home_are_its_owners_alone(running: Teller) -> None:
    """Keys, token, store: nobody else on this machine reads them."""
    private = {"root.vault", "node.vault", "unlock.key", "token", "server.key"}
    for path in running.stage.folder.rglob("*"):
        if path.name in private:
            assert path.stat().st_mode & 0o077 == 0, path
    assert all(Path(running.stage.home(party)).stat().st_mode & 0o077 == 0 for party in PARTIES)
