"""One seed, one run: in any process, whatever the order of its hash tables."""

import os
import subprocess
import sys

from comity.rehearsal import read_profile, rehearse

_PROGRAM = """
import sys
from comity.rehearsal import read_profile, rehearse
print(rehearse(read_profile("camp-david"), int(sys.argv[1])).digest)
"""


def _digest(seed: int, *, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(seed)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_seed_gives_one_digest_under_two_hash_seeds_and_another_seed_another() -> None:
    """No iteration over a set of strings reaches a page or an effect."""
    seven = _digest(7, hash_seed="1")
    assert len(seven) == 64
    assert _digest(7, hash_seed="2") == seven
    assert _digest(8, hash_seed="1") != seven


def test_the_trace_has_a_line_for_every_event_and_changes_nothing() -> None:
    """Lines begin with the instant and name the party; whoever reads them does not change the run."""
    lines: list[str] = []
    traced = rehearse(read_profile("camp-david"), 7, trace=lines.append)
    assert traced == rehearse(read_profile("camp-david"), 7)
    assert lines[0].startswith("2023-12-17T23:24:00.")
    assert any(" USA stored " in line for line in lines)
    assert any(" crashed" in line for line in lines) or not traced.counts.get("crashes")
    assert all(line.isprintable() for line in lines)


def test_a_line_of_the_trace_can_be_scanned() -> None:
    """Certificates, keys and pages are counted or named by their digests: each line fits on a wide screen."""
    lines: list[str] = []
    rehearse(read_profile("camp-david"), 7, trace=lines.append)
    assert max(map(len, lines)) < 160
    shown = {line.split(" ")[2] for line in lines}
    assert {"Commit", "Publish", "Wrap", "Wake", "Fetch", "OpenStream", "Acknowledge", "Answer"} <= shown
