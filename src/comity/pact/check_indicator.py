"""Checks the rows of indicators: thresholds in the order of their direction, a level for each party that reports."""

from comity.pact.findings import Findings
from comity.pact.indicator import Direction, Indicator, find_scaled
from comity.pact.lines import KeyPath
from comity.pact.model import Pact
from comity.pact.release import find_level

__all__ = ["check_indicators"]


def check_indicators(pact: Pact, findings: Findings) -> None:
    """Note what contradicts itself in a row."""
    for index, row in enumerate(pact.indicators):
        at: KeyPath = ("indicator", index)
        watch, warning = find_scaled(row.watch_at), find_scaled(row.warning_at)
        if (watch > warning) if row.direction is Direction.ABOVE else (watch < warning):
            findings.add((*at, "warning_at"), "pact.indicator", why="the warning comes before the watch")
        _check_levels(pact, row, at, findings)


def _check_levels(pact: Pact, row: Indicator, at: KeyPath, findings: Findings) -> None:
    parties = []
    for id_ in row.levels:
        found = find_level(pact, id_)
        assert found is not None, "references are checked before"
        parties.append(found[0])
    if len(set(parties)) < len(parties):
        findings.add((*at, "levels"), "pact.indicator", why="two levels of one party")
    if set(parties) != set(row.reported_by):
        findings.add((*at, "levels"), "pact.indicator", why="one level of each party that reports, and of no other")
