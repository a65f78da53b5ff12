"""What a node runs on, over the API: versions, disk, backup, keys; contacts; call-outs that are tried."""

import os
from pathlib import Path

import pytest

from comity import __version__
from comity.api.contacts_view import show_contacts
from comity.api.desk import Desk
from comity.api.upkeep_view import show_node
from comity.base.instants import NEVER, Instant
from comity.node.contacts import CONTACTS_FILE, ContactsFile
from comity.node.marks import find_backed_up_at, note_backed_up
from comity.node.snapshot import SNAPSHOT_FILE
from kit.api import Apis
from kit.nodes import SUITE


def test_what_a_node_runs_on_is_shown(apis: Apis) -> None:
    """The own keys first, each party's newest in use; every own journal with its epoch; nothing where no folder is."""
    shown = apis.get("/v1/node")
    assert (shown["version"], shown["disk_free_bytes"], shown["store_size_bytes"]) == (__version__, -1, -1)
    assert [row["party"] for row in shown["keys"]] == ["USA", "JPN", "KOR"]
    assert all(row["is_in_use"] for row in shown["keys"])
    trust = apis.nodes["USA"].machine.ledger.trust
    assert shown["keys"][0]["node_key"] == trust.find_newest_node_keys("USA")[0].hex()
    assert {tuple(row["audience"]) for row in shown["epochs"]} >= {("JPN", "KOR", "USA")}


def test_disk_store_and_backup_are_those_of_the_folder(apis: Apis, tmp_path: Path) -> None:
    """What lies there, the warning feed's with it; a backup that was noted for this realm and for no other."""
    folder = tmp_path / "realms" / "exercise-x"
    folder.mkdir(parents=True)
    (folder / "store.db").write_bytes(b"x" * 1_000)
    (folder / "store.db-wal").write_bytes(b"x" * 10)
    (folder / "warning.db").write_bytes(b"x" * 200)
    (folder / "warning.pages").mkdir()
    (folder / "warning.pages" / "00000001").write_bytes(b"x" * 30_000)
    node = apis.nodes["USA"]
    (folder / SNAPSHOT_FILE).touch()
    os.utime(folder / SNAPSHOT_FILE, (node.now() / 1000 - 100, node.now() / 1000 - 100))
    desk = Desk(node, apis.nodes.items("USA"), pact_raw=b"", suite=SUITE, folder=folder)
    shown = show_node(desk)
    assert shown["store_size_bytes"] == 31_210
    assert shown["disk_free_bytes"] > 0
    assert shown["snapshot_age_s"] >= 99
    assert shown["backed_up_at"] == NEVER
    note_backed_up(tmp_path, "exercise/x", at=Instant(1_700_000_000_000))
    assert show_node(desk)["backed_up_at"] == 1_700_000_000_000
    assert find_backed_up_at(tmp_path, "exercise/y") == NEVER


@pytest.mark.parametrize("said", ["", "x", "-1", "1" * 40, "\xff"])
def test_a_note_of_a_backup_that_cannot_be_read_is_none(tmp_path: Path, said: str) -> None:
    """It is a note, and no reason to stop."""
    note_backed_up(tmp_path, "exercise/x", at=Instant(1))
    (tmp_path / "marks" / "exercise-x.backed-up").write_text(said, encoding="latin-1")
    assert find_backed_up_at(tmp_path, "exercise/x") in (NEVER, int("1" * 16))


def test_contacts_are_held_against_the_pact(apis: Apis, tmp_path: Path) -> None:
    """Where there is a file, and where there is none."""
    assert apis.get("/v1/contacts") == {"is_there": False, "contacts": [], "challenge": {}, "faults": [],
                                        "without": ["JPN", "KOR"]}  # fmt: skip
    file = tmp_path / CONTACTS_FILE
    file.write_text('[[contact]]\nparty = "JPN"\nreach = "1"\n[[contact]]\nparty = "X"\nreach = "2"\n')
    file.chmod(0o600)
    shown = show_contacts(apis.desks["USA"], ContactsFile(file))
    assert shown["without"] == ["KOR"]
    assert shown["faults"] == [{"why": "party", "row": 2, "what": "X"}]


def test_a_call_out_that_is_none_is_not_tried(apis: Apis) -> None:
    """It is refused by its code, and nothing is called."""
    refused = apis.call("POST", "/v1/alarms/test", json={"callout": "pager"})
    assert refused.json()["code"] == "callout.unknown"


def test_what_waits_for_an_officer_is_in_the_status(apis: Apis) -> None:
    """None here; how much and since when where something was put in (`test_deposits`)."""
    assert apis.get("/v1/status")["deposits_waiting"] == {"count": 0, "object_count": 0, "since_at": 0}
