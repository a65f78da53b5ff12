"""Releases as JSON values: previews, the agreement graph, what would change; the same offline and over a node.

Levels of a scheme are shown as their party writes them, in its own script and in Latin letters, language tagged, beside
the id; what is handled as another level keeps its original marking.
"""

from collections.abc import Collection, Sequence
from typing import cast

from comity.api.proof_view import show_chain, show_refusal
from comity.api.views.release import (
    AgreementShown,
    Answer,
    ChangeShown,
    Graph,
    LevelShown,
    MarkingInFull,
    OutlookShown,
    PassageShown,
    Previewed,
    RouteShown,
    StandingShown,
    Supposed,
    WayShown,
    WaysShown,
)
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.limits import PROOF_DECISION_COUNT_MAX
from comity.base.names import Party
from comity.pact.agreement import Agreement, AgreementState
from comity.pact.release import Leg, Route, find_level
from comity.procedure.agreement import AgreementStanding
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.passage import Change, Passage, Way, Ways, find_changes, suppose
from comity.procedure.preview import Outlook, preview_release
from comity.procedure.release_terms import ReleaseTerms
from comity.procedure.verdict import Decision, Permit, Subject

__all__ = ["show_graph", "show_level", "show_passage", "show_preview", "show_standing", "show_supposed"]


def show_preview(
    subject: Subject,
    *,
    holder: Party,
    ground: Ground,
    known_holders: Collection[Party] = (),
    expires_at: Sequence[int] = (),
) -> Previewed:
    """Return what each party would be told if it were given now, and who could come to see it by any chain."""
    rows = preview_release(subject, holder=holder, ground=ground, known_holders=known_holders, expires_at=expires_at)
    return {
        "holder": holder,
        "at": ground.as_of,
        "known_holders": sorted({holder, *known_holders}),
        "markings": [_show_marking(marking, ground.terms) for marking in subject.markings],
        "by_party": [_show_outlook(row, ground.terms) for row in rows],
    }


def show_level(terms: ReleaseTerms, level_id: str) -> LevelShown:
    """Return a level with its own words; an id that the pact does not have stands alone."""
    found = find_level(terms.pact, level_id)
    if found is None:
        return {"level": level_id, "scheme": "", "local": "", "romanised": "", "language": ""}
    party, level = found
    return {"level": level.id, "scheme": party, "local": level.local, "romanised": level.romanised,
            "language": level.language}  # fmt: skip


def show_graph(ground: Ground, *, party: Party) -> Graph:
    """Return the agreement graph as one party sees it: its agreements, and every route from it and to it."""
    terms = ground.terms
    rows = [row for pair in sorted(terms.between) for row in terms.between[pair] if party in pair]
    agreements = [agreement for agreement in terms.pact.agreements if party in agreement.parties]
    return {
        "party": party,
        "at": ground.as_of,
        "agreements": [_show_agreement(agreement, ground.states[agreement.id]) for agreement in agreements],
        "routes": [_show_route(row, ground) for row in rows],
    }


def show_standing(standing: AgreementStanding) -> StandingShown:
    """Return the state of an agreement: of each cell too, whether it is contested, and when notice ends."""
    return {
        "state": "not-begun" if standing.state is None else standing.state.value,
        "is_operative": standing.is_operative,
        "is_contested": standing.contested,
        "notice_ends_at": standing.notice_ends_at,
        "cells": {party: "not-begun" if state is None else state.value for party, state in standing.cells},
    }


def show_passage(passage: Passage, terms: ReleaseTerms) -> PassageShown:
    """Return what may pass between two parties on some topics."""
    return {"giver": passage.giver, "receiver": passage.receiver, "topics": list(passage.topics),
            **_show_ways(passage.ways, terms)}  # fmt: skip


