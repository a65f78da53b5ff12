"""Where a warning is given, and which events of a picture lead to a report: areas of the pact, and rules over them.

Rules
- An area is a ring of corners in whole microdegrees, as P26 has polygons: straight in latitude and longitude, the
  shorter way round. It claims no border: it is where somebody is warned.
- A rule drafts a report for an officer, or has it sent at once; what it says is evidence with its uncertainty, never a
  decision (docs/spec/warning.md, W13 to W15).
"""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.base.limits import AREA_POINT_COUNT_MAX
from comity.pact.terms import ClauseId, Id, PartyId, SourcedRule, Words

__all__ = ["RuleAct", "RulePrecedence", "TrackEvent", "TrackRule", "WarningArea"]

_UDEG_MAX = 180_000_000
Corner = Annotated[tuple[Annotated[int, Meta(ge=-_UDEG_MAX, le=_UDEG_MAX)], ...], Meta(min_length=2, max_length=2)]
"""Longitude and latitude in microdegrees, east and north positive, in the order of GeoJSON."""


class WarningArea(SourcedRule, frozen=True, kw_only=True):
    """An area in which people are warned, or from which something may come."""

    title: Words
    parties: Annotated[tuple[PartyId, ...], Meta(max_length=256)] = ()
    """Whose people are warned here; none: it is only looked at."""
    languages: Annotated[tuple[Id, ...], Meta(max_length=16)] = ()
    """In which languages."""
    polygon: Annotated[tuple[Corner, ...], Meta(min_length=3, max_length=AREA_POINT_COUNT_MAX)]
    """The last corner is joined to the first."""


class TrackEvent(enum.Enum):
    """What of an object is looked at."""

    LAUNCH_IN = "launch-in"
    """Its estimate of launch."""
    IMPACT_IN = "impact-in"
    """Its estimate of impact."""
    ENTERS = "enters"
    """Where it is."""


class RuleAct(enum.Enum):
    """What follows."""

    DRAFT = "draft"
    SEND = "send"


class RulePrecedence(enum.Enum):
    """How urgent the report is; highest first."""

    FLASH = "flash"
    IMMEDIATE = "immediate"
    PRIORITY = "priority"
    ROUTINE = "routine"


class TrackRule(SourcedRule, frozen=True, kw_only=True):
    """An event in an area that leads to a threat report, once for each object."""

    track_class: ClauseId = msgspec.field(name="class")
    kinds: Annotated[tuple[Id, ...], Meta(max_length=64)] = ()
    """Kinds of the class; none named: whatever it is, also what nobody has named."""
    when: TrackEvent
    area: ClauseId
    probability_percent: Annotated[int, Meta(ge=1, le=100)]
    """How probable it is at least that it lies in the area."""
    act: RuleAct
    precedence: RulePrecedence
