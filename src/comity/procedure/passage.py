"""What may pass from one party to another on a ground: directly, by way of others with consent, not at all.

Rules (docs/spec/release.md, R34)
- Asked of `release.decide` and of the search of chains, level by level and topic by topic; nothing is decided here.
- *Directly* is one release from the originator's own hands. *By others* is the best chain without that release.
- Topics of which the same is true are one row.

Two grounds are compared in the same way: what closes when an agreement is suspended, and what would go instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.pact.agreement import AgreementState
from comity.pact.marking import Level
from comity.procedure.agreement import AgreementStanding
from comity.procedure.chain import NO_ITEM, Chain, Edge, Step, find_reach
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.release import decide
from comity.procedure.release_terms import ReleaseTerms
from comity.procedure.verdict import Permit, Subject, Withheld

__all__ = ["Change", "Passage", "Way", "Ways", "find_changes", "find_passages", "suppose"]


@dataclass(frozen=True, slots=True)
class Way:
    """The highest level of the giver's scheme that goes this way, and the chain that carries it."""

    level: str
    rank: int
    chain: Chain


@dataclass(frozen=True, slots=True)
class Ways:
    """What goes directly and what goes by others, each up to which level.

    `refusal` is why the lowest level that does not go directly does not; `level_stopped` is the lowest that goes by
    neither way, empty where every level goes.
    """

    direct: Way | None
    by_others: Way | None
    refusal: Withheld | None
    level_stopped: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The ways of one giver and receiver, for the topics of which they are the same."""

    giver: Party
    receiver: Party
    topics: tuple[str, ...]
    ways: Ways


@dataclass(frozen=True, slots=True)
class Change:
    """The ways of one giver and receiver on two grounds, for the topics of which both are the same."""

    giver: Party
    receiver: Party
    topics: tuple[str, ...]
    before: Ways
    after: Ways

    @property
    def is_closing(self) -> bool:
        """Whether less goes directly than before."""
        return _rank(self.after.direct) < _rank(self.before.direct)


def find_passages(ground: Ground, *, pairs: Iterable[Edge] = ()) -> tuple[Passage, ...]:
    """Return what may pass between each giver and receiver, or between those named, on this ground."""
    found = []
    for giver, receiver in list(pairs) or _list_pairs(ground):
        alike: dict[Ways, list[str]] = {}
        for topics in _list_classes(ground.terms):
            alike.setdefault(_find_ways(ground, giver, receiver, topics[0]), []).extend(topics)
        found += [Passage(giver, receiver, tuple(topics), ways) for ways, topics in alike.items()]
    return tuple(found)


def find_changes(before: Ground, after: Ground, *, decision_count_max: int) -> tuple[Change, ...]:
    """Return every passage that is another on the second ground: another level, or by another chain.

    Raises:
        UsageError: `proof.too-large` where it would take more decisions than are permitted here.
    """
    count = 2 * _count_decisions(before.terms)
    if count > decision_count_max:
        raise UsageError("proof.too-large", count=count, count_max=decision_count_max)
    found = []
    for giver, receiver in _list_pairs(before):
        alike: dict[tuple[Ways, Ways], list[str]] = {}
        for topics in _list_classes(before.terms):
            then, now = (_find_ways(ground, giver, receiver, topics[0]) for ground in (before, after))
            if (then.direct, then.by_others) != (now.direct, now.by_others):
                alike.setdefault((then, now), []).extend(topics)
        found += [Change(giver, receiver, tuple(topics), *both) for both, topics in alike.items()]
    return tuple(found)


def suppose(ground: Ground, *, agreement: str, state: AgreementState, notice_ends_at: Instant | None = None) -> Ground:
    """Return the ground as it would be if an agreement were in another state, by the word of all its parties.

    Notice that ends at the ground's instant or before is ended (R14).
    """
    if state is AgreementState.NOTICE_GIVEN and notice_ends_at is not None and notice_ends_at <= ground.as_of:
        state = AgreementState.ENDED
    cells = tuple((party, state) for party, _ in ground.states[agreement].cells)
    standing = AgreementStanding(agreement, state, cells, contested=False, notice_ends_at=notice_ends_at)
    return replace(ground, states={**ground.states, agreement: standing})


def _count_decisions(terms: ReleaseTerms) -> int:
    """How many questions all passages of a pact come to, at most, but for consents."""
    party_count = len(terms.parties)
    return (party_count - 1) * len(terms.ranks) * len(_list_classes(terms)) * party_count**2


def _list_classes(terms: ReleaseTerms) -> list[list[str]]:
    """Sets of topics that the same agreements have: whatever goes for one of them goes for all (R8, R9)."""
    classes: dict[tuple[str, ...], list[str]] = {}
    for topic in terms.pact.topics:
        of = tuple(agreement.id for agreement in terms.pact.agreements if topic.id in agreement.topics)
        classes.setdefault(of, []).append(topic.id)
    return list(classes.values())


def _list_pairs(ground: Ground) -> list[Edge]:
    parties = sorted(ground.terms.parties)
    return [(giver, receiver) for giver in parties for receiver in parties if giver != receiver]


def _rank(way: Way | None) -> int:
    return -1 if way is None else way.rank


def _find_ways(ground: Ground, giver: Party, receiver: Party, topic: str) -> Ways:
    """Try every level of the giver's scheme, lowest first; the highest that goes is the one that counts."""
    direct: Way | None = None
    by_others: Way | None = None
    refusal: Withheld | None = None
    stopped = ""
    for level in _list_levels(ground, giver):
        subject = Subject((Marking(giver, giver, level.id, (topic,), ()),), NO_ITEM)
        decision = decide(subject, holder=giver, to=receiver, ground=ground)
        chain = find_reach(subject, holders=(giver,), ground=ground, but_not=((giver, receiver),)).chains.get(receiver)
        if isinstance(decision, Permit):
            direct = Way(level.id, level.rank, Chain((Step(giver, receiver, decision, ()),)))
        elif isinstance(decision, Withheld):
            refusal = refusal or decision
            stopped = stopped or ("" if chain is not None else level.id)
        if chain is not None:
            by_others = Way(level.id, level.rank, chain)
    return Ways(direct, by_others, refusal, stopped)


def _list_levels(ground: Ground, party: Party) -> tuple[Level, ...]:
    return next((scheme.levels for scheme in ground.terms.pact.schemes if scheme.party == party), ())
