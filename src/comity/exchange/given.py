"""Which item came into which consumer's view when: what pages and `added_after` of a feed stand on.

The date is that of this node noticing that the consumer may have the item, not of the item: what was made long ago and
may be had since today must come after whatever was pulled before. An item that may no longer be had leaves the view; if
it comes back, it comes with a new date. So a client that goes on from where it stopped misses nothing, and inserting
never moves what it has pulled (docs/spec/exchange.md, X19).

The file beside the store is a memory, no record: without it every consumer sees all it may have once more.
"""

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from comity.base.names import Digest

__all__ = ["GIVEN_FILE", "GivenLog", "open_memory"]

GIVEN_FILE: Final = "exchange.db"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS given (
    consumer TEXT NOT NULL, item BLOB NOT NULL, first_us INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (consumer, item)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last (consumer TEXT PRIMARY KEY, us INTEGER NOT NULL) WITHOUT ROWID;
"""


def open_memory(path: Path | None, schema: str) -> sqlite3.Connection:
    """Open a file that is a memory beside the store, for its owner alone; a damaged one is begun anew."""
    file = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
    try:
        file.executescript(schema)
    except sqlite3.DatabaseError:
        # As good as lost, and what is lost is made anew.
        file.close()
        assert path is not None
        path.unlink()
        file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        file.executescript(schema)
    if path is not None:
        path.chmod(0o600)
    return file


class GivenLog:
    """Dates by consumer and item, in microseconds; `path` None keeps them in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = open_memory(path, _SCHEMA)
        self._turn = threading.Lock()

    def note(self, consumer: str, items: Mapping[Digest, int], *, now_us: int) -> dict[Digest, int]:
        """Note what a consumer may have now, with the count of objects of each item; return the date of each's first.

        An item's objects take as many microseconds from there on; those of the next one begin after them, whatever the
        clock says, so that no two objects of a consumer have one date and none comes before what was there. It may be
        called from any thread.
        """
        with self._turn:
            return self._note(consumer, items, now_us=now_us)

    def _note(self, consumer: str, items: Mapping[Digest, int], *, now_us: int) -> dict[Digest, int]:
        held = {Digest(bytes(item)): (int(first), int(count)) for item, first, count in self._file.execute(
            "SELECT item, first_us, count FROM given WHERE consumer = ?", (consumer,))}  # fmt: skip
        gone = [item for item, (_, count) in held.items() if items.get(item) != count]
        new = [item for item in items if item not in held or item in gone]
        if gone or new:
            self._write(consumer, {item: items[item] for item in new}, gone, now_us)
            return self._note(consumer, items, now_us=now_us)
        return {item: held[item][0] for item in items}

    def _write(self, consumer: str, new: Mapping[Digest, int], gone: list[Digest], now_us: int) -> None:
        row = self._file.execute("SELECT us FROM last WHERE consumer = ?", (consumer,)).fetchone()
        next_us = max(now_us, (row[0] if row else 0) + 1)
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany(
                "DELETE FROM given WHERE consumer = ? AND item = ?", [(consumer, item) for item in gone]
            )
            for item, count in new.items():
                self._file.execute("INSERT INTO given VALUES (?, ?, ?, ?)", (consumer, item, next_us, count))
                next_us += max(count, 1)
            self._file.execute("INSERT OR REPLACE INTO last VALUES (?, ?)", (consumer, next_us - 1))

    def forget(self, consumer: str) -> None:
        """Forget a consumer that was removed."""
        with self._turn, self._file:
            self._file.execute("DELETE FROM given WHERE consumer = ?", (consumer,))
            self._file.execute("DELETE FROM last WHERE consumer = ?", (consumer,))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
