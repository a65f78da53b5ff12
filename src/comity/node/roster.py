"""Who is on duty when, and what one officer hands to another: checked against the pact, kept in the officers' file.

The command line and the console change it by these functions, so that both refuse the same.
"""

from typing import Final

import msgspec

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, Instant
from comity.node.officers import Book, Delegated, OfficerBook, Shift
from comity.pact.offices import Offices

__all__ = ["check_role", "delegate", "hand_over", "put_on_duty"]

KEPT_MS: Final = 400 * DAY_MS
"""Shifts that ended longer ago go: nothing but what is to come rests on them."""


def check_role(offices: Offices, role: str) -> str:
    """Return a role of the pact.

    Raises:
        UsageError: `officer.no-role`.
    """
    if offices.find_role(role) is None:
        raise UsageError("officer.no-role", role=role[:48], known=", ".join(one.id for one in offices.roles))
    return role


def delegate(held: OfficerBook, offices: Offices, row: Delegated, *, at: Instant) -> Delegated:
    """Hand an act of one officer's role to another, for a time; what has ended goes.

    Raises:
        UsageError: `officer.unknown`, `officer.no-role`, `officer.not-delegated`, `officer.too-long`.
    """
    rule, given = offices.delegation, msgspec.structs.replace(row, act=offices.find_act(row.act))

    def change(book: Book) -> Book:
        _check_holds(book, row.giver, check_role(offices, row.role))
        if rule is None or given.act not in rule.acts:
            clause = offices.id if rule is None else rule.id
            raise UsageError("officer.not-delegated", act=row.act.value, clause=clause)
        if not at < row.until_at <= at + rule.within_ms:
            raise UsageError("officer.too-long", clause=rule.id, days=rule.within_ms // DAY_MS)
        book.get(row.taker)
        kept = tuple(one for one in book.delegated if one.until_at > at)
        return msgspec.structs.replace(book, delegated=(*kept, given))

    held.change(change)
    return given


def put_on_duty(held: OfficerBook, offices: Offices, shift: Shift, *, at: Instant) -> Shift:
    """Put an officer on duty in a role.

    Raises:
        UsageError: `officer.unknown`, `officer.no-role`, `officer.malformed`.
    """
    if not shift.starts_at < shift.ends_at:
        raise UsageError("officer.malformed", why="a shift ends after it starts")

    def change(book: Book) -> Book:
        _check_holds(book, shift.officer, check_role(offices, shift.role))
        return _keep_shifts(book, (*book.shifts, shift), at)

    held.change(change)
    return shift


def hand_over(held: OfficerBook, *, officer: str, to: str, role: str, at: Instant) -> Shift:
    """End the shift that runs, and let another officer serve the rest of it.

    Raises:
        UsageError: `officer.not-on-duty`, `officer.unknown`, `officer.no-role`.
    """
    rests: list[Shift] = []

    def change(book: Book) -> Book:
        own = (row for row in book.shifts if (row.officer, row.role) == (officer, role))
        running = next((row for row in own if row.starts_at <= at < row.ends_at), None)
        if running is None:
            raise UsageError("officer.not-on-duty", name=officer[:48], role=role[:48])
        _check_holds(book, to, role)
        rests.append(Shift(to, role, at, running.ends_at))
        ended = (msgspec.structs.replace(row, ends_at=at) if row is running else row for row in book.shifts)
        return _keep_shifts(book, (*ended, rests[0]), at)

    held.change(change)
    return rests[0]


def _check_holds(book: Book, name: str, role: str) -> None:
    roles = book.get(name).roles
    if role not in roles:
        raise UsageError("officer.no-role", role=role[:48], known=", ".join(roles))


def _keep_shifts(book: Book, shifts: tuple[Shift, ...], at: Instant) -> Book:
    return msgspec.structs.replace(book, shifts=tuple(row for row in shifts if row.ends_at > at - KEPT_MS))
