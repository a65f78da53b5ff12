"""What functions make of the states of objects, kept until a state is another: a view reads what it needs and no more.

Rules
- Such a function reads one state and nothing else: no clock, no links, no other object. So what it made holds exactly
  as long as that state stands, and a view that asks for it sees what it would see if everything were made anew.
- What it makes None of is not kept: it picks out the few objects that a view is about.
- What a view judged with a clock and links besides is its own *note* beside the state (`Record.notes_of`): it lasts no
  longer than the state, and whoever wrote it knows from when on, and whether for good, it holds.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

from comity.procedure.scope import Scope

__all__ = ["Kept"]

S = TypeVar("S")
T = TypeVar("T")


class Kept(Generic[S, T]):
    """What one function makes of each object of one kind."""

    def __init__(self, make: Callable[[S], T | None]) -> None:
        self._make = make
        self._found: dict[Scope, T] = {}
        self._stale: set[Scope] = set()
        self._is_new = True
        self._view = MappingProxyType(self._found)

    def forget(self, scopes: Iterable[Scope]) -> None:
        """Make it anew for these scopes, once somebody looks."""
        self._stale.update(scopes)

    def forget_all(self) -> None:
        """Make it anew for every scope, once somebody looks."""
        self._is_new = True

    def read(self, list_scopes: Callable[[], Iterable[Scope]], get_state: Callable[[Scope], S]) -> Mapping[Scope, T]:
        """Return what is kept, by scope and in no order; it is the same object next time, with what came since."""
        if self._is_new:
            self._found.clear()
            self._stale.clear()
            stale: Iterable[Scope] = list_scopes()
        else:
            stale, self._stale = self._stale, set()
        self._is_new = False
        for scope in stale:
            made = self._make(get_state(scope))
            if made is None:
                self._found.pop(scope, None)
            else:
                self._found[scope] = made
        return self._view
