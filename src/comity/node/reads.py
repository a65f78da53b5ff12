"""Who reads what at this node: stated in the party's journal to itself before anything is shown (P48, docs/adr/0039).

Rules
- No record, no text: what cannot be stated is not shown, `item.read-unrecorded`.
- Only of items whose banner is above the rank that the pact names; a pact that names none asks for nothing.
- Of one reader, item and portion once in an hour of UTC, of a system that polls once in a day, so that whoever turns
  pages fills no journal. What was stated is asked of the record, also after a new start; one task asks at a time.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from comity.base.errors import ComityError, OutageError
from comity.base.instants import DAY_MS, HOUR_MS
from comity.node.operator import name_operator
from comity.node.powers import ACTING
from comity.procedure.entry import Marking
from comity.procedure.office import OfficeTerms
from comity.procedure.reading import ItemRead, ReaderKind, find_reads
from comity.procedure.sharing import Giving

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Reader", "Reads", "Wanted"]

STATED_AT_ONCE: Final = 512
"""Readings in one act: a system that begins to poll may open thousands of items."""


class Reader(NamedTuple):
    """Who reads; `role` only of an officer."""

    kind: ReaderKind
    name: str
    role: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """An item that is to be shown, by its banner; with `portion` the attachment in that portion."""

    item: bytes
    banner: Marking
    portion: tuple[int, ...] = ()


class _Key(NamedTuple):
    kind: ReaderKind
    name: str
    item: bytes
    portion: tuple[int, ...]


class Reads:
    """What was read at one node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._turn = asyncio.Lock()
        self._hour = -1
        self._known: set[_Key] = set()
        """What is on the record of this hour; of systems that poll, of this day."""

    async def record(self, wanted: Iterable[Wanted], *, reader: Reader | None = None) -> None:
        """State that these are read, by the officer of this request or by another reader; then they may be shown.

        Raises:
            OutageError: `item.read-unrecorded`, with the code of what stood in the way.
        """
        marked = [one for one in wanted if self.is_recorded(one)]
        if not marked:
            return
        try:
            by = self._find_reader() if reader is None else reader
            async with self._turn:
                await self._state(by, marked)
        except ComityError as error:
            self._hour = -1  # whether it came to be stored is asked of the record
            raise OutageError("item.read-unrecorded", because=error.code) from error

    def is_recorded(self, wanted: Wanted) -> bool:
        """Tell whether the pact asks for a record of this reading."""
        terms = self._find_terms()
        return terms is not None and _is_recorded(terms, wanted.banner)

    async def record_items(self, items: Collection[bytes], *, reader: Reader | None = None) -> None:
        """State that these items are read, by the officer of this request or by another reader; as `record`."""
        given = (stated.entry for stated in self._node.shelf.find_givings())
        found = (entry for entry in given if isinstance(entry, Giving) and entry.item in items)
        await self.record((Wanted(entry.item, entry.markings[0]) for entry in found), reader=reader)

    def _find_terms(self) -> OfficeTerms | None:
        """Return what the pact says of officers, where it asks for a record of readings."""
        terms = self._node.machine.versions.find_offices((self._node.machine.party,))
        return None if terms is None or terms.offices.reading is None else terms

    def _find_reader(self) -> Reader:
        """Return who reads in this request: its officer, in the first of his roles, or whoever holds the token.

        Raises:
            UsageError: `officer.unknown`, `officer.book-malformed`.
        """
        for name in ACTING.get():
            officer = self._node.officers.read().get(name)
            return Reader(ReaderKind.OFFICER, name, officer.roles[:1])
        return Reader(ReaderKind.OPERATOR, name_operator(self._node.machine.party))

    async def _state(self, by: Reader, marked: Sequence[Wanted]) -> None:
        at, own = self._node.now(), self._node.machine.party
        self._turn_to(at // HOUR_MS)
        new = {_Key(by.kind, by.name, one.item, one.portion): None for one in marked}
        keys = [key for key in new if key not in self._known]
        for first in range(0, len(keys), STATED_AT_ONCE):
            some = keys[first : first + STATED_AT_ONCE]
            entries = tuple(ItemRead(key.item, key.portion, by.kind, by.name, by.role, at) for key in some)
            await self._node.say((own,), entries)
            self._known.update(some)

    def _turn_to(self, hour: int) -> None:
        """Know what was read in this hour; of another one nothing has to be known."""
        if hour == self._hour:
            return
        machine = self._node.machine
        self._hour, self._known = hour, {
            _Key(read.kind, read.reader, read.item, read.portion)
            for stated, read in find_reads(machine.statements.find(ItemRead))
            if stated.author == machine.party and _is_of_stretch(read, hour)
        }  # fmt: skip


def _is_of_stretch(read: ItemRead, hour: int) -> bool:
    """Tell whether a reading is of this hour; one by a system that polls, of this day."""
    length_ms = DAY_MS if read.kind is ReaderKind.CONSUMER else HOUR_MS
    return read.read_at // length_ms == hour * HOUR_MS // length_ms


def _is_recorded(terms: OfficeTerms, banner: Marking) -> bool:
    rule = terms.offices.reading
    assert rule is not None, "asked only where the pact has the row"
    return terms.ranks.get(banner.level, rule.above_rank + 1) > rule.above_rank
