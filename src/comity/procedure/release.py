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
from typing import Final

from comity.base.names import Audience, Party, is_audience
from comity.pact.agreement import ThirdParty
from comity.pact.release import Leg, Route
from comity.procedure.caveat import Narrowing, is_set, read_caveats
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.rulings import OnConsent, Ruling
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

__all__ = ["Question", "decide", "decide_audience", "decide_each", "release_preview"]

Question = tuple[Subject, Party, Party]
"""A subject, who holds it, and to whom it may go or not."""
_NONE: Final[dict[Marking, Ruling]] = {}


@dataclass(frozen=True, slots=True)
class _Way:
    """One marking on its way from `holder` to `to`, after everything about the marking itself has been read."""

    marking: Marking
    narrowing: Narrowing
    rank: int
    holder: Party
    to: Party
    ground: Ground


def decide(subject: Subject, *, holder: Party, to: Party, ground: Ground) -> Decision:
    """Decide whether `holder` may give the subject to `to`, on the ground given.

    Every marking of it must pass: the first refusal is the answer, a withholding before a missing consent.
    """
    return decide_each(((subject, holder, to),), ground=ground)[0]


def decide_each(questions: Iterable[Question], *, ground: Ground) -> list[Decision]:
    """Decide many questions on one ground, each by itself and as `decide` does; return the answers in their order."""
    kept = ground.rulings
    answers: list[Decision] = []
    for subject, holder, to in questions:
        between = kept.get((holder, to), _NONE)
        first: Decision | None = None
        lacking: NeedsConsent | None = None
        for marking in subject.markings:
            ruling = between.get(marking) or _rule(marking, holder, to, ground)
            if isinstance(ruling, Permit):
                first = first or ruling
                continue
            if isinstance(ruling, OnConsent):
                ruling = _settle(ruling, subject, holder, to, ground)
            if isinstance(ruling, Withheld):
                answers.append(ruling)
                break
            if isinstance(ruling, NeedsConsent):
                lacking = lacking or ruling
            first = first or ruling
        else:
            answers.append(lacking or first or Withheld(FUNNEL, Reason.MARKING_MISSING))
    return answers


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


def _settle(ruling: OnConsent, subject: Subject, holder: Party, to: Party, ground: Ground) -> Decision:
    """Look whether the originator has consented to this very item, holder and recipient (R9, R25)."""
    if subject.item is None:
        return ruling.of_text
    is_consented = (ruling.originator, subject.item, holder, to) in ground.running
    return ruling.consented if is_consented else ruling.otherwise


def _rule(marking: Marking, holder: Party, to: Party, ground: Ground) -> Ruling:
    """Return what the rules make of one marking, and keep it if the marking can be read (R5)."""
    if not {holder, to} <= ground.terms.parties:
        return Withheld(FUNNEL, Reason.PARTY_UNKNOWN)
    if to == holder:
        # A party's own journal is no release: even what can't be judged may be kept.
        return Permit(FUNNEL, (holder,))
    read = _read_marking(marking, ground)
    if isinstance(read, Reason):
        return Withheld(FUNNEL, read)
    ruling = _rule_read(_Way(marking, *read, holder, to, ground))
    ground.terms.rulings.keep(ruling, table=ground.rulings, marking=marking, holder=holder, to=to)
    return ruling


def _rule_read(way: _Way) -> Ruling:
    """Apply what the marking itself says, then what the agreements do (R6, R7)."""
    marking, narrowing, to = way.marking, way.narrowing, way.to
    if to == marking.originator:
        return Permit(FUNNEL, (marking.originator, way.holder, to), HandledAs(to, marking.level))
    if narrowing.national_only:
        return Withheld(FUNNEL, Reason.NATIONAL_ONLY)
    if narrowing.listed is not None and to not in narrowing.listed:
        return Withheld(FUNNEL, Reason.NOT_LISTED)
    if (marking.level, to) not in way.ground.terms.equivalents:
        return Withheld(FUNNEL, Reason.NO_EQUIVALENT)
    return _rule_own(way) if way.holder == marking.originator else _rule_onward(way)


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


