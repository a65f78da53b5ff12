"""What each consumer may have: the funnel asked item by item, and the objects written for its formats.

Asked anew for every request, at that instant. What was opened and written once is kept while the same items may be had
under the same version of the pact, so that the pages of one pull cost no more than their bytes.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.outgoing import Outgoing
from comity.base.errors import ComityError
from comity.base.names import Digest
from comity.exchange.consumer import Consumer, is_within_ceiling
from comity.exchange.given import GivenLog
from comity.exchange.misp_import import MISP_MEDIA
from comity.exchange.misp_write import OutEvent, write_events
from comity.exchange.stix_write import OutObject, StixWriter, merge
from comity.exchange.taxii import Catalogue, Dated
from comity.node.reads import Reader
from comity.procedure.entry import Marking
from comity.procedure.item import Item
from comity.procedure.reading import ReaderKind
from comity.procedure.release import decide
from comity.procedure.sharing import Giving
from comity.procedure.verdict import Permit, Subject

__all__ = ["Showcase"]

KEPT_SIZE_BYTES_MAX: Final = 256 * 1024 * 1024
"""Written objects that are kept between requests, of all consumers together."""

EVENT_VIEW_COUNT_MAX: Final = 8
"""Consumers whose events of MISP are kept between requests."""


@dataclass(frozen=True, slots=True)
class _Kept:
    under: object
    """The consumer and the version of the pact: under another, everything is written anew."""
    items: tuple[Digest, ...]
    written: dict[Digest, list[OutObject]]
    """By item; one that could not be opened is missing, and is tried again."""
    catalogue: Catalogue
    size_bytes: int

    def is_whole(self, items: tuple[Digest, ...], under: object) -> bool:
        """Tell whether this is all that may be had now."""
        return (self.items, self.under) == (items, under) and len(self.written) == len(items)


class Showcase:
    """The views of all consumers of one node."""

    def __init__(self, desk: Desk, given: GivenLog | None = None) -> None:
        self._desk = desk
        self._given = GivenLog() if given is None else given
        self._outgoing = Outgoing(desk.node)
        self._turns: dict[str, asyncio.Lock] = {}
        """One pull of a consumer at a time makes its view; those that follow at once find it made."""
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._events: OrderedDict[str, tuple[object, list[OutEvent]]] = OrderedDict()

    def forget(self, name: str) -> None:
        """Forget what was written for a consumer that was removed: one of the same name begins anew."""
        self._kept.pop(name, None)
        self._events.pop(name, None)
        self._turns.pop(name, None)
        self._given.forget(name)

    def find_items(self, consumer: Consumer) -> list[Digest]:
        """Return the items that a consumer may have now, each once, as they were first given here (X4)."""
        node = self._desk.node
        machine, now = node.machine, node.now()
        own = machine.party
        pair = tuple(sorted({own, consumer.party}))
        ground = machine.funnel.find_ground(now, audience=pair if len(pair) > 1 else ())
        found: dict[Digest, None] = {}
        may_have: dict[tuple[bytes, tuple[Marking, ...]], bool] = {}
        for stated in node.shelf.find_givings():
            entry = stated.entry
            assert isinstance(entry, Giving)
            if entry.item in found:
                continue
            key = entry.item, entry.markings
            if key not in may_have:
                # What has expired is left out below, with all else that goes to nobody.
                decision = decide(
                    Subject(entry.markings, Digest(entry.item)), holder=own, to=consumer.party, ground=ground
                )
                is_within = is_within_ceiling(consumer, entry.markings, pact=machine.pact, own=own)
                may_have[key] = isinstance(decision, Permit) and is_within
            if may_have[key] and self._outgoing.may_go(stated, at=now):
                found[Digest(entry.item)] = None
        return list(found)

    async def list_events(self, consumer: Consumer) -> list[OutEvent]:
        """Return every event of MISP that a consumer may have now."""
        items, under = tuple(self.find_items(consumer)), (consumer, self._desk.node.machine.versions.current.digest)
        kept = self._events.get(consumer.name)
        if kept is not None and kept[0] == (items, under):
            return kept[1]
        portions, opened_count = [], 0
        for item in items:
            if (read := self._find_opened(item)) is not None:
                opened_count += 1
                portions += [(item, portion) for _, portion in read.portions if portion.media == MISP_MEDIA]
                await asyncio.sleep(0)
        events = await asyncio.to_thread(write_events, portions, self._make_writer(consumer))
        self._events.pop(consumer.name, None)
        if opened_count == len(items):
            self._events[consumer.name] = ((items, under), events)
        while len(self._events) > EVENT_VIEW_COUNT_MAX:
            self._events.popitem(last=False)
        return events

    def _make_writer(self, consumer: Consumer) -> StixWriter:
        machine = self._desk.node.machine
        pins = machine.setup.pins
        return StixWriter(machine.pact, lineage=pins.lineage.hex(), realm=pins.realm, receiver=consumer.party)

    async def list_stix(self, consumer: Consumer) -> Catalogue:
        """Return every object of STIX that a consumer may have now, by date; each id and version once."""
        async with self._turns.setdefault(consumer.name, asyncio.Lock()):
            return await self._list_stix(consumer)

    async def _list_stix(self, consumer: Consumer) -> Catalogue:
        items = tuple(self.find_items(consumer))
        under = (consumer, self._desk.node.machine.versions.current.digest)
        kept = self._kept.get(consumer.name)
        if kept is None or not kept.is_whole(items, under):
            before = {} if kept is None or kept.under != under else kept.written
            written = await self._write(consumer, items, before)
            first_us = await asyncio.to_thread(self._note_dates, consumer, written)
            catalogue, size_bytes = await asyncio.to_thread(_make_catalogue, written, first_us)
            kept = _Kept(under, items, written, catalogue, size_bytes)
        self._kept[consumer.name] = kept
        self._kept.move_to_end(consumer.name)
        while len(self._kept) > 1 and sum(one.size_bytes for one in self._kept.values()) > KEPT_SIZE_BYTES_MAX:
            self._kept.popitem(last=False)
        return kept.catalogue

    async def record_read(self, consumer: Consumer) -> None:
        """Note that an officer reads all that is written for a consumer (P48).

        Raises:
            OutageError: `item.read-unrecorded`.
        """
        kept = self._kept.get(consumer.name)
        written = {} if kept is None else kept.written
        await self._desk.items.reads.record_items({item for item, objects in written.items() if objects})

    async def record_polled(self, consumer: Consumer, items: Iterable[bytes]) -> None:
        """Note that a consumer is given these items, before it is (P48).

        Raises:
            OutageError: `item.read-unrecorded`.
        """
        await self._desk.items.reads.record_items(set(items), reader=Reader(ReaderKind.CONSUMER, consumer.name))

    async def _write(
        self, consumer: Consumer, items: tuple[Digest, ...], before: dict[Digest, list[OutObject]]
    ) -> dict[Digest, list[OutObject]]:
        """Return the objects of each item that can be opened; those of `before` are not opened again."""
        writer = self._make_writer(consumer)
        written: dict[Digest, list[OutObject]] = {}
        for item in items:
            if item in before:
                written[item] = before[item]
            elif (read := self._find_opened(item)) is not None:
                # Writing thousands of objects takes its time, and the node goes on meanwhile.
                written[item] = await asyncio.to_thread(writer.write, [portion for _, portion in read.portions])
        return written

    def _note_dates(self, consumer: Consumer, written: dict[Digest, list[OutObject]]) -> dict[Digest, int]:
        """Return since when the consumer may have each item that holds objects."""
        counts = {item: len(objects) for item, objects in written.items() if objects}
        return self._given.note(consumer.name, counts, now_us=self._desk.node.now() * 1000)

    def _find_opened(self, item: Digest) -> Item | None:
        try:
            return self._desk.items.open(item)[0]
        except ComityError:
            # Not here yet, or damaged: it is fetched anew, and the officers are told elsewhere.
            return None


def _make_catalogue(written: dict[Digest, list[OutObject]], first_us: dict[Digest, int]) -> tuple[Catalogue, int]:
    """Return every object once, with its date, in the order of dates; and how many bytes they take."""
    held: dict[tuple[str, str], Dated] = {}
    for item in sorted(first_us, key=first_us.__getitem__):
        for number, one in enumerate(written[item]):
            _place(held, Dated(first_us[item] + number, one, (item,)))
    rows = tuple(sorted(held.values(), key=lambda dated: dated.added_us))
    return Catalogue(rows), sum(len(row.object.raw) for row in rows)


def _place(held: dict[tuple[str, str], Dated], new: Dated) -> None:
    """Put in an object; one that is there with other markings takes these too, and is new from now on."""
    key = (new.object.id, new.object.version)
    old = held.get(key)
    if old is None:
        held[key] = new
        return
    merged = merge(old.object, new.object)
    if merged.raw != old.object.raw:
        held[key] = Dated(new.added_us, merged, (*old.items, *new.items))
