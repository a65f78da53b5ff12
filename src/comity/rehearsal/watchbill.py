"""Who acts now and then in place of who is first at hand: a deputy, one with a delegation, one who must not.

Drawn for each wish, from a purpose of its own. Who must not act is refused by the own node, with the code that the pact
asks for; then the right officer says the same. What a statement itself says of its officer is left as it is.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.names import Audience
from comity.machine.funnel import decode_known
from comity.machine.machine import Machine
from comity.pact.offices import Act
from comity.procedure.act import find_act, find_effective
from comity.procedure.entry import Entry
from comity.procedure.office import OfficeTerms
from comity.procedure.officer import Capacity, Footing
from comity.rehearsal.crew import Crew, find_crew, name_officer

__all__ = ["Substitution", "Watchbill"]

WRONG_SHARE: Final = 0.12
"""Of all wishes for which it can be drawn, how many are first said by somebody who must not."""
INSTEAD_SHARE: Final = 0.12
ALONE_SHARE: Final = 0.5
"""Of the wishes that take two officers, how many are first said by one."""


@dataclass(frozen=True, slots=True)
class Substitution:
    """Others than those first at hand. `refusal`: the code by which they are refused; empty where they may act."""

    crew: Crew
    refusal: str = ""


@dataclass(slots=True)
class Watchbill:
    """One party's."""

    chance: random.Random

    def draw(self, machine: Machine, audience: Audience, entries: Sequence[Entry]) -> Substitution | None:
        """Draw who says these words in place of the first at hand; None: those."""
        terms = machine.versions.find_offices(audience)
        acts = {act for entry in entries if (act := find_act(entry, decode_known)) is not None}
        effective = [find_effective(entry, decode_known) for entry in entries]
        if terms is None or len(acts) != 1 or any(getattr(entry, "officer", "") for entry in effective):
            return None
        (act,) = acts
        if max(terms.find_demand(entry, act, decode_known).officers for entry in effective) > 1:
            crew = find_crew(machine, audience, entries)
            return Substitution(crew[:1], "officer.too-few") if self.chance.random() < ALONE_SHARE else None
        mood = self.chance.random()
        if mood >= WRONG_SHARE + INSTEAD_SHARE:
            return None
        found = self._list_wrong(terms, act) if mood < WRONG_SHARE else self._list_instead(terms, act)
        if not found:
            return None
        capacity, refusal = self.chance.choice(found)
        officer = name_officer(machine.party, terms, capacity.role)
        return Substitution(((Capacity(officer, capacity.role, capacity.footing, capacity.stands_for),),), refusal)

    @staticmethod
    def _list_wrong(terms: OfficeTerms, act: Act) -> list[tuple[Capacity, str]]:
        """Return in which capacities nobody may do an act, each with the code of its refusal."""
        _, permitted = terms.offices.find_permitted(act)
        rule = terms.offices.delegation
        others = [role.id for role in terms.offices.roles if role.id not in permitted]
        found = [(Capacity("-", role, Footing.OFFICE), "officer.wrong-role") for role in others]
        for power in sorted(permitted):
            strangers = [role for role in others if not terms.offices.find_deputy_rules(power, by=role)]
            found += [(Capacity("-", role, Footing.DEPUTY, (power,)), "officer.not-deputy") for role in strangers]
            if rule is None or act not in rule.acts:
                found += [
                    (Capacity("-", role, Footing.DELEGATION, (power,)), "officer.not-delegated") for role in others
                ]
        return found

    @staticmethod
    def _list_instead(terms: OfficeTerms, act: Act) -> list[tuple[Capacity, str]]:
        """Return in which capacities an act may be done in somebody else's place."""
        _, permitted = terms.offices.find_permitted(act)
        rule = terms.offices.delegation
        found = [
            (Capacity("-", by, Footing.DEPUTY, (row.role,)), "")
            for row in terms.offices.deputies
            for by in row.by
            if row.role in permitted
        ]
        if rule is not None and act in rule.acts:
            others = [role.id for role in terms.offices.roles if role.id not in permitted]
            found += [(Capacity("-", other, Footing.DELEGATION, (min(permitted),)), "") for other in others]
        return found
