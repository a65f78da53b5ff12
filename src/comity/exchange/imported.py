"""Which bytes came in as which item: what an import that is repeated is known by (docs/spec/exchange.md, X52).

An object is known by its bytes, the marking that it got, and to whom it was given; its id and version say which earlier
ones it takes the place of. The file beside the store is a memory, no record: without it what comes again is stored
again. It holds digests and ids, no content.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from comity.base.encoding import encode
from comity.base.names import Audience, Digest
from comity.crypto.label import label
from comity.exchange.given import open_memory
from comity.procedure.entry import Marking

__all__ = ["IMPORTS_FILE", "Came", "ImportLog", "find_content_keys"]

IMPORTS_FILE: Final = "imports.db"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS came (
    content BLOB NOT NULL, item BLOB NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (content, item)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS came_by_name ON came (name);
"""
_AT_ONCE: Final = 500


class Came(NamedTuple):
    """One object that came in. `name` is its format and id; `version` is later for a later one, 0 for none."""

    content: bytes
    item: Digest
    name: str
    version: int


def find_content_keys(marking: Marking, audience: Audience, media: str, contents: Iterable[bytes]) -> list[bytes]:
    """Return what the same bytes under the same marking for the same audience are known by, content by content."""
    head = hashlib.sha256(label("import") + hashlib.sha256(encode((marking, audience, media))).digest())
    keys = []
    for raw in contents:
        key = head.copy()
        key.update(raw)
        keys.append(key.digest())
    return keys


class ImportLog:
    """What came in, by content and by name; `path` None keeps it in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = open_memory(path, _SCHEMA)

    def find(self, contents: Iterable[bytes]) -> dict[bytes, list[Digest]]:
        """Return the items that these contents came in as."""
        found: dict[bytes, list[Digest]] = {}
        for content, item in self._read("SELECT content, item FROM came WHERE content IN", contents):
            found.setdefault(content, []).append(Digest(item))
        return found

    def find_named(self, names: Iterable[str]) -> dict[str, list[tuple[int, Digest]]]:
        """Return the versions that came in under these names, with their items."""
        found: dict[str, list[tuple[int, Digest]]] = {}
        for name, version, item in self._read("SELECT name, version, item FROM came WHERE name IN", names):
            found.setdefault(name, []).append((version, Digest(item)))
        return found

    def list_items(self) -> list[tuple[Digest, str, int]]:
        """Return every item that something came in as, by format, with how many objects."""
        asked = "SELECT item, substr(name, 1, instr(name, ':') - 1) AS format, COUNT(*) FROM came GROUP BY item, format"
        return [(Digest(item), format_, count) for item, format_, count in self._file.execute(asked)]

    def note(self, rows: Iterable[Came]) -> None:
        """Note what is about to come in as which item; whether it did, the record says."""
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("INSERT OR REPLACE INTO came VALUES (?, ?, ?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, question: str, keys: Iterable[bytes] | Iterable[str]) -> list[sqlite3.Row]:
        asked: Sequence[bytes | str] = list(dict.fromkeys(keys))
        rows: list[sqlite3.Row] = []
        for first in range(0, len(asked), _AT_ONCE):
            some = asked[first : first + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows += self._file.execute(f"{question} ({marks})", some).fetchall()
        return rows
