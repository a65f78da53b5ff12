"""How things of each domain move, as far as a picture must know: what is unknown of an acceleration, a height, a cycle.

The numbers are stated and plain (docs/spec/warning.md, W43); they say how far to believe a prediction, and of nothing
where it will go. What the pact says of a class (how soon it is stale, how fast it can be) comes with `TrackTerms`.
"""

from dataclasses import dataclass
from typing import Final

from comity.pact.model import Pact
from comity.warning.bounds import ClassBounds
from comity.warning.classes import read_bounds

__all__ = ["DOMAINS", "SHOWN_AFTER_MS", "Domain", "TrackTerms", "read_terms"]

SHOWN_AFTER_MS: Final = 15 * 60 * 1000
"""How long what is dropped stays on the screen: whoever looks up late should see that it was there, and is gone."""


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain. `cycle_ms` is the grid of instants at which tracks are compared (W45)."""

    cycle_ms: int
    acceleration_m_s2: float
    altitude_m: float
    altitude_sigma_m: float
    may_fall: bool = False


DOMAINS: Final = {
    "missile": Domain(2_000, 30.0, 200_000.0, 300_000.0, may_fall=True),
    "air": Domain(5_000, 5.0, 6_000.0, 6_000.0),
    "surface": Domain(30_000, 0.2, 0.0, 100.0),
    "land": Domain(30_000, 1.0, 500.0, 1_500.0),
    "space": Domain(10_000, 0.05, 500_000.0, 300_000.0, may_fall=True),
    "cyber": Domain(600_000, 0.0, 0.0, 10_000.0),
    "health": Domain(600_000, 0.0, 0.0, 10_000.0),
    "infrastructure": Domain(600_000, 0.0, 0.0, 10_000.0),
}
"""A missile under power pushes with three times its weight; a ship that turns hard, with a fiftieth."""


@dataclass(frozen=True, slots=True)
class TrackTerms:
    """What a picture needs to know of one track class: its clause, its domain, and the pact's numbers."""

    class_: str
    domain: str
    speed_max_m_s: float
    stale_after_ms: int
    dropped_after_ms: int
    reported_by: frozenset[str] | None = None
    """Who may report it; None: anybody."""
    bounds: ClassBounds | None = None
    """What a row of the class may hold; None: whatever any row may."""

    @property
    def horizon_ms(self) -> int:
        """How long a picture remembers a track that is silent: gone, it is shown a while longer (W42)."""
        return self.dropped_after_ms + SHOWN_AFTER_MS

    @property
    def cycle_ms(self) -> int:
        """The grid of instants at which tracks of this class are compared."""
        return DOMAINS[self.domain].cycle_ms

    @property
    def acceleration_m_s2(self) -> float:
        """One standard deviation of the acceleration that a prediction knows nothing of."""
        return DOMAINS[self.domain].acceleration_m_s2

    @property
    def altitude_m(self) -> float:
        """Where to look for what does not say how high it is."""
        return DOMAINS[self.domain].altitude_m

    @property
    def altitude_sigma_m(self) -> float:
        """How far from there it may be."""
        return DOMAINS[self.domain].altitude_sigma_m

    @property
    def speed_sigma_m_s(self) -> float:
        """One standard deviation of each component of a velocity that nobody says."""
        return self.speed_max_m_s / 2

    @property
    def may_fall(self) -> bool:
        """Whether what is above the air moves by gravity alone."""
        return DOMAINS[self.domain].may_fall


def read_terms(pact: Pact) -> dict[str, TrackTerms]:
    """Return what a picture needs to know of each class of a pact, by its clause."""
    return {
        of.id: TrackTerms(
            of.id,
            of.domain.value,
            of.speed_max_m_s,
            of.stale_after_ms,
            of.dropped_after_ms,
            frozenset(of.reported_by),
            read_bounds(of),
        )
        for of in pact.track_classes
    }
