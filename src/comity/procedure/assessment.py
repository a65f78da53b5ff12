"""How sure the author of a portion is: likelihood, confidence, the grading of its source (docs/spec/release.md, R36).

Rules
- A likelihood is of what is said; a confidence is in the ground on which that is judged. They are two fields and never
  one phrase (ICD 203), so nothing here or in any screen joins them.
- Each is optional: what nobody assessed is not assessed, and has no default.
"""

import enum
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from comity.procedure.threat import Credibility, Reliability

__all__ = ["NOT_ASSESSED", "PERCENT", "Assessment", "Confidence", "Likelihood"]


class Likelihood(enum.StrEnum):
    """The seven terms of ICD 203, the least likely first."""

    ALMOST_NO_CHANCE = "almost-no-chance"
    VERY_UNLIKELY = "very-unlikely"
    UNLIKELY = "unlikely"
    ROUGHLY_EVEN = "roughly-even"
    LIKELY = "likely"
    VERY_LIKELY = "very-likely"
    ALMOST_CERTAIN = "almost-certain"


PERCENT: Final[Mapping[Likelihood, tuple[int, int]]] = {
    Likelihood.ALMOST_NO_CHANCE: (1, 5),
    Likelihood.VERY_UNLIKELY: (5, 20),
    Likelihood.UNLIKELY: (20, 45),
    Likelihood.ROUGHLY_EVEN: (45, 55),
    Likelihood.LIKELY: (55, 80),
    Likelihood.VERY_LIKELY: (80, 95),
    Likelihood.ALMOST_CERTAIN: (95, 99),
}
"""What each term means, in percent, from and to."""


class Confidence(enum.StrEnum):
    """How good the ground of a judgement is: its sources, and how they agree."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Assessment(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """At most one of each."""

    likelihood: Annotated[tuple[Likelihood, ...], msgspec.Meta(max_length=1)] = ()
    confidence: Annotated[tuple[Confidence, ...], msgspec.Meta(max_length=1)] = ()
    reliability: Annotated[tuple[Reliability, ...], msgspec.Meta(max_length=1)] = ()
    credibility: Annotated[tuple[Credibility, ...], msgspec.Meta(max_length=1)] = ()


NOT_ASSESSED: Final = Assessment()
