"""The one door through which anything gets an audience (DESIGN section 6; docs/spec/release.md, R1 to R11).

Rules
- Nothing leaves without a basis: a clause in force, for all its topics, at its level, along that path.
- What is unknown, missing or malformed means no. A restriction never opens a way.
- Each item is decided by itself, for each recipient, at the moment of sending; preview and send ask the same function.
- What A gave B, B gives to C only with A's consent to this very item; never "as good as" another one.
- A refusal is a value that names the clause, and the holder alone sees it.

Decided here: markings and paths. Not here: which entries carry markings (`judgement`), states (`agreement`), the
authenticity of consents (`consent`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comity.base.names import Audience, Party, is_audience
from comity.pact.agreement import ThirdParty
from comity.pact.release import Leg, Route
from comity.procedure.caveat import Narrowing, is_set, read_caveats
from comity.procedure.consent import is_running
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.verdict import (
    FUNNEL,
    AudienceDecision,
    Decision,
    HandledAs,
    NeedsConsent,
    Permit,
    Reason,
    Subject,
    Withheld,
)

__all__ = ["decide", "decide_audience", "release_preview"]


@dataclass(frozen=True, slots=True)
class _Question:
    """One marking on its way from `holder` to `to`, after everything about the marking itself has been read."""

    subject: Subject
    marking: Marking
    narrowing: Narrowing
    rank: int
    handled_as: HandledAs
    holder: Party
    to: Party
    ground: Ground


def decide(subject: Subject, *, holder: Party, to: Party, ground: Ground) -> Decision:
    """Decide whether `holder` may give the subject to `to`, on the ground given.

    Every marking of it must pass: the first refusal is the answer, a withholding before a missing consent.
    """
    if not subject.markings:
        return Withheld(FUNNEL, Reason.MARKING_MISSING)
    decisions = [_decide_marking(subject, marking, holder, to, ground) for marking in subject.markings]
    for kind in (Withheld, NeedsConsent):
        for decision in decisions:
            if isinstance(decision, kind):
                return decision
    return decisions[0]


def decide_audience(subject: Subject, *, holder: Party, audience: Audience, ground: Ground) -> AudienceDecision:
    """Decide for a whole audience: permitted only if it is so for every party in it. No audience is nobody."""
    if fault := find_audience_fault(audience, holder=holder):
        return AudienceDecision((), fault)
    return AudienceDecision(release_preview(subject, holder=holder, parties=audience, ground=ground))


def release_preview(
    subject: Subject, *, holder: Party, parties: Iterable[Party], ground: Ground
) -> tuple[tuple[Party, Decision], ...]:
    """Return for each of `parties` but the holder what a send on this ground would be told: it asks `decide`."""
    others = sorted({party for party in parties if party != holder})
    return tuple((to, decide(subject, holder=holder, to=to, ground=ground)) for to in others)


def find_audience_fault(audience: Audience, *, holder: Party) -> Withheld | None:
    """Return what is wrong with the audience itself: an empty one is nobody, never everybody (R2)."""
    if not audience:
        return Withheld(FUNNEL, Reason.AUDIENCE_EMPTY)
    if not is_audience(audience) or holder not in audience:
        return Withheld(FUNNEL, Reason.AUDIENCE_MALFORMED)
    return None


def _decide_marking(subject: Subject, marking: Marking, holder: Party, to: Party, ground: Ground) -> Decision:
    terms = ground.terms
    if not {holder, to} <= terms.parties:
        return Withheld(FUNNEL, Reason.PARTY_UNKNOWN)
    if to == holder:
        # A party's own journal is no release: even what can't be judged may be kept.
        return Permit(FUNNEL, (holder,))
    read = _read_marking(marking, ground)
    if isinstance(read, Reason):
        return Withheld(FUNNEL, read)
    narrowing, rank = read
    if to == marking.originator:
        return Permit(FUNNEL, (marking.originator, holder, to), HandledAs(to, marking.level))
    if narrowing.national_only:
        return Withheld(FUNNEL, Reason.NATIONAL_ONLY)
    if narrowing.listed is not None and to not in narrowing.listed:
        return Withheld(FUNNEL, Reason.NOT_LISTED)
    level = terms.equivalents.get((marking.level, to))
    if level is None:
        return Withheld(FUNNEL, Reason.NO_EQUIVALENT)
    question = _Question(subject, marking, narrowing, rank, HandledAs(to, level), holder, to, ground)
    return _decide_own(question) if holder == marking.originator else _decide_onward(question)


def _read_marking(marking: Marking, ground: Ground) -> tuple[Narrowing, int] | Reason:
    """Return what the caveats leave open and the rank, or what can't be read in the marking (R5, R6)."""
    terms = ground.terms
    if marking.originator not in terms.parties or marking.scheme != marking.originator:
        return Reason.SCHEME_UNKNOWN
    of, rank = terms.ranks.get(marking.level, ("", 0))
    if of != marking.scheme:
        # A foreign level in a national marking is how wrong banners come about: never guessed, never rewritten.
        return Reason.LEVEL_UNKNOWN
    if not marking.topics:
        return Reason.TOPIC_MISSING
    if not is_set(marking.topics) or not terms.topics.issuperset(marking.topics):
        return Reason.TOPIC_UNKNOWN
    narrowing = read_caveats(marking.caveats, parties=terms.parties, agreements=terms.agreements)
    return Reason.CAVEAT_UNKNOWN if narrowing is None else (narrowing, rank)


