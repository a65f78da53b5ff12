"""The outbox's server as a child of the node: found, configured, started, reloaded, stopped.

What must hold (docs/spec/transport.md, T17 to T19):

- It dies with its node: on Linux the kernel signals it when its parent dies, and if that failed, the next start finds
  the old one by its pid file and stops it first. Two servers on one folder would damage it. On other systems a server
  that was left behind holds the port, and the start fails with `outbox.port-taken`.
- It comes back where it was: a port that the system chose at the first start is kept, because the peers were told.
  Where the operator names one, that is taken, whatever it was before.
- It may be killed at any moment. What it had not yet written is in the page store, which is the truth.

In production the party may run a server or a cluster of its own; then this file is not used, and the same accounts file
is installed there.
"""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.crypto.link import LinkKeys, derive_part, get_link_public
from comity.crypto.tls import issue_server_leaf
from comity.node.accounts import Peer, format_accounts, format_authorities_of, format_server
from comity.node.ending import end_child
from comity.node.room import no_room_is_outage

__all__ = ["ServerChild", "find_server_program"]

START_S_MAX: Final = 20.0
"""Until the server listens: it reads its streams first, which takes a second for each gigabyte or so."""
STOP_S_MAX: Final = 10.0
_POLL_S: Final = 0.05


def find_server_program() -> Path:
    """Find `nats-server`: beside the running Python, where its wheel puts it, else on the PATH.

    Raises:
        UsageError: `outbox.no-server-program`.
    """
    name = "nats-server.exe" if sys.platform == "win32" else "nats-server"
    beside = Path(sys.executable).parent / name
    if beside.is_file():
        return beside
    found = shutil.which(name)
    if found is None:
        raise UsageError("outbox.no-server-program")
    return Path(found)


