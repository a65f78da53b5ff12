"""The mark outside the store: what is suspect at a start, and that a suspicion is not lost (J22)."""

from pathlib import Path

import pytest

from comity.node.mark import Mark
from comity.node.marks import Marked, find_mark_path, mark_new_keys, read_mark, suspect_store, write_mark
from comity.node.store import Store
from kit.nodes import REALM
from kit.released import PARTY, REALM_FOLDER, unpack_home

VERSIONS = frozenset({b"one", b"two"})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store in which nothing was ever stored."""
    return Store(tmp_path / "store.db", party="USA")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the mark lies."""
    return find_mark_path(tmp_path, REALM)


def _read(path: Path) -> Marked:
    marked = read_mark(path)
    assert marked is not None
    return marked


def test_a_store_with_new_keys_is_no_older_than_its_mark(store: Store, path: Path, tmp_path: Path) -> None:
    """The ceremony that drew the keys says that nothing was said; each start counts, in both places."""
    mark_new_keys(tmp_path, REALM)
    for number in (1, 2):
        assert not Mark(path).begin(store, VERSIONS)
        assert _read(path).starts == int(store.find_mark("starts") or 0) == number


def test_an_empty_store_without_a_mark_may_be_older_than_its_keys(store: Store, path: Path) -> None:
    """A backup made before the first start holds nothing, and its keys may have spoken since."""
    assert Mark(path).begin(store, VERSIONS)
    assert _read(path).is_suspect


def test_a_store_from_before_there_were_marks_is_not_suspect_for_want_of_one(tmp_path: Path) -> None:
    """It has pages and never counted a start."""
    home = unpack_home(tmp_path)
    store = Store(home / REALM_FOLDER / "store.db", party=PARTY)
    assert not Mark(tmp_path / "mark").begin(store, VERSIONS)
    assert Mark(tmp_path / "another").begin(store, VERSIONS)  # now it did
    store.close()


def test_a_suspicion_is_noted_before_the_store_no_longer_shows_it(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that dies between the two finds the same again: the store would have caught up with the mark."""
    write_mark(path, Marked(5, 0, is_suspect=False))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "set_mark", die)
        with pytest.raises(KeyboardInterrupt):
            Mark(path).begin(store, VERSIONS)
    assert _read(path).is_suspect


def test_a_suspicion_that_cannot_be_noted_is_found_again(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk has no room for the mark: the store does not count this start, so that the next one sees as much."""
    write_mark(path, Marked(5, 0, is_suspect=False))

    def fail(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("comity.node.mark.write_mark", fail)
        assert Mark(path).begin(store, VERSIONS)
    assert Mark(path).begin(store, VERSIONS)
    assert _read(path).is_suspect


def test_a_store_that_was_put_back_stays_suspect(store: Store, path: Path, tmp_path: Path) -> None:
    """Whatever was there, and however often it is started; the counts of a mark that is there stay."""
    mark_new_keys(tmp_path, REALM)
    Mark(path).begin(store, VERSIONS)
    suspect_store(tmp_path, REALM)
    assert _read(path) == Marked(1, 0, is_suspect=True)
    assert Mark(path).begin(store, VERSIONS)
    assert Mark(path).begin(store, VERSIONS)


def test_a_store_that_was_old_is_so_again_under_a_version_that_came_since(store: Store, path: Path) -> None:
    """Readers were asked for the circles known then: under a version accepted anew the node may have spoken before."""
    write_mark(path, Marked(0, 0, is_suspect=False, reckoned_under=VERSIONS))
    assert not Mark(path).begin(store, VERSIONS)
    assert not Mark(path).begin(store, frozenset({b"one"}))
    assert _read(path).reckoned_under == VERSIONS
    assert Mark(path).begin(store, VERSIONS | {b"three"})
    write_mark(path, Marked(0, 0, is_suspect=False))
    assert not Mark(path).begin(store, VERSIONS)  # it was never old: what it accepts, it accepts for the first time
