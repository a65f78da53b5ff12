"""What the pact says of a block: whose class it is, whether its rows keep the bounds of the class, how it is marked.

A block is judged by the version in force, at whoever reads it (docs/spec/warning.md, W7, W8).
"""

from comity.base.names import Party
from comity.pact.model import Pact
from comity.pact.release import find_level
from comity.pact.track import TrackClass
from comity.procedure.entry import Marking
from comity.warning.bounds import ClassBounds, Fault, find_class_fault
from comity.warning.rows import Block

__all__ = ["find_block_fault", "find_kind", "make_marking", "read_bounds"]


def find_block_fault(block: Block, pact: Pact, author: Party) -> Fault | None:
    """Return what the pact has against a block of this author, or None; `warning.class` if it is no class of his."""
    row = pact.find_track_class(block.class_)
    if row is None or author not in row.reported_by:
        return Fault("warning.class", 0)
    return find_class_fault(block.rows, read_bounds(row))


def read_bounds(row: TrackClass) -> ClassBounds:
    """Return the bounds of a class in the units of a row."""
    return ClassBounds(len(row.kinds), row.speed_max_m_s * 100, row.altitude_max_m * 10)


def find_kind(row: TrackClass, kind: int) -> str | None:
    """Return the id of the kind that a row of the feed names by its place, or None where it names none of the class."""
    return row.kinds[kind].id if kind < len(row.kinds) else None


def make_marking(pact: Pact, row: TrackClass, author: Party) -> Marking:
    """Return how the blocks of a class are marked by one who reports it: what the release funnel decides (W8)."""
    found = [level for id_ in row.levels if (level := find_level(pact, id_)) is not None and level[0] == author]
    assert len(found) == 1, "whoever reports a class has one level in it"
    return Marking(author, author, found[0][1].id, (row.topic,), tuple(sorted(set(row.caveats))))
