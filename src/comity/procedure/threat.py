"""Threats as parties report them: what was seen, when, whom it touches, on whose word.

A report is one party's statement; two parties' reports of one event are two threats, which a call may cite together.
The narrative is marked text, so the release funnel decides the whole entry (DESIGN section 6).
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.limits import CITATION_COUNT_MAX
from comity.pact.track import TrackDomain
from comity.procedure.correction import Settled, settle
from comity.procedure.entry import Entry, InstantField, MarkedText
from comity.procedure.fields import Parties, check_ascending, check_languages
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "REPORTED_AS",
    "Credibility",
    "Reliability",
    "SourceKind",
    "ThreatKind",
    "ThreatReported",
    "ThreatSource",
    "ThreatState",
    "fold_threat",
]


class ThreatKind(enum.StrEnum):
    """What kind of challenge, provocation or threat it is (FACTS 1.1: the trigger is wide)."""

    MISSILE_LAUNCH = "missile-launch"
    NUCLEAR_TEST = "nuclear-test"
    MARITIME_INCIDENT = "maritime-incident"
    AIR_INCIDENT = "air-incident"
    LAND_INCIDENT = "land-incident"
    SPACE_INCIDENT = "space-incident"
    CYBER_INCIDENT = "cyber-incident"
    ECONOMIC_PRESSURE = "economic-pressure"
    INFORMATION_MANIPULATION = "information-manipulation"
    DISASTER = "disaster"
    OTHER = "other"


REPORTED_AS: Final = {
    TrackDomain.MISSILE: ThreatKind.MISSILE_LAUNCH,
    TrackDomain.AIR: ThreatKind.AIR_INCIDENT,
    TrackDomain.SURFACE: ThreatKind.MARITIME_INCIDENT,
    TrackDomain.LAND: ThreatKind.LAND_INCIDENT,
    TrackDomain.SPACE: ThreatKind.SPACE_INCIDENT,
    TrackDomain.CYBER: ThreatKind.CYBER_INCIDENT,
    TrackDomain.HEALTH: ThreatKind.DISASTER,
    TrackDomain.INFRASTRUCTURE: ThreatKind.OTHER,
}
"""As what a thing that is tracked is reported, by the domain of its class (W15)."""


class SourceKind(enum.StrEnum):
    """On whose word a report rests."""

    OWN_SENSOR = "own-sensor"
    OWN_REPORTING = "own-reporting"
    PARTY = "party"
    OTHER_STATE = "other-state"
    OPEN_SOURCE = "open-source"


class Reliability(enum.StrEnum):
    """Admiralty code of the source, from completely reliable to can't be judged."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class Credibility(enum.IntEnum):
    """Admiralty code of the content, from confirmed to can't be judged."""

    CONFIRMED = 1
    PROBABLY_TRUE = 2
    POSSIBLY_TRUE = 3
    DOUBTFUL = 4
    IMPROBABLE = 5
    NOT_JUDGED = 6


class ThreatSource(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One source of a report, judged by who reports."""

    kind: SourceKind
    reliability: Reliability
    credibility: Credibility


class ThreatReported(Entry, frozen=True):
    """Its author saw or learned of a threat to `threatened` (none named: not judged) at `occurred_at`."""

    belongs_to: ClassVar[tuple[str, str]] = ("threat", "")
    kind: ThreatKind
    occurred_at: InstantField
    threatened: Parties
    sources: Annotated[tuple[ThreatSource, ...], msgspec.Meta(max_length=CITATION_COUNT_MAX)]
    narrative: MarkedText

    def __post_init__(self) -> None:
        check_ascending(self.threatened)
        check_languages(self.narrative)


ENTRIES: tuple[type[Entry], ...] = (ThreatReported,)


@dataclass(frozen=True, slots=True)
class ThreatState:
    """A report as it stands now, or None while only corrections of it are here."""

    scope: Scope
    reported: Settled | None


def fold_threat(scope: Scope, statements: Iterable[Stated], policy: Policy) -> ThreatState:
    """Fold one threat: the report with its author's corrections."""
    del policy
    return ThreatState(scope, next((row for row in settle(statements) if row.stated.id == scope.ref), None))
