"""Expiry: from its end on an item is given to nobody (docs/spec/release.md, R37).

It only ever restricts: what has not expired is decided by the funnel alone. Asked wherever an item is given: before it
is sealed, when the giving is stated, and when its reader judges it again.
"""

from collections.abc import Sequence
from typing import Final

from comity.base.instants import Instant
from comity.base.names import Audience, Party
from comity.procedure.ground import Ground
from comity.procedure.release import decide, find_audience_fault
from comity.procedure.verdict import FUNNEL, AudienceDecision, Decision, Reason, Subject, Withheld

__all__ = ["EXPIRED", "decide_giving", "decide_givings", "is_expired"]

EXPIRED: Final = Withheld(FUNNEL, Reason.EXPIRED)


def is_expired(expires_at: Sequence[int], *, as_of: Instant) -> bool:
    """Tell whether an item with this end, or none, is expired at an instant."""
    return any(as_of >= end for end in expires_at)


def decide_giving(subject: Subject, *, expires_at: Sequence[int], holder: Party, to: Party, ground: Ground) -> Decision:
    """Decide whether `holder` may give an item to `to`."""
    if is_expired(expires_at, as_of=ground.as_of):
        return EXPIRED
    return decide(subject, holder=holder, to=to, ground=ground)


def decide_givings(
    subject: Subject, *, expires_at: Sequence[int], holder: Party, audience: Audience, ground: Ground
) -> AudienceDecision:
    """Decide for a whole audience, as `release.decide_audience`."""
    if fault := find_audience_fault(audience, holder=holder):
        return AudienceDecision((), fault)
    others = (to for to in audience if to != holder)
    return AudienceDecision(
        tuple((to, decide_giving(subject, expires_at=expires_at, holder=holder, to=to, ground=ground)) for to in others)
    )
