"""The acts that came with a key, as they are stored: each twice, so that damage in one place loses none.

What an act did is on the record, in its page; that it was done under a key is said here alone. Were it forgotten,
whoever repeats it would say it twice; were an id in it altered, the answer would name what was never said. The second
copy has a sum. It was added later: an act that an older version wrote has none, and is taken as it is.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable
from typing import Any, Final

from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.crypto.label import label
from comity.node.schema import Act
from comity.node.store_file import StoreFile

__all__ = ["ActRows"]

ACT_COUNT_MAX: Final = 100_000
"""Keys of acts remembered: days of a busy floor."""


class ActRows:
    """The acts in one store's file."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    @staticmethod
    def put(db: sqlite3.Connection, acts: Iterable[Act]) -> None:
        """Within a transaction, keep acts that are not there; the oldest are forgotten."""
        for act in acts:
            content = (act.asked, b"".join(act.ids))
            db.execute("INSERT OR IGNORE INTO acts (key, digest, ids) VALUES (?, ?, ?)", (act.key, *content))
            copy = (act.key, *content, _find_sum(act.key, content))
            db.execute("INSERT OR IGNORE INTO act_copies (key, digest, ids, sum) VALUES (?, ?, ?, ?)", copy)
            db.execute("DELETE FROM acts WHERE seq <= (SELECT MAX(seq) FROM acts) - ?", (ACT_COUNT_MAX,))
            db.execute("DELETE FROM act_copies WHERE seq <= (SELECT MAX(seq) FROM act_copies) - ?", (ACT_COUNT_MAX,))

    def find(self, key: str) -> Act | None:
        """Return the act that came with a key, if it is still remembered.

        Raises:
            UsageError: `statement.key-damaged` where there was one, and neither copy says any more what came of it.
        """
        first, copy = self._file.read(lambda db: _read(db, key))
        if first is None and copy is None:
            return None
        content = _choose(key, first, copy)
        if content is None:
            raise UsageError("statement.key-damaged")
        return Act.read(key, *content)

    def list_of(self, name: str) -> tuple[Act, ...]:
        """Return the acts whose keys begin with a request's name and a slash, in the order in which they were stored.

        Raises:
            UsageError: `statement.key-damaged`.
        """
        asked = "SELECT key FROM act_copies WHERE key >= ? AND key < ? ORDER BY seq"
        keys = self._file.read(lambda db: db.execute(asked, (f"{name}/", f"{name}0")).fetchall())
        return tuple(act for (key,) in keys if isinstance(key, str) and (act := self.find(key)) is not None)

    def read(self, *, after: int, count: int) -> list[tuple[int, Act]]:
        """Return the next acts, each with its number; not those that are damaged."""
        asked = "SELECT seq, key FROM acts WHERE seq > ? ORDER BY seq LIMIT ?"
        found = []
        for seq, key in self._file.read(lambda db: db.execute(asked, (after, count)).fetchall()):
            with contextlib.suppress(UsageError):
                act = self.find(key)
                if act is not None:
                    found.append((int(seq), act))
        return found


def _read(db: sqlite3.Connection, key: str) -> tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """Return what lies under a key in both places; after damage it may be anything."""
    first = db.execute("SELECT digest, ids FROM acts WHERE key = ?", (key,)).fetchone()
    return first, db.execute("SELECT digest, ids, sum FROM act_copies WHERE key = ?", (key,)).fetchone()


def _choose(key: str, first: tuple[Any, ...] | None, copy: tuple[Any, ...] | None) -> tuple[bytes, bytes] | None:
    """Return what was stored: the copy, if its sum fits, else the first, which then is not what was damaged."""
    if copy is not None and _find_sum(key, copy[:2]) == copy[2]:
        return copy[0], copy[1]
    asked, ids = first or (None, None)
    is_fit = isinstance(asked, bytes) and isinstance(ids, bytes) and len(ids) % 32 == 0
    return (asked, ids) if is_fit else None


def _find_sum(key: str, content: tuple[Any, ...]) -> bytes:
    return hashlib.sha256(label("act-row") + encode((key, *content))).digest()
