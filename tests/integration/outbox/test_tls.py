"""Who gets a connection at all: both ends show a certificate of a pinned authority, before a byte is said."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

import comity.node.wire
from comity.base.errors import OutageError
from comity.crypto.link import LinkKeys, derive_part
from comity.crypto.tls import issue_server_leaf
from comity.node.accounts import login_seed
from comity.node.wire import Endpoint, Wire, make_tls_context
from kit.outbox import RealWorld, keys_of, play, public_of, reader_of
from kit.patience import PATIENCE_S

pytestmark = pytest.mark.server


async def _connect(world: RealWorld, context: ssl.SSLContext, party: str = "JPN") -> None:
    login = login_seed(keys_of(party), client=public_of(party), server=public_of("USA"), reader=reader_of(party))
    wire = await Wire.connect(world.endpoint, context=context, login=login)
    await wire.close()


def test_a_peer_gets_in(tmp_path: Path) -> None:
    """The control of this page: with its certificate and its login, JPN is connected, over TLS 1.3."""

    async def scene(world: RealWorld) -> None:
        await _connect(world, make_tls_context(keys_of("JPN"), server=public_of("USA")))

    play(RealWorld, tmp_path, scene)


def test_a_stranger_learns_nothing_before_its_certificate_is_checked(tmp_path: Path) -> None:
    """Without TLS not a byte comes: no greeting, no version, no challenge."""

    async def scene(world: RealWorld) -> None:
        reader, writer = await asyncio.open_connection(*world.endpoint)
        try:
            writer.write(b"CONNECT {}\r\nPING\r\n")
            said = await asyncio.wait_for(reader.read(1_000), PATIENCE_S)
        except ConnectionError:
            said = b""
        writer.close()
        assert b"INFO" not in said
        assert b"nats" not in said.lower()

    play(RealWorld, tmp_path, scene)


def test_without_a_certificate_nobody_gets_in(tmp_path: Path) -> None:
    """Knowing a peer's login is not enough."""

    async def scene(world: RealWorld) -> None:
        context = make_tls_context(keys_of("JPN"), server=public_of("USA"))
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
        with pytest.raises(OutageError, match=r"link.unavailable"):
            await _connect(world, bare)
        await _connect(world, context)

    play(RealWorld, tmp_path, scene)


def test_an_unpinned_certificate_is_refused_even_with_a_peers_login(tmp_path: Path) -> None:
    """A stranger's authority of the very same form opens nothing."""

    async def scene(world: RealWorld) -> None:
        with pytest.raises(OutageError, match=r"link.unavailable"):
            await _connect(world, make_tls_context(keys_of("STRANGER"), server=public_of("USA")))

    play(RealWorld, tmp_path, scene)


def test_a_pinned_peer_without_the_login_is_refused(tmp_path: Path) -> None:
    """KOR's certificate does not make a login of JPN's, and a login for another server is none here."""

    async def scene(world: RealWorld) -> None:
        context = make_tls_context(keys_of("KOR"), server=public_of("USA"))
        elsewhere = login_seed(
            keys_of("KOR"), client=public_of("KOR"), server=public_of("JPN"), reader=reader_of("KOR")
        )
        for login in (bytes(32), elsewhere):
            with pytest.raises(OutageError, match=r"link.unavailable"):
                await Wire.connect(world.endpoint, context=context, login=login)

    play(RealWorld, tmp_path, scene)


def test_a_servers_leaf_is_no_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies unsealed on a server's disk cannot be used to pull as that party."""

    def issue_wrongly(*, authority_seed: bytes, leaf_seed: bytes, passphrase: bytes) -> object:
        del passphrase
        return issue_server_leaf(authority_seed=authority_seed, leaf_seed=leaf_seed)

    async def scene(world: RealWorld) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(comity.node.wire, "issue_client_leaf", issue_wrongly)
            context = make_tls_context(keys_of("JPN"), server=public_of("USA"))
        with pytest.raises(OutageError, match=r"link.unavailable"):
            await _connect(world, context)

    play(RealWorld, tmp_path, scene)


