"""What is the same for every console of a node, found once for each change and minute, however many ask.

Two hundred consoles look at one change at the same moment. The first makes the view and its text in its language; the
others get those. Whatever could make it otherwise is in the mark: that something was taken or stated, that another act
waits for a second officer, that a minute is over.
"""

import asyncio
from collections.abc import Callable, Hashable
from typing import Final, TypeVar

from comity.base.instants import MINUTE_MS
from comity.node.node import Node

__all__ = ["Shared"]

HELD_COUNT_MAX: Final = 256

Found = TypeVar("Found")


class Shared:
    """The views of one node, as of its last change."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._changed: asyncio.Event | None = None
        self._rest: tuple[int, tuple[str, ...]] = (0, ())
        self._held: dict[Hashable, object] = {}

    def find(self, name: Hashable, make: Callable[[], Found]) -> Found:
        """Return what is held under a name, made now if anything changed."""
        self._let_go()
        if name not in self._held:
            if len(self._held) >= HELD_COUNT_MAX:
                self._held.clear()
            self._held[name] = make()
        found: Found = self._held[name]  # type: ignore[assignment]  # a name has one type
        return found

    def _let_go(self) -> None:
        """Hold nothing that may be otherwise by now."""
        now = self._node.now()
        rest = (now // MINUTE_MS, tuple(held.digest for held in self._node.approvals.list(now)))
        # The event is a new one after each change, and held here, so that no later one has its place.
        if self._changed is not self._node.changed or rest != self._rest:
            self._held.clear()
            self._changed, self._rest = self._node.changed, rest
