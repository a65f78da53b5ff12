"""The agreements under which information may pass, with their states over time.

An agreement here is a *basis for release*: parties, topics, ceiling, path. By `direct` path a giver hands to a
receiver. By `hub` path the hub receives and, with the originator's consent, passes on; each leg is protected by the
agreement named in `legs`. The states are the pact file's until entries signed by all change them (DESIGN section 6).
"""

import datetime as dt
import enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from comity.base.instants import Instant
from comity.base.limits import PACT_ROW_COUNT_MAX
from comity.pact.marking import PartyIds, RankNumber
from comity.pact.terms import (
    UNSPECIFIED,
    ClauseId,
    Confidence,
    Note,
    PartyId,
    Refs,
    SourcedRule,
    Text,
    Unspecified,
    Words,
)

__all__ = [
    "Agreement",
    "AgreementClause",
    "AgreementState",
    "Binding",
    "Direction",
    "Path",
    "Renewal",
    "StateSince",
    "ThirdParty",
]


_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Binding(enum.Enum):
    """What law stands behind it."""

    TREATY = "treaty"
    POLITICAL = "political"
    NO = "no"


class Path(enum.Enum):
    """How an item travels."""

    DIRECT = "direct"
    HUB = "hub"


class Direction(enum.Enum):
    """Who gives: every party, or only the `givers`."""

    MUTUAL = "mutual"
    ONE_WAY = "one-way"


class ThirdParty(enum.Enum):
    """What the receiver may do towards one who is not a party to the agreement."""

    ORIGINATOR_CONSENT = "originator-consent"
    PROHIBITED = "prohibited"
    FREE = "free"
    UNSPECIFIED = "unspecified"


class AgreementState(enum.Enum):
    """The states of an agreement. Which of them still permit release is decided in `procedure`, not here."""

    IN_FORCE = "in-force"
    NOTICE_GIVEN = "notice-given"
    NOTICE_SUSPENDED = "notice-suspended"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Renewal(enum.Enum):
    """What happens at the end of a term."""

    YEARLY = "yearly"
    INDEFINITE = "indefinite"
    UNSPECIFIED = "unspecified"


class StateSince(msgspec.Struct, frozen=True, kw_only=True):
    """From this day (UTC midnight) the agreement is in this state. `contested` = the parties read it differently.

    `notice_ends_at` may stand in a row of notice given: the instant, with its zone, from which the row reads as ended.
    """

    state: AgreementState
    since: dt.date
    notice_ends_at: dt.datetime | None = None
    contested: bool = False
    note: Note = ""
    sources: Refs
    confidence: Confidence

    @property
    def notice_end(self) -> Instant | None:
        """The end of the notice, or None where the row names none; `check_marking` holds that it is an instant."""
        if self.notice_ends_at is None:
            return None
        return Instant((self.notice_ends_at - _EPOCH) // dt.timedelta(milliseconds=1))


class AgreementClause(SourcedRule, frozen=True, kw_only=True):
    """One article or stated rule."""

    article: Note = ""


class Agreement(SourcedRule, frozen=True, kw_only=True):
    """A basis on which information may pass between parties."""

    title: Words
    parties: PartyIds
    signed_by: Note = ""
    """The ministries or offices that signed, where they are not the parties themselves."""
    legal_basis: Text
    binding: Binding
    voluntary: bool
    topics: Refs
    ceiling_rank: RankNumber
    path: Path
    hub: PartyId | None = None
    legs: Annotated[tuple[ClauseId, ...], Meta(max_length=64)] = ()
    direction: Direction = Direction.MUTUAL
    givers: Annotated[tuple[PartyId, ...], Meta(max_length=256)] = ()
    third_party: ThirdParty
    notice_days: Annotated[int, Meta(ge=0, le=3660)] | Unspecified = UNSPECIFIED
    renewal: Renewal
    states: Annotated[tuple[StateSince, ...], Meta(min_length=1, max_length=64)] = msgspec.field(name="state")
    clauses: Annotated[tuple[AgreementClause, ...], Meta(max_length=PACT_ROW_COUNT_MAX)] = msgspec.field(
        name="clause", default=()
    )

    def find_state(self, day: dt.date) -> StateSince | None:
        """Return the state on `day` (UTC), or None before the agreement began: then nothing may pass."""
        held = [row for row in self.states if row.since <= day]
        return held[-1] if held else None
