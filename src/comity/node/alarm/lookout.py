"""What alarms at a node, worked out again only where something that touches it was stated, or now and then.

A record may grow by thousands of statements a second, and hundreds of consoles ask at each of them what alarms: what
has nothing to do with a call or a message costs them nothing.
"""

from typing import TYPE_CHECKING, Final

from comity.base.instants import SECOND_MS
from comity.machine.waiting import Alert, find_alerts
from comity.procedure.alarm import AlarmEscalated, CalledOut

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["AlertLookout"]

_KINDS: Final = frozenset({"consultation", "message", "correction"})
"""Objects whose statements can begin or end an alarm."""
_NOTES: Final = (AlarmEscalated, CalledOut)
STALE_MS: Final = 10 * SECOND_MS
"""Time alone ends a call that nobody has spoken in for long, and a withdrawal of yesterday: nobody waits for that."""


class AlertLookout:
    """The alerts of one node, as of the last statement that touched one."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._index = 0
        self._touched_count = 0
        self._seen = (-1, -1, -1)
        self._alerts: tuple[Alert, ...] = ()
        self.number = 0
        """How often this was worked out: whoever kept something of it sees whether that still holds."""

    def read(self) -> tuple[Alert, ...]:
        """Return the alerts of now."""
        machine, now = self._node.machine, self._node.now()
        new = machine.statements.list_from(self._index)
        self._index += len(new)
        self._touched_count += sum(
            stated.entry.belongs_to[0] in _KINDS or isinstance(stated.entry, _NOTES) for stated in new
        )
        seen = (self._touched_count, machine.ledger.unrest, now // STALE_MS)
        if seen != self._seen:
            self._seen, self._alerts = seen, find_alerts(machine, now)
            self.number += 1
        return self._alerts
