"""The bench of long records, small: every page and every list is asked for, and is there."""

import asyncio
from pathlib import Path

import pytest

from bench.page_speed import DAY_COUNT, describe, measure
from comity.api.paging import BOUNDED, PAGED
from kit.floor_pages import PAGES


@pytest.mark.timeout(300)
def test_every_page_is_asked_for_and_written_down(tmp_path: Path) -> None:
    """Over a record of a day; each with its time after a change, its size, and its ratio to the floor."""
    found = asyncio.run(measure(tmp_path / "record", entry_count=DAY_COUNT, times=1))
    assert found.entry_count >= DAY_COUNT
    text = describe(found, found)
    console = [page.name for page in PAGES if not page.is_entrance]
    assert len(found.asked) + len(found.left_out) == len(console) + len(PAGED) + len(BOUNDED)
    assert len(found.left_out) < len(console) / 4
    assert all(one.ms > 0 and one.size_bytes > 0 for one in found.asked)
    assert all(f"| `{one.path}" in text for one in found.asked if one.path.count("/") == 1)
    assert str(tmp_path) not in text
