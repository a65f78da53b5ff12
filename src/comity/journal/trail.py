"""What the pages of a branch add up to: the heads they name, the epochs they announce (docs/spec/journal.md, J9, J12).

Rules
- The pages of a branch share one stretch, a record of what each of them added. So a page costs what it adds itself,
  however much came before it: a liar can name 512 journals in each of his pages.
- Where a branch parts from another it begins a stretch of its own over what was there.
"""

import bisect
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

import msgspec

__all__ = ["Trail"]

K = TypeVar("K")
V = TypeVar("V")


class _Stretch(msgspec.Struct, Generic[K, V], eq=False):
    """What pages without a parting between them added."""

    base: "Trail[K, V] | None" = None
    last: int = -1
    """The number of the page that added last."""
    by_key: dict[K, list[tuple[int, V]]] = msgspec.field(default_factory=dict)
    """The values of each key as they came, each with the number of its page."""


class Trail(msgspec.Struct, Generic[K, V], frozen=True, eq=False, gc=False):
    """All that was added on a branch up to the page of that number; pages that add nothing share their parent's.

    The search for garbage passes it by, since a start makes one of nearly every page; it is in no circle.
    """

    stretch: _Stretch[K, V] = msgspec.field(default_factory=_Stretch)
    number: int = -1

    def find(self, key: K) -> V | None:
        """Return the value added last for a key."""
        added = self.stretch.by_key.get(key)
        if added is not None and added[-1][0] <= self.number:
            return added[-1][1]
        return self._find_before(key)

    def _find_before(self, key: K) -> V | None:
        """Return the value added last for a key that another branch added since, or an earlier stretch."""
        trail: Trail[K, V] | None = self
        while trail is not None:
            added = trail.stretch.by_key.get(key)
            if added is not None and added[0][0] <= trail.number:
                return _find_last(added, trail.number)
            trail = trail.stretch.base
        return None

    def pairs(self) -> Iterator[tuple[K, V]]:
        """Yield each key once, with the value added last for it."""
        done: set[K] = set()
        trail: Trail[K, V] | None = self
        while trail is not None:
            for key, added in trail.stretch.by_key.items():
                if added[0][0] <= trail.number and key not in done:
                    done.add(key)
                    yield key, _find_last(added, trail.number)
            trail = trail.stretch.base

    def extend(self, number: int, values: Mapping[K, V]) -> "Trail[K, V]":
        """Return the trail up to the page of that number, the next on this branch, which adds these values."""
        stretch = self.stretch
        if stretch.last > self.number:
            stretch = _Stretch(self)
        stretch.last = number
        by_key = stretch.by_key
        for key, value in values.items():
            added = by_key.get(key)
            if added is None:
                by_key[key] = [(number, value)]
            else:
                added.append((number, value))
        return Trail(stretch, number)


def _find_last(added: list[tuple[int, V]], number: int) -> V:
    """Return the last of these that a page up to that number added; of the first that is known."""
    return added[bisect.bisect_right(added, number, key=_find_number) - 1][1]


def _find_number(row: tuple[int, V]) -> int:
    return row[0]
