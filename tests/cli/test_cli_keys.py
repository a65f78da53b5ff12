"""`comity key` and `comity root` as an operator types them, on homes whose nodes are stopped."""

from pathlib import Path

import pytest

from comity.node.home import open_home
from kit.command import Json, Run
from kit.nodes import REALM, AllAccepted, copy_homes


@pytest.fixture
def home(accepted: AllAccepted, tmp_path: Path) -> Path:
    """USA's home, which has accepted the pact and was never started."""
    return copy_homes(accepted, tmp_path) / "USA"


def test_a_key_is_replaced_and_listed(comity: Run, comity_json: Json, home: Path) -> None:
    """The list shows which key is in use; each replacement is another incarnation with another key."""
    for number in (1, 2):
        status, done = comity_json("key", "replace", "--home", home, "--realm", REALM)
        assert (status, done["incarnation"], done["realm"]) == (0, number, REALM)
        assert [closure["feed"] for closure in done["closures"]] == ["genesis"]
    status, rows = comity_json("key", "list", "--home", home)
    assert status == 0
    assert [(row["incarnation"], row["in_use"]) for row in rows] == [(0, False), (1, False), (2, True)]
    assert len({row["node_key"] for row in rows}) == 3
    assert len(open_home(home).get_realm_secrets(REALM).receiving) == 3
    status, out, _ = comity("key", "list", "--home", home)
    assert status == 0
    assert "in use" in out
    status, out, _ = comity("key", "replace", "--home", home, "--stolen-since", "251200Z NOV 26")
    assert status == 0
    assert "the new one speaks as incarnation 3" in out


def test_the_root_is_succeeded_by_the_next(comity: Run, comity_json: Json, home: Path) -> None:
    """A new card with other words, of a higher serial; the vault holds the new root and another next."""
    _, next_root = open_home(home).get_root()
    status, done = comity_json("root", "succeed", "--home", home)
    assert (status, done["serial"], done["realms"], len(done["words"])) == (0, 2, [REALM], 12)
    assert open_home(home).get_root()[0] == next_root
    status, out, _ = comity("root", "succeed", "--home", home)
    assert status == 0
    assert "The next root has taken over" in out


def test_without_the_root_nothing_is_signed(comity: Run, home: Path) -> None:
    """The vault is offline: the error says so, and no file has changed."""
    (home / "root.vault").unlink()
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and "store.db" not in path.name}
    for arguments in (("key", "replace"), ("root", "succeed")):
        status, _, err = comity(*arguments, "--home", home)
        assert (status, "home.root-offline" in err) == (2, True)
    assert before == {
        path: path.read_bytes() for path in home.rglob("*") if path.is_file() and "store.db" not in path.name
    }


def test_keys_are_asked_for_at_a_running_node(comity: Run, home: Path) -> None:
    """Without a node there is nobody to ask: the error says so."""
    status, _, err = comity("key", "request", "--home", home)
    assert status == 4
    assert "api.unreachable" in err
