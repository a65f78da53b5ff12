"""Checks areas and the rules over them: rings that are rings, rules that name what they are about."""

import itertools
from typing import Final

from comity.pact.area import TrackRule, WarningArea
from comity.pact.findings import Findings
from comity.pact.lines import KeyPath
from comity.pact.model import Pact

__all__ = ["check_areas"]

_CODE: Final = "pact.warning-area"
_TURN_UDEG: Final = 360_000_000
_HALF_TURN_UDEG: Final = 180_000_000
_POLE_UDEG: Final = 90_000_000


def check_areas(pact: Pact, findings: Findings) -> None:
    """Note what contradicts itself in an area or a rule, and two rules for one case (W13, W14)."""
    for index, area in enumerate(pact.warning_areas):
        _check_ring(area, ("warning_area", index), findings)
    cases: set[tuple[object, ...]] = set()
    for index, rule in enumerate(pact.track_rules):
        at: KeyPath = ("warning_rule", index)
        _check_rule(pact, rule, at, findings)
        case = (rule.track_class, rule.kinds, rule.when, rule.area)
        if case in cases:
            findings.add(at, _CODE, why="another rule is for the same case")
        cases.add(case)


def _check_ring(area: WarningArea, at: KeyPath, findings: Findings) -> None:
    for number, (east, north) in enumerate(area.polygon):
        if east == _HALF_TURN_UDEG or abs(north) > _POLE_UDEG:
            findings.add((*at, "polygon", number), _CODE, why="a corner lies nowhere on earth")
    if len(set(area.polygon)) < len(area.polygon):
        findings.add((*at, "polygon"), _CODE, why="a corner stands twice")
    easts = [east for east, _ in area.polygon]
    steps = [
        (b - a + _HALF_TURN_UDEG) % _TURN_UDEG - _HALF_TURN_UDEG for a, b in itertools.pairwise([*easts, easts[0]])
    ]
    if sum(steps) != 0 or any(abs(step) == _HALF_TURN_UDEG for step in steps):
        findings.add((*at, "polygon"), _CODE, why="a ring goes round no pole, no edge half round the globe")


def _check_rule(pact: Pact, rule: TrackRule, at: KeyPath, findings: Findings) -> None:
    row = pact.find_track_class(rule.track_class)
    if row is None:
        findings.add((*at, "class"), _CODE, why="this clause is no class of tracks")
    elif not set(rule.kinds) <= {kind.id for kind in row.kinds}:
        findings.add((*at, "kinds"), _CODE, why="the class has no such kind")
    if pact.find_warning_area(rule.area) is None:
        findings.add((*at, "area"), _CODE, why="this clause is no area")
