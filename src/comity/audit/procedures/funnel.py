"""The release funnel, written again: may this marking go from this holder to this party (R3, R5 to R9)?

Rules
- What is unknown means no. Each answer cites the clause that decides: an agreement's, or `policy.release`.
- What a holder originated goes by its own routes (R8); what another originated by a protected way and his consent (R9).
- Nothing here looks at a page: which statements were known, and which instant it was, comes in as a `Ground`.
"""

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from comity.audit.procedures.agreement import Agreements, is_operative
from comity.audit.procedures.consent import Consents
from comity.audit.procedures.forms import Marking, ascends
from comity.audit.procedures.said import Said
from comity.base.names import Party
from comity.pact.agreement import ThirdParty
from comity.pact.marking import Level
from comity.pact.model import Pact
from comity.pact.release import Leg, Route, equivalent_level, find_level, routes

__all__ = ["Answer", "Funnel", "Ground", "Says"]


class Says(enum.Enum):
    """R1, the most open first."""

    PERMIT = "permit"
    NEEDS_CONSENT = "needs-consent"
    WITHHELD = "withheld"


class Answer(NamedTuple):
    """What the funnel says, and by which clause."""

    says: Says
    clause: str
    rests_on: tuple[str, ...] = ()
    """Agreements that protect the way besides."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What an answer rests on: the instant, and which statements were known."""

    at: int
    knows: Callable[[Said], bool]


@dataclass(frozen=True, slots=True)
class _Caveats:
    """R6, read: what narrows."""

    is_national: bool
    needs_originator: bool
    only_to: frozenset[str] | None
    only_under: frozenset[str] | None


