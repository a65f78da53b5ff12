"""What the pact says of a block: whose class it is, whether its rows keep the bounds of the class, how it is marked.

A block is judged by its author's version of the pact, at whoever reads it (docs/spec/warning.md, W7 to W9).
"""

from comity.base.names import Party
from comity.pact.model import Pact
from comity.pact.release import find_level
from comity.pact.track import TrackClass, TrackTerm
from comity.procedure.entry import Marking
from comity.warning.bounds import Fault, find_class_fault
from comity.warning.layout import NOT_NAMED
from comity.warning.rows import Block

__all__ = ["find_block_fault", "find_kind", "find_term", "make_marking"]


def find_block_fault(block: Block, pact: Pact, author: Party) -> Fault | None:
    """Return what the pact has against a block of this author, or None; `warning.class` if it is no class of his."""
    row = pact.find_track_class(block.class_)
    if row is None or author not in row.reported_by:
        return Fault("warning.class", 0)
    return find_class_fault(
        block.rows,
        kind_count=len(row.kinds),
        speed_max_cm_s=row.speed_max_m_s * 100,
        altitude_max_dm=row.altitude_max_m * 10,
    )


def find_kind(row: TrackClass, kind: int) -> str | None:
    """Return the id of the kind that a row of the feed names by its place, or None where it names none."""
    return None if kind == NOT_NAMED else row.kinds[kind].id


def make_marking(pact: Pact, row: TrackClass, author: Party) -> Marking:
    """Return how the blocks of a class are marked by one who reports it: what the release funnel decides (W8)."""
    found = [level for id_ in row.levels if (level := find_level(pact, id_)) is not None and level[0] == author]
    assert len(found) == 1, "whoever reports a class has one level in it"
    return Marking(author, author, found[0][1].id, (row.topic,), tuple(sorted(set(row.caveats))))


def find_term(pact: Pact, *, agreement: str, class_: str, giver: Party, recipient: Party) -> TrackTerm | None:
    """Return what a recipient is told less of a class, where this agreement is the basis, or None: in full (W9)."""
    wanted = (agreement, class_, giver, recipient)
    return next(
        (term for term in pact.track_terms
         if (term.agreement, term.track_class, term.giver, term.recipient) == wanted),
        None,
    )  # fmt: skip
