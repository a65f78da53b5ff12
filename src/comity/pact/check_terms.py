"""Checks what stands by itself: version and digests, root keys, time zones, policy values.

Read after `check_references` found nothing.
"""

import itertools

from comity.pact.findings import Findings
from comity.pact.lines import KeyPath
from comity.pact.model import Pact
from comity.pact.policy import Policy
from comity.pact.signatory import Daylight, Turn, ZoneRules

__all__ = ["check_identity", "check_policy", "check_roots", "check_zones"]


def check_identity(pact: Pact, findings: Findings) -> None:
    """Version 1 names no earlier file; every later version names its predecessor and the first."""
    for key, digest in (("previous", pact.identity.previous), ("lineage", pact.identity.lineage)):
        if pact.identity.version == 1 and digest is not None:
            findings.add(("pact", key), "pact.version", key=key, why="version 1 has none")
        if pact.identity.version > 1 and digest is None:
            findings.add(("pact",), "pact.version", key=key, why="a later version names it")
    if pact.identity.version == 2 and pact.identity.previous != pact.identity.lineage:
        findings.add(("pact", "lineage"), "pact.version", key="lineage", why="version 2 follows the first file")


def check_roots(pact: Pact, findings: Findings) -> None:
    """A profile has no roots; a pact ready to accept has one for each party, and no key twice."""
    parties = {party.id for party in pact.parties}
    seen: set[str] = set()
    for party, root in pact.roots.items():
        if party not in parties:
            findings.add(("root", party), "pact.root", party=party, why="not a party")
        if {root.ed25519, root.mldsa65} & seen:
            findings.add(("root", party), "pact.root", party=party, why="another party has the same key")
        seen |= {root.ed25519, root.mldsa65}
    for index, signatory in enumerate(pact.parties):
        if pact.roots and signatory.id not in pact.roots:
            findings.add(("party", index), "pact.root", party=signatory.id, why="missing while others are pinned")


def check_zones(pact: Pact, findings: Findings) -> None:
    """Eras of daylight saving ascend without overlap; clocks change forward and back on different days."""
    for index, party in enumerate(pact.parties):
        _check_zone(party.zone, ("party", index, "zone"), findings)


def _check_zone(zone: ZoneRules, at: KeyPath, findings: Findings) -> None:
    for number, (earlier, later) in enumerate(itertools.pairwise(zone.daylight)):
        if later.from_year <= earlier.until_year:
            findings.add(
                (*at, "daylight", number + 1, "from_year"), "pact.zone", why="eras overlap or are out of order"
            )
    for number, era in enumerate(zone.daylight):
        place = (*at, "daylight", number)
        if era.until_year < era.from_year:
            findings.add((*place, "until_year"), "pact.zone", why="an era ends before it begins")
        if era.offset_minutes == zone.offset_minutes:
            findings.add((*place, "offset_minutes"), "pact.zone", why="daylight time equals standard time")
        _check_turns(era, place, findings)


def _check_turns(era: Daylight, at: KeyPath, findings: Findings) -> None:
    turns: tuple[tuple[str, Turn], ...] = (("starts", era.starts), ("ends", era.ends))
    for key, turn in turns:
        if turn.nth == 0:
            findings.add((*at, key, "nth"), "pact.zone", why="nth counts from 1, or is -1 for the last")
    if era.starts.month == era.ends.month:
        findings.add((*at, "ends", "month"), "pact.zone", why="clocks change twice in one month")


def check_policy(policy: Policy, findings: Findings) -> None:
    """Note values that contradict one another, each pair with both keys."""
    silence, line_test = policy.silence, policy.line_test
    pairs: tuple[tuple[str, str, int, str, int], ...] = (
        ("silence", "skew_ms_max", silence.skew_ms_max, "silence.window_ms_min", silence.window_ms_min),
        (
            "acknowledge",
            "within_ms",
            policy.acknowledge.within_ms,
            "position.within_ms",
            policy.position.within_ms,
        ),
        ("line_test", "answer_within_ms", line_test.answer_within_ms, "line_test.interval_ms", line_test.interval_ms),
        (
            "line_test",
            "answer_within_ms",
            line_test.answer_within_ms,
            "line_test.person_within_ms",
            line_test.person_within_ms,
        ),
        ("receipt", "within_ms", policy.receipt.within_ms, "silence.window_ms_min", silence.window_ms_min),
        ("position", "within_ms", policy.position.within_ms, "lapse.after_ms", policy.lapse.after_ms),
    )
    for table, key, value, other, bound in pairs:
        if value > bound:
            findings.add(("policy", table, key), "pact.policy", key=f"{table}.{key}", other=other)
