"""`make mutants` counts what came of a change as it came: a hang is one that was ended from outside."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mutate

FOREVER = "import time\nwhile True:\n    time.sleep(9)"
SHRUGS = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nsignal.alarm(1)\n"
CASES = [
    ("pass", "survives"),
    ("raise SystemExit(1)", "quick"),
    ("raise SystemExit(2)", "thorough"),
    ("raise SystemExit(3)", "crashes"),
    ("raise SystemExit(77)", "crashes"),
    (f"import os\nos.kill(os.getpid(), {signal.SIGSEGV.value})", "crashes"),
]


def _start(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-S", "-c", code], stderr=subprocess.DEVNULL)


@pytest.mark.parametrize(("code", "told"), CASES)
def test_each_end_is_told_as_what_it_is(code: str, told: str) -> None:
    """A process that dies has noticed nothing of what was asked of it."""
    child = _start(code)
    assert mutate.watch(child.pid, within_s=60) == told
    child.wait()


@pytest.mark.parametrize("code", [FOREVER, SHRUGS + FOREVER])
def test_what_does_not_end_is_ended(code: str) -> None:
    """Whatever it does with an alarm of its own; and it is gone then."""
    child = _start(code)
    assert mutate.watch(child.pid, within_s=0.2) == "hangs"
    child.wait()
    assert not Path(f"/proc/{child.pid}").exists()


def test_no_limit_of_its_own_ends_a_test_before(tmp_path: Path) -> None:
    """The suite's limit for one test would call a hang a failure."""
    (tmp_path / "test_limit.py").write_text(
        "def test_limit(request):\n    assert not float(request.config.getini('timeout'))\n"
    )
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "pyproject.toml", *mutate.OPTIONS, tmp_path],
        cwd=mutate.ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout
