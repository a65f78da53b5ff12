"""A home of every released format runs on this version: upgraded, a node starts on it, says something, is audited."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comity.base.errors import ComityError
from comity.cli.asking import Client
from comity.cli.commands import run
from comity.node.home import find_free_port
from kit.patience import PATIENCE_S, wait
from kit.released import FORMATS, PARTY, PASSPHRASE, REALM, REALM_FOLDER, find_page_count, unpack_home
from kit.stage import CALL

pytestmark = pytest.mark.server


@pytest.mark.parametrize("format_", sorted(int(path.name) for path in FORMATS.iterdir()))
def test_a_node_runs_on_an_upgraded_home(format_: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every page that it had, and with what it says now; what is on the record then passes the audit."""
    home = unpack_home(tmp_path, format_=format_)
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    assert run(["upgrade", "--home", str(home)]) == 0
    (home / REALM_FOLDER / "reach.toml").write_text(f'{PARTY} = "127.0.0.1:{find_free_port("127.0.0.1")}"\n')
    command = [sys.executable, "-m", "comity.cli", "node", "run", "--home", str(home)]
    with (tmp_path / "log").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "COMITY_LANG": "en"})
    try:
        client = _connect(home)
        status = client.get("/v1/status")
        assert status["is_in_force"]
        assert status["page_count"] >= find_page_count(format_)
        wait(lambda: not client.get("/v1/status")["closed"])
        (id_,) = client.state((PARTY,), CALL)
        assert client.find_row(id_) is not None
        client.close()
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=PATIENCE_S)
    assert child.returncode == 0, (tmp_path / "log").read_text()
    assert run(["audit", str(home), "--realm", REALM, "--open"]) == 0


def _connect(home: Path) -> Client:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            client = Client(home, REALM)
            client.get("/v1/status")
        except ComityError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return client
