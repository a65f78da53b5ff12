"""In which capacities an officer may act now: the offices held, deputyships, delegations (P43, P47).

The API binds who acts to a request; `Node.say` reads it, and nothing else does. What readers cannot see is held against
the act here: whether the officer still serves, whether the office is vacant, whether a delegation stands.
"""

from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Audience
from comity.machine.funnel import decode_known
from comity.machine.machine import Machine
from comity.node.officers import Book, Officer, OfficerBook
from comity.node.operator import find_operator
from comity.pact.offices import Act, Offices
from comity.procedure.act import find_effective
from comity.procedure.entry import Entry
from comity.procedure.officer import Capacity, Footing

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["ACTING", "Crew", "check_may", "find_crew", "list_capacities"]

Crew = tuple[tuple[Capacity, ...], ...]

ACTING: Final[ContextVar[tuple[str, ...]]] = ContextVar("ACTING", default=())
"""The officers of this request, by name; nobody where the realm's token was shown, or where there is no request."""


def find_crew(
    book: OfficerBook,
    names: Sequence[str],
    machine: Machine,
    *,
    audience: Audience,
    entries: Sequence[Entry],
    at: Instant,
) -> Crew:
    """Return the officers who say these words, each with his capacities; nobody where the pact asks for nobody.

    Raises:
        UsageError: `officer.book-malformed`.
    """
    terms = machine.versions.find_offices(audience)
    if terms is None:
        return ()
    held = book.read()
    if not held.officers:
        return find_operator(machine, audience, entries)
    acts = {act for entry in entries if (act := terms.find_act(find_effective(entry, decode_known))) is not None}
    officers = [officer for name in names if (officer := held.find(name)) is not None and officer.is_valid(at)]
    return tuple(tuple(list_capacities(officer, held, terms.offices, acts, at)) for officer in officers)


def list_capacities(officer: Officer, book: Book, offices: Offices, acts: set[Act], at: Instant) -> Iterator[Capacity]:
    """Yield the capacities in which an officer may do these acts now, own offices first."""
    for role in officer.roles:
        yield Capacity(officer.name, role, Footing.OFFICE)
    for rule in offices.deputies:
        own = next((role for role in officer.roles if role in rule.by), None)
        if (
            own is not None
            and rule.role not in officer.roles
            and book.is_vacant(rule.role, at=at, for_ms=rule.vacant_ms)
        ):
            yield Capacity(officer.name, own, Footing.DEPUTY, (rule.role,))
    handed: dict[str, set[Act]] = {}
    for row in book.delegated:
        giver = book.find(row.giver)
        stands = giver is not None and giver.is_valid(at) and row.role in giver.roles and at < row.until_at
        if row.taker == officer.name and stands:
            handed.setdefault(row.role, set()).add(row.act)
    for role, given in handed.items():
        if acts <= given:
            yield Capacity(officer.name, officer.roles[0], Footing.DELEGATION, (role,))


def check_may(node: "Node", name: str, act: Act) -> None:
    """Return if an officer may do an act that is no statement, or the pact asks for nobody.

    What administers is done in one's own office: a deputy who could draw tokens would be any second officer he needs.

    Raises:
        UsageError: `officer.wrong-role`, with the clause.
    """
    terms, book = node.machine.versions.find_offices(node.machine.parties), node.officers.read()
    officer = book.find(name)
    if terms is None or officer is None:
        return
    clause, _ = terms.offices.find_permitted(act)
    capacities = list_capacities(officer, book, terms.offices, {act}, node.now())
    if act is Act.ADMINISTER:
        capacities = (row for row in capacities if row.footing is Footing.OFFICE)
    if all(terms.judge_capacity(capacity, act) is not None for capacity in capacities):
        raise UsageError("officer.wrong-role", act=act.value, clause=clause)
