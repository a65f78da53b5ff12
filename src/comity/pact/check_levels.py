"""Checks that a row which several parties report under has one level of each of them, and of nobody else."""

from comity.pact.findings import Findings
from comity.pact.indicator import Indicator
from comity.pact.lines import KeyPath
from comity.pact.model import Pact
from comity.pact.release import find_level
from comity.pact.track import TrackClass

__all__ = ["check_levels_of"]


def check_levels_of(pact: Pact, row: Indicator | TrackClass, at: KeyPath, findings: Findings, *, code: str) -> None:
    """Note under `code` what does not fit between the levels of the row at `at` and the parties that report it."""
    parties = []
    for id_ in row.levels:
        found = find_level(pact, id_)
        assert found is not None, "references are checked before"
        parties.append(found[0])
    if len(set(parties)) < len(parties):
        findings.add((*at, "levels"), code, why="two levels of one party")
    if set(parties) != set(row.reported_by):
        findings.add((*at, "levels"), code, why="one level of each party that reports, and of no other")
