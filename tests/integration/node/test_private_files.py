"""What a home and its running node write is for their owner alone, whatever the umask permits."""

import os
from pathlib import Path

import pytest

from comity.cli.demo.stage import Stage
from kit.stage import Teller

pytestmark = pytest.mark.server


def test_no_file_or_folder_follows_the_umask(tmp_path: Path) -> None:
    """Homes, stores with their logs, marks, snapshots, tokens; of the outbox its folder, which nobody else enters."""
    before = os.umask(0)
    try:
        stage = Stage(tmp_path / "homes")
        stage.build()
        with stage.running():
            Teller(stage).insist("USA")
            while_running = _find_exposed(stage.home("USA"))
        assert while_running == _find_exposed(stage.home("USA")) == []
    finally:
        os.umask(before)


def _find_exposed(home: Path) -> list[str]:
    found = [path for path in (home, *home.rglob("*")) if "outbox" not in path.relative_to(home).parts[:-1]]
    assert {"store.db", "outbox", "token"} <= {path.name for path in found}
    return [path.name for path in found if path.stat().st_mode & 0o077 and path.name != "node.log"]
