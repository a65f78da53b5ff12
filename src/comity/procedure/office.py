"""Whether officers had the power to do what they did: asked by the own node before, and by every reader afterwards.

Rules (docs/spec/procedure.md, P42 to P45)
- Judged under the version of the pact that governs the statement. One without officers asks for none.
- Nobody is judged by a roster or a register: these are a party's own. What the entry says of itself is held against
  the pact, and against what the statement says of its officer.
- A verdict is a finding. The statement stays, and every fold reads it as before: what its author said binds it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec

from comity.pact.model import Pact
from comity.pact.offices import Act, Offices
from comity.procedure.act import ACTS as _ACTS
from comity.procedure.act import DecodeEntry, find_effective
from comity.procedure.disclosed import EntryDisclosed, find_disclosed
from comity.procedure.entry import Entry, Marking
from comity.procedure.officer import ActedBy, Capacity, Footing

__all__ = ["Fault", "OfficeTerms", "read_offices"]


class Fault(NamedTuple):
    """What is wrong with an act: a code of the catalogue, the clause that it rests on, and the act."""

    code: str
    clause: str
    act: Act


class Demand(NamedTuple):
    """How many officers a statement needs, and by which clause."""

    officers: int
    clause: str


@dataclass(frozen=True)
class OfficeTerms:
    """What one version of the pact says of officers."""

    offices: Offices
    ranks: Mapping[str, int]
    """Rank by level, over all schemes."""

    @cached_property
    def _alone(self) -> frozenset[Act]:
        """Acts that one officer can always do alone."""
        return frozenset(Act) - {rule.act for rule in self.offices.two_person}

    def find_act(self, effective: Entry) -> Act | None:
        """Return the act of what a statement comes to, as this version of the pact names it (P42, P60)."""
        act = _ACTS.get(type(effective))
        return None if act is None else self.offices.find_act(act)

    def judge(self, entry: Entry, acted: ActedBy | None, decode: DecodeEntry) -> Fault | None:
        """Return what is wrong with a statement by these officers, the first of P43; None where all is well."""
        effective = find_effective(entry, decode)
        act = self.find_act(effective)
        if act is None:
            return None
        if acted is None:
            return Fault("officer.uncovered", self.offices.id, act)
        for capacity in acted.officers:
            if fault := self.judge_capacity(capacity, act):
                return fault
        demand = self.find_demand(effective, act, decode)
        if len(acted.officers) < demand.officers:
            return Fault("officer.too-few", demand.clause, act)
        if not _names_rightly(effective, acted):
            return Fault("officer.other-name", self.offices.id, act)
        return None

    def judge_capacity(self, capacity: Capacity, act: Act) -> Fault | None:
        """Return why an officer cannot do an act in this capacity (P43.2); None where it can."""
        clause, roles = self.offices.find_permitted(act)
        if capacity.power not in roles:
            return Fault("officer.wrong-role", clause, act)
        if capacity.footing is Footing.DEPUTY:
            if not self.offices.find_deputy_rules(capacity.power, by=capacity.role):
                return Fault("officer.not-deputy", clause, act)
        elif capacity.footing is Footing.DELEGATION:
            rule = self.offices.delegation
            if rule is None or act not in rule.acts:
                return Fault("officer.not-delegated", clause if rule is None else rule.id, act)
        return None

    def find_demand(self, effective: Entry, act: Act, decode: DecodeEntry) -> Demand:
        """Return how many officers a statement needs (P44): the most that a clause asks, by the first that asks it."""
        demand = Demand(1, self.offices.id)
        if act in self._alone:
            return demand
        for rule in self.offices.two_person:
            if rule.act is not act or rule.officers <= demand.officers:
                continue
            level = str(getattr(effective, "level", ""))
            if rule.levels and level not in {named.value for named in rule.levels}:
                continue
            if rule.above_rank is None or self.is_above(effective, rule.above_rank, decode):
                demand = Demand(rule.officers, rule.id)
        return demand

    def is_above(self, entry: Entry, rank: int, decode: DecodeEntry) -> bool:
        """Tell whether a statement carries a marking above a rank (P45); a level that the pact does not know is."""
        if isinstance(entry, EntryDisclosed):
            shown = decode(find_disclosed(entry))
            return (
                shown is None
                or isinstance(shown, EntryDisclosed)
                or self.is_above(find_effective(shown, decode), rank, decode)
            )
        return any(self.ranks.get(marking.level, rank + 1) > rank for marking in _walk_markings(entry))


def read_offices(pact: Pact) -> OfficeTerms | None:
    """Return what a version of the pact says of officers; None where it asks for none."""
    if pact.offices is None:
        return None
    return OfficeTerms(pact.offices, {level.id: level.rank for scheme in pact.schemes for level in scheme.levels})


def _names_rightly(entry: Entry, acted: ActedBy) -> bool:
    """Tell whether the officers whom a statement itself names acted in it, one of them in the role that it names."""
    one, role = getattr(entry, "officer", None), getattr(entry, "role", None)
    named = {*getattr(entry, "officers", ())} if one is None else {one}
    own = [capacity for capacity in acted.officers if capacity.officer in named]
    if len(own) < len(named):
        return False
    return not own or role is None or any(role in (capacity.role, capacity.power) for capacity in own)


def _walk_markings(value: object) -> Iterator[Marking]:
    if isinstance(value, Marking):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _walk_markings(getattr(value, name))
    elif isinstance(value, tuple):
        for element in value:
            yield from _walk_markings(element)
