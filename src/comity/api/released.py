"""What a reader outside the journals may have: the funnel's answer for an export, at the moment of asking (X35).

An export is a giving by this party, so each thing is decided as if it were said now: the same function as preview and
sending. To its own systems a party shows its own eyes' copy; what such a consumer's ceiling leaves out is left out by
whoever serves it.
"""

from collections.abc import Callable

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.machine.funnel import decode_known
from comity.machine.machine import Machine
from comity.procedure.entry import Entry
from comity.procedure.expiry import decide_giving
from comity.procedure.ground import GROUNDING
from comity.procedure.judgement import decide_entry
from comity.procedure.sharing import Giving
from comity.procedure.verdict import FUNNEL, Decision, Permit, Reason, Subject, Withheld

__all__ = ["Decide", "prepare_entries", "prepare_givings"]

Decide = Callable[[Entry], Decision]


def prepare_entries(machine: Machine, *, to: Party, at: Instant) -> Decide:
    """Return what says what this party would be told if it stated an entry to `to` alone now.

    The ground is found once, for however many entries it is asked.
    """
    if to == machine.party:
        return lambda _: Permit(FUNNEL, (to,))
    audience = tuple(sorted({machine.party, to}))
    ground, stated = machine.funnel.find_ground(at, audience=audience), machine.statements.find(*GROUNDING)

    def decide(entry: Entry) -> Decision:
        found = decide_entry(
            entry, holder=machine.party, audience=audience, ground=ground, stated=stated, decode=decode_known
        )
        if found.audience_fault is not None:
            return found.audience_fault
        return next((decision for _, decision in found.by_party), Withheld(FUNNEL, Reason.AUDIENCE_EMPTY))

    return decide


def prepare_givings(machine: Machine, *, to: Party, at: Instant) -> Callable[[Giving], Decision]:
    """Return what says what this party would be told if it gave an item, as given here, to `to` now; expired: no."""
    if to == machine.party:
        return lambda _: Permit(FUNNEL, (to,))
    ground = machine.funnel.find_ground(at, audience=tuple(sorted({machine.party, to})))

    def decide(entry: Giving) -> Decision:
        subject, ends = Subject(entry.markings, Digest(entry.item)), getattr(entry, "expires_at", ())
        return decide_giving(subject, expires_at=ends, holder=machine.party, to=to, ground=ground)

    return decide
