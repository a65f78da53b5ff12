"""How a node stands, counted: what its operator is shown in the status, in the metrics and by the doctor alike.

Counts and ages only. All of it is this party's own view of journals that it may read; it goes to its own operator.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from comity.base.instants import Instant
from comity.base.names import Audience, Party
from comity.machine.machine import Machine

__all__ = ["Unconfirmed", "find_file_age_s", "find_free_bytes", "find_unconfirmed"]


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Pages of an own journal that one reader has not signed for; `has_path` unless nothing leads to that reader."""

    audience: Audience
    feed: str
    party: Party
    page_count: int
    has_path: bool


def find_unconfirmed(machine: Machine) -> tuple[Unconfirmed, ...]:
    """Return the own journals with pages that a reader has not signed for. Looks at those pages only, not at all."""
    rows: list[Unconfirmed] = []
    for own in machine.pen.outgoing.all():
        book = machine.ledger.find_book(own.digest)
        others = [party for party in own.id.audience if party != machine.party]
        if book is None or not others:
            continue
        confirmed = machine.ledger.witnesses.find_confirmed(own.digest)
        unreachable = machine.find_links(own.id.audience).unreachable
        for party in others:
            upto = confirmed[party][0] if party in confirmed else -1
            later = (page for rivals in book.by_number[upto + 1 :] for page in rivals)
            count = sum(page.header.kind.obliges_receipt for page in later)
            if count:
                has_path = party not in unreachable
                rows.append(Unconfirmed(own.id.audience, own.id.feed.value, party, count, has_path))
    return tuple(rows)


def find_file_age_s(path: Path, *, at: Instant) -> float | None:
    """Return how old a file is, or None where there is none."""
    try:
        return max(0.0, at / 1000 - path.stat().st_mtime)
    except OSError:
        return None


def find_free_bytes(folder: Path) -> int | None:
    """Return how much room is left on the disk of a folder, or None where that cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
