"""A large file between real nodes, over real servers, which are killed in the middle (R40, R41, T22)."""

import contextlib
import random
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import OutageError
from comity.base.names import Party
from comity.cli.demo.stage import REALM, Stage
from kit.command import start_comity
from kit.patience import wait
from kit.stage import Teller

pytestmark = pytest.mark.server

SIZE_BYTES = 40 * 1024 * 1024
DRAFT = """
[[portion]]
level = "USA-S"
topics = ["dprk-missile"]
text = "The recording is attached."
"""
MARKED = ("--level", "USA-S", "--topic", "dprk-missile")


def _comity(stage: Stage, party: Party, *arguments: object) -> Any:
    done = start_comity("item", *arguments, "--home", stage.home(party), "--realm", REALM)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _find_progress(stage: Stage, party: Party) -> tuple[int, int]:
    """How many chunks are here, and of how many; nothing while the node does not answer."""
    try:
        with contextlib.closing(stage.connect(party)) as client:
            rows = [row["attachments"] for row in client.get("/v1/items")]
    except OutageError:
        return 0, 0
    return (rows[0]["here"], rows[0]["total"]) if rows else (0, 0)


def test_a_file_arrives_whole_though_both_nodes_are_killed_in_the_middle(stage: Stage, tmp_path: Path) -> None:
    """Reader and giver are killed while it is on its way; a statement that is made meanwhile is not held up by it."""
    content = random.Random(17).randbytes(SIZE_BYTES)
    draft, recording = tmp_path / "draft.toml", tmp_path / "recording.bin"
    draft.write_text(DRAFT, encoding="utf-8")
    recording.write_bytes(content)
    teller = Teller(stage)
    with stage.running():
        out = _comity(stage, "USA", "compose", draft, "--attach", recording, *MARKED, "--to", "KOR")
        assert "given to KOR" in out
        for party in ("KOR", "USA"):
            before = _find_progress(stage, "KOR")[0]
            wait(lambda before=before: _has_moved(stage, before))  # type: ignore[misc]
            stage.kill(party)
            stage.start(party)
        said = teller.insist("JPN")
        wait(lambda: teller.is_at("KOR", said))
        wait(lambda: _find_progress(stage, "KOR") == (80, 80))
        with contextlib.closing(stage.connect("KOR")) as client:
            (row,) = client.get("/v1/items")
        saved = tmp_path / "saved.bin"
        _comity(stage, "KOR", "save", row["item"][:12], 2, "--to", saved)
        assert saved.read_bytes() == content
        for party in ("KOR", "USA"):
            with contextlib.closing(stage.connect(party)) as client:
                assert client.get("/v1/status")["stopped_by"] == ""


def _has_moved(stage: Stage, before: int) -> bool:
    here, total = _find_progress(stage, "KOR")
    return here > before or (total > 0 and here == total)
