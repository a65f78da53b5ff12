"""What a desk shows of officers: who acted in what, and acts beyond anybody's power, of whatever party (P43)."""

from collections.abc import Iterator

from comity.api.views.standing import BeyondPower, BeyondPowerRow
from comity.machine.machine import Machine
from comity.procedure.stated import Stated
from comity.procedure.timeline import Row, timeline_of

__all__ = ["show_beyond_power", "show_row"]

SHOWN_COUNT_MAX = 1_000
"""Findings in one answer: a node that lets everything through does not fill it for ever."""


def show_beyond_power(machine: Machine) -> BeyondPower:
    """Return the findings about who acted, the latest first, and how many there are."""
    found = sorted(machine.offices.all, key=lambda one: one.stated.written_at, reverse=True)
    rows: list[BeyondPowerRow] = [
        {"entry": one.stated.id.hex(), "author": one.stated.author, "at": one.stated.written_at,
         "act": one.fault.act.value, "code": one.fault.code, "clause": one.fault.clause}
        for one in found[:SHOWN_COUNT_MAX]
    ]  # fmt: skip
    return {"beyond_power": rows, "beyond_power_count": len(found)}


def show_row(machine: Machine, stated: Stated) -> Row:
    """Return one statement as a row of the timeline, with who acted in it."""
    return next(row for row in timeline_of((stated, *_find_acting(machine, stated))) if row.id == stated.id)


def _find_acting(machine: Machine, stated: Stated) -> Iterator[Stated]:
    yield from (row for row in machine.statements.find_acting(stated.page_digest) if row.id != stated.id)
