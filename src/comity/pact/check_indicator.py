"""Checks the rows of indicators: thresholds in the order of their direction, a level for each party that reports."""

from comity.pact.check_levels import check_levels_of
from comity.pact.findings import Findings
from comity.pact.indicator import Direction, find_scaled
from comity.pact.lines import KeyPath
from comity.pact.model import Pact

__all__ = ["check_indicators"]


def check_indicators(pact: Pact, findings: Findings) -> None:
    """Note what contradicts itself in a row."""
    for index, row in enumerate(pact.indicators):
        at: KeyPath = ("indicator", index)
        watch, warning = find_scaled(row.watch_at), find_scaled(row.warning_at)
        if (watch > warning) if row.direction is Direction.ABOVE else (watch < warning):
            findings.add((*at, "warning_at"), "pact.indicator", why="the warning comes before the watch")
        check_levels_of(pact, row, at, findings, code="pact.indicator")
