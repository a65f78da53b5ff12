"""A pinned peer passes another server's challenge on to a caller, to log in there under the caller's name.

KOR pulls from JPN. JPN, whose server answers, has opened a connection to USA with its own certificate, which USA pins,
and shows KOR the challenge that USA sent. If KOR's login were the same everywhere, its answer would be good at USA.
"""

import asyncio
import contextlib
import hashlib
import ssl
import tempfile
from pathlib import Path

import pytest

import comity.node.accounts
from comity.base.errors import OutageError
from comity.crypto.link import LinkKeys, LinkPublic, derive_part
from comity.crypto.tls import format_authorities, issue_server_leaf
from comity.node.accounts import login_seed
from comity.node.wire import Endpoint, Wire, make_tls_context
from kit.outbox import RealWorld, keys_of, play, public_of, reader_of
from kit.patience import PATIENCE_S

pytestmark = pytest.mark.server


def _server_context(party: str, *, client: str) -> ssl.SSLContext:
    keys = keys_of(party)
    leaf = issue_server_leaf(authority_seed=derive_part(keys, b"authority/1"), leaf_seed=derive_part(keys, b"server/0"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=format_authorities([public_of(client).authority]))
    with tempfile.NamedTemporaryFile() as file:
        file.write(leaf.chain_pem + leaf.key_pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context


async def _relay(world: RealWorld) -> bytes:
    """Let KOR log in at JPN, and return what USA's server said to JPN when it got KOR's answer."""
    verdict: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(from_kor: asyncio.StreamReader, to_kor: asyncio.StreamWriter) -> None:
        context = make_tls_context(keys_of("JPN"), server=public_of("USA"))
        from_usa, to_usa = await asyncio.open_connection(*world.endpoint, ssl=context)
        to_kor.write(await from_usa.readline())
        to_usa.write(await from_kor.readuntil(b"PING\r\n"))
        verdict.set_result(await from_usa.readline())
        for writer in (to_usa, to_kor):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=_server_context("JPN", client="KOR"))
    login = login_seed(keys_of("KOR"), client=public_of("KOR"), server=public_of("JPN"), reader=reader_of("KOR"))
    with contextlib.suppress(OutageError):
        wire = await Wire.connect(
            Endpoint("127.0.0.1", server.sockets[0].getsockname()[1]),
            context=make_tls_context(keys_of("KOR"), server=public_of("JPN")),
            login=login,
        )
        await wire.close()
    server.close()
    return await asyncio.wait_for(verdict, PATIENCE_S)


def test_a_relayed_challenge_opens_nothing(tmp_path: Path) -> None:
    """KOR's login at JPN is no login at USA."""

    async def scene(world: RealWorld) -> None:
        assert b"Authorization Violation" in await _relay(world)

    play(RealWorld, tmp_path, scene)


def test_one_login_for_all_servers_would_let_the_relay_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with logins that do not depend on the server, JPN is KOR at USA."""

    def derive_carelessly(keys: LinkKeys, *, client: LinkPublic, server: LinkPublic, account: str) -> bytes:
        del keys, server
        return hashlib.sha256(client.exchange + account.encode()).digest()

    async def scene(world: RealWorld) -> None:
        assert await _relay(world) == b"PONG\r\n"

    monkeypatch.setattr(comity.node.accounts, "derive_login", derive_carelessly)
    play(RealWorld, tmp_path, scene)
