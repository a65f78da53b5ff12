"""What a picture's own small numbers stand for: authors, coarsenings, sensors.

Arrays hold numbers; these are given in the order in which the words come up, so nothing is ever decided by a number.
What is shown, and what stands of two copies, goes by the words.
"""

from typing import Final, TypeVar

import numpy as np

from comity.warning.motion import Ints
from comity.warning.rows import Coarsening

__all__ = ["SEEN_COUNT_MAX", "RowRank", "Words", "list_words"]

SEEN_COUNT_MAX: Final = 10_000
"""Names of sensors that one picture learns: what comes after is shown without one."""

RowRank = tuple[int, bool, bytes, str, int, int, str]
T = TypeVar("T")


class Words:
    """The words of one picture, each with its number."""

    def __init__(self) -> None:
        self.authors: list[str] = []
        self.told: list[Coarsening | None] = [None]
        self.seen: list[str] = [""]
        self._authors: dict[str, int] = {}
        self._told: dict[Coarsening | None, int] = {None: 0}
        self._seen: dict[str, int] = {"": 0}

    def number_author(self, author: str) -> int:
        """Return an author's number."""
        return _number(self._authors, self.authors, author)

    def number_told(self, told: Coarsening | None) -> int:
        """Return a coarsening's number; 0 where everything is told."""
        return _number(self._told, self.told, told)

    def number_seen(self, sensor: str) -> int:
        """Return a sensor's number; 0 where none is named."""
        is_full = len(self.seen) >= SEEN_COUNT_MAX
        return self._seen.get(sensor, 0) if is_full else _number(self._seen, self.seen, sensor)

    def rank_authors(self) -> Ints:
        """Return of each author's number the author's place among the names."""
        ranks = np.empty(len(self.authors), np.int64)
        ranks[sorted(range(len(self.authors)), key=self.authors.__getitem__)] = np.arange(len(self.authors))
        return ranks

    def rank_row(self, row: np.void, told: int, seen: int) -> RowRank:
        """Return by what a row stands before another of its track and instant: the greater stands."""
        by = self.told[told]
        clause, coarsen_m, delay_ms = (by.clause, by.coarsen_m, by.delay_ms) if by else ("", 0, 0)
        return (int(row["number"]), by is None, row.tobytes(), clause, coarsen_m, delay_ms, self.seen[seen])


def list_words(words: list[T], used: Ints, nothing: int) -> tuple[tuple[T, ...], Ints]:
    """Return the words that are used, sorted by what they say, and the place of each use among them.

    Number 0 stands for no word, and its place is `nothing`.
    """
    numbers = sorted(
        {int(number) for number in np.flatnonzero(np.bincount(used))} - {0}, key=lambda number: _sort_key(words[number])
    )
    places = np.full(len(words), nothing)
    places[numbers] = np.arange(len(numbers))
    return tuple(words[number] for number in numbers), places[used]


def _sort_key(word: object) -> tuple[str | int, ...]:
    if isinstance(word, Coarsening):
        return (word.clause, word.coarsen_m, word.delay_ms)
    return (str(word),)


def _number(numbers: dict[T, int], words: list[T], word: T) -> int:
    number = numbers.setdefault(word, len(words))
    if number == len(words):
        words.append(word)
    return number
