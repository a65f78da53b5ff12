"""The order in which statements became there at one node, and positions in it.

A position is a count of statements and the sum of their ids, so that it says *which* statements lie before it, in
whatever order they came. After a new start, even of a store that was put back from a copy, a position is either found
again with exactly the same statements before it, or it is not this node's: nothing is ever missed without a word.

Not counted: who read a secret, which only those see who may inspect, and who acted, which is shown with each act. So no
number tells an officer of what is kept from him.
"""

import asyncio
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from comity.machine.statements import Statements
from comity.procedure.officer import ActedBy
from comity.procedure.reading import ItemRead
from comity.procedure.stated import Stated

__all__ = ["Order", "Position", "parse_position"]

_UNTOLD: Final = (ItemRead, ActedBy)
_SUMS: Final = 1 << 128
_FORM: Final = re.compile(r"([0-9]{1,15})-([0-9a-f]{32})\Z")
MARK_COUNT: Final = 1_024
AT_ONCE: Final = 10_000
"""Statements that are gone through between two turns of everything else."""


class Position(NamedTuple):
    """How many statements lie before it, and the sum of the first half of each one's id."""

    told_count: int = 0
    total: int = 0

    def after(self, stated: Stated) -> "Position":
        """Return the position after one more statement."""
        return Position(self.told_count + 1, (self.total + int.from_bytes(stated.id[:16])) % _SUMS)

    def __str__(self) -> str:
        return f"{self.told_count}-{self.total:032x}"


def parse_position(text: str) -> Position | None:
    """Return the position that a listener names, or None where it is none of this form."""
    found = _FORM.match(text)
    return None if found is None else Position(int(found[1]), int(found[2], 16))


class Order:
    """The statements of one node, told in the order in which they became there."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements
        self._index = 0
        """How many of all statements were gone through, those that are not told included."""
        self._marks: list[tuple[int, Position]] = [(0, Position())]
        """At every so many statements told: the index from which the next one is looked for."""
        self.end = Position()

    def take_new(self, count_max: int = AT_ONCE) -> list[tuple[Stated, Position]]:
        """Go on to what became there since; return it, each with the position after it."""
        found = []
        for stated in self._statements.list_from(self._index, count_max):
            self._index += 1
            if isinstance(stated.entry, _UNTOLD):
                continue
            self.end = self.end.after(stated)
            found.append((stated, self.end))
            if self.end.told_count % MARK_COUNT == 0:
                self._marks.append((self._index, self.end))
        return found

    async def reach_end(self) -> None:
        """Go on to the end, with pauses: after a start that is the whole record."""
        while len(self._statements.list_from(self._index, 1)):
            self.take_new()
            await asyncio.sleep(0)

    def read(self, after: int, count_max: int) -> list[tuple[Stated, Position]]:
        """Return the next statements after so many, each with its position; none beyond the end."""
        found = []
        for stated, position in self._walk(after):
            if position.told_count > after:
                found.append((stated, position))
            if len(found) == count_max:
                break
        return found

    def holds(self, position: Position) -> bool:
        """Tell whether exactly these statements are the first so many here."""
        if position.told_count > self.end.told_count:
            return False
        here = self._marks[position.told_count // MARK_COUNT][1]
        for _, passed in self._walk(position.told_count):
            if passed.told_count > position.told_count:
                break
            here = passed
        return here == position

    def _walk(self, count: int) -> Iterator[tuple[Stated, Position]]:
        """Yield statements from the mark before `count` on, up to the end."""
        index, position = self._marks[min(count // MARK_COUNT, len(self._marks) - 1)]
        while position.told_count < self.end.told_count:
            for stated in self._statements.list_from(index, MARK_COUNT):
                index += 1
                if not isinstance(stated.entry, _UNTOLD):
                    position = position.after(stated)
                    yield stated, position
                    if position.told_count == self.end.told_count:
                        return
