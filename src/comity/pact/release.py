"""The table that the release funnel reads: which agreement carries what to whom, and which level answers which.

Plain rows of the pact file, nothing decided: `procedure` decides, with states, consents and cuts. Fail closed by
form: what has no row here has no basis.
"""

import enum

import msgspec

from comity.base.names import Party
from comity.pact.agreement import Agreement, Path, ThirdParty
from comity.pact.marking import Level
from comity.pact.model import Pact

__all__ = ["Leg", "Route", "equivalent_level", "find_level", "routes"]


class Leg(enum.Enum):
    """Which part of a path a route is."""

    DIRECT = "direct"
    """From giver to receiver, and it may stay there."""
    TO_HUB = "to-hub"
    """From giver to the hub, for passing on with the giver's consent."""
    BY_HUB = "by-hub"
    """From giver to receiver, carried by the hub: the hub passes it on."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which an item may go from `giver`, its originator, to `receiver`."""

    agreement: str
    giver: Party
    receiver: Party
    leg: Leg
    hub: Party | None
    topics: tuple[str, ...]
    ceiling_rank: int
    """The lowest of the agreement's ceiling and every exchange ceiling between giver and receiver."""
    third_party: ThirdParty
    binding: bool
    legs: tuple[str, ...]
    """Agreements that protect the way: all of them must be in force too."""
    clauses: tuple[str, ...]
    """Clause ids to cite: the agreement, its legs, and the ceilings that lowered it."""


def routes(pact: Pact) -> tuple[Route, ...]:
    """Return every route of the file, ordered by agreement, giver, receiver.

    A hub path gives no route *from* the hub: what the hub itself originates goes by the agreements of its legs.
    """
    return tuple(
        _make_route(pact, agreement, giver, receiver)
        for agreement in pact.agreements
        for giver in sorted(agreement.givers or agreement.parties)
        for receiver in sorted(agreement.parties)
        if giver not in (receiver, agreement.hub)
    )


def _make_route(pact: Pact, agreement: Agreement, giver: Party, receiver: Party) -> Route:
    by_hub = Leg.TO_HUB if receiver == agreement.hub else Leg.BY_HUB
    leg = Leg.DIRECT if agreement.path is Path.DIRECT else by_hub
    ends = {giver, receiver} if agreement.hub is None else {giver, receiver, agreement.hub}
    # A leg protects the way between the hub and one end; others of the agreement are not needed for this pair.
    legs = tuple(id_ for id_ in agreement.legs if set(_get_agreement(pact, id_).parties) <= ends)
    ceilings = [ceiling for ceiling in pact.ceilings if {giver, receiver} <= set(ceiling.parties)]
    lowered = [ceiling for ceiling in ceilings if ceiling.rank_max < agreement.ceiling_rank]
    return Route(
        agreement=agreement.id,
        giver=giver,
        receiver=receiver,
        leg=leg,
        hub=agreement.hub,
        topics=agreement.topics,
        ceiling_rank=min([agreement.ceiling_rank, *(ceiling.rank_max for ceiling in lowered)]),
        third_party=agreement.third_party,
        binding=agreement.binding.value == "treaty",
        legs=legs,
        clauses=(agreement.id, *legs, *(ceiling.id for ceiling in lowered)),
    )


def _get_agreement(pact: Pact, id_: str) -> Agreement:
    agreement = pact.find_agreement(id_)
    assert agreement is not None, "a parsed pact has no dangling legs"
    return agreement


def find_level(pact: Pact, level_id: str) -> tuple[Party, Level] | None:
    """Return the level with this id and the party whose scheme it is of, or None."""
    return next(
        ((scheme.party, level) for scheme in pact.schemes for level in scheme.levels if level.id == level_id), None
    )


def equivalent_level(pact: Pact, level_id: str, receiver: Party) -> Level | None:
    """Return the level under which `receiver` protects what is marked `level_id`, or None: then it may not go.

    Where the receiver has several levels in the row, the one named first. The original marking stays beside it.
    """
    for row in pact.equivalences:
        if level_id in row.levels:
            found = (find_level(pact, id_) for id_ in row.levels)
            return next((level for party, level in filter(None, found) if party == receiver), None)
    return None