def _decide_own(question: _Question) -> Decision:
    """Decide what its originator gives out of its own hands (R8)."""
    refusals = []
    for route in question.ground.terms.between.get((question.holder, question.to), ()):
        refusal = _find_refusal(question, route)
        if refusal is None and route.leg is Leg.BY_HUB:
            refusal = Withheld(route.agreement, Reason.ONLY_BY_HUB, hub=route.hub or "")
        if refusal is None:
            return _permit(question, route, (question.holder, question.to))
        refusals.append(refusal)
    return _nearest(refusals)


def _decide_onward(question: _Question) -> Decision:
    """Decide what a holder passes on of another party's (R9): a protected leg first, then the originator's word."""
    marking, holder, to = question.marking, question.holder, question.to
    between = question.ground.terms.between
    path = (marking.originator, holder, to)
    by_hub = [r for r in between.get((marking.originator, to), ()) if r.leg is Leg.BY_HUB and r.hub == holder]
    legs = [r for r in between.get((holder, to), ()) if r.leg is Leg.DIRECT]
    refusals, answers = [], []
    for route in (*by_hub, *legs):
        refusal = _find_refusal(question, route) or _find_exchange_refusal(question)
        if refusal is None:
            permit = _permit(question, route, path)
            answers.append(_ask_originator(question, permit, always=route.leg is Leg.BY_HUB))
        else:
            refusals.append(refusal)
    # One way that is open is enough: else the loss of another way could open this one.
    opened = (answer for answer in answers if isinstance(answer, Permit))
    return next(opened, answers[0]) if answers else _nearest(refusals)


def _ask_originator(question: _Question, permit: Permit, *, always: bool) -> Decision:
    """Apply the third-party rule: of every agreement between originator and holder that touches a topic of it.

    Their states do not matter, for protection outlives an agreement; nor do their ceilings. The strictest rules.
    """
    marking, ground = question.marking, question.ground
    carried = ground.terms.between.get((marking.originator, question.holder), ())
    touching = [route for route in carried if not set(route.topics).isdisjoint(marking.topics)]
    for route in touching:
        if route.third_party is ThirdParty.PROHIBITED:
            return Withheld(route.agreement, Reason.THIRD_PARTY)
    is_free = (
        not always
        and not question.narrowing.originator_controlled
        and all(route.third_party is ThirdParty.FREE for route in touching)
        and any(set(route.topics).issuperset(marking.topics) for route in touching)
    )
    if is_free:
        return permit
    # Cite the hub's own agreement where that is the path, else the first that asks for consent.
    asking = next((route.agreement for route in touching if route.third_party is not ThirdParty.FREE), FUNNEL)
    clause = permit.clause if always else asking
    if question.subject.item is None:
        # Consent is to an item, and a text that quotes another party's has no digest to consent to.
        return Withheld(clause, Reason.THIRD_PARTY)
    return permit if _has_consent(question) else NeedsConsent(marking.originator, clause)


def _has_consent(question: _Question) -> bool:
    wanted = (question.marking.originator, question.subject.item, question.holder, question.to)
    ground = question.ground
    return any(
        (consent.originator, consent.item, consent.holder, consent.recipient) == wanted
        and is_running(consent, as_of=ground.as_of, valid_ms_max=ground.terms.pact.policy.consent.valid_ms_max)
        for consent in ground.consents
    )


def _find_refusal(question: _Question, route: Route) -> Withheld | None:
    """Return why this route does not carry it, or None if it does."""
    ground, under = question.ground, question.narrowing.under
    if under is not None and route.agreement not in under:
        return Withheld(FUNNEL, Reason.NOT_UNDER)
    if not set(route.topics).issuperset(question.marking.topics):
        return Withheld(route.agreement, Reason.TOPIC_NOT_COVERED)
    for clause in route.clauses:
        if question.rank > ground.terms.rank_max[clause]:
            return Withheld(clause, Reason.ABOVE_CEILING)
    for agreement in (route.agreement, *route.legs):
        if not ground.states[agreement].is_operative:
            return Withheld(agreement, Reason.NOT_IN_FORCE)
    return None


def _find_exchange_refusal(question: _Question) -> Withheld | None:
    """What two parties never exchange does not reach one from the other through a third either."""
    terms = question.ground.terms
    ceiling = terms.find_exchange_ceiling(question.marking.originator, question.to, rank=question.rank)
    return None if ceiling is None else Withheld(ceiling, Reason.ABOVE_CEILING)


_NEARNESS = (
    Reason.NOT_UNDER,
    Reason.TOPIC_NOT_COVERED,
    Reason.ABOVE_CEILING,
    Reason.NOT_IN_FORCE,
    Reason.ONLY_BY_HUB,
)


def _nearest(refusals: list[Withheld]) -> Withheld:
    """Return the refusal of the route that came nearest to carrying it: the one that helps a person."""
    nearest = Withheld(FUNNEL, Reason.NO_AGREEMENT)
    for refusal in refusals:
        if nearest.reason is Reason.NO_AGREEMENT or _NEARNESS.index(refusal.reason) > _NEARNESS.index(nearest.reason):
            nearest = refusal
    return nearest


def _permit(question: _Question, route: Route, path: tuple[Party, ...]) -> Permit:
    return Permit(route.agreement, path, question.handled_as, rests_on=route.clauses[1:])
