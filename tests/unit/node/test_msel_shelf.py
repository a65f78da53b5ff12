"""Lists of injects at a node (docs/spec/exercise.md, E26)."""

from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.node.msel_shelf import DRAFT_COUNT_MAX, LIST_COUNT_MAX, MselShelf

DIGEST = b"\x07" * 32


@pytest.fixture(params=["in a folder", "in memory"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> MselShelf:
    """An empty one, in a folder or in memory."""
    return MselShelf(tmp_path / "injects" if request.param == "in a folder" else None)


def test_drafts_are_kept_by_name_and_taken_away(shelf: MselShelf) -> None:
    """Whatever is in them, sound or not."""
    assert shelf.list_drafts() == ()
    shelf.put_draft("spring", {"id": "spring", "inject": [{"number": 7}]})
    shelf.put_draft("autumn", {"id": "autumn"})
    assert shelf.list_drafts() == ("autumn", "spring")
    assert shelf.get_draft("spring") == {"id": "spring", "inject": [{"number": 7}]}
    shelf.remove_draft("spring")
    assert shelf.list_drafts() == ("autumn",)
    for name in ("spring", "../token", ""):
        with pytest.raises(UsageError) as caught:
            shelf.get_draft(name)
        assert caught.value.code == "msel.no-draft"


def test_an_agreed_list_stays_as_it_was(shelf: MselShelf) -> None:
    """Another text under the same digest changes nothing; an unknown digest has none."""
    shelf.keep(DIGEST, b'id = "x"')
    shelf.keep(DIGEST, b'id = "y"')
    assert shelf.find(DIGEST) == b'id = "x"'
    assert shelf.find(b"\x08" * 32) is None
    assert shelf.list_drafts() == ()


def test_numbers_and_sizes_are_bounded(shelf: MselShelf) -> None:
    """What is beyond is refused, and what is there stays."""
    for number in range(DRAFT_COUNT_MAX):
        shelf.put_draft(f"d{number}", {})
    shelf.put_draft("d1", {"id": "again"})
    for name, tree in (("more", {}), ("d1", {"text": "x" * 1_100_000})):
        with pytest.raises(UsageError) as caught:
            shelf.put_draft(name, tree)
        assert caught.value.code == "msel.drafts-full"
    assert shelf.get_draft("d1") == {"id": "again"}
    with pytest.raises(UsageError) as caught:
        shelf.put_draft("no name", {})
    assert caught.value.code == "console.field-malformed"


def test_lists_are_bounded_in_number() -> None:
    """So that no officer fills the disk."""
    shelf = MselShelf()
    for number in range(LIST_COUNT_MAX):
        shelf.keep(number.to_bytes(32, "big"), b"")
    with pytest.raises(UsageError) as caught:
        shelf.keep(DIGEST, b"")
    assert caught.value.code == "msel.drafts-full"


def test_a_damaged_file_is_as_none(tmp_path: Path) -> None:
    """A draft that is no JSON or no table, a list that is too large; the folder is for its owner alone."""
    shelf = MselShelf(tmp_path / "injects")
    shelf.put_draft("spring", {})
    assert (tmp_path / "injects").stat().st_mode & 0o077 == 0
    for raw in (b"{", b"[]", b"\xff", b"[" * 10_000):
        (tmp_path / "injects" / "spring.draft.json").write_bytes(raw)
        with pytest.raises(UsageError) as caught:
            shelf.get_draft("spring")
        assert caught.value.code == "msel.no-draft"
    (tmp_path / "injects" / f"{DIGEST.hex()}.toml").write_bytes(b"x" * 1_100_000)
    assert shelf.find(DIGEST) is None
