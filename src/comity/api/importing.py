"""Importing for the officers: sort a file by marking, ask the funnel for each, give what may be given, list the rest.

Preview and import are one function (docs/spec/exchange.md, X13): nothing is stored that has no marking, nothing is
given that the funnel does not permit, and nothing that came is left out of the answer: not what is known already, nor
what was not stored because something went wrong on the way (X52, X53).
"""

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from comity.api.desk import Desk
from comity.api.form import simplify
from comity.api.known import Known, Standing
from comity.api.views.exchange import ImportedItem, ImportShown
from comity.base.errors import ComityError, OutageError, UsageError
from comity.base.names import Audience, Digest, Party
from comity.exchange.imported import Came, find_content_keys
from comity.exchange.marker import Marker, Wish
from comity.exchange.misp_import import sort_events
from comity.exchange.misp_table import TABLE_SIZE_BYTES_MAX, MispTable, read_table
from comity.exchange.sorting import Batch, Incoming, Sorted
from comity.exchange.stix_import import sort_bundle
from comity.exchange.stix_read import Refused
from comity.exchange.taxii import parse_us
from comity.procedure.caveat import write_listed
from comity.procedure.entry import Marking
from comity.procedure.item import Portion, PortionKind
from comity.procedure.verdict import AudienceDecision, Permit

__all__ = ["Fate", "Imported", "Importer"]

Sort = Callable[[bytes, Marker], Sorted]

NATIONAL_EYES_ONLY: Final = "NATIONAL EYES ONLY"


class Fate(NamedTuple):
    """What became of an object that could be marked: in an item, waiting for a second officer, or why not stored."""

    object: Incoming
    awaits: str
    code: str


@dataclass(slots=True)
class Imported:
    """What an import came to, object by object and item by item."""

    refused: list[Refused]
    rows: list[ImportedItem] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    awaited: list[UsageError] = field(default_factory=list)
    fault: ComityError | None = None
    """The first one that kept something from being stored."""

    def note(self, offer: "_Offer", objects: tuple[Incoming, ...], *, item: str = "", awaits: UsageError | None = None,
             code: str = "", is_known: bool = False, supersedes: tuple[str, ...] = ()) -> None:  # fmt: skip
        """Note what became of some objects under one marking."""
        digest = "" if awaits is None else str(awaits.details["digest"])
        self.rows.append({"item": item, "awaits": digest, "code": code, "is_known": is_known,
                          "supersedes": list(supersedes), "marking": simplify(offer.marking),
                          "object_count": len(objects), "to": list(offer.permitted),
                          "decisions": simplify(offer.decided)})  # fmt: skip
        self.fates += [Fate(one, digest, code) for one in objects]
        self.awaited += [] if awaits is None else [awaits]

    def show(self) -> ImportShown:
        """Return all of it as JSON values; what was known already counts like what came in now."""
        kept = [row for row in self.rows if not row["code"]]
        return {
            "items": self.rows,
            "object_count": sum(row["object_count"] for row in kept),
            "given_count": sum(row["object_count"] for row in kept if row["to"] and not row["awaits"]),
            "known_count": sum(row["object_count"] for row in kept if row["is_known"]),
            "failed_count": sum(row["object_count"] for row in self.rows if row["code"]),
            "refused": [{"index": row.index, "id": row.id, "code": row.code} for row in self.refused],
        }


class _Offer(NamedTuple):
    """What the funnel says of one marking, and who is left of those named."""

    marking: Marking
    decided: AudienceDecision
    permitted: Audience
    audience: Audience


