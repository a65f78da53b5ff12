"""The pact's release table, made ready for many questions: plain look-ups, nothing decided.

`pact.release` gives rows; this indexes them once per version of the pact. What is not found here has no basis.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comity.base.names import Audience, Party
from comity.pact.model import Pact
from comity.pact.release import Leg, Route, equivalent_level, routes
from comity.procedure.rulings import Rulings

__all__ = ["ReleaseTerms", "compile_terms"]

_LEG_ORDER = (Leg.DIRECT, Leg.TO_HUB, Leg.BY_HUB)


@dataclass(frozen=True, slots=True)
class ReleaseTerms:
    """One version of the pact as the funnel reads it. Ranks are numbers of the pact's common scale."""

    pact: Pact
    parties: frozenset[Party]
    topics: frozenset[str]
    agreements: frozenset[str]
    ranks: Mapping[str, tuple[Party, int]]
    """Level id to the party whose scheme has it, and its rank."""
    equivalents: Mapping[tuple[str, Party], str]
    """(level id, receiver) to the receiver's level; no row, no key."""
    topics_of: Mapping[str, frozenset[str]]
    """Topics by agreement."""
    rank_max: Mapping[str, int]
    """Highest rank by agreement or exchange ceiling."""
    between: Mapping[tuple[Party, Party], tuple[Route, ...]]
    """(giver, receiver) to routes: direct ones first, then to the hub, then by the hub; each in the file's order."""
    circles: frozenset[Audience] = frozenset()
    """All parties of this version, and of each before it: to whom the state of an agreement may have been told."""
    rulings: Rulings = field(init=False, compare=False, repr=False, default_factory=Rulings)
    """What the funnel has said under this version, for every ground that stands on it."""

    def find_exchange_ceiling(self, one: Party, other: Party, *, rank: int) -> str | None:
        """Return the clause by which these two never exchange `rank`, or None."""
        for ceiling in self.pact.ceilings:
            if {one, other} <= set(ceiling.parties) and rank > ceiling.rank_max:
                return ceiling.id
        return None


def compile_terms(pact: Pact, *, circles: Iterable[Audience] = ()) -> ReleaseTerms:
    """Index the release table of a parsed pact; `circles` are the audiences of the versions before it."""
    levels = [(scheme.party, level) for scheme in pact.schemes for level in scheme.levels]
    equivalents = {}
    for giver, level in levels:
        for receiver in pact.audience:
            found = equivalent_level(pact, level.id, receiver)
            if receiver == giver:
                equivalents[level.id, receiver] = level.id
            elif found is not None:
                equivalents[level.id, receiver] = found.id
    between: dict[tuple[Party, Party], list[Route]] = {}
    for route in sorted(routes(pact), key=lambda route: _LEG_ORDER.index(route.leg)):
        between.setdefault((route.giver, route.receiver), []).append(route)
    return ReleaseTerms(
        pact=pact,
        parties=frozenset(pact.audience),
        topics=frozenset(topic.id for topic in pact.topics),
        agreements=frozenset(agreement.id for agreement in pact.agreements),
        ranks={level.id: (party, level.rank) for party, level in levels},
        equivalents=equivalents,
        topics_of={agreement.id: frozenset(agreement.topics) for agreement in pact.agreements},
        rank_max={
            **{agreement.id: agreement.ceiling_rank for agreement in pact.agreements},
            **{ceiling.id: ceiling.rank_max for ceiling in pact.ceilings},
        },
        between={pair: tuple(rows) for pair, rows in between.items()},
        circles=frozenset((pact.audience, *circles)),
    )
