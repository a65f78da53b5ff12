"""`make endure`: three real parties under load, killed at random 200 times, and what has to hold afterwards.

    python tests/endure.py [--kills 200] [--seed 23] [--folder FOLDER] [--log FILE]

Prints a line for each kill and what came of it all, and writes that to the log, if one is named; the exit status is 1
if anything did not hold.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from comity import __version__
from comity.cli.rehearse_log import find_sources_digest
from kit.endurance import Endurance, Tally

HEAD = """\
# Kills under load

`make endure LOG=docs/endurance-log.md` runs three parties as processes of their own on one machine, each node with its
server. They state entries to audiences of every size, each with a key under which it is asked for until it is answered.
Meanwhile nodes and servers are killed (`SIGKILL`) at random, bits of stored pages are flipped while a node runs and
while it is down, streams and whole outbox folders are deleted, and disks have no room.

Then, with the load over, each party in its turn has a bit flipped, its streams deleted and its disk filled, and each
has to be found, named and mended. All stores and outboxes are read: what was answered is with all its readers and with
nobody else, once; no journal has two pages with one number; the audit finds nothing. Last, a silence procedure runs
while one party's clock is ten minutes fast: all nodes agree on what came of it.

Flipped are pages that others hold too, and not the newest thirty, nor what lies in the log of the newest: to lose those
together with a kill is what an old backup does, and is [tried by itself](guide/recovering.md).
"""


def main() -> int:
    """Run, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--log", type=Path, default=None)
    given = parser.parse_args()
    began_s = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began_s:6.0f} s  {line}", flush=True)

    with tempfile.TemporaryDirectory(prefix="comity-endure-") as folder:
        tally = Endurance(given.folder or Path(folder) / "homes", seed=given.seed, say=say).run(given.kills)
    minutes = (time.monotonic() - began_s) / 60
    result = _format(tally, f"Seed {given.seed}, {given.kills} kills, {minutes:.0f} minutes.")
    print(f"\n{result}")
    if given.log is not None:
        sources = f"- version {__version__}, sources `{find_sources_digest()}`"
        given.log.write_text(f"{HEAD}\n{sources}\n\n{result}", encoding="utf-8")
    return 1 if tally.faults else 0


def _format(tally: Tally, what: str) -> str:
    rows = [
        *sorted(tally.done.items()),
        ("acts answered", tally.answered_count),
        ("askings in vain", tally.repeated_count),
    ]
    lines = [what, "", "| what | times |", "|---|---:|", *(f"| {name} | {count:,} |" for name, count in rows), ""]
    lines += [f"FAULT: {fault}" for fault in tally.faults]
    lines.append("FAILED" if tally.faults else "Nothing acknowledged lost, nothing said twice, no fork, audit clean.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
