"""What functions make of the states of objects, kept until a state is another: a view reads what it needs and no more.

Rules
- Such a function reads one state and nothing else: no clock, no links, no other object. So what it made holds exactly
  as long as that state stands, and a view that asks for it sees what it would see if everything were made anew.
- What it makes None of is not kept: it picks out the few objects that a view is about.
- What a view judged with a clock and links besides is its own *note* beside the state (`Record.notes_of`): it lasts no
  longer than the state, and whoever wrote it knows from when on, and whether for good, it holds.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

__all__ = ["Kept"]

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
T = TypeVar("T")


class Kept(Generic[K, S, T]):
    """What one function makes of each object of one kind, by what names the object: its scope, an item's digest."""

    def __init__(self, make: Callable[[S], T | None]) -> None:
        self._make = make
        self._found: dict[K, T] = {}
        self._stale: set[K] = set()
        self._is_new = True
        self._view = MappingProxyType(self._found)

    def forget(self, names: Iterable[K]) -> None:
        """Make it anew for these objects, once somebody looks."""
        self._stale.update(names)

    def forget_all(self) -> None:
        """Make it anew for every object, once somebody looks."""
        self._is_new = True

    def read(self, list_names: Callable[[], Iterable[K]], get_state: Callable[[K], S]) -> Mapping[K, T]:
        """Return what is kept, by object and in no order; it is the same object next time, with what came since."""
        if self._is_new:
            self._found.clear()
            self._stale.clear()
            stale: Iterable[K] = list_names()
        else:
            stale, self._stale = self._stale, set()
        self._is_new = False
        for name in stale:
            made = self._make(get_state(name))
            if made is None:
                self._found.pop(name, None)
            else:
                self._found[name] = made
        return self._view
