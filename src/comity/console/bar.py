"""The bar under every page: how each line stands and when it was last heard, and what the node's clock says."""

from typing import NamedTuple

from comity.api.desk import Desk
from comity.base.instants import Instant, format_dtg
from comity.base.names import Party
from comity.pact.signatory import ZoneRules
from comity.pact.zone import format_local, local_offset_ms

__all__ = ["Bar", "Line", "find_bar"]


class Line(NamedTuple):
    """The line to one party. `heard_at` 0: nothing was heard since the node started."""

    party: Party
    is_up: bool
    heard_at: int


class Bar(NamedTuple):
    """The lines, the node's time and its own local clock; `failure_code` where it has stopped.

    `held_count`: how many acts wait for another officer.
    """

    lines: tuple[Line, ...]
    now_at: Instant
    now: str
    local: str
    offset_ms: int
    letters: str
    failure_code: str
    is_full: bool
    held_count: int


def find_bar(desk: Desk, zone: ZoneRules) -> Bar:
    """Return the bar as it is now."""
    node = desk.node
    now, local = node.now(), format_local(zone, node.now())
    return Bar(
        lines=tuple(
            Line(party, node.links_up.get(party, False), node.heard_at.get(party, 0))
            for party in node.machine.parties
            if party != node.machine.party
        ),
        now_at=now,
        now=format_dtg(now),
        local=local.partition(" ")[2],
        offset_ms=local_offset_ms(zone, now),
        letters=local.rpartition(" ")[2],
        failure_code=node.failure_code,
        is_full=node.is_full,
        held_count=len(node.approvals.list(now)),
    )
