"""One item as this party's record knows it: who gave it to whom on which basis, who holds it, what was asked of it.

Nothing of its text is here: opening it is an act of its own, on the record where the pact asks for that (P48).
"""

from dataclasses import dataclass

from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.items import list_items
from comity.api.recalling import show_copy, show_recall
from comity.api.releasing import Previewing, preview_at
from comity.api.views.items import CopyShown, GivingShown, RecallShown
from comity.api.views.release import OutlookShown
from comity.base.errors import UsageError
from comity.base.names import Digest, Party
from comity.console.release import Onward, find_onward, find_quarantined
from comity.machine.dissemination import find_copies_of, find_recalls_of
from comity.node.node import Node
from comity.node.quarantine import Quarantined
from comity.node.reads import Wanted
from comity.procedure.entry import Marking
from comity.procedure.recalls import CopyState
from comity.procedure.receipt import is_delivered
from comity.procedure.sharing import Giving
from comity.procedure.spillage import ENTRIES, Spillage, fold_spillages

__all__ = ["ItemRecord", "find_item", "get_banner"]

_GONE = frozenset({CopyState.DESTROYED.value, CopyState.SAID_DESTROYED.value})


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item. `is_recorded`: opening it is noted in the own journal before it is shown.

    `state`: `here`, `apart` (in quarantine), `gone` (destroyed here) or `on-its-way`.
    """

    id: str
    originator: Party
    marking: Marking
    state: str
    is_recorded: bool
    givings: tuple[GivingShown, ...]
    copies: tuple[CopyShown, ...]
    onward: tuple[Onward, ...]
    recalls: tuple[RecallShown, ...]
    quarantined: tuple[Quarantined, ...]
    spillages: tuple[Spillage, ...]
    outlook: tuple[OutlookShown, ...]
    delivered: frozenset[tuple[str, Party]]
    """Givings and parties of which that party's own signature proves that it has the giving."""
    is_ours: bool
    is_given_on: bool

    @property
    def holders(self) -> list[Party]:
        """Who is known to have a copy now."""
        return sorted({row["holder"] for row in self.copies if row["state"] not in _GONE})


def find_item(desk: Desk, item: str) -> ItemRecord:
    """Return one item by its id.

    Raises:
        UsageError: `api.malformed`, `item.not-here` where no statement that we hold gives it.
    """
    node, digest = desk.node, parse_id(item)
    machine, now, me = node.machine, node.now(), node.machine.party
    givings = tuple(list_items(node, cut=lambda rows: [row for row in rows if row.item == item]))
    marking = get_banner(node, digest)
    apart = tuple(row for row in find_quarantined(desk) if row.item == digest)
    copies = tuple(map(show_copy, find_copies_of(machine.statements, digest, as_of=now)))
    spillages = fold_spillages(machine.statements.find(*ENTRIES))
    return ItemRecord(
        id=item,
        originator=marking.originator,
        marking=marking,
        state=_find_state(node, digest, is_apart=len(apart) == len(givings)),
        is_recorded=desk.items.reads.is_recorded(Wanted(digest, marking)),
        givings=givings,
        copies=copies,
        onward=tuple(row for row in find_onward(desk) if row.request.item == digest),
        recalls=tuple(show_recall(row, now) for row in find_recalls_of(machine.statements, digest)),
        quarantined=apart,
        spillages=tuple(row for row in spillages if _is_of(row, digest)),
        outlook=tuple(preview_at(node, Previewing(item=item))["by_party"]),
        delivered=_find_delivered(node, digest),
        is_ours=marking.originator == me,
        is_given_on=any(row["giver"] == me and row["holder"] != me and row["path"][0] != me for row in copies),
    )


def get_banner(node: Node, item: Digest) -> Marking:
    """Return the banner of an item, as its giver stated it.

    Raises:
        UsageError: `item.not-here`.
    """
    for stated in node.shelf.find_givings():
        if isinstance(stated.entry, Giving) and stated.entry.item == item:
            return stated.entry.markings[0]
    raise UsageError("item.not-here")


def _find_state(node: Node, item: Digest, *, is_apart: bool) -> str:
    givings = [one.entry for one in node.shelf.find_givings() if getattr(one.entry, "item", b"") == item]
    blobs = [entry.blob for entry in givings if isinstance(entry, Giving)]
    if all(map(node.shelf.is_gone, blobs)):
        return "gone"
    if is_apart:
        return "apart"
    return "here" if any(map(node.shelf.has, blobs)) else "on-its-way"


def _find_delivered(node: Node, item: Digest) -> frozenset[tuple[str, Party]]:
    rows = [one for one in node.shelf.find_givings() if getattr(one.entry, "item", b"") == item]
    links = {row.audience: node.machine.find_links(row.audience) for row in rows}
    return frozenset(
        (row.id.hex(), party)
        for row in rows
        for party in row.audience
        if is_delivered(row, party, statements=(), links=links[row.audience])
    )


def _is_of(row: Spillage, item: Digest) -> bool:
    return getattr(row.report.entry, "item", b"") == item
