"""What goes from the feed's file when its day is over or its room is full, and what stays whatever its age (W33)."""

from pathlib import Path

import pytest

from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.node.feed.kept import FEED_FILE, FeedFile
from comity.node.feed.kept_beside import read_own
from kit.feed import make_pages
from kit.world import T0


@pytest.mark.parametrize("is_full", [False, True])
def test_the_last_page_stays_though_one_before_it_came_late(
    tmp_path: Path, is_full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last is the one with the highest number, in whatever order they came."""
    keys, first, second, last = make_pages(4)
    file = FeedFile(tmp_path / FEED_FILE)
    file.keep_own([keys, first, last, second], at=T0)
    if is_full:
        monkeypatch.setattr("comity.node.feed.kept.KEEP_SIZE_BYTES_MAX", 1)
    assert file.prune(T0 if is_full else Instant(T0 + DAY_MS + 1)) == 2
    assert list(file.read_tips()) == [keys.raw, last.raw]
    file.close()
    assert [page.number for page in read_own(tmp_path / FEED_FILE, "USA")] == [0, 3]


def test_a_full_room_does_not_wait_for_the_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old pages go once an hour; what goes beyond the room goes when it is looked at next."""
    monkeypatch.setattr("comity.node.feed.kept.KEEP_SIZE_BYTES_MAX", 100_000)
    pages = make_pages(6)
    file = FeedFile(tmp_path / FEED_FILE)
    file.keep_own(pages[:3], at=Instant(T0 - DAY_MS))
    assert file.prune_soon(T0) == 0
    assert file.prune_soon(Instant(T0 + HOUR_MS - 1)) == 0
    assert file.prune_soon(Instant(T0 + HOUR_MS)) == 1
    file.keep_own(pages[3:], at=T0)
    assert file.prune_soon(Instant(T0 + HOUR_MS + 1)) == 0
    monkeypatch.setattr("comity.node.feed.kept.KEEP_SIZE_BYTES_MAX", 1)
    assert file.prune_soon(Instant(T0 + HOUR_MS + 2)) == 3
    file.close()
