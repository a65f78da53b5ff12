"""`comity backup` and `comity restore` as an operator types them."""

from pathlib import Path

import pytest

from comity.node.store import Store
from kit.command import Json, Run
from kit.released import PARTY, PASSPHRASE, REALM_FOLDER, find_page_count, unpack_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A played home whose passphrase is in the environment."""
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    return unpack_home(tmp_path)


def test_backup_verify_restore(comity: Run, home: Path, tmp_path: Path) -> None:
    """Three commands; the file is named after party and instant, the new home has every page."""
    (tmp_path / "backups").mkdir()
    status, out, err = comity("backup", tmp_path / "backups", "--home", home)
    assert (status, err) == (0, "")
    (file,) = (tmp_path / "backups").iterdir()
    assert file.name.startswith("JPN-2")
    assert file.name.endswith("Z.comity-backup")
    assert f"{REALM_FOLDER}/store.db" in out
    status, out, err = comity("backup", "verify", file)
    assert (status, err) == (0, "")
    assert "The backup is whole" in out
    status, out, err = comity("restore", file, "--home", tmp_path / "new")
    assert (status, err) == (0, "")
    assert "Make sure that no other node of JPN runs" in out
    store = Store(tmp_path / "new" / REALM_FOLDER / "store.db", party=PARTY)
    assert store.count_pages() == find_page_count()
    store.close()


def test_json_says_what_opens_it(comity_json: Json, home: Path, tmp_path: Path) -> None:
    """For a script that makes one every night."""
    status, made = comity_json("backup", tmp_path / "b", "--home", home)
    assert status == 0
    assert made["opens_with"] == ["passphrase", "recovery"]
    assert [row["page_count"] for row in made["stores"]] == [find_page_count()]
    assert made["has_root"] is False
    assert comity_json("backup", "verify", tmp_path / "b")[0] == 0


def test_a_root_vault_opens_a_backup_without_its_passphrase(
    comity_json: Json, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home's passphrase opens the root's vault, and its recovery key the backup."""
    (tmp_path / "words").write_text("kept in another building\n")
    comity_json("backup", tmp_path / "b", "--home", home, "--passphrase-file", tmp_path / "words")
    status, refused = comity_json("backup", "verify", tmp_path / "b")
    assert (status, refused["error"]) == (2, "backup.not-opened")
    assert comity_json("backup", "verify", tmp_path / "b", "--passphrase-file", tmp_path / "words")[0] == 0
    monkeypatch.setenv("COMITY_BACKUP_PASSPHRASE", "kept in another building")
    assert comity_json("backup", "verify", tmp_path / "b")[0] == 0
    monkeypatch.delenv("COMITY_BACKUP_PASSPHRASE")
    assert comity_json("backup", "verify", tmp_path / "b", "--root-vault", home / "root.vault")[0] == 0


def test_the_key_beside_an_unattended_home_is_not_what_opens_its_backup(
    comity_json: Json, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be lost with the disk; the root opens it, and the command says so."""
    monkeypatch.delenv("COMITY_PASSPHRASE")
    (home / "unlock.key").write_text(PASSPHRASE)
    (home / "home.toml").write_text('party = "JPN"\nunlock = "unattended"\n')
    status, made = comity_json("backup", tmp_path / "b", "--home", home)
    assert (status, made["opens_with"]) == (0, ["recovery"])
    assert comity_json("backup", "verify", tmp_path / "b", "--root-vault", home / "root.vault")[0] == 0


def test_errors_are_two_lines(comity: Run, home: Path, tmp_path: Path) -> None:
    """What is wrong, and what to do about it."""
    (tmp_path / "b").write_text("mine")
    status, _, err = comity("backup", tmp_path / "b", "--home", home)
    assert status == 2
    assert "comity: error: there is a file of that name already" in err
    assert "comity: hint: name another; nothing is overwritten [backup.exists]" in err
    status, _, err = comity("backup", "verify", tmp_path / "b")
    assert (status, "[backup.malformed]" in err) == (3, True)
    assert comity("backup")[0] == 2
