"""What the page *Administration* shows: officers, who is on duty, who is signed in, and how the node stands.

Only whoever may keep officers and rosters is shown these; how the node stands is for every officer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.api.appointing import Appointing, check_keeper
from comity.api.desk import Desk
from comity.api.doctor import show_finding
from comity.api.views.officers import DelegatedShown, OfficerShown, ShiftShown
from comity.api.views.standing import FindingShown, Status
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.console.session import Seat, Sessions
from comity.node.doctor.finding import Weight, warning
from comity.node.doctor.in_life import look_at_life
from comity.node.doctor.streams import compare_streams, look_at_streams
from comity.pact.offices import Act

__all__ = ["Keeping", "count_keepers", "find_findings", "find_keeping", "find_status", "may_keep"]


@dataclass(frozen=True, slots=True)
class Keeping:
    """What an administrator keeps."""

    officers: list[OfficerShown]
    delegated: list[DelegatedShown]
    shifts: list[ShiftShown]
    seats: tuple[Seat, ...]
    at: Instant

    @property
    def valid(self) -> list[OfficerShown]:
        """The officers who may act now."""
        return [row for row in self.officers if row["is_valid"]]

    @property
    def gone(self) -> list[OfficerShown]:
        """The officers who act no more; their names stay taken."""
        return [row for row in self.officers if not row["is_valid"]]


def may_keep(desk: Desk) -> bool:
    """Tell whether whoever acts in this request may keep officers and rosters; the realm's own token may."""
    try:
        check_keeper(desk.node)
    except UsageError as error:
        if error.code != "officer.wrong-role":
            raise
        return False
    return True


def find_keeping(desk: Desk, appointing: Appointing, sessions: Sessions) -> Keeping | None:
    """Return what is kept, for whoever may keep it; None for others."""
    if not may_keep(desk):
        return None
    roll = appointing.list_officers()
    return Keeping(
        officers=roll["officers"],
        delegated=roll["delegated"],
        shifts=appointing.list_shifts()["shifts"],
        seats=sessions.list(),
        at=desk.node.now(),
    )


def count_keepers(desk: Desk, *, without: str = "") -> int:
    """Return how many officers may keep officers by their own office, leaving one out."""
    node, offices = desk.node, desk.node.machine.pact.offices
    permitted = frozenset[str]() if offices is None else offices.find_permitted(Act.ADMINISTER)[1]
    rows = (row for row in node.officers.read().officers if row.name != without and row.is_valid(node.now()))
    return sum(not permitted.isdisjoint(row.roles) for row in rows)


def find_status(desk: Desk) -> Status:
    """Return how the node stands."""
    return desk.status()


async def find_findings(desk: Desk) -> Sequence[FindingShown]:
    """Return what the doctor says of a node that runs, the gravest first."""
    found = [*look_at_life(desk.node), *look_at_streams(await compare_streams(desk.node))]
    found += [warning("doctor.version-waits", version=one.version.number) for one in desk.find_waiting()]
    return [show_finding(finding) for finding in sorted(found, key=lambda finding: _ORDER.index(finding.weight))]


_ORDER: Final = (Weight.FAULT, Weight.WARNING, Weight.NOTE)
