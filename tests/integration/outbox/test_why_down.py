"""Why a link is down is told apart at real servers, because what to do about each is another thing."""

import socket
from pathlib import Path

import pytest

from comity.crypto.link import LinkKeys, LinkPublic
from comity.node.link import JetStreamLink
from comity.node.stream import Reader
from comity.node.wire import Endpoint
from kit.outbox import RealWorld, keys_of, play, public_of, reader_of
from kit.patience import until

pytestmark = pytest.mark.server


async def _find_why(endpoint: Endpoint, keys: LinkKeys, *, server: LinkPublic, reader: Reader) -> str:
    """Let a link try until it met something; return what that was."""
    link = JetStreamLink(endpoint, keys, server=server, reader=reader)
    link._session.start()
    try:
        await until(lambda: link.is_up or link.why_down != "")
        return "up" if link.is_up else link.why_down
    finally:
        await link.close()


def test_each_reason_is_told_apart(tmp_path: Path) -> None:
    """Nobody there; another server than the pinned one; a server that has no card of ours; a login that it lacks."""

    async def scene(world: RealWorld) -> None:
        usa, jpn = public_of("USA"), keys_of("JPN")
        assert await _find_why(world.endpoint, jpn, server=usa, reader=reader_of("JPN")) == "up"
        assert await _find_why(world.endpoint, jpn, server=public_of("KOR"), reader=reader_of("JPN")) == "pin"
        stranger = keys_of("STRANGER")
        assert await _find_why(world.endpoint, stranger, server=usa, reader=reader_of("JPN")) == "tls"
        elsewhere = reader_of("JPN", realm="exercise/elsewhere")
        assert await _find_why(world.endpoint, jpn, server=usa, reader=elsewhere) == "login"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            nobody = Endpoint("127.0.0.1", probe.getsockname()[1])
        assert await _find_why(nobody, jpn, server=usa, reader=reader_of("JPN")) == "unreachable"

    play(RealWorld, tmp_path, scene)


def test_a_server_that_hangs_up_is_not_reached_and_one_without_tls_neither(tmp_path: Path) -> None:
    """A port on which something else listens: no keys are involved, and none are blamed."""
    import asyncio

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"INFO {}\r\n")
        writer.close()

    async def scene(world: RealWorld) -> None:
        del world
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        endpoint = Endpoint("127.0.0.1", server.sockets[0].getsockname()[1])
        why = await _find_why(endpoint, keys_of("JPN"), server=public_of("USA"), reader=reader_of("JPN"))
        assert why == "tls"
        server.close()

    play(RealWorld, tmp_path, scene)
