"""Who the parties are: names, time-zone rules, root keys.

Hosts' time-zone tables differ and are replaced under a running program, so two parties could disagree about a local
time. A pact therefore carries the rules themselves (`zone` computes with them). A profile has no root keys; a pact
file that is ready to accept has one root for each party.
"""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.pact.terms import Id, Note, PartyId, Text, Words

__all__ = ["Daylight", "Root", "Signatory", "Turn", "TurnClock", "Weekday", "ZoneRules"]

Minutes = Annotated[int, Meta(ge=-14 * 60, le=14 * 60)]
Year = Annotated[int, Meta(ge=1970, le=9999)]
Letters = Annotated[str, Meta(pattern=r"[A-Z]{2,6}|UTC[+-]\d{1,2}")]


class Weekday(enum.Enum):
    """Days of the week, in the order of `datetime.date.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class TurnClock(enum.Enum):
    """Which clock shows `at_minutes` when clocks are changed."""

    WALL = "wall"
    """The local clock as it stands just before."""
    UTC = "utc"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """The day and minute at which clocks change: the `nth` weekday of a month, -1 being the last."""

    month: Annotated[int, Meta(ge=1, le=12)]
    weekday: Weekday
    nth: Annotated[int, Meta(ge=-1, le=4)]
    at_minutes: Annotated[int, Meta(ge=0, le=24 * 60)]
    """Minutes after that day's midnight."""
    clock: TurnClock = TurnClock.WALL


class Daylight(msgspec.Struct, frozen=True, kw_only=True):
    """Daylight saving over an era of years, both ends included."""

    from_year: Year
    until_year: Year = 9999
    offset_minutes: Minutes
    letters: Letters
    starts: Turn
    ends: Turn


class ZoneRules(msgspec.Struct, frozen=True, kw_only=True):
    """Local time as data: minutes east of UTC, and the eras of daylight saving, if any."""

    name: Text
    offset_minutes: Minutes
    letters: Letters
    daylight: Annotated[tuple[Daylight, ...], Meta(max_length=16)] = ()
    basis: Note = ""


class Signatory(msgspec.Struct, frozen=True, kw_only=True):
    """A party as the pact names it."""

    id: PartyId
    name: Words
    short: Words
    zone: ZoneRules
    languages: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=8)]


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """A party's pinned root (DESIGN section 3, keys): two public keys, and the digest of the root that comes next."""

    ed25519: Annotated[str, Meta(pattern=r"[0-9a-f]{64}")]
    mldsa65: Annotated[str, Meta(pattern=r"[0-9a-f]{3904}")]
    next_root_digest: Annotated[str, Meta(pattern=r"[0-9a-f]{64}")]
