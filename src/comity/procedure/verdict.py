"""What the release funnel answers: permit, needs consent, withheld; each names the clause on which it rests.

A verdict is for the holder's own eyes: it says why, and so may name what another party must not learn of.
"""

import enum
from dataclasses import dataclass
from typing import Final

from comity.base.names import Digest, Party
from comity.procedure.entry import MarkedText, Marking
from comity.procedure.interning import intern_marking

__all__ = [
    "FUNNEL",
    "AudienceDecision",
    "Decision",
    "HandledAs",
    "NeedsConsent",
    "Permit",
    "Reason",
    "Subject",
    "Withheld",
    "subject_of_text",
]

FUNNEL: Final = "policy.release"
"""The policy clause under which the funnel runs: cited where its own rules decide and no agreement speaks."""


class Reason(enum.StrEnum):
    """Why not; the number is the clause of docs/spec/release.md."""

    AUDIENCE_EMPTY = "audience-empty"  # R2
    AUDIENCE_MALFORMED = "audience-malformed"  # R2
    PARTY_UNKNOWN = "party-unknown"  # R2
    MARKING_MISSING = "marking-missing"  # R5
    SCHEME_UNKNOWN = "scheme-unknown"  # R5
    LEVEL_UNKNOWN = "level-unknown"  # R5
    TOPIC_MISSING = "topic-missing"  # R5
    TOPIC_UNKNOWN = "topic-unknown"  # R5
    CAVEAT_UNKNOWN = "caveat-unknown"  # R6
    NATIONAL_ONLY = "national-only"  # R6
    NOT_LISTED = "not-listed"  # R6
    NO_EQUIVALENT = "no-equivalent"  # R7
    NO_AGREEMENT = "no-agreement"  # R8
    NOT_UNDER = "not-under"  # R8
    TOPIC_NOT_COVERED = "topic-not-covered"  # R8
    ABOVE_CEILING = "above-ceiling"  # R8
    NOT_IN_FORCE = "not-in-force"  # R8
    ONLY_BY_HUB = "only-by-hub"  # R8
    THIRD_PARTY = "third-party"  # R9
    UNMARKED = "unmarked"  # R3
    PROCEDURAL_NOT_PERMITTED = "procedural-not-permitted"  # R3
    NOT_GIVEN = "not-given"  # R4
    EXPIRED = "expired"  # R37


@dataclass(frozen=True, slots=True)
class HandledAs:
    """How the receiver protects it: a level of its own scheme, written beside the original marking, never over it."""

    scheme: Party
    level: str


@dataclass(frozen=True, slots=True)
class Permit:
    """It may go. `path` lists the parties through whose hands it passes, originator first.

    `rests_on` are further clauses that must hold. Procedural entries have no marking, hence no `handled_as`.
    """

    clause: str
    path: tuple[Party, ...]
    handled_as: HandledAs | None = None
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedsConsent:
    """It may go once the originator has consented to this item, this holder and this recipient."""

    of: Party
    clause: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """It may not go. A value, not an error. `hub` names the party through whom it could, where there is one."""

    clause: str
    reason: Reason
    hub: Party = ""


Decision = Permit | NeedsConsent | Withheld


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided: every different marking of it, the banner first, and its digest if it is an item."""

    markings: tuple[Marking, ...]
    item: Digest | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "markings", tuple(map(intern_marking, self.markings)))


def subject_of_text(text: MarkedText) -> Subject:
    """Return the subject of a marked free text."""
    return Subject((text.marking,))


@dataclass(frozen=True, slots=True)
class AudienceDecision:
    """One decision for each party of an audience but the holder, in the audience's order.

    `audience_fault` is what is wrong with the audience itself; then nothing is permitted.
    """

    by_party: tuple[tuple[Party, Decision], ...]
    audience_fault: Withheld | None = None

    @property
    def is_permitted(self) -> bool:
        """Whether all of them are permitted: one audience, one page, so one refusal refuses."""
        return self.audience_fault is None and all(isinstance(decision, Permit) for _, decision in self.by_party)

    @property
    def refusals(self) -> tuple[tuple[Party, Decision], ...]:
        """The parties for whom it may not go as things stand."""
        return tuple((party, decision) for party, decision in self.by_party if not isinstance(decision, Permit))
