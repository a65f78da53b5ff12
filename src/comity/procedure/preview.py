"""What each party would be told of something, and beside it who could come to see it by any chain.

One function for a running node and for a pact file alone: the ground is all that differs. It asks the same `decide` as
a sending does (docs/spec/release.md, R1, R31).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from comity.base.names import Party
from comity.procedure.chain import Barrier, Chain, find_reach
from comity.procedure.expiry import decide_giving
from comity.procedure.ground import Ground
from comity.procedure.verdict import Decision, Subject

__all__ = ["Outlook", "preview_release"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """For one party: the answer now, and the chain by which it could come to see it, or what stands in every way.

    `is_holder` tells that it is known to have it already.
    """

    party: Party
    decision: Decision
    is_holder: bool
    chain: Chain | None
    barriers: tuple[Barrier, ...]


def preview_release(
    subject: Subject,
    *,
    holder: Party,
    ground: Ground,
    known_holders: Collection[Party] = (),
    expires_at: Sequence[int] = (),
) -> tuple[Outlook, ...]:
    """Return the outlook for every party but the holder; chains begin at all who are known to have it.

    `expires_at` is the item's end, or nothing: from then on it goes to nobody (R37).
    """
    holders = frozenset((holder, *known_holders)) & ground.terms.parties
    reach = find_reach(subject, holders=holders, ground=ground, expires_at=expires_at)
    return tuple(
        Outlook(
            party,
            decide_giving(subject, expires_at=expires_at, holder=holder, to=party, ground=ground),
            party in holders,
            reach.chains.get(party),
            reach.list_barriers(party),
        )
        for party in sorted(ground.terms.parties - {holder})
    )
