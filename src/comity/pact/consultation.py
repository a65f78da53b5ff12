"""The consultation rules: trigger, threshold, call, clock, convener, forum, decision, outputs.

Each is a clause of its own, because a verdict must be able to cite the one on which it rests, and because the texts
are silent on most of them: `unspecified` is then the value. What the deployment adds stands in `policy`.
"""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.pact.terms import Clock, Id, Refs, SourcedRule, Unspecified

__all__ = ["Consultation", "DecisionRule", "Output", "Who"]


class Who(enum.Enum):
    """Who may, or who does."""

    ANY = "any"
    EACH = "each"
    ALL = "all"
    UNSPECIFIED = "unspecified"


class DecisionRule(enum.Enum):
    """How a body decides."""

    NONE = "none"
    CONSENSUS = "consensus"
    SILENCE = "silence"
    EACH_DECIDES = "each-decides"
    UNSPECIFIED = "unspecified"


class Trigger(SourcedRule, frozen=True, kw_only=True):
    """What sets the duty off: threats on these topics."""

    topics: Refs


class WhoRule(SourcedRule, frozen=True, kw_only=True):
    """A rule that says who."""

    who: Who


class ClockRule(SourcedRule, frozen=True, kw_only=True):
    """How soon, in milliseconds."""

    within_ms: Clock


class ForumRule(SourcedRule, frozen=True, kw_only=True):
    """Which body meets."""

    body: Id | Unspecified


class DecidingRule(SourcedRule, frozen=True, kw_only=True):
    """How it decides."""

    rule: DecisionRule


class Output(SourcedRule, frozen=True, kw_only=True):
    """One thing that a consultation is for."""


class Consultation(SourcedRule, frozen=True, kw_only=True):
    """The duty to consult, clause by clause."""

    trigger: Trigger
    threshold: WhoRule
    """Who decides that the trigger is met."""
    call: WhoRule
    clock: ClockRule
    convener: WhoRule
    forum: ForumRule
    decision: DecidingRule
    outputs: Annotated[tuple[Output, ...], Meta(min_length=1, max_length=16)] = msgspec.field(name="output")
    exit: WhoRule | Unspecified
