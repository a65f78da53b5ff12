"""(d) A start over a long record, from a snapshot and from bytes; (f) what the record takes in memory.

Each start is a process of its own, as in life. The floor reads the same rows from SQLite and does nothing with them.
`python -m bench.restart STORE PICKLE` is that process.
"""

import asyncio
import json
import pickle
import resource
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.figure import Figure, Row, profiled, tell
from bench.history import CEREMONY, SUITE, History, make_parties
from bench.pact import read_without_offices
from comity.base.instants import Instant
from comity.machine.machine import Machine, Setup
from comity.node.snapshot import SNAPSHOT_FILE, Snapshot
from comity.node.snapshot_keeper import SnapshotKeeper
from comity.node.store import Store

__all__ = ["find_resident_mb", "measure_restart"]

READER = "USA"


def measure_restart(folder: Path, *, page_count: int) -> tuple[Figure, Figure]:
    """Measure figures (d) and (f)."""
    parties = make_parties(read_without_offices("camp-david"))
    setup = parties.setups[READER]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "setup").write_bytes(pickle.dumps(_plain(setup)))
    authors = tuple(party for party in parties.names if party != READER)
    tell("    writing the store and its snapshot")
    _write_store(folder, setup, History(parties, authors=authors), page_count)
    tell("    a start from the snapshot")
    fast, slow = _start(folder), None
    tell("    a start from bytes")
    (folder / SNAPSHOT_FILE).rename(folder / "kept")
    slow = _start(folder)
    (folder / "kept").rename(folder / SNAPSHOT_FILE)
    assert fast["count"] == slow["count"] >= page_count
    restart = Figure(
        "d",
        f"A start over {page_count} pages of one entry",
        "A new process opens the store and folds it until every statement can be asked for. Floor: every row read from "
        "SQLite, and nothing done with it.",
    )
    is_met = fast["took_s"] < 2 if page_count >= 100_000 else None
    aim = "under 2 s for 100,000 pages"
    restart.rows.append(Row("from a snapshot", fast["took_s"], "s", slow["floor_s"], aim, is_met))
    restart.rows.append(Row("from bytes", slow["took_s"], "s", slow["floor_s"]))
    if restart.misses:
        store = Store(folder / "store.db", party=READER)
        with profiled(lambda text: setattr(restart, "profile", text)):
            SnapshotKeeper(Snapshot(folder / SNAPSHOT_FILE, setup, ceremony=CEREMONY), Machine(setup), store).restore()
        store.close()
    memory = Figure(
        "f",
        "Memory for 100,000 entries",
        f"What the process of (d) grew by, for its {page_count} pages of one entry.",
    )
    per = 100_000 / page_count
    store_mb = (folder / "store.db").stat().st_size / 2**20
    memory.rows.append(Row("from a snapshot", fast["grew_mb"] * per, "MiB", store_mb * per))
    memory.rows.append(Row("from bytes", slow["grew_mb"] * per, "MiB", store_mb * per))
    memory.method += " Floor: the size of the store on disk."
    return restart, memory


def _plain(setup: Setup) -> tuple[object, ...]:
    """Return what makes the setup again elsewhere: keys and a pact of this run, which are nobody's."""
    return (setup.party, setup.pact, setup.pact_digest, setup.pins, setup.secrets, setup.certificate,
            setup.receiving_secrets)  # fmt: skip


def _write_store(folder: Path, setup: Setup, history: History, page_count: int) -> None:
    """Write the store and its snapshot, as a node that ran all the while would have left them."""
    store, machine = Store(folder / "store.db", party=READER), Machine(setup)
    batch = []
    for page in history.write(page_count):
        batch.append(page)
        if len(batch) == 1000:
            store.commit(batch, (), at=Instant(0))
            batch = []
    store.commit(batch, (), at=Instant(0))
    for digest in store.find_unpublished():
        store.set_out(digest)
    snapshot = Snapshot(folder / SNAPSHOT_FILE, setup, ceremony=CEREMONY)
    keeper = SnapshotKeeper(snapshot, machine, store)
    keeper.restore()
    asyncio.run(keeper.add_new(pause_s=0))
    store.close()


def _start(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.restart", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[1])  # noqa: S603
    found: dict[str, float] = json.loads(told.stdout)
    return found


def _run(folder: Path) -> None:
    """Be the process that starts."""
    fields: Any = pickle.loads((folder / "setup").read_bytes())  # noqa: S301 -- written by this run
    party, pact, digest, pins, secrets, certificate, receiving = fields
    setup = Setup(party, pact, digest, pins, secrets, certificate, receiving, SUITE)
    db = sqlite3.connect(folder / "store.db")
    began = time.perf_counter()
    for _ in db.execute("SELECT seq, digest, raw FROM pages ORDER BY seq"):
        pass
    floor_s = time.perf_counter() - began
    db.close()
    before_mb = find_resident_mb()
    began = time.perf_counter()
    store, machine = Store(folder / "store.db", party=READER), Machine(setup)
    SnapshotKeeper(Snapshot(folder / SNAPSHOT_FILE, setup, ceremony=CEREMONY), machine, store).restore()
    count = len(machine.statements.all)
    took_s = time.perf_counter() - began
    grew_mb = find_resident_mb() - before_mb
    store.close()
    print(json.dumps({"took_s": took_s, "floor_s": floor_s, "count": count, "grew_mb": grew_mb}))


def find_resident_mb() -> float:
    """Return the memory that this process holds now; where the system does not say, the most that it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    _run(Path(sys.argv[1]))
