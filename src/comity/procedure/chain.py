"""Who could come to see something by any chain of releases, by which path, under which clauses, with whose consent.

Rules (docs/spec/release.md, R31)
- Each step is a decision of `release.decide` for one holder and one receiver; nothing here judges a marking or a route.
  An item that has expired goes no step (R37).
- Who has it may give it on. What a step needs beside the clauses are consents of originators: each is noted, and the
  step is decided again as if it had been given.
- Of several chains to one party the one shown needs the fewest consents, then the fewest steps, then comes first by
  the parties' names.

What people say in their own words, or put under a marking of their own, is another thing and no step of a chain.
"""

import functools
import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.consent import Consent
from comity.procedure.expiry import decide_giving
from comity.procedure.ground import Ground
from comity.procedure.verdict import Decision, NeedsConsent, Permit, Subject, Withheld

__all__ = ["NO_ITEM", "Barrier", "Chain", "Reach", "Step", "find_reach"]

NO_ITEM: Final = Digest(bytes(32))
"""Stands for the digest of an item that is not made yet, so that consents to it can be thought of."""
_NO_LINEAGE: Final = bytes(32)

Edge = tuple[Party, Party]
"""Giver and receiver."""


@dataclass(frozen=True, slots=True)
class Step:
    """One release of a chain. `consents_of` are the originators who would have to consent to it first."""

    giver: Party
    receiver: Party
    permit: Permit
    consents_of: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """The releases by which a party could come to hold it, in order."""

    steps: tuple[Step, ...]

    @property
    def party(self) -> Party:
        """Who holds it at the end."""
        return self.steps[-1].receiver

    @property
    def path(self) -> tuple[Party, ...]:
        """Through whose hands it goes."""
        return (self.steps[0].giver, *(step.receiver for step in self.steps))

    @property
    def consent_count(self) -> int:
        """How many consents would be needed."""
        return sum(len(step.consents_of) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Barrier:
    """What keeps one who could hold it from giving it to one who could not come by it."""

    giver: Party
    receiver: Party
    refusal: Withheld | NeedsConsent


@dataclass(frozen=True, slots=True)
class Reach:
    """Everybody who could come to hold it, with the chain that brings it there, and what bounds it.

    `barriers` are all steps from inside to outside, each with its refusal: together they are the proof that nobody
    else can. `decision_count` says how often the funnel was asked.
    """

    holders: tuple[Party, ...]
    chains: Mapping[Party, Chain]
    barriers: tuple[Barrier, ...]
    decision_count: int

    @property
    def state_count(self) -> int:
        """How many parties were visited as holders."""
        return len(self.holders) + len(self.chains)

    def list_barriers(self, party: Party) -> tuple[Barrier, ...]:
        """Return what keeps it from one party."""
        return tuple(barrier for barrier in self.barriers if barrier.receiver == party)


def find_reach(
    subject: Subject,
    *,
    holders: Collection[Party],
    ground: Ground,
    with_consents: bool = True,
    but_not: Collection[Edge] = (),
    expires_at: Sequence[int] = (),
) -> Reach:
    """Return who could come to hold the subject from `holders`, through any chain of releases that the ground permits.

    `with_consents` takes every consent as given that an originator could give; else only those in the ground count.
    `but_not` are steps that are left out of account; `expires_at` is the item's end, or nothing.
    """
    ask = functools.partial(decide_giving, subject, expires_at=expires_at)
    search = _Search(ask, subject.item, ground, with_consents=with_consents, but_not=frozenset(but_not))
    chains = search.find_chains(sorted(set(holders)))
    inside = {*holders, *chains}
    barriers = tuple(
        Barrier(giver, receiver, refusal)
        for (giver, receiver), (refusal, _) in sorted(search.decided.items(), key=lambda row: row[0])
        if receiver not in inside and not isinstance(refusal, Permit)
    )
    return Reach(tuple(sorted(set(holders))), chains, barriers, search.decision_count)


class _Ask(Protocol):
    """Decides one step of what is searched for."""

    def __call__(self, *, holder: Party, to: Party, ground: Ground) -> Decision:
        """Decide it on a ground."""


class _Search:
    """One search over who holds it: cheapest chains first, every step decided once."""

    def __init__(
        self, ask: _Ask, item: Digest | None, ground: Ground, *, with_consents: bool, but_not: frozenset[Edge]
    ) -> None:
        self._ask = ask
        self._item = item
        self._ground = ground
        self._with_consents = with_consents
        self._but_not = but_not
        self.decided: dict[Edge, tuple[Decision, tuple[Party, ...]]] = {}
        self.decision_count = 0

    def find_chains(self, holders: Collection[Party]) -> dict[Party, Chain]:
        waiting: list[tuple[int, int, tuple[Party, ...], tuple[Step, ...]]] = [(0, 0, (one,), ()) for one in holders]
        heapq.heapify(waiting)
        found: dict[Party, Chain] = {}
        seen: set[Party] = set()
        while waiting:
            consent_count, step_count, path, steps = heapq.heappop(waiting)
            party = path[-1]
            if party in seen:
                continue
            seen.add(party)
            if steps:
                found[party] = Chain(steps)
            for step in self._list_steps(party, seen):
                further = (*path, step.receiver)
                row = (consent_count + len(step.consents_of), step_count + 1, further, (*steps, step))
                heapq.heappush(waiting, row)
        return dict(sorted(found.items()))

    def _list_steps(self, giver: Party, seen: set[Party]) -> Iterator[Step]:
        for receiver in sorted(self._ground.terms.parties - seen):
            if (giver, receiver) in self._but_not:
                continue
            decision, consents_of = self.decided[giver, receiver] = self._decide(giver, receiver)
            if isinstance(decision, Permit):
                yield Step(giver, receiver, decision, consents_of)

    def _decide(self, giver: Party, receiver: Party) -> tuple[Decision, tuple[Party, ...]]:
        """Decide a step; where consent is lacking, again with it, for as long as another originator is asked."""
        ground, asked = self._ground, list[Party]()
        while True:
            self.decision_count += 1
            decision = self._ask(holder=giver, to=receiver, ground=ground)
            if not isinstance(decision, NeedsConsent) or not self._with_consents or decision.of in asked:
                return decision, tuple(asked)
            asked.append(decision.of)
            ground = replace(ground, consents=(*ground.consents, self._imagine(decision.of, giver, receiver)))

    def _imagine(self, originator: Party, holder: Party, recipient: Party) -> Consent:
        """Return the consent that is lacking, running at the ground's instant."""
        item, at = self._item, self._ground.as_of
        assert item is not None, "only an item can lack a consent (R9)"
        return Consent(_NO_LINEAGE, "", originator, item, holder, recipient, at, Instant(at + 1))
