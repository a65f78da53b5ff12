"""The benchmarks, small: every figure is there, beside its floor, and says of itself what its numbers say."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.pact import make_profile
from comity.pact.parse import parse_pact

ROOT = Path(__file__).parents[2]
AIMS = {
    "a": ("p50 at most 2 times the floor", "p99 at most 12 ms"),
    "b": ("at least 50,000 /s",),
    "c": ("at least 100,000 /s",),
    "d": ("under 2 s for 100,000 pages",),
    "e": ("under 1 s",),
    "f": (),
    "g": (),
    "h": ("at least 500,000 /s", "at least 2,000,000 /s"),
    "i": ("at least 5,000 /s", "at least 20,000 /s"),
    "j": ("at least 500,000 /s",),
    "k": ("p99 under 50 ms",),
    "l": ("at least 1,000,000 /s", "at least 2,000,000 /s"),
    "m": ("at least 100 /s",),
}


def _read_row(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _read_number(cell: str) -> float:
    return float(cell.split(" ", maxsplit=1)[0].replace(",", ""))


def test_the_larger_compact_is_a_pact() -> None:
    """Whatever tables the invented compact gets, it can be made for more ports, or fewer, and run."""
    for count in (3, 4, 7):
        assert len(parse_pact(make_profile(count)).parties) == count


@pytest.mark.server
@pytest.mark.timeout(900)
def test_every_figure_is_measured_and_written(tmp_path: Path) -> None:
    """With its floor, its aim and the ratio of the two numbers that stand beside it; and no machine is named."""
    command = [sys.executable, "-m", "bench", "--quick", "--out", str(tmp_path)]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert told.returncode == 0, told.stderr
    document = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "its numbers say nothing" in document
    rows = [_read_row(line) for line in document.splitlines() if re.match(r"\| [a-m] +\|", line)]
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


def _find_running(folder: Path) -> dict[int, str]:
    """The processes that were told of a folder, or work in one below it."""
    found: dict[int, str] = {}
    for row in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (row / "cmdline").read_bytes().split(b"\0")
            is_below = (row / "cwd").readlink().is_relative_to(folder)
            if row.name.isdecimal() and (is_below or any(str(folder).encode() in word for word in words)):
                found[int(row.name)] = words[0].decode()
    return found


@pytest.mark.server
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_broken_off_it_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    """However it is ended while three nodes and three servers run; and asked to end, it takes its folder with it."""
    command = [sys.executable, "-m", "bench", "--quick", "--only", "a"]
    child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, stderr=subprocess.DEVNULL)
    try:
        while sum("nats-server" in name for name in _find_running(tmp_path).values()) < len(("JPN", "KOR", "USA")):
            assert child.poll() is None, "it ended before all were up"
            time.sleep(0.05)
    finally:
        child.send_signal(number)
    assert child.wait() == (-number if number is signal.SIGKILL else 130)
    while _find_running(tmp_path):
        time.sleep(0.05)
    assert number is signal.SIGKILL or not list(tmp_path.iterdir())
