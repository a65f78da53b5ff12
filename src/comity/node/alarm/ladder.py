"""Who is called while nobody answers: step by step, by the party's plan, or as it follows from the pact and the roster.

Without a plan: at once whoever is on duty in a role that the pact lets answer a call; then those who hold these roles
off duty; then, storey by storey, those for whom the ones before may stand in. A role whose office is vacant is called
in the person of its deputies, as the pact names them.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from comity.base.instants import MINUTE_MS, SECOND_MS
from comity.base.limits import ESCALATION_STEP_COUNT_MAX
from comity.node.alarm.plan import Plan
from comity.node.officers import Book
from comity.pact.offices import Offices

__all__ = ["Rung", "find_called", "find_ladder", "find_unknown_roles"]

WAITS_MS: Final = (0, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS, 20 * MINUTE_MS)
"""Between first call and each later step, where the plan says nothing."""
OFFICER_COUNT_MAX: Final = 64


class Rung(NamedTuple):
    """One step: so long after the first, these roles, by these call-outs; `off_duty` calls whoever holds the role."""

    wait_ms: int
    roles: tuple[str, ...]
    callouts: tuple[str, ...] = ()
    off_duty: bool = False


def find_ladder(plan: Plan, offices: Offices | None, roles: Iterable[str]) -> tuple[Rung, ...]:
    """Return the steps, by the plan, else as they follow from the pact; `roles` are those that may answer a call."""
    if plan.step:
        return tuple(
            Rung(step.after_s * SECOND_MS, tuple(sorted({*step.roles})), tuple(dict.fromkeys(step.callouts)),
                 step.off_duty)
            for step in plan.step
        )  # fmt: skip
    every = tuple(row.name for row in plan.callout)
    first = tuple(sorted({*roles}))
    climbs = list(_climb(first, offices))
    rungs = [(first, False), (first, True), *((role, True) for role in climbs)]
    return tuple(Rung(wait, role, every, off_duty) for wait, (role, off_duty) in zip(WAITS_MS, rungs, strict=False))


def _climb(first: tuple[str, ...], offices: Offices | None) -> Iterator[tuple[str, ...]]:
    """Yield the roles above, one storey after the other: those for whom somebody called so far may stand in."""
    called, below = {*first}, {*first}
    for _ in range(ESCALATION_STEP_COUNT_MAX):
        rules = () if offices is None else offices.deputies
        above = {rule.role for rule in rules if below & {*rule.by}} - called
        if not above:
            return
        yield tuple(sorted(above))
        called |= above
        below = above


def find_called(rung: Rung, book: Book, offices: Offices | None, *, at: int) -> tuple[str, ...]:
    """Return the officers whom a step calls now, sorted; nobody where no officer holds any of its roles."""
    found: set[str] = set()
    for role in rung.roles:
        found |= _find_holders(role, book, off_duty=rung.off_duty, at=at)
        rules = () if offices is None else offices.deputies
        for rule in rules:
            if rule.role == role and book.is_vacant(role, at=at, for_ms=rule.vacant_ms):
                found |= {name for by in rule.by for name in _find_holders(by, book, off_duty=False, at=at)}
    return tuple(sorted(found)[:OFFICER_COUNT_MAX])


def _find_holders(role: str, book: Book, *, off_duty: bool, at: int) -> set[str]:
    """Return who is on duty in a role; where it never has a shift, or `off_duty`, whoever holds it."""
    holders = {officer.name for officer in book.officers if role in officer.roles and officer.is_valid(at)}
    shifts = [shift for shift in book.shifts if shift.role == role]
    if off_duty or not shifts:
        return holders
    on_duty = {shift.officer for shift in shifts if shift.starts_at <= at < shift.ends_at}
    return {officer.name for officer in book.officers if officer.name in on_duty and officer.is_valid(at)}


def find_unknown_roles(plan: Plan, offices: Offices | None) -> tuple[str, ...]:
    """Return the roles of a plan that the pact does not have."""
    if offices is None:
        return ()
    return tuple(sorted({role for step in plan.step for role in step.roles if offices.find_role(role) is None}))
