"""`make endure`: three real parties under load, killed at random 200 times, and what has to hold afterwards.

    python tests/endure.py [--kills 200] [--seed 23] [--folder FOLDER]

Prints a line for each kill and a table at the end; the exit status is 1 if anything did not hold.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from kit.endurance import Endurance


def main() -> int:
    """Run, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    began_s = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began_s:6.0f} s  {line}", flush=True)

    with tempfile.TemporaryDirectory(prefix="comity-endure-") as folder:
        tally = Endurance(given.folder or Path(folder) / "homes", seed=given.seed, say=say).run(given.kills)
    minutes = (time.monotonic() - began_s) / 60
    print(f"\nSeed {given.seed}, {given.kills} kills, {minutes:.0f} minutes.\n")
    print("| what | times |\n|---|---:|")
    for what, count in [*sorted(tally.done.items()), ("acts answered", tally.answered_count),
                        ("askings in vain", tally.repeated_count)]:  # fmt: skip
        print(f"| {what} | {count:,} |")
    print()
    for fault in tally.faults:
        print(f"FAULT: {fault}")
    print("Nothing acknowledged lost, nothing said twice, no fork, audit clean." if not tally.faults else "FAILED")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
