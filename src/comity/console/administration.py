"""What the page *Administration* shows: officers, who is on duty, passkeys, who is signed in, and how the node stands.

Only whoever may keep officers and rosters is shown these; how the node stands is for every officer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comity.api.desk import Desk
from comity.api.doctor import show_finding
from comity.api.views.standing import FindingShown, Status
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.console.session import Seat, Sessions
from comity.node.doctor.in_life import look_at_life
from comity.node.officers import Delegated, Officer, Shift
from comity.node.passkeys import Enrolled, PasskeyBook
from comity.node.powers import check_may
from comity.pact.offices import Act

__all__ = ["Keeping", "Kept", "check_keeper", "find_findings", "find_keeping", "find_status"]


@dataclass(frozen=True, slots=True)
class Kept:
    """One officer, with the passkeys that he has."""

    officer: Officer
    is_valid: bool
    passkeys: tuple[Enrolled, ...]


@dataclass(frozen=True, slots=True)
class Keeping:
    """What an administrator keeps."""

    officers: tuple[Kept, ...]
    shifts: tuple[Shift, ...]
    delegated: tuple[Delegated, ...]
    seats: tuple[Seat, ...]
    at: Instant


def check_keeper(desk: Desk, officer: str) -> None:
    """Return if an officer may keep officers and rosters; whoever showed the realm's own token may.

    Raises:
        UsageError: `officer.wrong-role`, with the clause.
    """
    check_may(desk.node, officer, Act.ADMINISTER)


def find_keeping(desk: Desk, officer: str, sessions: Sessions, passkeys: PasskeyBook) -> Keeping | None:
    """Return what is kept, for whoever may keep it; None for others."""
    try:
        check_keeper(desk, officer)
    except UsageError as error:
        if error.code != "officer.wrong-role":
            raise
        return None
    at, book, keys = desk.node.now(), desk.node.officers.read(), passkeys.read()
    return Keeping(
        officers=tuple(Kept(row, row.is_valid(at), keys.find_all(row.name)) for row in book.officers),
        shifts=tuple(sorted((row for row in book.shifts if row.ends_at > at), key=lambda row: row.starts_at)),
        delegated=tuple(row for row in book.delegated if row.until_at > at),
        seats=sessions.list(),
        at=at,
    )


def find_status(desk: Desk) -> Status:
    """Return how the node stands."""
    return desk.status()


def find_findings(desk: Desk) -> Iterable[FindingShown]:
    """Return what the doctor says of a node that runs."""
    return [show_finding(finding) for finding in look_at_life(desk.node)]
