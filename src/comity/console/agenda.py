"""What a planned meeting can speak of: what was opened last on the record, for all who may come to know of it."""

import heapq
from typing import Final

from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.console.shown import say_entry
from comity.procedure.stated import Stated

__all__ = ["list_speakable", "say_spoken"]

KINDS: Final = ("consultation", "text", "plan", "measure", "threat", "message")
"""Kinds of objects, in the order in which they are offered."""
OFFERED_COUNT: Final = 4
"""How many of each kind are offered: the latest. Others are named by the command line."""


def list_speakable(desk: Desk, titles: Titles, named: tuple[bytes, ...]) -> list[tuple[str, str]]:
    """Return ids with a sentence for each: what is named already, then the latest of each kind.

    Offered is only what all parties may read, for a meeting is planned with all of them unless somebody says otherwise;
    what would show an entry to one who may not see it is refused when it is said.
    """
    machine = desk.node.machine
    found = [stated for id_ in named if (stated := machine.record.find_statement(id_)) is not None]
    for kind in KINDS:
        scopes = (scope for scope in machine.record.list_scopes(kind) if scope.audience == machine.parties)
        opened = [stated for scope in scopes if (stated := machine.record.find_statement(scope.ref)) is not None]
        found += heapq.nlargest(OFFERED_COUNT, opened, key=_order)
    rows = {stated.id.hex(): say_entry(stated.entry, stated.author, titles) for stated in found}
    return [(id_, f"{says} · {id_[:8]}") for id_, says in rows.items()]


def say_spoken(desk: Desk, titles: Titles, id_: str) -> str:
    """Return what an entry of an agenda says; its beginning where it is not here."""
    stated = desk.node.machine.record.find_statement(bytes.fromhex(id_))
    return id_[:16] if stated is None else say_entry(stated.entry, stated.author, titles)


def _order(stated: Stated) -> tuple[int, bytes]:
    return stated.written_at, stated.id
