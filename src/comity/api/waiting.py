"""What waits for an officer of this party: calls that nobody here has answered, FLASH messages that nobody has read.

A party's own view of what it holds; it is shown to its own officers alone.
"""

from comity.api.pact_view import find_policy
from comity.api.views.standing import Waiting
from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.procedure.consultation import ConsultationState, Phase, judge_consultation
from comity.procedure.hotline import MessageState, Precedence
from comity.procedure.receipt import ReceiptState

__all__ = ["count_waiting"]

_OPEN = (Phase.CALLED, Phase.CONVENED)


def count_waiting(machine: Machine, now: Instant) -> Waiting:
    """Return how many calls and FLASH messages of others wait for an answer from here."""
    return {"waiting": {"call_count": _count_calls(machine, now), "flash_count": _count_flash(machine)}}


def _count_calls(machine: Machine, now: Instant) -> int:
    count = 0
    for scope in machine.record.list_scopes("consultation"):
        state = machine.record.get_state(scope)
        assert isinstance(state, ConsultationState)
        if state.called is None or state.called.stated.author == machine.party:
            continue
        links = machine.find_links(scope.audience)
        view = judge_consultation(state, find_policy(machine, scope), as_of=now, links=links)
        own = [row for row in view.parties if row.party == machine.party]
        is_answered = any(row.declined or row.receipt is ReceiptState.ACKNOWLEDGED for row in own)
        count += view.phase in _OPEN and not is_answered
    return count


def _count_flash(machine: Machine) -> int:
    count = 0
    for scope in machine.record.list_scopes("message"):
        state = machine.record.get_state(scope)
        assert isinstance(state, MessageState)
        if state.sent is None or state.sent.stated.author == machine.party or state.sent.withdrawn_by is not None:
            continue
        own = [cell for cell in state.cells if cell.party == machine.party]
        is_seen = any(cell.read is not None or cell.acknowledged is not None for cell in own)
        count += state.precedence is Precedence.FLASH and not is_seen
    return count
