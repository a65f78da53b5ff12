"""What may be marked how: topics, the scale of ranks, each party's scheme, and which levels are protected alike.

Rules
- Ranks are one ordered scale of integers, ten to a step, so that a half step (handled with care, yet no secret) has
  its place. A scheme's levels each take a rank; several names may share one.
- An equivalence row holds levels of one rank. A level stands in at most one row, so equivalence is transitive by form.
- No row means no equivalent: fail closed. A level that has none says `unmatched`, so that an omission is an error.
- A foreign marking is never rewritten: the table says how to protect, not what to write.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from comity.base.limits import PACT_ROW_COUNT_MAX
from comity.pact.terms import Confidence, Id, Note, PartyId, Refs, SourcedRule, Text, Words

__all__ = ["EquivalenceRow", "ExchangeCeiling", "Level", "Rank", "RankNumber", "Scheme", "Topic"]

RankNumber = Annotated[int, Meta(ge=0, le=1000)]
PartyIds = Annotated[tuple[PartyId, ...], Meta(min_length=2, max_length=PACT_ROW_COUNT_MAX)]


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """What something is about. Topics are a flat set: none contains another."""

    id: Id
    title: Words


class Rank(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the common scale."""

    rank: RankNumber
    title: Words


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One level of a national scheme, in its own script and in Latin letters."""

    id: Id
    rank: RankNumber
    local: Text
    romanised: Text
    language: Id
    confidence: Confidence
    unmatched: bool = False
    """No level of another party is its equivalent."""
    note: Note = ""


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """A party's levels, lowest rank first."""

    party: PartyId
    levels: Annotated[tuple[Level, ...], Meta(min_length=1, max_length=64)] = msgspec.field(name="level")


class EquivalenceRow(SourcedRule, frozen=True, kw_only=True):
    """Levels that are protected alike. The first level of a party in the row is the one used by default."""

    rank: RankNumber
    levels: Refs
    caution: Note = ""


class ExchangeCeiling(SourcedRule, frozen=True, kw_only=True):
    """Between these parties nothing above `rank_max` is exchanged, whatever an agreement's own ceiling."""

    parties: PartyIds
    rank_max: RankNumber
