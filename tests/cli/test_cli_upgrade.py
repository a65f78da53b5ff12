"""`comity upgrade` as an operator types it, from each released format to an audit and a backup."""

from pathlib import Path

import pytest

from comity.node.layout import LAYOUT, find_layout
from kit.command import Json, Run
from kit.released import FORMATS, PASSPHRASE, REALM_FOLDER, unpack_home

RELEASED = sorted(int(path.name) for path in FORMATS.iterdir())


@pytest.fixture(params=RELEASED)
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home as a released version left it; its passphrase is in the environment."""
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    return unpack_home(tmp_path, format_=request.param)


def test_a_released_home_is_audited_upgraded_and_audited_alike(comity_json: Json, home: Path, tmp_path: Path) -> None:
    """The audit finds the same before and after, and in the home that the backup gives back."""
    _, before = comity_json("audit", home / REALM_FOLDER, "--open")
    assert before["verdict"]["code"] == "verdict.unwitnessed"
    assert comity_json("upgrade", "--home", home, "--check") == (1, {"layout": 1, "newest": LAYOUT, "steps": [2]})
    status, done = comity_json("upgrade", "--home", home)
    assert (status, done["layout"]) == (0, LAYOUT)
    assert comity_json("audit", home / REALM_FOLDER, "--open")[1] == before
    assert comity_json("restore", done["backup"], "--home", tmp_path / "as-it-was")[0] == 0
    assert find_layout(tmp_path / "as-it-was") == 1
    assert comity_json("audit", tmp_path / "as-it-was" / REALM_FOLDER, "--open")[1] == before
    assert comity_json("upgrade", "--home", home)[1]["steps"] == []


def test_a_node_is_told_to_wait_for_the_upgrade(comity: Run, home: Path) -> None:
    """Two lines, with the command that helps."""
    status, _, err = comity("node", "run", "--home", home)
    assert status == 2
    assert "comity: hint: run `comity upgrade`; it keeps a backup first [home.layout-older]" in err


def test_without_a_backup_nothing_is_upgraded(comity: Run, home: Path, tmp_path: Path) -> None:
    """Where it cannot be written, the home stays as it is."""
    (tmp_path / "b").write_text("mine")
    status, _, err = comity("upgrade", "--home", home, "--backup", tmp_path / "b")
    assert (status, "[backup.exists]" in err) == (2, True)
    assert find_layout(home) == 1
