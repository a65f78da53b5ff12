"""The answers to requests that came under a key, kept so that whoever repeats one hears the same (docs/adr/0059).

An answer lies sealed under what only the key itself opens: who has the store and not the key reads nothing in it. It is
bounded: a day, and for each officer so many and so much; the oldest go first, and no officer's go for another's.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from comity.base.instants import DAY_MS, Instant
from comity.node.schema import find_bytes
from comity.node.store_file import StoreFile

__all__ = ["ANSWER_SIZE_BYTES_MAX", "AnswerRows", "Answered"]

KEPT_MS: Final = DAY_MS
COUNT_MAX: Final = 4_096
"""Answers of one officer."""
SIZE_BYTES_MAX: Final = 16 * 1024 * 1024
"""Bytes of one officer's answers together."""
ANSWER_SIZE_BYTES_MAX: Final = 1024 * 1024


class Answered(NamedTuple):
    """One answer: under which name, of which officer, to what request, when; its body sealed with this salt."""

    name: str
    officer: str
    request: bytes
    at: Instant
    salt: bytes
    sealed: bytes


class AnswerRows:
    """The answers in one store's file."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def find(self, name: str, *, at: Instant) -> Answered | None:
        """Return what was answered under a name, unless that is too long ago."""
        asked = "SELECT name, officer, request, at, salt, sealed FROM answers WHERE name = ? AND at > ?"
        row = self._file.read(lambda db: db.execute(asked, (name, at - KEPT_MS)).fetchone())
        if row is None:
            return None
        request, salt, sealed = map(find_bytes, (row[2], row[4], row[5]))
        return Answered(str(row[0]), str(row[1]), request, Instant(row[3]), salt, sealed)

    def put(self, answered: Answered) -> None:
        """Keep an answer, durably, in place of an earlier one under its name; what is over the bounds goes.

        Raises:
            OutageError: `store.full`, `store.damaged`.
        """

        def put(db: Any) -> None:
            db.execute("DELETE FROM answers WHERE name = ? OR at <= ?", (answered.name, answered.at - KEPT_MS))
            db.execute(
                "INSERT INTO answers (name, officer, request, at, salt, sealed) VALUES (?, ?, ?, ?, ?, ?)", answered
            )
            last = next(_find_over(db, answered.officer), 0)
            db.execute("DELETE FROM answers WHERE officer = ? AND seq <= ?", (answered.officer, last))

        self._file.write(put)

    def count(self, officer: str) -> int:
        """Return how many answers of an officer are kept."""
        asked = "SELECT COUNT(*) FROM answers WHERE officer = ?"
        return int(self._file.read(lambda db: db.execute(asked, (officer,)).fetchone())[0])


def _find_over(db: Any, officer: str) -> Iterator[int]:
    """Yield the rows of an officer's answers that are one too many, or too much, the latest first."""
    size_bytes = 0
    asked = "SELECT seq, LENGTH(sealed) FROM answers WHERE officer = ? ORDER BY seq DESC"
    for number, (seq, size) in enumerate(db.execute(asked, (officer,))):
        size_bytes += size
        if number >= COUNT_MAX or size_bytes > SIZE_BYTES_MAX:
            yield seq
