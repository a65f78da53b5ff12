"""Importing for the officers: sort a file by marking, ask the funnel for each, give what may be given, list the rest.

Preview and import are one function (docs/spec/exchange.md, X13): nothing is stored that has no marking, nothing is
given that the funnel does not permit, and nothing that came is left out of the answer.
"""

import asyncio
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from comity.api.desk import Desk
from comity.api.form import simplify
from comity.base.errors import UsageError
from comity.base.names import Audience, Party
from comity.exchange.marker import Marker, Wish
from comity.exchange.misp_import import sort_events
from comity.exchange.misp_table import MispTable, read_table
from comity.exchange.sorting import Batch, Sorted
from comity.exchange.stix_import import sort_bundle
from comity.procedure.caveat import write_listed
from comity.procedure.verdict import AudienceDecision, Permit

__all__ = ["Importer"]

View = dict[str, Any]
Sort = Callable[[bytes, Marker], Sorted]

NATIONAL_EYES_ONLY: Final = "NATIONAL EYES ONLY"


class Importer:
    """Imports at one desk."""

    def __init__(self, desk: Desk, *, misp_table: Path | None = None) -> None:
        """`misp_table` is the party's file of what MISP's groups mean; without it every group is unknown."""
        self._desk = desk
        self._misp_table = misp_table
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
        is_there = self._misp_table is not None and self._misp_table.exists()
        table = (
            read_table(self._misp_table.read_bytes(), machine.pact) if is_there and self._misp_table else MispTable()
        )
        return functools.partial(sort_events, table=table, own=machine.party)

    async def take(self, raw: bytes, *, format_: str, to: tuple[Party, ...], wish: Wish, is_preview: bool) -> View:
        """Import a file, offered to `to`, or only show what would become of it.

        Each marking becomes items of its own, given to those of `to` to whom the funnel permits them; what none of them
        may have is kept for the own party alone. Whom the officer left out stands in the marking.

        Raises:
            UsageError: `exchange.wish`; `approval.awaited` where every item waits for a second officer; what giving an
                item raises.
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
        sorted_ = await asyncio.to_thread(self._sorts[format_](), raw, marker)
        rows, waiting = [], []
        for batch in sorted_.list_batches():
            row, awaited = await self._give(batch, named, is_preview=is_preview)
            rows.append(row)
            waiting += [awaited] if awaited is not None else []
        if waiting and len(waiting) == len(rows):
            raise waiting[0]
        return {
            "items": rows,
            "object_count": sum(row["object_count"] for row in rows),
            "given_count": sum(row["object_count"] for row in rows if row["to"] and not row["awaits"]),
            "refused": [{"index": row.index, "id": row.id, "code": row.code} for row in sorted_.refused],
        }

    async def _give(self, batch: Batch, to: Audience, *, is_preview: bool) -> tuple[View, UsageError | None]:
        """Give one item to those who may have it, and to nobody else where none may; `item` is empty in a preview.

        It may wait for a second officer: `awaits` is the digest of that act, and it stops no other item.
        """
        node, items = self._desk.node, self._desk.items
        audience = tuple(sorted({*to, node.machine.party}))
        decided = items.preview(batch.portions[:1], audience=audience, at=node.now())
        permitted = _find_permitted(decided)
        item, awaited = "", None
        if not is_preview:
            audience = tuple(sorted({*permitted, node.machine.party}))
            try:
                item = (await items.share(batch.portions, audience=audience, at=node.now())).hex()
            except UsageError as error:
                if error.code != "approval.awaited":
                    raise
                awaited = error
        awaits = "" if awaited is None else str(awaited.details["digest"])
        row = {"item": item, "awaits": awaits, "marking": simplify(batch.marking), "object_count": batch.object_count,
               "to": list(permitted), "decisions": simplify(decided)}  # fmt: skip
        return row, awaited


def _add_audience(caveats: tuple[str, ...], named: Audience, *, own: Party, all_: Audience) -> tuple[str, ...]:
    """Return the caveats with the officer's choice among them, so that the funnel keeps to it from then on (X13)."""
    if not named:
        return tuple(sorted({*caveats, NATIONAL_EYES_ONLY}))
    whole = frozenset({*named, own})
    return caveats if whole == set(all_) else tuple(sorted({*caveats, write_listed(whole)}))


def _find_permitted(decided: AudienceDecision) -> Audience:
    return tuple(party for party, decision in decided.by_party if isinstance(decision, Permit))
