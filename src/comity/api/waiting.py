"""How much waits for an officer of this party; what waits is `comity.machine.waiting`."""

from comity.api.views.standing import Waiting
from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.machine.waiting import find_calls, find_messages
from comity.procedure.hotline import Precedence

__all__ = ["count_waiting", "find_calls", "find_messages"]


def count_waiting(machine: Machine, now: Instant) -> Waiting:
    """Return how many calls and FLASH messages of others wait for an answer from here."""
    flash = [own for state, own in find_messages(machine) if state.precedence is Precedence.FLASH]
    unseen = [own for own in flash if own is None or (own.read is None and own.acknowledged is None)]
    return {"waiting": {"call_count": sum(1 for _ in find_calls(machine, now)), "flash_count": len(unseen)}}
