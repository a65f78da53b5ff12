"""Checks schemes, the equivalence table, ceilings, and the paths of agreements.

Read after `check_references` found nothing: every id resolves here.
"""

import datetime as dt
import itertools

from comity.base.instants import NEVER, Instant, to_datetime
from comity.base.limits import INSTANT_MS_MAX
from comity.pact.agreement import Agreement, AgreementState, Direction, Path, StateSince
from comity.pact.findings import Findings
from comity.pact.lines import KeyPath
from comity.pact.marking import Level
from comity.pact.model import Pact

__all__ = ["check_agreements", "check_equivalence"]


def check_equivalence(pact: Pact, findings: Findings) -> None:
    """Note ranks off the scale, rows that contradict a scheme, levels in two rows, and levels silently left out."""
    scale = [row.rank for row in pact.ranks]
    for index, (low, high) in enumerate(itertools.pairwise(scale)):
        if low >= high:
            findings.add(("rank", index + 1, "rank"), "pact.equivalence", level=high, why="ranks ascend")
    levels: dict[str, tuple[str, Level]] = {}
    for index, scheme in enumerate(pact.schemes):
        for number, level in enumerate(scheme.levels):
            at: KeyPath = ("scheme", index, "level", number, "rank")
            levels[level.id] = (scheme.party, level)
            if level.rank not in scale:
                findings.add(at, "pact.equivalence", level=level.id, why="its rank is not on the scale")
            if number and level.rank < scheme.levels[number - 1].rank:
                findings.add(at, "pact.equivalence", level=level.id, why="levels of a scheme ascend")
    _check_rows(pact, levels, findings)


def _check_rows(pact: Pact, levels: dict[str, tuple[str, Level]], findings: Findings) -> None:
    placed: set[str] = set()
    for index, row in enumerate(pact.equivalences):
        if len({levels[id_][0] for id_ in row.levels}) < 2:
            findings.add(("equivalence", index), "pact.equivalence", level=row.levels[0], why="it stands alone")
        for number, id_ in enumerate(row.levels):
            at: KeyPath = ("equivalence", index, "levels", number)
            if levels[id_][1].rank != row.rank:
                findings.add(at, "pact.equivalence", level=id_, why="its scheme gives it another rank")
            if id_ in placed:
                why = "it stands in two rows, so equivalence would not be transitive"
                findings.add(at, "pact.equivalence", level=id_, why=why)
            placed.add(id_)
    for index, scheme in enumerate(pact.schemes):
        for number, level in enumerate(scheme.levels):
            if (level.id in placed) == level.unmatched:
                why = "it is in a row, yet says unmatched" if level.unmatched else "no row names it"
                findings.add(("scheme", index, "level", number), "pact.equivalence", level=level.id, why=why)


def check_agreements(pact: Pact, findings: Findings) -> None:
    """Note ceilings outside a scheme, hubs that can't work, givers that are no parties, states out of order."""
    for index, agreement in enumerate(pact.agreements):
        at: KeyPath = ("agreement", index)
        _check_ceiling(pact, agreement.parties, agreement.ceiling_rank, (*at, "ceiling_rank"), findings)
        _check_path(pact, agreement, at, findings)
        for number, (earlier, later) in enumerate(itertools.pairwise(agreement.states)):
            if later.since <= earlier.since:
                place = (*at, "state", number + 1, "since")
                findings.add(place, "pact.state-history", since=later.since.isoformat())
        for number, row in enumerate(agreement.states):
            _check_notice(row, (*at, "state", number, "notice_ends_at"), findings)
    for index, ceiling in enumerate(pact.ceilings):
        _check_ceiling(pact, ceiling.parties, ceiling.rank_max, ("ceiling", index, "rank_max"), findings)


def _check_notice(row: StateSince, at: KeyPath, findings: Findings) -> None:
    """The end of a notice is an instant after its row's day, and stands in a row of notice given (R29)."""
    ends_at = row.notice_ends_at
    if ends_at is None:
        return
    since = dt.datetime.combine(row.since, dt.time(), tzinfo=dt.UTC)
    if row.state is not AgreementState.NOTICE_GIVEN:
        findings.add(at, "pact.notice-end", why="only notice given has an end")
    elif ends_at.tzinfo is None:
        findings.add(at, "pact.notice-end", why="it needs a time zone, as in 2019-11-22T15:00:00Z")
    elif ends_at.microsecond % 1000:
        findings.add(at, "pact.notice-end", why="instants are whole milliseconds")
    elif not max(since, to_datetime(NEVER)) < ends_at <= to_datetime(Instant(INSTANT_MS_MAX)):
        findings.add(at, "pact.notice-end", why="it does not lie after the day of its row")


def _check_ceiling(pact: Pact, parties: tuple[str, ...], rank: int, at: KeyPath, findings: Findings) -> None:
    """A ceiling is a rank that every party's scheme has, in one row, so that it can be written down by each."""
    schemes = {scheme.party: scheme for scheme in pact.schemes}
    rows = [set(row.levels) for row in pact.equivalences if row.rank == rank]
    for party in parties:
        levels = {level.id for level in schemes[party].levels if level.rank == rank} if party in schemes else set()
        if not levels:
            findings.add(at, "pact.ceiling", rank=rank, party=party)
        elif not any(levels & row for row in rows):
            findings.add(at, "pact.equivalence", level=min(levels), why="the ceiling's rank has no row for it")


def _check_path(pact: Pact, agreement: Agreement, at: KeyPath, findings: Findings) -> None:
    givers = set(agreement.givers)
    if (agreement.direction is Direction.ONE_WAY) != bool(givers):
        findings.add((*at, "givers"), "pact.value", found=len(givers), permitted="givers exactly where one-way")
    for number, giver in enumerate(agreement.givers):
        if giver not in agreement.parties:
            findings.add((*at, "givers", number), "pact.reference", what="party to this agreement", id=giver)
    if agreement.path is Path.DIRECT:
        if agreement.hub is not None or agreement.legs:
            findings.add(
                (*at, "hub"), "pact.hub", hub=agreement.hub or "", why="a direct path has neither hub nor legs"
            )
        return
    if agreement.hub is None:
        findings.add((*at, "path"), "pact.hub", hub="", why="a hub path needs a hub")
    elif agreement.hub not in agreement.parties:
        findings.add((*at, "hub"), "pact.hub", hub=agreement.hub, why="it is not a party to this agreement")
    else:
        _check_legs(pact, agreement, agreement.hub, at, findings)


def _check_legs(pact: Pact, agreement: Agreement, hub: str, at: KeyPath, findings: Findings) -> None:
    direct = [
        leg
        for id_ in agreement.legs
        if (leg := pact.find_agreement(id_)) is not None and leg.path is Path.DIRECT and hub in leg.parties
    ]
    if len(direct) < len(agreement.legs):
        findings.add((*at, "legs"), "pact.hub", hub=hub, why="each leg is an agreement by direct path with the hub")
    for number, party in enumerate(agreement.parties):
        if party != hub and not any(party in leg.parties for leg in direct):
            why = "no leg protects what passes between it and this party"
            findings.add((*at, "parties", number), "pact.hub", hub=hub, why=why)
