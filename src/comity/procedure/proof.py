"""Statements about every chain of releases that a pact leaves open, each with a proof or a counter-example.

Rules (docs/spec/release.md, R31 to R33; docs/adr/0032)
- The search is exhaustive and asks `release.decide` itself: every level of the originator's scheme, every topic alone,
  every party as a holder, every step. There is no second opinion of the rules that could differ from them.
- Agreements are taken to be in force, but for those that a statement leaves out; consents are all given, or none is. By
  R11 no stricter state, no caveat, no further topic and no further marking opens what is closed here.
- What is proved is about releases under markings. What people say in their own words is not of it.

`prove` derives statements from the pact and adds the pact's own promises.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.limits import PROOF_DECISION_COUNT_MAX
from comity.base.names import Party
from comity.pact.agreement import AgreementState, ThirdParty
from comity.pact.marking import Level
from comity.pact.promise import ReleasePromise
from comity.procedure.agreement import AgreementStanding
from comity.procedure.chain import NO_ITEM, Barrier, Chain, Edge, Reach, find_reach
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.release_terms import ReleaseTerms
from comity.procedure.verdict import Subject

__all__ = ["Claim", "Counter", "Statement", "prove", "prove_each"]

_AT: Final = Instant(0)
"""The searches are of no date: agreements are in force or out of it as each statement says."""


class Claim(enum.Enum):
    """What kind of statement it is, and where it comes from."""

    REACH = "reach"
    """Derived: the highest level of one party that could ever reach another."""
    OTHERS_HANDS = "others-hands"
    """Derived: the highest that could reach it through another's hands while the originator consents to nothing."""
    CEILING = "ceiling"
    """An exchange ceiling of the pact, along every chain."""
    PROHIBITED = "prohibited"
    """An agreement that prohibits release to third parties: what one gave the other goes no further by its hands."""
    PROMISE = "promise"
    """A promise that the pact makes about itself."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter-example: this marking comes there by this chain."""

    marking: Marking
    chain: Chain


@dataclass(frozen=True, slots=True)
class Statement:
    """Nothing of the originator's above that rank, on these topics, can reach the recipient; `above` None: nothing.

    `visited` counts states (a marking at a holder), `decision_count` the questions to the funnel. `barriers` are the
    refusals that stop what lies above, one for each clause and place; `highest` is the chain by which the highest that
    can reach it does.
    """

    claim: Claim
    clause: str
    originator: Party
    recipient: Party
    topics: tuple[str, ...]
    above: int | None
    with_consents: bool
    without: tuple[str, ...]
    holder: Party | None
    """Through whose hands alone, for a prohibition; None: any chain."""
    visited: int
    decision_count: int
    barriers: tuple[Barrier, ...]
    highest: Counter | None
    counter: Counter | None

    @property
    def is_proved(self) -> bool:
        """Whether the search found nothing against it."""
        return self.counter is None


def prove(terms: ReleaseTerms) -> tuple[Statement, ...]:
    """Return every statement that follows from the pact, and every promise of it, proved or refuted.

    Raises:
        UsageError: `proof.too-large` where the pact leaves more to ask than can be searched.
    """
    return tuple(prove_each(terms))


def prove_each(terms: ReleaseTerms) -> Iterator[Statement]:
    """Yield the same statements one after the other, each as soon as it is proved or refuted: promises first.

    Raises:
        UsageError: `proof.too-large`, before the first.
    """
    prover = _Prover(terms)
    yield from prover.prove_promises()
    yield from prover.prove_ceilings()
    yield from prover.prove_prohibitions()
    yield from prover.prove_reach()


