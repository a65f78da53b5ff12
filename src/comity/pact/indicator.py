"""Early warning in numbers: what is watched, where a value becomes a matter, who reports it how often.

Rules
- Values and thresholds are decimal numbers in one written form, never floats: every node compares the same digits.
- A threshold is the deployment's own, with the source that says so; no text of the parties is read into a number.
- A row says under which marking its values are reported, for each party that reports them.
"""

import enum
from typing import Annotated, Final

from msgspec import Meta

from comity.pact.terms import ClauseId, Duration, Id, PartyId, Refs, SourcedRule, Text, Words

__all__ = ["DECIMAL_PATTERN", "Direction", "Indicator", "find_scaled"]

DECIMAL_PATTERN: Final = r"(0|-?[1-9][0-9]{0,14}|-?(0|[1-9][0-9]{0,14})\.[0-9]{0,8}[1-9])"
"""The one form of a number: no leading or trailing zero, no plus, no minus zero, at most nine places."""

Decimal = Annotated[str, Meta(pattern=DECIMAL_PATTERN)]
_PLACES: Final = 9


class Direction(enum.Enum):
    """On which side of a threshold the trouble lies."""

    ABOVE = "above"
    """A value at a threshold or above it crosses it."""
    BELOW = "below"
    """A value at a threshold or below it crosses it."""


class Indicator(SourcedRule, frozen=True, kw_only=True):
    """One thing that is watched. `commitment` is the promise that it serves."""

    title: Words
    unit: Text
    direction: Direction
    watch_at: Decimal
    warning_at: Decimal
    reported_by: Annotated[tuple[PartyId, ...], Meta(min_length=1, max_length=256)]
    every_ms: Duration
    """A report is owed in each whole interval of UTC of this length."""
    topic: Id
    levels: Refs
    """One level of each party that reports, of its own scheme."""
    caveats: Annotated[tuple[Text, ...], Meta(max_length=16)] = ()
    commitment: ClauseId


def find_scaled(number: str) -> int:
    """Return a number of the one form in billionths: whole, so that comparing it is exact."""
    whole, _, places = number.partition(".")
    scaled = int(whole.removeprefix("-") + places.ljust(_PLACES, "0"))
    return -scaled if number.startswith("-") else scaled
