"""Who acts at a node that has no officers yet: whoever holds the realm's token, in every office of the pact.

So a node is set up with one command and can speak. On the record it is a name like any other; the first officer who is
added ends it, and from then on the realm's token administers and says nothing.
"""

from collections.abc import Iterable

from comity.base.names import Audience, Party
from comity.machine.funnel import decode_known
from comity.machine.machine import Machine
from comity.procedure.act import find_effective
from comity.procedure.entry import Entry
from comity.procedure.officer import Capacity, Footing

__all__ = ["find_operator", "name_operator"]


def name_operator(party: Party) -> str:
    """Return the pseudonym of whoever runs a party's node without officers."""
    return f"{party.lower()}-operator"


def find_operator(machine: Machine, audience: Audience, entries: Iterable[Entry]) -> tuple[tuple[Capacity, ...], ...]:
    """Return the operator with all capacities, by the name that the statements themselves give, if they give one."""
    terms = machine.versions.find_offices(audience)
    if terms is None:
        return ()
    named = {name for entry in entries for name in _list_named(find_effective(entry, decode_known))}
    officer = named.pop() if len(named) == 1 else name_operator(machine.party)
    return (tuple(Capacity(officer, role.id, Footing.OFFICE) for role in terms.offices.roles),)


def _list_named(entry: Entry) -> tuple[str, ...]:
    """Return the officers whom a statement itself names."""
    one = getattr(entry, "officer", None)
    return tuple(getattr(entry, "officers", ())) if one is None else (str(one),)