class Importer:
    """Imports at one desk."""

    def __init__(self, desk: Desk, *, misp_table: Path | None = None, known: Known | None = None) -> None:
        """`misp_table` is the party's file of what MISP's groups mean; without it every group is unknown."""
        self._desk = desk
        self._misp_table = misp_table
        self._known = Known(desk.node) if known is None else known
        self._sorts: dict[str, Callable[[], Sort]] = {"stix": lambda: sort_bundle, "misp": self._find_misp_sort}

    def reads(self, format_: str) -> bool:
        """Tell whether this is a format that can be imported."""
        return format_ in self._sorts

    def _find_misp_sort(self) -> Sort:
        """Read the table anew for each import, so that a change counts at once.

        Raises:
            UsageError: `misp.table-malformed`.
        """
        machine = self._desk.node.machine
        table = MispTable()
        if self._misp_table is not None and self._misp_table.exists():
            with self._misp_table.open("rb") as file:
                table = read_table(file.read(TABLE_SIZE_BYTES_MAX + 1), machine.pact)
        return functools.partial(sort_events, table=table, own=machine.party)

    async def take(
        self, raw: bytes, *, format_: str, to: tuple[Party, ...], wish: Wish, is_preview: bool
    ) -> ImportShown:
        """As `bring_in`, for whoever reads it as JSON values."""
        return (await self.bring_in(raw, format_=format_, to=to, wish=wish, is_preview=is_preview)).show()

    async def bring_in(
        self, raw: bytes, *, format_: str, to: tuple[Party, ...], wish: Wish, is_preview: bool
    ) -> Imported:
        """Import a file, offered to `to`, or only show what would become of it.

        Each marking becomes items of its own, given to those of `to` to whom the funnel permits them; what none of them
        may have is kept for the own party alone. Whom the officer left out stands in the marking. Once something is
        stored nothing is raised any more: the answer says of the rest why it was not, and the same file brings it in.

        Raises:
            UsageError: `exchange.wish`; `approval.awaited` where every item waits for a second officer; what giving an
                item raises, where nothing came in.
            RemoteError: what the format's reader refuses the whole file for.
        """
        machine = self._desk.node.machine
        own = machine.party
        named = tuple(sorted({*to} - {own}))
        if not set(machine.pact.audience).issuperset(named):
            raise UsageError("exchange.wish", what="to")
        pins = machine.setup.pins
        kept = Wish(wish.topics, wish.level, _add_audience(wish.caveats, named, own=own, all_=machine.pact.audience))
        marker = Marker(machine.pact, party=own, lineage=pins.lineage.hex(), realm=pins.realm, wish=kept)
        async with self._known.turn:
            sorted_ = await asyncio.to_thread(self._sorts[format_](), raw, marker)
            done = Imported(sorted_.refused)
            offers = {marking: self._offer(sorted_, marking, named) for marking in sorted_.objects}
            for offer in offers.values():
                await self._leave_out_known(sorted_, offer, done)
            for batch in sorted_.list_batches():
                await self._give(batch, offers[batch.marking], format_, done, is_preview=is_preview)
        if done.fault is not None and all(row["code"] for row in done.rows):
            raise done.fault
        if done.awaited and len(done.awaited) == len(done.rows):
            raise done.awaited[0]
        return done

    def _offer(self, sorted_: Sorted, marking: Marking, to: Audience) -> _Offer:
        """Ask the funnel once for each marking; whether it still holds is asked again when an item is given."""
        node = self._desk.node
        first = Portion(marking, sorted_.media, "", sorted_.contents[marking][0][0], PortionKind.OBJECT)
        audience = tuple(sorted({*to, node.machine.party}))
        decided = self._desk.items.preview((first,), audience=audience, at=node.now())
        permitted = tuple(party for party, decision in decided.by_party if isinstance(decision, Permit))
        return _Offer(marking, decided, permitted, tuple(sorted({*permitted, node.machine.party})))

    async def _leave_out_known(self, sorted_: Sorted, offer: _Offer, done: Imported) -> None:
        """Note what stands here already, under this marking and with these readers, and leave it out (X52)."""
        objects = sorted_.objects[offer.marking]
        keys = await asyncio.to_thread(_find_keys, objects, offer, sorted_.media)
        known = await self._known.find(keys)
        if not known:
            return
        by_item: dict[Digest, tuple[Standing, list[Incoming]]] = {}
        for one, key in zip(objects, keys, strict=True):
            if key in known:
                by_item.setdefault(known[key].item, (known[key], []))[1].append(one)
        for item, (standing, some) in by_item.items():
            done.note(offer, tuple(some), item=item.hex(), awaits=standing.awaited, is_known=True)
        fresh = [one for one, key in zip(objects, keys, strict=True) if key not in known]
        await asyncio.to_thread(sorted_.put, offer.marking, fresh)

    async def _give(self, batch: Batch, offer: _Offer, format_: str, done: Imported, *, is_preview: bool) -> None:
        """Give one item to those who may have it, and to nobody else where none may; in a preview to nobody at all.

        It may wait for a second officer, or fail: that stops no other item, but for an outage, which stops the rest.
        """
        node, items = self._desk.node, self._desk.items
        versions = {_name(format_, one): _order(one.version) for one in batch.objects if one.version}
        earlier = await self._known.find_earlier(versions)
        supersedes = tuple(sorted({item.hex() for some in earlier.values() for item in some}))
        if is_preview:
            done.note(offer, batch.objects, supersedes=supersedes)
            return
        if isinstance(done.fault, OutageError):
            done.note(offer, batch.objects, code=done.fault.code)
            return
        item, awaited = "", None
        try:
            made = await asyncio.to_thread(items.make, batch.portions, at=node.now())
            await self._known.note(await asyncio.to_thread(_list_came, batch, offer, format_, made.digest))
            await items.give(made, audience=offer.audience, at=node.now())
            item = made.digest.hex()
        except ComityError as error:
            if not isinstance(error, UsageError) or error.code != "approval.awaited":
                done.fault = done.fault or error
                done.note(offer, batch.objects, code=error.code)
                return
            awaited = error
        done.note(offer, batch.objects, item=item, awaits=awaited, supersedes=supersedes)


def _find_keys(objects: list[Incoming], offer: _Offer, media: str) -> list[bytes]:
    return find_content_keys(offer.marking, offer.audience, media, (one.raw for one in objects))


def _list_came(batch: Batch, offer: _Offer, format_: str, item: Digest) -> list[Came]:
    keys = _find_keys(list(batch.objects), offer, batch.portions[0].media)
    rows = zip(batch.objects, keys, strict=True)
    return [Came(key, item, _name(format_, one), _order(one.version)) for one, key in rows]


def _name(format_: str, one: Incoming) -> str:
    return f"{format_}:{one.id}"


def _order(version: str) -> int:
    """Return a later number for a later version: an instant of STIX, or MISP's seconds."""
    return int(version) if version.isascii() and version.isdigit() else parse_us(version) or 0


def _add_audience(caveats: tuple[str, ...], named: Audience, *, own: Party, all_: Audience) -> tuple[str, ...]:
    """Return the caveats with the officer's choice among them, so that the funnel keeps to it from then on (X13)."""
    if not named:
        return tuple(sorted({*caveats, NATIONAL_EYES_ONLY}))
    whole = frozenset({*named, own})
    return caveats if whole == set(all_) else tuple(sorted({*caveats, write_listed(whole)}))
