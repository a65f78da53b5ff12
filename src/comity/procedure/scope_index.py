"""Which objects there are: by kind, by what opened them, by the consultation under which they were opened.

Kept while statements come, so that no question goes through every object. It holds no state of any: it can be made anew
from the scopes and their openers, in any order, and answers every question alike.
"""

from typing import Final

from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = ["ScopeIndex"]

_NONE: Final[tuple[Scope, ...]] = ()


class ScopeIndex:
    """The scopes of one record. `add` once for each, `open` once its opening entry is here."""

    def __init__(self) -> None:
        self._by_kind: dict[str, list[Scope]] = {}
        self._listed: dict[str, tuple[Scope, ...]] = {}
        self._by_ref: dict[bytes, set[Scope]] = {}
        self._under: dict[bytes, set[Scope]] = {}

    def add(self, scope: Scope) -> None:
        """Take up a scope."""
        self._by_kind.setdefault(scope.kind, []).append(scope)
        self._by_ref.setdefault(scope.ref, set()).add(scope)
        self._listed.pop(scope.kind, None)

    def remove(self, scope: Scope) -> None:
        """Let go of a scope, all of whose statements stand in another now."""
        self._by_kind[scope.kind].remove(scope)
        self._by_ref[scope.ref].discard(scope)
        self._listed.pop(scope.kind, None)

    def open(self, scope: Scope, opener: Stated) -> None:
        """Note under which consultations an object was opened."""
        cited = getattr(opener.entry, "consultation", ())
        for id_ in cited if isinstance(cited, tuple) else ():
            self._under.setdefault(id_, set()).add(scope)

    def list(self, kind: str) -> tuple[Scope, ...]:
        """Return the scopes of a kind, sorted."""
        found = self._listed.get(kind)
        if found is None:
            scopes = self._by_kind.get(kind, [])
            scopes.sort()  # all but what came since is in order
            found = self._listed[kind] = tuple(scopes)
        return found

    def find(self, ref: bytes, kinds: tuple[str, ...]) -> Scope | None:
        """Return the first scope of one of these kinds with this ref."""
        return min((scope for scope in self._by_ref.get(ref, _NONE) if scope.kind in kinds), default=None)

    def list_under(self, consultation: bytes) -> frozenset[Scope]:
        """Return what was opened under a consultation."""
        return frozenset(self._under.get(consultation, _NONE))
