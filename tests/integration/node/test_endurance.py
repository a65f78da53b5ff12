"""A short run of what `make endure` does at length: kills, flipped bits, lost streams, full disks, a wrong clock."""

from pathlib import Path

import pytest

from kit.endurance import Endurance

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]


def test_nothing_acknowledged_is_lost_or_said_twice_whatever_breaks(tmp_path: Path) -> None:
    """Six kills under load, then every other fault once: found, named, mended; then the stores are judged."""
    tally = Endurance(tmp_path / "homes", seed=7).run(6, is_long=False)
    assert tally.faults == []
    assert tally.answered_count > 20
    assert tally.done["nodes killed"] + tally.done["servers killed"] == 6
    assert tally.done["disks filled"] >= 1
