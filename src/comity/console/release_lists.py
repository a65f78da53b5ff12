"""Lists under Release: what came in from other systems, public warnings, indicators; each a page at a time.

The views are those of the API. A page ends with a cursor that names its last row (docs/adr/0060), so that what comes in
meanwhile shifts no row from one page to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from comity.api import alerts as warnings
from comity.api.desk import Desk
from comity.api.feeds import make_ceiling
from comity.api.held_alerts import MayHave, has_no_ceiling
from comity.api.imports_view import CameIn, find_imports, show_imports
from comity.api.paging import Page, Paged
from comity.api.views.exchange import AlertShown, CameInShown
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.exchange.cap_time import find_instant
from comity.exchange.consumer import Format
from comity.exchange.imported import ImportLog
from comity.exchange.register import Register
from comity.procedure.entry import Marking
from comity.procedure.sharing import Giving

__all__ = ["Listed", "Warned", "cut", "find_came_in", "find_warned"]

ROW_COUNT: Final = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """One page of a list: its rows, how many there are in all, and the cursor of the next page."""

    rows: Sequence[T]
    count: int
    older: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A public warning. `given_by` gave the item in which it came, under `marking`; else it is made of a statement.

    `sent_at` is when it was sent by its own word, None where that is no time.
    `parties` may have it now, each by its own asking; `systems` are those that poll warnings here and get it.
    """

    alert: AlertShown
    sent_at: Instant | None
    is_received: bool
    given_by: Party
    marking: Marking | None
    parties: tuple[Party, ...]
    systems: tuple[str, ...]


def cut(path: str, rows: Sequence[T], cursor: str, *, by: tuple[str, ...]) -> Listed[T]:
    """Return one page of a list; a row is identified by these fields of it.

    Raises:
        UsageError: `api.cursor-unknown`.
    """
    page = Page(path, Paged({"": by}), ROW_COUNT, cursor)
    chosen = page.cut({"": rows})[""]
    return Listed(chosen, len(rows), page.next_cursor)


def find_came_in(desk: Desk, log: ImportLog, cursor: str) -> Listed[CameInShown]:
    """Return one page of what came in, the latest first."""
    found: Listed[CameIn] = cut("/release/imports", find_imports(desk, log), cursor, by=("item", "format"))
    return Listed(show_imports(desk, list(found.rows)), found.count, found.older)


async def find_warned(desk: Desk, register: Register, cursor: str) -> Listed[Warned]:
    """Return one page of public warnings, the latest first, with where each came from and who may have it.

    What came in items is recorded as read where the pact asks for it, as the API does (P48).
    """
    own = desk.node.machine.party
    every = await warnings.find_alerts(desk, to=own, goes_out=False)
    found = cut("/release/warnings", every[::-1], cursor, by=("kind", "id"))
    wanted = {row.id for row in found.rows}
    await desk.items.reads.record_items({bytes.fromhex(row.id) for row in found.rows if row.kind == "item"})
    parties = [party for party in desk.node.machine.parties if party != own]
    reached = {party: await _list_ids(desk, party, wanted) for party in parties}
    polled = {one.name: await _list_ids(desk, one.party, wanted, make_ceiling(desk, one))
              for one in register.list() if Format.CAP in one.formats}  # fmt: skip
    givings = _find_givings(desk, wanted)
    rows = []
    for row in found.rows:
        id_ = row.id
        given_by, marking = givings.get(id_, ("", None))
        rows.append(
            Warned(warnings.show_row(row), find_instant(row.sent), row.kind == "item", given_by, marking,
                   tuple(party for party in parties if id_ in reached[party]),
                   tuple(name for name, ids in polled.items() if id_ in ids))
        )  # fmt: skip
    return Listed(rows, found.count, found.older)


async def _list_ids(desk: Desk, to: Party, wanted: set[str], may_have: MayHave = has_no_ceiling) -> set[str]:
    """Return which of these warnings a party may have, or a system that polls for it within a ceiling of its own."""
    only = {bytes.fromhex(id_) for id_ in wanted}
    return {row.id for row in await warnings.find_alerts(desk, to=to, goes_out=True, may_have=may_have, only=only)}


def _find_givings(desk: Desk, wanted: set[str]) -> dict[str, tuple[Party, Marking]]:
    found: dict[str, tuple[Party, Marking]] = {}
    for stated in desk.node.shelf.find_givings():
        if isinstance(stated.entry, Giving) and (id_ := Digest(stated.entry.item).hex()) in wanted:
            found.setdefault(id_, (stated.author, stated.entry.markings[0]))
    return found