def show_supposed(
    ground: Ground,
    *,
    agreement: str,
    state: AgreementState,
    notice_ends_at: Instant | None = None,
    decision_count_max: int = PROOF_DECISION_COUNT_MAX,
) -> Supposed:
    """Return what passes otherwise if an agreement is in another state, as it is before and after.

    Raises:
        UsageError: `release.no-agreement`, `proof.too-large`.
    """
    if agreement not in ground.states:
        raise UsageError("release.no-agreement", agreement=agreement[:80], agreements=", ".join(sorted(ground.states)))
    after = suppose(ground, agreement=agreement, state=state, notice_ends_at=notice_ends_at)
    changes = find_changes(ground, after, decision_count_max=decision_count_max)
    return {
        "agreement": agreement,
        "at": ground.as_of,
        "before": show_standing(ground.states[agreement]),
        "after": show_standing(after.states[agreement]),
        "changes": [_show_change(change, ground.terms) for change in changes],
    }


def _show_change(change: Change, terms: ReleaseTerms) -> ChangeShown:
    return {
        "giver": change.giver,
        "receiver": change.receiver,
        "topics": list(change.topics),
        "is_closing": change.is_closing,
        "before": _show_ways(change.before, terms),
        "after": _show_ways(change.after, terms),
    }


def _show_outlook(row: Outlook, terms: ReleaseTerms) -> OutlookShown:
    return {
        "party": row.party,
        "is_holder": row.is_holder,
        **_show_decision(row.decision, terms),
        "chain": None if row.chain is None else show_chain(row.chain),
        "barriers": [{"giver": barrier.giver, **show_refusal(barrier.refusal)} for barrier in row.barriers],
    }


def _show_decision(decision: Decision, terms: ReleaseTerms) -> Answer:
    if not isinstance(decision, Permit):
        return cast("Answer", show_refusal(decision))
    handled = decision.handled_as
    return {
        "answer": "permit",
        "clause": decision.clause,
        "rests_on": list(decision.rests_on),
        "path": list(decision.path),
        "handled_as": None if handled is None else show_level(terms, handled.level),
    }


def _show_marking(marking: Marking, terms: ReleaseTerms) -> MarkingInFull:
    level = show_level(terms, marking.level)
    return {**level, "originator": marking.originator, "topics": list(marking.topics), "caveats": list(marking.caveats)}


def _show_agreement(agreement: Agreement, standing: AgreementStanding) -> AgreementShown:
    return {
        "agreement": agreement.id,
        "title": {"en": agreement.title.en, "ja": agreement.title.ja, "ko": agreement.title.ko},
        "parties": list(agreement.parties),
        "legal_basis": agreement.legal_basis,
        "binding": agreement.binding.value,
        "is_voluntary": agreement.voluntary,
        "direction": agreement.direction.value,
        "third_party": agreement.third_party.value,
        **show_standing(standing),
    }


def _show_route(route: Route, ground: Ground) -> RouteShown:
    terms = ground.terms
    rank_max = min(terms.rank_max[clause] for clause in route.clauses)
    levels = [id_ for id_, (party, rank) in terms.ranks.items() if party == route.giver and rank <= rank_max]
    needed = (route.agreement, *route.legs)
    return {
        "giver": route.giver,
        "receiver": route.receiver,
        "path": "direct" if route.leg is Leg.DIRECT else "hub",
        "leg": route.leg.value,
        "hub": route.hub or "",
        "topics": list(route.topics),
        "ceiling_rank": rank_max,
        "ceiling_level": show_level(terms, levels[-1]) if levels else None,
        "clauses": list(route.clauses),
        "third_party": route.third_party.value,
        "is_open": all(ground.states[id_].is_operative for id_ in needed),
        "states": {id_: show_standing(ground.states[id_])["state"] for id_ in needed},
    }


def _show_ways(ways: Ways, terms: ReleaseTerms) -> WaysShown:
    return {
        "direct": _show_way(ways.direct, terms),
        "by_others": _show_way(ways.by_others, terms),
        "refusal": None if ways.refusal is None else show_refusal(ways.refusal),
        "stopped_from": show_level(terms, ways.level_stopped) if ways.level_stopped else None,
    }


def _show_way(way: Way | None, terms: ReleaseTerms) -> WayShown | None:
    if way is None:
        return None
    return {"level": show_level(terms, way.level), "rank": way.rank, "chain": show_chain(way.chain)}
