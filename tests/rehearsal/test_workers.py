"""Seeds that are run in processes of their own: nobody of them outlives the one who wants their outcomes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_PROGRAM = """
from comity.rehearsal import read_profile, rehearse_many

if __name__ == "__main__":
    for outcome in rehearse_many(read_profile("camp-david"), range(1_000_000), workers=2):
        print(outcome.seed, flush=True)
"""
PATIENCE_S = 120


def _list_children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_run_that_started_it(how: signal.Signals, tmp_path: Path) -> None:
    """Ended from outside, by whatever signal: its workers notice, and end in the middle of a seed."""
    program = tmp_path / "many.py"
    program.write_text(_PROGRAM)
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"0\n"
        workers = _list_children(run.pid)
        assert len(workers) > 2
        os.kill(run.pid, how)
        run.wait()
        until_s = time.monotonic() + PATIENCE_S
        while any(map(_is_running, workers)) and time.monotonic() < until_s:
            time.sleep(0.1)
        assert not any(map(_is_running, workers))
