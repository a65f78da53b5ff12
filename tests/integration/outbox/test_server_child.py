"""The server as the node's child: where it listens, who stops it, what survives."""

import asyncio
import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comity.base.errors import OutageError, UsageError
from comity.node.home import find_free_port
from comity.node.server import ServerChild, find_server_program
from kit.outbox import RealWorld, keys_of, pages, peer_of, play, publish_all, stream_of, take
from kit.patience import PATIENCE_S, until

pytestmark = pytest.mark.server

PAIR = stream_of("USA", "JPN")


def test_the_server_comes_back_on_its_port_with_its_pages(tmp_path: Path) -> None:
    """The port is chosen once, since peers were told; a stop and a kill alike lose nothing acknowledged."""

    async def scene(world: RealWorld) -> None:
        port = world.server.port
        await world.outbox.ensure_stream(PAIR, ["JPN"])
        await publish_all(world.outbox, PAIR, pages(5))
        await world.server.stop()
        await world.recover()
        await world.break_down()
        await world.recover()
        assert world.server.port == port
        assert await world.outbox.ensure_stream(PAIR, ["JPN"]) == 5
        assert await take(world.link("JPN"), [PAIR], 5) == pages(5)

    play(RealWorld, tmp_path, scene)


def test_the_operators_port_goes_before_the_one_that_was_kept(tmp_path: Path) -> None:
    """A home whose address was changed listens there at its next start."""

    async def scene(world: RealWorld) -> None:
        before, port = world.server.port, find_free_port("127.0.0.1")
        await world.server.stop()
        moved = ServerChild(tmp_path / "outbox", keys_of("USA"), port=port)
        await moved.start(world.peers)
        await moved.stop()
        assert port == moved.port != before

    play(RealWorld, tmp_path, scene)


def test_a_server_whose_files_find_no_room_is_an_outage_and_starts_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever keeps it running goes on trying: with a bare OSError it would be given up for good."""

    async def scene(world: RealWorld) -> None:
        await world.server.stop()
        with monkeypatch.context() as full:

            def find_no_room(*_: object) -> None:
                raise OSError(errno.ENOSPC, "no room")

            full.setattr(ServerChild, "_write", find_no_room)
            with pytest.raises(OutageError, match=r"store\.full"):
                await world.server.start(world.peers)
        await world.server.start(world.peers)
        assert world.server.pid is not None

    play(RealWorld, tmp_path, scene)


def test_only_the_owner_may_read_the_servers_files(tmp_path: Path) -> None:
    """Keys, accounts and the folder itself are private."""

    async def scene(world: RealWorld) -> None:
        folder = tmp_path / "outbox"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for name in ("server.key", "server.pem", "server.conf", "accounts.conf", "authorities.pem", "port"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        assert world.server.pid is not None

    play(RealWorld, tmp_path, scene)


def test_a_reader_is_added_and_removed_without_disturbing_others(tmp_path: Path) -> None:
    """A reload under TLS: the newcomer gets in, the others stay connected, one that goes is cut off."""

    async def scene(world: RealWorld) -> None:
        world.peers = [peer_of("JPN")]
        await world.server.reload(world.peers)
        await until(lambda: "Reloaded" in (tmp_path / "outbox" / "server.log").read_text())
        jpn = await world.wire("JPN")
        with pytest.raises(OutageError, match=r"link.unavailable"):
            await world.wire("KOR")
        await world.server.reload([peer_of("JPN"), peer_of("KOR")])
        kor = None
        while kor is None:
            try:
                kor = await world.wire("KOR")
            except OutageError:
                await asyncio.sleep(0.05)
        assert [jpn.broken.is_set(), kor.broken.is_set()] == [False, False]
        await world.server.reload([peer_of("KOR")])
        async with asyncio.timeout(PATIENCE_S):
            await jpn.broken.wait()
        assert not kor.broken.is_set()

    play(RealWorld, tmp_path, scene)


_NODE = """
import asyncio, sys
from pathlib import Path
from comity.node.home import find_free_port
from comity.node.server import ServerChild
from kit.outbox import keys_of

async def run():
    server = ServerChild(Path(sys.argv[1]), keys_of("USA"))
    await server.start([])
    print(server.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(run())
"""


def _start_node(folder: Path) -> tuple[subprocess.Popen[str], int]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", _NODE, str(folder)]
    node = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert node.stdout is not None
    pid = int(node.stdout.readline())
    node.stdout.close()
    return node, pid


def _is_running(pid: int) -> bool:
    try:
        return b"nats-server" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal at a parent's death is Linux's")
def test_the_server_dies_with_its_node(tmp_path: Path) -> None:
    """A node that is killed with no chance to tidy up leaves no server behind."""
    node, pid = _start_node(tmp_path / "outbox")
    assert _is_running(pid)
    node.kill()
    node.wait()
    for _ in range(200):
        if not _is_running(pid):
            break
        time.sleep(0.05)
    assert not _is_running(pid)


def test_a_server_left_behind_is_stopped_by_the_next_start(tmp_path: Path) -> None:
    """Where the kernel did not end it, the pid file finds it: two servers never share a folder."""

    async def run() -> None:
        folder = tmp_path / "outbox"
        left = ServerChild(folder, keys_of("USA"))
        await left.start([])
        left_pid, port = left.pid, left.port
        assert left_pid is not None
        following = ServerChild(folder, keys_of("USA"))
        await following.start([])
        await left.wait()
        assert following.pid != left_pid
        assert following.port == port
        await following.stop()
        await left.stop()

    asyncio.run(run())


def test_a_pid_file_that_names_another_program_harms_nobody(tmp_path: Path) -> None:
    """Pids are used again: only a server of this very folder is stopped."""
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    folder = tmp_path / "outbox"
    folder.mkdir()
    (folder / "server.pid").write_text(str(bystander.pid))

    async def run() -> None:
        server = ServerChild(folder, keys_of("USA"))
        await server.start([])
        await server.stop()

    asyncio.run(run())
    assert bystander.poll() is None
    bystander.send_signal(signal.SIGKILL)
    bystander.wait()


def test_a_port_that_another_program_took_is_named(tmp_path: Path) -> None:
    """The announced port is not changed behind the operator's back."""

    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            server = ServerChild(tmp_path / "outbox", keys_of("USA"), port=other.getsockname()[1])
            with pytest.raises(OutageError, match=r"outbox.port-taken"):
                await server.start([])

    asyncio.run(run())


def test_a_server_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    """Damaged settings end in an outage that names the log, with no process left."""

    async def run() -> None:
        server = ServerChild(tmp_path / "outbox", keys_of("USA"))
        await server.start([])
        await server.stop()
        (tmp_path / "outbox" / "jetstream").rename(tmp_path / "elsewhere")
        (tmp_path / "outbox" / "jetstream").write_text("not a folder")
        with pytest.raises(OutageError, match=r"outbox.not-started"):
            await server.start([])
        assert server.pid is None

    asyncio.run(run())


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither beside Python nor on the PATH: the operator is told what to install."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"outbox.no-server-program"):
        find_server_program()
