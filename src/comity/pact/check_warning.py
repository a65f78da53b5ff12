"""Checks the rows of public warnings: each says what its scope needs and nothing else, and widens nothing."""

from comity.pact.findings import Findings
from comity.pact.lines import KeyPath
from comity.pact.model import Pact
from comity.pact.release import find_level
from comity.pact.warning import WarningRule, WarningScope

__all__ = ["check_warnings"]


def check_warnings(pact: Pact, findings: Findings) -> None:
    """Note what contradicts itself in a row, and two rows for one case."""
    lines: dict[tuple[str, ...], int] = {}
    for index, rule in enumerate(pact.warnings):
        at: KeyPath = ("warning", index)
        _check_levels(pact, rule, at, findings)
        _check_scope(rule, at, findings)
        case = (rule.scope.value, rule.restriction, rule.address)
        if case in lines:
            findings.add(at, "pact.warning", why="another row is for the same case")
        lines[case] = index


def _check_levels(pact: Pact, rule: WarningRule, at: KeyPath, findings: Findings) -> None:
    seen = set()
    for number, id_ in enumerate(rule.levels):
        found = find_level(pact, id_)
        assert found is not None, "references are checked before"
        party, level = found
        if party in seen:
            findings.add((*at, "levels", number), "pact.warning", why="two levels of one party")
        seen.add(party)
        lowest = min(one.rank for scheme in pact.schemes if scheme.party == party for one in scheme.levels)
        if rule.scope is WarningScope.PUBLIC and level.rank != lowest:
            findings.add((*at, "levels", number), "pact.warning", why="what is public has the lowest level")


def _check_scope(rule: WarningRule, at: KeyPath, findings: Findings) -> None:
    has = (bool(rule.restriction), bool(rule.address), rule.party is not None)
    wanted = {
        WarningScope.PUBLIC: (False, False, False),
        WarningScope.RESTRICTED: (True, False, False),
        WarningScope.PRIVATE: (False, True, True),
    }[rule.scope]
    if has != wanted:
        findings.add(at, "pact.warning", why="a restricted row has a restriction, a private one an address and a party")
    if rule.scope is WarningScope.PUBLIC and rule.caveats:
        findings.add((*at, "caveats"), "pact.warning", why="what is public has no caveat")
