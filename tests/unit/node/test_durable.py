"""What is written for the owner alone stays so under any umask, and is there after a crash."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.node.durable import sync_tree, write_private
from comity.node.store import Store


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A umask that takes nothing away from anybody."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files and folders that were made durable, as they are."""
    found: list[Path] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        found.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return found


def _find_exposed(folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.usefixtures("open_umask")
def test_a_store_in_an_open_folder_is_its_owners_alone(tmp_path: Path) -> None:
    """The file, its log, and both again where a store was made by another program; folders that are missing too."""
    tmp_path.chmod(0o755)
    path = tmp_path / "realms" / "one" / "store.db"
    for _ in range(2):
        store = Store(path, party="USA")
        store.set_mark("x", "y")
        assert {found.name for found in path.parent.iterdir()} >= {"store.db", "store.db-wal"}
        assert _find_exposed(tmp_path) == []
        store.close()
        path.chmod(0o644)
        path.with_name("store.db-wal").touch(mode=0o644)


@pytest.mark.usefixtures("open_umask")
def test_a_salvaged_store_is_its_owners_alone(tmp_path: Path) -> None:
    """The new file and the damaged one that stays beside it."""
    store = Store(tmp_path / "store.db", party="USA")
    store._file.salvage()
    store.set_mark("x", "y")
    assert len(list(tmp_path.iterdir())) > 2
    assert _find_exposed(tmp_path) == []
    store.close()


@pytest.mark.usefixtures("open_umask")
def test_a_file_is_durable_under_its_name(tmp_path: Path, synced: list[Path]) -> None:
    """First its bytes; after the rename the folder; and above it, whatever folder is new."""
    target = tmp_path / "a" / "b" / "vault"
    write_private(target, b"secret")
    assert synced == [tmp_path, tmp_path / "a", target.with_name("vault.new"), target.parent]
    assert _find_exposed(tmp_path) == []
    assert target.read_bytes() == b"secret"


def test_a_tree_is_durable_down_to_its_files(tmp_path: Path, synced: list[Path]) -> None:
    """Every file and every folder, the top last."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(b"1")
    sync_tree(tmp_path)
    assert set(synced) == {tmp_path / "a", tmp_path / "a" / "one", tmp_path}
    assert synced[-1] == tmp_path