class Funnel:
    """Decides as one version of the pact says."""

    def __init__(self, pact: Pact, agreements: Agreements, consents: Consents) -> None:
        self._pact = pact
        self._agreements = agreements
        self._consents = consents
        self._routes = routes(pact)
        self._topics = frozenset(topic.id for topic in pact.topics)
        self.refusal = Answer(Says.WITHHELD, pact.policy.release.id)
        """What the funnel says by its own rules, where no agreement speaks."""

    def decide(
        self, markings: Iterable[Marking], *, item: bytes | None, holder: Party, to: Party, ground: Ground
    ) -> Answer:
        """Decide all markings of one thing: one withheld withholds, else one lacking consent lacks it (R3).

        What has no marking is withheld.
        """
        answers = [self._decide(marking, item, holder, to, ground) for marking in markings]
        return max(answers, key=lambda answer: list(Says).index(answer.says), default=self.refusal)

    def _decide(self, marking: Marking, item: bytes | None, holder: Party, to: Party, ground: Ground) -> Answer:
        level, caveats = self._read_level(marking), self._read_caveats(marking)
        if level is None or caveats is None:
            return self.refusal
        case = _Case(marking, level, caveats, item, holder, to, ground)
        is_narrowed = caveats.is_national or (caveats.only_to is not None and to not in caveats.only_to)
        if to != marking.originator and is_narrowed:
            return self.refusal
        if holder != marking.originator and to == marking.originator:
            return Answer(Says.PERMIT, self.refusal.clause)
        if equivalent_level(self._pact, level.id, to) is None:
            return self.refusal
        return self._decide_own(case) if holder == marking.originator else self._decide_third(case)

    def _read_level(self, marking: Marking) -> Level | None:
        """R5: None for what cannot be read."""
        if marking.originator not in self._pact.audience or marking.scheme != marking.originator:
            return None
        found = find_level(self._pact, marking.level)
        if found is None or found[0] != marking.scheme:
            return None
        topics = marking.topics
        return found[1] if topics and ascends(topics) and self._topics.issuperset(topics) else None

    def _read_caveats(self, marking: Marking) -> _Caveats | None:
        """R6: None for what cannot be read."""
        if not ascends(marking.caveats):
            return None
        only_to: frozenset[str] | None = None
        only_under: frozenset[str] | None = None
        agreements = frozenset(agreement.id for agreement in self._pact.agreements)
        plain = set()
        for caveat in marking.caveats:
            if caveat in ("NOFORN", "NATIONAL EYES ONLY", "ORCON"):
                plain.add(caveat)
            elif (named := _read_list(caveat, "REL TO ", frozenset(self._pact.audience))) is not None:
                only_to = named if only_to is None else only_to & named
            elif (named := _read_list(caveat, "ONLY UNDER ", agreements)) is not None:
                only_under = named if only_under is None else only_under & named
            else:
                return None
        return _Caveats(bool(plain - {"ORCON"}), "ORCON" in plain, only_to, only_under)

    def _decide_own(self, case: "_Case") -> Answer:
        """What the originator gives (R8)."""
        for leg in (Leg.DIRECT, Leg.TO_HUB):
            for route in self._routes:
                fits = (route.leg, route.giver, route.receiver) == (leg, case.marking.originator, case.to)
                if fits and self._carries(route, case):
                    return Answer(Says.PERMIT, route.agreement, route.legs)
        return self.refusal

    def _carries(self, route: Route, case: "_Case") -> bool:
        """Tell whether a route carries a marking: topics, ceilings, and its agreements' states (R6, R8)."""
        only_under, rank = case.caveats.only_under, case.level.rank
        if only_under is not None and route.agreement not in only_under:
            return False
        if not set(case.marking.topics) <= set(route.topics) or rank > route.ceiling_rank:
            return False
        legs = [self._pact.find_agreement(id_) for id_ in route.legs]
        topics = set(case.marking.topics)
        if any(leg is None or rank > leg.ceiling_rank or not topics <= set(leg.topics) for leg in legs):
            return False
        return all(self._is_operative(id_, case.ground) for id_ in (route.agreement, *route.legs))

    def find_barrier(self, marking: Marking, *, to: Party, ground: Ground) -> str:
        """Return the clause that stands in the way of what an originator may not give: of the way that came nearest.

        Nearest is what only goes by a hub, then what is not operative, is above a ceiling, of another topic, or under
        none of the agreements that a caveat names; of equals the first (W73).
        """
        level, caveats = self._read_level(marking), self._read_caveats(marking)
        if level is None or caveats is None or equivalent_level(self._pact, level.id, to) is None:
            return self.refusal.clause
        if caveats.is_national or (caveats.only_to is not None and to not in caveats.only_to):
            return self.refusal.clause
        case = _Case(marking, level, caveats, None, marking.originator, to, ground)
        barriers = [
            self._find_barrier(route, case)
            for leg in (Leg.DIRECT, Leg.TO_HUB, Leg.BY_HUB)
            for route in self._routes
            if (route.leg, route.giver, route.receiver) == (leg, marking.originator, to)
        ]
        return max(barriers, key=lambda barrier: barrier[0], default=(0, self.refusal.clause))[1]

    def _find_barrier(self, route: Route, case: "_Case") -> tuple[int, str]:
        """Return how near a way came, and its clause."""
        agreements, rank = (route.agreement, *route.legs), case.level.rank
        if case.caveats.only_under is not None and route.agreement not in case.caveats.only_under:
            return 0, self.refusal.clause
        topics, ceilings = set(case.marking.topics), {row.id: row.rank_max for row in self._pact.ceilings}
        for id_ in agreements:
            if not topics <= set(getattr(self._pact.find_agreement(id_), "topics", ())):
                return 1, id_
        for clause in route.clauses:
            found = self._pact.find_agreement(clause)
            if rank > (ceilings[clause] if found is None else found.ceiling_rank):
                return 2, clause
        off = [id_ for id_ in agreements if not self._is_operative(id_, case.ground)]
        return (3, off[0]) if off else (4, route.agreement)

    def _is_operative(self, id_: str, ground: Ground) -> bool:
        return is_operative(self._agreements.find_state(id_, at=ground.at, knows=ground.knows))

    def _decide_third(self, case: "_Case") -> Answer:
        """What another originated (R9)."""
        marking, topics = case.marking, set(case.marking.topics)
        sources = [
            route
            for route in self._routes
            if (route.giver, route.receiver) == (marking.originator, case.holder) and set(route.topics) & topics
        ]
        for route in sources:
            if route.third_party is ThirdParty.PROHIBITED:
                return Answer(Says.WITHHELD, route.agreement)
        way = self._find_way(case)
        if way is None:
            return self.refusal
        is_free = way.leg is Leg.DIRECT and not case.caveats.needs_originator and _leave_free(sources, topics)
        if is_free:
            return Answer(Says.PERMIT, way.agreement)
        if case.item is None:
            return self.refusal
        runs = self._consents.runs(
            case.item,
            originator=marking.originator,
            holder=case.holder,
            recipient=case.to,
            at=case.ground.at,
            knows=case.ground.knows,
        )
        return Answer(Says.PERMIT if runs else Says.NEEDS_CONSENT, way.agreement)

    def _find_way(self, case: "_Case") -> Route | None:
        """Return a protected way: direct from the holder, or by hub from the originator (R9)."""
        origin = case.marking.originator
        ceilings = [row.rank_max for row in self._pact.ceilings if {origin, case.to} <= set(row.parties)]
        if any(case.level.rank > rank_max for rank_max in ceilings):
            return None
        direct = [
            route
            for route in self._routes
            if (route.leg, route.giver, route.receiver) == (Leg.DIRECT, case.holder, case.to)
        ]
        by_hub = [
            route
            for route in self._routes
            if (route.leg, route.giver, route.receiver, route.hub) == (Leg.BY_HUB, origin, case.to, case.holder)
        ]
        return next((route for route in (*direct, *by_hub) if self._carries(route, case)), None)


class _Case(NamedTuple):
    """One marking to be decided for one holder and one recipient."""

    marking: Marking
    level: Level
    caveats: _Caveats
    item: bytes | None
    holder: Party
    to: Party
    ground: Ground


def _leave_free(sources: Sequence[Route], topics: set[str]) -> bool:
    """Tell whether all agreements by which it could have come leave their receiver free, and one covers all topics."""
    is_left = all(route.third_party is ThirdParty.FREE for route in sources)
    return is_left and any(topics <= set(route.topics) for route in sources)


def _read_list(caveat: str, prefix: str, permitted: frozenset[str]) -> frozenset[str] | None:
    """Read the names after a prefix: ascending, joined by a comma and a space, all of them known (R6)."""
    if not caveat.startswith(prefix):
        return None
    names = caveat.removeprefix(prefix).split(", ")
    return frozenset(names) if ascends(names) and permitted.issuperset(names) else None
