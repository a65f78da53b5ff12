"""What a node goes through once it has started: else the first look at each page would wait for it.

It makes nothing that a look would not make, in the same way, and nothing rests on it: folds, what is kept beside them,
the order of the record and its index. Between small parts the node does its other work.
"""

import asyncio
import contextlib
import gc
from typing import Final

from comity.api.desk import Desk
from comity.api.line_view import judge_lines
from comity.api.pact_view import judge_duties_of
from comity.base.errors import UsageError
from comity.machine.dissemination import find_copies
from comity.procedure.line import LineState
from comity.procedure.record import KINDS
from comity.procedure.scope import Scope

__all__ = ["look_first"]

PAUSE_COUNT: Final = 10
"""Objects that are folded without a pause."""


async def look_first(desk: Desk) -> None:
    """Go through it all."""
    machine = desk.node.machine
    for kind in KINDS:
        for number, scope in enumerate(machine.record.list_scopes(kind)):
            if number % PAUSE_COUNT == PAUSE_COUNT - 1:
                await asyncio.sleep(0)
            with contextlib.suppress(UsageError):  # what waited meanwhile stands elsewhere by now
                _look_at(desk, scope)
    machine.statements.in_order.read()
    await asyncio.sleep(0)
    find_copies(machine.statements, as_of=desk.node.now())
    for look in desk.looks:
        await look()
    gc.freeze()  # all of it lasts, and would be the longest pause of a search for garbage


def _look_at(desk: Desk, scope: Scope) -> None:
    machine, now = desk.node.machine, desk.node.now()
    state = machine.record.get_state(scope)
    for _ in judge_duties_of(machine, (scope,), now):
        pass
    if isinstance(state, LineState):
        judge_lines(machine, (state,), now)
