"""A party's own cluster: three real servers on loopback, installed from what `comity outbox config` writes."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from comity.base.names import Party
from comity.cli.commands import run
from comity.cli.demo.stage import REALM, Stage
from comity.node.home import find_free_port
from comity.node.server import find_server_program
from kit.patience import wait

__all__ = ["ServerRow", "running_cluster"]

LOOPBACK = "127.0.0.1"


class ServerRow:
    """The servers of one cluster, each of which can be killed and started again."""

    def __init__(self, folders: list[Path], ports: list[tuple[int, int]]) -> None:
        self.folders = folders
        self.ports = ports
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def __len__(self) -> int:
        return len(self.folders)

    def start(self, number: int) -> None:
        """Start one server."""
        command = [str(find_server_program()), "--config", "server.conf"]
        self._children[number] = subprocess.Popen(
            command, cwd=self.folders[number], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self, number: int) -> None:
        """Kill one server with SIGKILL."""
        child = self._children.pop(number)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    def stop(self) -> None:
        """Kill those that still run."""
        for number in list(self._children):
            self.kill(number)


@contextlib.contextmanager
def running_cluster(stage: Stage, party: Party) -> Iterator[ServerRow]:
    """Give a party of a stage that does not run yet a cluster of three, and tell its peers where it is."""
    ports = [(find_free_port(LOOPBACK), find_free_port(LOOPBACK)) for _ in range(3)]
    rows = [f'[[server]]\nlisten = "{LOOPBACK}:{a}"\nroute = "{LOOPBACK}:{b}"\n' for a, b in ports]
    (stage.realm_path(party) / "outbox.toml").write_text("replicas = 3\n\n" + "\n".join(rows))
    out = stage.folder / "servers"
    place = ["--home", str(stage.home(party)), "--realm", REALM]
    assert run(["outbox", "config", *place, "--out", str(out)]) == 0
    listed = ", ".join(f'"{LOOPBACK}:{a}"' for a, _ in ports)
    for other in stage.parties:
        if other != party:
            (stage.realm_path(other) / "reach.toml").write_text(f"{party} = [{listed}]\n")
    servers = ServerRow(sorted(out.iterdir()), ports)
    try:
        for number in range(3):
            servers.start(number)
        wait(lambda: all((folder / "server.pid").exists() for folder in servers.folders))
        yield servers
    finally:
        servers.stop()
