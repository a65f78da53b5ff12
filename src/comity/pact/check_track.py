"""Checks the rows of tracks: a level for each party that reports, times in their order, terms that can apply."""

from comity.pact.check_levels import check_levels_of
from comity.pact.findings import Findings
from comity.pact.lines import KeyPath
from comity.pact.model import Pact
from comity.pact.track import TrackClass, TrackTerm

__all__ = ["check_tracks"]


def check_tracks(pact: Pact, findings: Findings) -> None:
    """Note what contradicts itself in a class or a term, and two terms for one case (W8, W9)."""
    for index, row in enumerate(pact.track_classes):
        _check_class(pact, row, ("track_class", index), findings)
    classes = {row.id: row for row in pact.track_classes}
    lines: set[tuple[str, str, str, str]] = set()
    for index, term in enumerate(pact.track_terms):
        at: KeyPath = ("track_term", index)
        _check_term(pact, term, classes.get(term.track_class), at, findings)
        case = (term.agreement, term.track_class, term.giver, term.recipient)
        if case in lines:
            findings.add(at, "pact.track", why="another term is for the same case")
        lines.add(case)


def _check_class(pact: Pact, row: TrackClass, at: KeyPath, findings: Findings) -> None:
    check_levels_of(pact, row, at, findings, code="pact.track")
    kinds = [kind.id for kind in row.kinds]
    if len(set(kinds)) < len(kinds):
        findings.add((*at, "kinds"), "pact.track", why="two kinds of one id")
    if row.dropped_after_ms < row.stale_after_ms:
        findings.add((*at, "dropped_after_ms"), "pact.track", why="a track is gone before it is stale")


def _check_term(pact: Pact, term: TrackTerm, row: TrackClass | None, at: KeyPath, findings: Findings) -> None:
    agreement = pact.find_agreement(term.agreement)
    if agreement is None:
        findings.add((*at, "agreement"), "pact.track", why="this clause is no agreement")
        return
    if row is None:
        findings.add((*at, "class"), "pact.track", why="this clause is no class of tracks")
        return
    if term.giver == term.recipient:
        findings.add((*at, "to"), "pact.track", why="nobody is told less by himself")
    if not {term.giver, term.recipient} <= set(agreement.parties):
        findings.add((*at, "agreement"), "pact.track", why="both parties of a term are parties of its agreement")
    if row.topic not in agreement.topics:
        findings.add((*at, "class"), "pact.track", why="the agreement does not cover the topic of the class")
    if term.giver not in row.reported_by:
        findings.add((*at, "from"), "pact.track", why="this party does not report the class")
    if not term.coarsen_m and not term.delay_ms and term.is_sensor_named:
        findings.add(at, "pact.track", why="a term tells less: coarser, later, or without the sensor")