def _rule_own(way: _Way) -> Decision:
    """Decide what its originator gives out of its own hands (R8)."""
    refusals = []
    for route in way.ground.terms.between.get((way.holder, way.to), ()):
        refusal = _find_refusal(way, route)
        if refusal is None and route.leg is Leg.BY_HUB:
            refusal = Withheld(route.agreement, Reason.ONLY_BY_HUB, hub=route.hub or "")
        if refusal is None:
            return _permit(way, route, (way.holder, way.to))
        refusals.append(refusal)
    return _nearest(refusals)


def _rule_onward(way: _Way) -> Ruling:
    """Decide what a holder passes on of another party's (R9): a protected leg first, then the originator's word."""
    marking, holder, to = way.marking, way.holder, way.to
    between = way.ground.terms.between
    path = (marking.originator, holder, to)
    by_hub = [r for r in between.get((marking.originator, to), ()) if r.leg is Leg.BY_HUB and r.hub == holder]
    legs = [r for r in between.get((holder, to), ()) if r.leg is Leg.DIRECT]
    refusals, answers = [], []
    for route in (*by_hub, *legs):
        refusal = _find_refusal(way, route) or _find_exchange_refusal(way)
        if refusal is None:
            permit = _permit(way, route, path)
            answers.append(_ask_originator(way, permit, always=route.leg is Leg.BY_HUB))
        else:
            refusals.append(refusal)
    if not answers:
        return _nearest(refusals)
    nearest = answers[0]
    opened = next((answer for answer in answers if isinstance(answer, Permit)), None)
    if isinstance(nearest, OnConsent) and opened is not None:
        # One way that is open is enough: else the loss of another way could open this one.
        return OnConsent(nearest.originator, nearest.consented, otherwise=opened, of_text=opened)
    return nearest


def _ask_originator(way: _Way, permit: Permit, *, always: bool) -> Ruling:
    """Apply the third-party rule: of every agreement between originator and holder that touches a topic of it.

    Their states do not matter, for protection outlives an agreement; nor do their ceilings. The strictest rules.
    """
    marking, topics_of = way.marking, way.ground.terms.topics_of
    carried = way.ground.terms.between.get((marking.originator, way.holder), ())
    touching = [route for route in carried if not topics_of[route.agreement].isdisjoint(marking.topics)]
    for route in touching:
        if route.third_party is ThirdParty.PROHIBITED:
            return Withheld(route.agreement, Reason.THIRD_PARTY)
    is_free = (
        not always
        and not way.narrowing.originator_controlled
        and all(route.third_party is ThirdParty.FREE for route in touching)
        and any(topics_of[route.agreement].issuperset(marking.topics) for route in touching)
    )
    if is_free:
        return permit
    # Cite the hub's own agreement where that is the path, else the first that asks for consent.
    asking = next((route.agreement for route in touching if route.third_party is not ThirdParty.FREE), FUNNEL)
    clause = permit.clause if always else asking
    return OnConsent(
        marking.originator,
        consented=permit,
        otherwise=NeedsConsent(marking.originator, clause),
        # Consent is to an item, and a text that quotes another party's has no digest to consent to.
        of_text=Withheld(clause, Reason.THIRD_PARTY),
    )


def _find_refusal(way: _Way, route: Route) -> Withheld | None:
    """Return why this route does not carry it, or None if it does."""
    ground, under = way.ground, way.narrowing.under
    if under is not None and route.agreement not in under:
        return Withheld(FUNNEL, Reason.NOT_UNDER)
    # A leg protects what travels on it: what it does not speak of, it does not protect.
    for agreement in (route.agreement, *route.legs):
        if not ground.terms.topics_of[agreement].issuperset(way.marking.topics):
            return Withheld(agreement, Reason.TOPIC_NOT_COVERED)
    for clause in route.clauses:
        if way.rank > ground.terms.rank_max[clause]:
            return Withheld(clause, Reason.ABOVE_CEILING)
    for agreement in (route.agreement, *route.legs):
        if agreement not in ground.operative:
            return Withheld(agreement, Reason.NOT_IN_FORCE)
    return None


def _find_exchange_refusal(way: _Way) -> Withheld | None:
    """What two parties never exchange does not reach one from the other through a third either."""
    terms = way.ground.terms
    ceiling = terms.find_exchange_ceiling(way.marking.originator, way.to, rank=way.rank)
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


def _permit(way: _Way, route: Route, path: tuple[Party, ...]) -> Permit:
    level = way.ground.terms.equivalents[way.marking.level, way.to]
    return Permit(route.agreement, path, HandledAs(way.to, level), rests_on=route.clauses[1:])