class ServerChild:
    """One server in one folder. Made for one event loop; the folder is the server's alone."""

    def __init__(self, folder: Path, keys: LinkKeys, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Prepare; nothing is written yet. `port` 0 lets the system choose at the first start, and keeps the choice."""
        self._folder = folder
        self._keys = keys
        self._own = get_link_public(keys)
        self.host = host
        self._wanted_port = port
        self._child: asyncio.subprocess.Process | None = None

    @property
    def port(self) -> int:
        """The port, known after the first start."""
        return int((self._folder / "port").read_text())

    @property
    def pid(self) -> int | None:
        """The running child's process id."""
        return None if self._child is None or self._child.returncode is not None else self._child.pid

    async def start(self, peers: Sequence[Peer]) -> None:
        """Start the server for these readers and return once it listens.

        An old server on this folder, left by a node that was killed, is stopped first.

        Raises:
            UsageError: `outbox.no-server-program`, `outbox.login-shared`.
            OutageError: `outbox.port-taken`, `outbox.not-started`; `store.full` where its files find no room.
        """
        assert self.pid is None, "started twice"
        program = find_server_program()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._stop_old()
        with no_room_is_outage():
            port = self._prepare(peers)
        self._child = await asyncio.create_subprocess_exec(
            *_tie_to_parent((str(program), "--config", "server.conf")),
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        await self._wait_until_listening(port)

    def _prepare(self, peers: Sequence[Peer]) -> int:
        """Write what the server reads at its start; return the port where it will listen."""
        port = self._choose_port()
        leaf = issue_server_leaf(
            authority_seed=derive_part(self._keys, b"authority/1"),
            leaf_seed=derive_part(self._keys, b"server/%d" % self._keys.leaf_number),
        )
        self._write("server.pem", leaf.chain_pem)
        self._write("server.key", leaf.key_pem)
        self._write_peers(peers)
        self._write("server.conf", format_server(host=self.host, port=port).encode())
        return port

    async def reload(self, peers: Sequence[Peer]) -> None:
        """Replace the readers. Those that stay keep their connections; those that go are cut off.

        Raises:
            OutageError: `outbox.unavailable`, if the server is not running.
        """
        if self._child is None or self._child.returncode is not None:
            raise OutageError("outbox.unavailable")
        self._write_peers(peers)
        self._child.send_signal(signal.SIGHUP)

    async def stop(self) -> None:
        """Stop the server and wait for it; it is killed if it does not go."""
        if self._child is None:
            return
        if self._child.returncode is None:
            self._child.terminate()
        await end_child(self._child, patience_s=STOP_S_MAX)
        self._child = None

    def kill(self) -> None:
        """End the server at once, so that whoever waits for its end starts it anew."""
        if self._child is not None and self._child.returncode is None:
            self._child.kill()

    async def wait(self) -> None:
        """Wait until the child has ended, for whatever reason."""
        if self._child is not None:
            await self._child.wait()

    def _write(self, name: str, content: bytes) -> None:
        descriptor = os.open(self._folder / f"{name}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        (self._folder / f"{name}.new").replace(self._folder / name)

    def _write_peers(self, peers: Sequence[Peer]) -> None:
        self._write("accounts.conf", format_accounts(self._keys, self._own, peers).encode())
        self._write("authorities.pem", format_authorities_of(self._own, peers).encode())

    def _choose_port(self) -> int:
        file = self._folder / "port"
        port = self._wanted_port or (int(file.read_text()) if file.exists() else 0)
        with socket.socket() as probe:
            # Without this, connections that the killed server left in TIME_WAIT would look like another program.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, port))
            except OSError as error:
                raise OutageError("outbox.port-taken", port=port) from error
            port = int(probe.getsockname()[1])
        self._write("port", str(port).encode())
        return port

    async def _wait_until_listening(self, port: int) -> None:
        assert self._child is not None
        loop = asyncio.get_running_loop()
        until = loop.time() + START_S_MAX
        while loop.time() < until and self._child.returncode is None:
            try:
                _, writer = await asyncio.open_connection(self.host, port)
            except OSError:
                await asyncio.sleep(_POLL_S)
                continue
            writer.close()
            return
        await self.stop()
        raise OutageError("outbox.not-started", log="server.log")

    async def _stop_old(self) -> None:
        """Stop a server that an earlier node left on this folder."""
        pid = _find_old(self._folder)
        if pid is None:
            return
        for signal_, patience_s in ((signal.SIGTERM, STOP_S_MAX), (signal.SIGKILL, STOP_S_MAX)):
            _send(pid, signal_)
            waited_s = 0.0
            while waited_s < patience_s:
                if _find_old(self._folder) is None:
                    return
                await asyncio.sleep(_POLL_S)
                waited_s += _POLL_S
        raise OutageError("outbox.not-started", log="server.log")


def _find_old(folder: Path) -> int | None:
    """Return the pid in the folder's pid file if that is a live server *of this folder*: pids are used again."""
    try:
        pid = int((folder / "server.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        is_here = Path(f"/proc/{pid}/cwd").resolve() == folder.resolve()
    except (OSError, ValueError):
        return None
    return pid if is_here and b"nats-server" in command else None


def _send(pid: int, signal_: signal.Signals) -> None:
    try:
        os.kill(pid, signal_)
    except ProcessLookupError:
        return


_TIED: Final = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGTERM
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)  # the parent died in between, and nobody would tell us
os.execv(sys.argv[2], sys.argv[2:])
"""


def _tie_to_parent(command: Sequence[str]) -> tuple[str, ...]:
    """Return the command by which a program ends when this process does, where the kernel can be asked for that.

    A small program asks, and becomes the other one. Nothing of ours runs between fork and exec: a process with threads
    may hang there for ever, and its parent with it. The kernel ties the wish to the *thread* that forks: start the
    server from a thread that lives as long as the node.
    """
    if sys.platform != "linux":
        return tuple(command)
    return (sys.executable, "-I", "-S", "-c", _TIED, str(os.getpid()), *command)