class _Prover:
    """The searches over one pact; the same search is made once."""

    def __init__(self, terms: ReleaseTerms) -> None:
        self._terms = terms
        self._parties = sorted(terms.parties)
        self._topics = tuple(topic.id for topic in terms.pact.topics)
        self._levels: dict[Party, tuple[Level, ...]] = {row.party: row.levels for row in terms.pact.schemes}
        self._grounds: dict[tuple[str, ...], Ground] = {}
        self._reached: dict[tuple[object, ...], Reach] = {}
        level_count = sum(map(len, self._levels.values()))
        count = level_count * len(self._topics) * len(self._parties) ** 2 * (4 + len(terms.pact.promises))
        if count > PROOF_DECISION_COUNT_MAX:
            raise UsageError("proof.too-large", count=count, count_max=PROOF_DECISION_COUNT_MAX)

    def prove_promises(self) -> Iterator[Statement]:
        """What the pact says about itself (R32)."""
        for promise in self._terms.pact.promises:
            yield self._prove(
                Claim.PROMISE,
                (promise.originator, promise.recipient),
                promise.topics or self._topics,
                clause=promise.id,
                above=self._find_rank(promise),
                with_consents=promise.with_consents,
                without=promise.without,
            )

    def prove_ceilings(self) -> Iterator[Statement]:
        """What is never exchanged does not come by a detour either."""
        for ceiling in self._terms.pact.ceilings:
            for pair in _pairs(ceiling.parties):
                yield self._prove(Claim.CEILING, pair, self._topics, clause=ceiling.id, above=ceiling.rank_max)

    def prove_prohibitions(self) -> Iterator[Statement]:
        """What was given under a prohibition goes to no third party by the hands of who was given it."""
        for agreement in self._terms.pact.agreements:
            if agreement.third_party is not ThirdParty.PROHIBITED:
                continue
            for originator, holder in _pairs(agreement.parties):
                if originator not in (agreement.givers or agreement.parties) or originator == agreement.hub:
                    continue
                for recipient in self._parties:
                    if recipient not in (originator, holder):
                        pair, topics = (originator, recipient), agreement.topics
                        yield self._prove(Claim.PROHIBITED, pair, topics, clause=agreement.id, holder=holder)

    def prove_reach(self) -> Iterator[Statement]:
        """How far each party's information can ever get, for topics of which the same is true together.

        That less can get there while the originator consents to nothing is said only where it is so.
        """
        for pair in _pairs(self._parties):
            with_all = {
                topic: self._find_highest(Claim.REACH, pair, topic, with_consents=True) for topic in self._topics
            }
            for claim, with_consents in ((Claim.REACH, True), (Claim.REACH, False), (Claim.OTHERS_HANDS, False)):
                by_rank: dict[int | None, list[str]] = {}
                for topic in self._topics:
                    highest = self._find_highest(claim, pair, topic, with_consents=with_consents)
                    if with_consents or claim is Claim.OTHERS_HANDS or highest != with_all[topic]:
                        by_rank.setdefault(highest, []).append(topic)
                for above, topics in by_rank.items():
                    yield self._prove(claim, pair, tuple(topics), above=above, with_consents=with_consents)

    def _find_rank(self, promise: ReleasePromise) -> int | None:
        return None if promise.above is None else self._terms.ranks[promise.above][1]

    def _find_highest(self, claim: Claim, pair: Edge, topic: str, *, with_consents: bool) -> int | None:
        ranks = [
            level.rank
            for level in self._levels[pair[0]]
            if pair[1] in self._search(claim, pair, level, topic, with_consents=with_consents).chains
        ]
        return max(ranks, default=None)

    def _prove(
        self,
        claim: Claim,
        pair: Edge,
        topics: Sequence[str],
        *,
        clause: str = "",
        above: int | None = None,
        with_consents: bool = True,
        without: tuple[str, ...] = (),
        holder: Party | None = None,
    ) -> Statement:
        """Search every level and topic that the statement is about; what lies above must not arrive."""
        originator, recipient = pair
        visited = decision_count = 0
        barriers: dict[tuple[Party, str], Barrier] = {}
        highest: Counter | None = None
        counter: Counter | None = None
        for level in self._levels[originator]:
            for topic in topics:
                reach = self._search(
                    claim, pair, level, topic, with_consents=with_consents, without=without, holder=holder
                )
                visited, decision_count = visited + reach.state_count, decision_count + reach.decision_count
                chain = reach.chains.get(recipient)
                arrived = None if chain is None else Counter(self._mark(originator, level, topic), chain)
                if above is not None and level.rank <= above:
                    highest = arrived or highest
                    continue
                counter = counter or arrived
                for barrier in reach.list_barriers(recipient):
                    barriers.setdefault((barrier.giver, barrier.refusal.clause), barrier)
        return Statement(
            claim, clause, originator, recipient, tuple(topics), above, with_consents, without, holder,
            visited, decision_count, tuple(barriers.values()), highest, counter,
        )  # fmt: skip

    def _search(
        self,
        claim: Claim,
        pair: Edge,
        level: Level,
        topic: str,
        *,
        with_consents: bool,
        without: tuple[str, ...] = (),
        holder: Party | None = None,
    ) -> Reach:
        """Search the chains of one marking; what the originator gives itself is left out where others' hands count."""
        originator = pair[0]
        but_not: tuple[Edge, ...] = ()
        if claim is Claim.OTHERS_HANDS:
            but_not = (pair,)
        elif holder is not None:
            but_not = tuple(edge for edge in _pairs(self._parties) if edge[0] != holder)
        key = (originator, level.id, topic, with_consents, without, holder, but_not)
        if key not in self._reached:
            self._reached[key] = find_reach(
                Subject((self._mark(originator, level, topic),), NO_ITEM),
                holders=(originator if holder is None else holder,),
                ground=self._find_ground(without),
                with_consents=with_consents,
                but_not=but_not,
            )
        return self._reached[key]

    def _mark(self, originator: Party, level: Level, topic: str) -> Marking:
        return Marking(originator, originator, level.id, (topic,), ())

    def _find_ground(self, without: tuple[str, ...]) -> Ground:
        """Every agreement in force but those: by R11 no other state opens more."""
        if without not in self._grounds:
            states: Mapping[str, AgreementStanding] = {
                id_: AgreementStanding(
                    id_, AgreementState.SUSPENDED if id_ in without else AgreementState.IN_FORCE, (), contested=False
                )
                for id_ in self._terms.agreements
            }
            self._grounds[without] = Ground(self._terms, states, (), _AT)
        return self._grounds[without]


def _pairs(parties: Iterable[Party]) -> list[Edge]:
    named = sorted(parties)
    return [(one, other) for one in named for other in named if one != other]
