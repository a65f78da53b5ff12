"""A party's outbox on three servers of its own: one is killed under load, again and again, and nothing is lost."""

import contextlib
import random
import socket
import ssl
import time
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.cli.audit import is_clean, judge_realms
from comity.cli.demo.stage import REALM, Stage
from comity.crypto.link import LinkKeys, derive_part, get_link_public
from comity.crypto.tls import format_authorities, issue_client_leaf
from comity.node.cluster import read_cluster
from comity.node.home import open_home
from kit.cluster import running_cluster
from kit.patience import wait
from kit.stage import Teller, read_ids

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

KILL_COUNT = 4


def test_one_server_of_three_is_killed_under_load_and_nothing_is_lost(stage: Stage) -> None:
    """Any of the three, its leader too; what is stated meanwhile reaches every reader without anybody's help."""
    chance, teller = random.Random(5), Teller(stage)
    with running_cluster(stage, "USA") as servers, stage.running():
        wait(lambda: teller.is_at("JPN", teller.insist("USA")))
        for number in range(KILL_COUNT):
            victim = number % 3 if number < 3 else chance.randrange(3)
            servers.kill(victim)
            until = time.monotonic() + 6
            while time.monotonic() < until:
                teller.insist("USA", *chance.choice(((), ("JPN",), ("KOR",))))
                teller.insist("JPN")
                time.sleep(0.1)
            seen = teller.insist("USA")
            for party in ("JPN", "KOR"):
                wait(lambda party=party, seen=seen: teller.is_at(party, seen))  # type: ignore[misc]
            servers.start(victim)
            time.sleep(2)
        for party in stage.parties:
            owed = [id_ for id_, _, readers in teller.answered if party in readers]
            wait(lambda party=party, owed=owed: teller.is_at(party, *owed))  # type: ignore[misc]
            assert teller.status(party)["stopped_by"] == ""
        alarms = [alarm["code"] for alarm in teller.status("USA")["alarms"]]
        assert "alarm.outbox-rebuilt" not in alarms, "a leader's change was taken for a loss"
        time.sleep(2.5)  # every reader signs the last heads
    for party in stage.parties:
        assert {id_ for id_, _, readers in teller.answered if party in readers} <= read_ids(stage, party)
    report, _ = judge_realms([stage.realm_path(party) for party in stage.parties], is_open=True)
    assert is_clean(report), [finding.code for finding in report.findings]


def _shake_hands(port: int, context: ssl.SSLContext) -> bytes:
    """Connect to a route as a server would, over TLS, and return what is said there first."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain) as wire,
    ):
        return wire.recv(65_536)


def _is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def _make_context(folder: Path, leaf: tuple[bytes, bytes], authority: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=format_authorities([authority]))
    (folder / "leaf.pem").write_bytes(b"".join(leaf))
    context.load_cert_chain(folder / "leaf.pem", password="x")
    return context


def test_a_peers_key_opens_no_route(stage: Stage, tmp_path: Path) -> None:
    """Whoever could pose as a server of the cluster would be in every account; a client of ours is nobody's peer."""

    def client_leaf(keys: LinkKeys) -> tuple[bytes, bytes]:
        seed, own = derive_part(keys, b"authority/1"), derive_part(keys, b"client/0")
        leaf = issue_client_leaf(authority_seed=seed, leaf_seed=own, passphrase=b"x")
        return leaf.chain_pem, leaf.key_pem

    keys = {party: open_home(stage.home(party)).get_realm_secrets(REALM).link for party in ("USA", "JPN")}
    authority = get_link_public(keys["USA"]).authority
    with running_cluster(stage, "USA") as servers:
        (_, route), folder = servers.ports[0], servers.folders[0]
        own = ((folder / "route.pem").read_bytes(), (folder / "route.key").read_bytes())
        context = _make_context(tmp_path, own, authority)
        wait(lambda: _is_open(route))
        assert _shake_hands(route, context).startswith(b"INFO ")
        with pytest.raises(OSError, match=r"(?i)alert|reset|eof"):
            _shake_hands(route, _make_context(tmp_path, client_leaf(keys["JPN"]), authority))


@pytest.mark.parametrize(
    "content",
    [
        "replicas = 3\n",
        "[[server]]\nlisten = 'a:1'\n",
        "replicas = 2\n[[server]]\nlisten = 'a:1'\nroute = 'a:2'\n[[server]]\nlisten = 'b:1'\nroute = 'b:2'\n",
        "replicas = 3\n[[server]]\nlisten = 'a:1'\nroute = 'a:2'\n",
        "x",
    ],
    ids=repr,
)
def test_a_cluster_that_is_none_is_refused(content: str, tmp_path: Path) -> None:
    """A node does not start on a file that it only half understands."""
    (tmp_path / "outbox.toml").write_text(content)
    with pytest.raises(UsageError, match=r"home\.cluster-malformed"):
        read_cluster(tmp_path)
