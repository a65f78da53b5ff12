"""Who decides, as it will be named on the record: whoever a request names, else the officer whose token it bears.

A statement that names officers who did not act is refused by the machine (P43). A certificate of destruction is the
node's own word, which nobody acts in: so the names in it are held against the request here.
"""

from comity.base.errors import UsageError
from comity.node.destruction import Deciders
from comity.node.node import Node
from comity.node.operator import name_operator
from comity.node.powers import ACTING, list_capacities
from comity.pact.offices import Act
from comity.procedure.officer import Capacity

__all__ = ["find_deciders", "find_destroyer"]

ROLE = "release-officer"
"""The role that is named where nothing says in which one somebody acts."""


def find_deciders(node: Node, *, role: str, officers: tuple[str, ...], act: Act) -> Deciders:
    """Return who decides; what is left out is taken from the request: the officer, the first role that may do the act.

    Raises:
        UsageError: `officer.book-malformed`.
    """
    named = tuple(sorted({*officers})) or ACTING.get() or (name_operator(node.machine.party),)
    if not role:
        capacities = [capacity for name in ACTING.get() for capacity in _list_capacities(node, name, act)]
        role = next((capacity.role for capacity in capacities), ROLE)
    return Deciders(role, named)


def find_destroyer(node: Node, *, role: str, officers: tuple[str, ...]) -> Deciders:
    """Return who destroys, as `find_deciders`: nobody else than the officer of the request, in a role of his.

    Where the request is of the realm's token, nobody who could have shown one of his own.

    Raises:
        UsageError: `officer.other-name`, `officer.book-malformed`.
    """
    by, acting = find_deciders(node, role=role, officers=officers, act=Act.RECALL), ACTING.get()
    terms = node.machine.versions.find_offices(node.machine.parties)
    if terms is None:
        return by
    fitting = [capacity for name in acting for capacity in _list_capacities(node, name, Act.RECALL)]
    roles = {name for capacity in fitting for name in (capacity.role, capacity.power)}
    book = node.officers.read()
    is_right = by.officers == acting and by.role in roles if acting else not any(map(book.find, by.officers))
    if not is_right:
        raise UsageError("officer.other-name", act=Act.RECALL.value, clause=terms.offices.id)
    return by


def _list_capacities(node: Node, name: str, act: Act) -> list[Capacity]:
    """Return the capacities in which an officer may do an act now; none where the pact asks for nobody."""
    terms, book = node.machine.versions.find_offices(node.machine.parties), node.officers.read()
    officer = book.find(name)
    if terms is None or officer is None:
        return []
    capacities = list_capacities(officer, book, terms.offices, {act}, node.now())
    return [capacity for capacity in capacities if terms.judge_capacity(capacity, act) is None]
