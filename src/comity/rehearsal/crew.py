"""The officers of a party in a rehearsal: one for each role of the pact, and whoever a statement itself names.

They act as the pact asks: whoever holds a role that may do it, two of them where it takes two. Nothing is drawn here,
so that the same words are always said by the same people. A pact that asks for no officers gets none.
"""

from collections.abc import Iterable

from comity.base.names import Audience, Party
from comity.machine.funnel import decode_known
from comity.machine.machine import Machine
from comity.pact.offices import Act
from comity.procedure.act import find_effective
from comity.procedure.entry import Entry
from comity.procedure.office import OfficeTerms
from comity.procedure.officer import Capacity, Footing

__all__ = ["Crew", "find_crew", "name_officer", "sign"]

Crew = tuple[tuple[Capacity, ...], ...]


def find_crew(machine: Machine, audience: Audience, entries: Iterable[Entry]) -> Crew:
    """Return the officers of a party who say these words to an audience, each with his capacities."""
    terms = machine.versions.find_offices(audience)
    if terms is None:
        return ()
    found: dict[str, Capacity] = {}
    for entry in entries:
        effective = find_effective(entry, decode_known)
        act = terms.find_act(effective)
        if act is None:
            continue
        officer, role = getattr(effective, "officer", ""), getattr(effective, "role", "")
        if officer:
            fitting = _list_roles(terms, act)
            found = {officer: Capacity(officer, role or fitting[0], Footing.OFFICE)}
        needed = terms.find_demand(effective, act, decode_known).officers
        for role_ in _list_roles(terms, act):
            if len(found) < needed:
                name = name_officer(machine.party, terms, role_)
                found.setdefault(name, Capacity(name, role_, Footing.OFFICE))
    return tuple((found[name],) for name in sorted(found))


def sign(machine: Machine, audience: Audience, entry: Entry) -> tuple[str, tuple[str, ...]]:
    """Return the role and the names of who is first at hand for an entry, for one that says so itself."""
    crew = find_crew(machine, audience, (entry,))
    return (crew[0][0].power, tuple(one[0].officer for one in crew)) if crew else ("duty-officer", ("duty-1",))


def _list_roles(terms: OfficeTerms, act: Act) -> list[str]:
    """Return the roles that may do an act, in the order of the pact."""
    _, permitted = terms.offices.find_permitted(act)
    return [role.id for role in terms.offices.roles if role.id in permitted]


def name_officer(party: Party, terms: OfficeTerms, role: str) -> str:
    """Return the pseudonym of the one officer whom a party has in a role."""
    place = next(index for index, one in enumerate(terms.offices.roles) if one.id == role)
    return f"{party.lower()}-{place}"