def test_a_client_refuses_a_server_that_is_not_the_pinned_one(tmp_path: Path) -> None:
    """KOR, asked for as JPN, is not believed, though KOR is a peer as well."""

    async def scene(world: RealWorld) -> None:
        with pytest.raises(OutageError, match=r"link.unavailable") as refusal:
            await _connect(world, make_tls_context(keys_of("JPN"), server=public_of("KOR")))
        assert isinstance(refusal.value.__cause__, ssl.SSLCertVerificationError)

    play(RealWorld, tmp_path, scene)


def test_older_tls_is_refused_by_both_ends(tmp_path: Path) -> None:
    """TLS 1.3 only: the server refuses a client that speaks at most 1.2, and a client's context allows no less."""

    async def scene(world: RealWorld) -> None:
        context = make_tls_context(keys_of("JPN"), server=public_of("USA"))
        assert context.minimum_version is ssl.TLSVersion.TLSv1_3
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(OutageError, match=r"link.unavailable"):
            await _connect(world, context)

    play(RealWorld, tmp_path, scene)


def test_a_replaced_leaf_needs_nothing_of_the_peers(tmp_path: Path) -> None:
    """The pin is the authority's: new leaves for client and server are accepted at once."""

    async def scene(world: RealWorld) -> None:
        renewed = LinkKeys(keys_of("JPN").seed, leaf_number=1)
        assert derive_part(renewed, b"client/1") != derive_part(renewed, b"client/0")
        await _connect(world, make_tls_context(renewed, server=public_of("USA")))
        await world.server.stop()
        world.server._keys = LinkKeys(keys_of("USA").seed, leaf_number=1)
        await world.server.start(world.peers)
        await _connect(world, make_tls_context(keys_of("JPN"), server=public_of("USA")))

    play(RealWorld, tmp_path, scene)


def test_a_server_that_says_too_much_is_cut_off() -> None:
    """A peer's server that announces, or sends without end, more than a permitted message costs no memory."""

    async def scene(talk: bytes) -> None:
        greeting = b'INFO {"server_id":"x","version":"2.15.1","headers":true,"max_payload":1048576}\r\n'

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(greeting)
            await reader.readuntil(b"PING\r\n")
            writer.write(b"PONG\r\n")
            await reader.readuntil(b"PING\r\n")
            writer.write(b"PONG\r\n")
            try:
                for _ in range(1_000):
                    writer.write(talk)
                    await writer.drain()
                    await asyncio.sleep(0)
            except ConnectionError:
                pass
            writer.close()

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _load(context, "USA")
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        wire = await Wire.connect(
            Endpoint("127.0.0.1", port),
            context=make_tls_context(keys_of("JPN"), server=public_of("USA")),
            login=bytes(32),
        )
        async with asyncio.timeout(PATIENCE_S):
            await wire.broken.wait()
        assert len(wire._client._ps.buf) < 4 * 1024 * 1024
        await wire.close()
        server.close()

    for talk in (b"MSG a 1 9999999999\r\n" + bytes(60_000), b"X" * 60_000):
        asyncio.run(scene(talk))


def _load(context: ssl.SSLContext, party: str) -> None:
    import tempfile

    keys = keys_of(party)
    leaf = issue_server_leaf(authority_seed=derive_part(keys, b"authority/1"), leaf_seed=derive_part(keys, b"server/0"))
    with tempfile.NamedTemporaryFile() as file:
        file.write(leaf.chain_pem + leaf.key_pem)
        file.flush()
        context.load_cert_chain(file.name)


def test_nothing_listens_beyond_loopback_unless_told_to(tmp_path: Path) -> None:
    """The bundled server is on 127.0.0.1 by default; no monitoring port is open."""

    async def scene(world: RealWorld) -> None:
        pid = world.server.pid
        assert pid is not None
        loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
        assert _find_listening(pid) == [f"{loopback}:{world.server.port:04X}"]

    play(RealWorld, tmp_path, scene)


def _find_listening(pid: int) -> list[str]:
    """Where a process listens, as Linux writes it."""
    held = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    tables = [Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    rows = [row.split() for table in tables for row in table]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held]
