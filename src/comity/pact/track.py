"""What the parties report to each other live: classes of tracks, and the terms under which a party is told less.

Rules
- A class is an item of the release funnel: it has a topic, a level of each party that reports it, and caveats, so that
  it is decided once for each recipient, and never for each update (docs/spec/warning.md, W8).
- No class: nothing of the kind is sent. No term: whoever may have a class has it in full (W9).
- Bounds of a class are what its sensors can honestly report; they refuse what cannot be, and say nothing of what is.
"""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.pact.terms import ClauseId, Duration, Id, PartyId, Refs, SourcedRule, Text, Words

__all__ = ["TrackClass", "TrackDomain", "TrackKind", "TrackTerm"]


class TrackDomain(enum.Enum):
    """What moves or spreads."""

    MISSILE = "missile"
    AIR = "air"
    SURFACE = "surface"
    LAND = "land"
    SPACE = "space"
    CYBER = "cyber"
    HEALTH = "health"
    INFRASTRUCTURE = "infrastructure"


class TrackKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind within a class; a row of the feed names it by its place among them."""

    id: Id
    title: Words


class TrackClass(SourcedRule, frozen=True, kw_only=True):
    """One class of what is reported live. `commitment` is the promise that it serves, if there is one."""

    title: Words
    domain: TrackDomain
    kinds: Annotated[tuple[TrackKind, ...], Meta(min_length=1, max_length=64)]
    reported_by: Annotated[tuple[PartyId, ...], Meta(min_length=1, max_length=256)]
    topic: Id
    levels: Refs
    """One level of each party that reports, of its own scheme."""
    caveats: Annotated[tuple[Text, ...], Meta(max_length=16)] = ()
    speed_max_m_s: Annotated[int, Meta(ge=0, le=20_000)]
    altitude_max_m: Annotated[int, Meta(ge=-1_000, le=100_000_000)]
    stale_after_ms: Duration
    """A track of which nothing newer is here is shown as stale from then on."""
    dropped_after_ms: Duration
    """And as gone from then on."""
    commitment: ClauseId | None = None


class TrackTerm(SourcedRule, frozen=True, kw_only=True):
    """Under one agreement, one party tells another less of a class than it knows."""

    agreement: ClauseId
    track_class: ClauseId = msgspec.field(name="class")
    giver: PartyId = msgspec.field(name="from")
    recipient: PartyId = msgspec.field(name="to")
    coarsen_m: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """Positions are told on a grid of this size; 0: as they are."""
    delay_ms: Annotated[int, Meta(ge=0, le=86_400_000)] = 0
    """Updates are told this much later; 0: at once."""
    is_sensor_named: bool = True
