"""The benchmarks, small: every figure is there, beside its floor, and says of itself what its numbers say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AIMS = {
    "a": ("p50 at most 2 times the floor", "p99 at most 12 ms"),
    "b": ("at least 50,000 /s",),
    "c": ("at least 100,000 /s",),
    "d": ("under 2 s for 100,000 pages",),
    "e": ("under 1 s",),
    "f": (),
    "g": (),
}


def _read_row(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _read_number(cell: str) -> float:
    return float(cell.split(" ", maxsplit=1)[0].replace(",", ""))


@pytest.mark.server
@pytest.mark.timeout(900)
def test_every_figure_is_measured_and_written(tmp_path: Path) -> None:
    """With its floor, its aim and the ratio of the two numbers that stand beside it; and no machine is named."""
    command = [sys.executable, "-m", "bench", "--quick", "--out", str(tmp_path)]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert told.returncode == 0, told.stderr
    document = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "its numbers say nothing" in document
    rows = [_read_row(line) for line in document.splitlines() if re.match(r"\| [a-g] +\|", line)]
    for letter, aims in AIMS.items():
        assert f"## ({letter}) " in document
        of_letter = [row for row in rows if row[0] == letter]
        assert of_letter
        assert all(any(row[5] == aim for row in of_letter) for aim in aims)
    for _, _, measured, floor, ratio, _, met in rows:
        assert met in ("yes", "**no**", "")
        assert bool(floor) == bool(ratio)
        if floor:
            assert float(ratio) == pytest.approx(_read_number(measured) / _read_number(floor), rel=0.05, abs=0.01)
    pictures = re.findall(r"\]\((pictures/[a-z-]+\.svg)\)", document)
    assert len(pictures) == 2
    assert all((tmp_path / picture).read_text(encoding="utf-8").startswith("<?xml") for picture in pictures)
    assert str(ROOT) not in document
    assert str(Path.home()) not in document
