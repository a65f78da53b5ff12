"""What waits for an officer of this party: calls that nobody here has answered, FLASH messages that nobody has read.

A party's own view of what it holds; it is shown to its own officers alone.
"""

from collections.abc import Iterator

from comity.api.pact_view import find_policy
from comity.api.views.standing import Waiting
from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.procedure.consultation import ConsultationState, ConsultationView, Phase, judge_consultation
from comity.procedure.correction import Settled
from comity.procedure.hotline import MessageCell, MessageState, Precedence
from comity.procedure.receipt import ReceiptState

__all__ = ["count_waiting", "find_calls", "find_messages"]

_OPEN = (Phase.CALLED, Phase.CONVENED)


def count_waiting(machine: Machine, now: Instant) -> Waiting:
    """Return how many calls and FLASH messages of others wait for an answer from here."""
    flash = [own for state, own in find_messages(machine) if state.precedence is Precedence.FLASH]
    unseen = [own for own in flash if own is None or (own.read is None and own.acknowledged is None)]
    return {"waiting": {"call_count": sum(1 for _ in find_calls(machine, now)), "flash_count": len(unseen)}}


def find_calls(machine: Machine, now: Instant) -> Iterator[tuple[Settled, ConsultationView]]:
    """Yield the calls of others that nobody here has answered, as they stand now."""
    for scope in machine.record.list_scopes("consultation"):
        state = machine.record.get_state(scope)
        assert isinstance(state, ConsultationState), "a consultation folds to its state"
        if state.called is None or state.called.stated.author == machine.party:
            continue
        links = machine.find_links(scope.audience)
        view = judge_consultation(state, find_policy(machine, scope), as_of=now, links=links)
        own = [row for row in view.parties if row.party == machine.party]
        is_answered = any(row.declined or row.receipt is ReceiptState.ACKNOWLEDGED for row in own)
        if view.phase in _OPEN and not is_answered:
            yield state.called, view


def find_messages(machine: Machine) -> Iterator[tuple[MessageState, MessageCell | None]]:
    """Yield the messages and phrases of others that were not withdrawn, each with what was said of it here."""
    for scope in machine.record.list_scopes("message"):
        state = machine.record.get_state(scope)
        assert isinstance(state, MessageState), "a message folds to its state"
        if state.sent is None or state.sent.stated.author == machine.party or state.sent.withdrawn_by is not None:
            continue
        yield state, next((cell for cell in state.cells if cell.party == machine.party), None)
