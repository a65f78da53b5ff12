"""From what a picture shows to the reports that the pact's rules ask for (docs/spec/warning.md, W14, W15).

Rules
- Deterministic and without memory: what was drafted before is handed in by its `keys`, so that one object leads to one
  report under one rule, however long it stands in the area, and whoever else begins to report it.
- A report says what is known and how surely: the probability, the ellipses, whose tracks they are; no decision.
- Not here: which objects of a picture are looked at (`seen`).
- Values and codes alone: the words are made where languages are.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.base.instants import Instant
from comity.base.names import Party
from comity.pact.area import RuleAct, RulePrecedence, TrackEvent, TrackRule, WarningArea
from comity.pact.model import Pact
from comity.procedure.threat import REPORTED_AS, Credibility, Reliability, SourceKind, ThreatKind, ThreatSource
from comity.warning.areas import Ring, find_probability

__all__ = ["Drafted", "Place", "Rules", "Seen", "find_place"]


@dataclass(frozen=True)
class Place:
    """Where and when, with the ellipse of one standard deviation, in the units of W4."""

    at: Instant
    latitude: int
    longitude: int
    semi_major_dm: int
    semi_minor_dm: int
    bearing: int


@dataclass(frozen=True)
class Seen:
    """One object of a picture as the rules look at it. `names` are those of the tracks that it is made of.

    `authors` are the parties whose tracks it is made of. `kind` is a kind's id, or empty where none is named.
    """

    names: tuple[str, ...]
    authors: tuple[Party, ...]
    class_: str
    kind: str
    place: Place
    launch: Place | None = None
    impact: Place | None = None


@dataclass(frozen=True)
class Drafted:
    """A threat report that a rule asks for: values, and the codes of what to say."""

    rule: str
    act: RuleAct
    precedence: RulePrecedence
    kind: ThreatKind
    occurred_at: Instant
    threatened: tuple[Party, ...]
    sources: tuple[ThreatSource, ...]
    area: str
    when: TrackEvent
    probability_percent: int
    """Rounded down: never said to be surer than it is."""
    seen: Seen

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """By any of which it is known again: the rule, and the name of a track that the object is made of."""
        return tuple((self.rule, name) for name in self.seen.names)


def find_place(
    at: Instant, *, latitude: int, longitude: int, sigma_east_dm: int, sigma_north_dm: int, rho_en: int
) -> Place:
    """Return the place of a row, with the ellipse that its deviations and their correlation make; units of W2."""
    both = rho_en / 32_767 * sigma_east_dm * sigma_north_dm
    middle = (sigma_east_dm**2 + sigma_north_dm**2) / 2
    half = float(np.hypot((sigma_east_dm**2 - sigma_north_dm**2) / 2, both))
    major, minor = np.sqrt(middle + half), np.sqrt(max(middle - half, 0.0))
    bearing = np.degrees(np.arctan2(2 * both, sigma_north_dm**2 - sigma_east_dm**2)) / 2
    axes = (int(np.ceil(major)), max(int(np.ceil(minor)), 1), round(float(bearing % 180) * 100) % 18_000)
    return Place(at, latitude, longitude, *axes)


class Rules:
    """The rules of one version of the pact, for one party."""

    def __init__(self, pact: Pact, party: Party) -> None:
        self._pact = pact
        self._party = party
        self._rules: dict[str, list[TrackRule]] = {}
        for rule in pact.track_rules:
            self._rules.setdefault(rule.track_class, []).append(rule)
        self._areas = {area.id: (area, Ring(area)) for area in pact.warning_areas}

    def draft(self, objects: Iterable[Seen], *, already: Collection[tuple[str, str]] = ()) -> Iterator[Drafted]:
        """Yield what the rules ask for, in the order of objects and of the file; without what was drafted before."""
        for drafted in self.follow(objects, known=already):
            if not any(key in already for key in drafted.keys):
                yield drafted

    def follow(self, objects: Iterable[Seen], *, known: Collection[tuple[str, str]]) -> Iterator[Drafted]:
        """Yield what the rules ask for, what is known too; and of that how it stands where they ask no longer (W19)."""
        for seen in objects:
            for rule in self._rules.get(seen.class_, ()):
                is_known = any((rule.id, name) in known for name in seen.names)
                if not is_known and rule.kinds and seen.kind not in rule.kinds:
                    continue
                drafted = self._judge(rule, seen)
                if drafted is not None and (is_known or drafted.probability_percent >= rule.probability_percent):
                    yield drafted

    def _judge(self, rule: TrackRule, seen: Seen) -> Drafted | None:
        place = _LOOKED_AT[rule.when](seen)
        if place is None:
            return None
        area, ring = self._areas[rule.area]
        probability = find_probability(
            ring,
            latitude=place.latitude,
            longitude=place.longitude,
            semi_major_dm=place.semi_major_dm,
            semi_minor_dm=place.semi_minor_dm,
            bearing=place.bearing,
        )
        row = self._pact.find_track_class(rule.track_class)
        assert row is not None, "a parsed pact has every class that a rule names"
        return Drafted(
            rule=rule.id,
            act=rule.act,
            precedence=rule.precedence,
            kind=REPORTED_AS[row.domain],
            occurred_at=_find_occurred_at(rule, seen),
            threatened=_find_threatened(rule, area),
            sources=self._find_sources(seen),
            area=area.id,
            when=rule.when,
            probability_percent=int(probability * 100),
            seen=seen,
        )

    def _find_sources(self, seen: Seen) -> tuple[ThreatSource, ...]:
        """On whose word: own sensors, another party's. Nobody has judged them yet, and that is said."""
        kinds = {SourceKind.OWN_SENSOR if author == self._party else SourceKind.PARTY for author in seen.authors}
        return tuple(ThreatSource(kind, Reliability.F, Credibility.NOT_JUDGED) for kind in SourceKind if kind in kinds)


def _find_occurred_at(rule: TrackRule, seen: Seen) -> Instant:
    """A launch when it is taken to have been; what comes down later has been launched; what enters is here now."""
    if rule.when is TrackEvent.ENTERS or seen.launch is None:
        return seen.place.at
    return seen.launch.at


def _find_threatened(rule: TrackRule, area: WarningArea) -> tuple[Party, ...]:
    """Nobody is threatened by where a thing was launched."""
    return () if rule.when is TrackEvent.LAUNCH_IN else tuple(sorted(area.parties))


_LOOKED_AT: Final[dict[TrackEvent, Callable[[Seen], Place | None]]] = {
    TrackEvent.LAUNCH_IN: lambda seen: seen.launch,
    TrackEvent.IMPACT_IN: lambda seen: seen.impact,
    TrackEvent.ENTERS: lambda seen: seen.place,
}
