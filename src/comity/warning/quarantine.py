"""What a reader of the warning feed leaves out of its picture: blocks that should not have come to it (W75).

Rules
- Judged is each block of a page once, as it comes, by what its reader's record says of its author: by what that author
  provably knew, and by all that is known here. What fits either is right: between the two he may have learned more.
- An answer that stands no more goes on for pages written while it did.
- Only what tells this party too much is left out. What it is told less than it might be is its author's own affair.
- The page stands, and is kept: it proves who said so. Nobody else is told of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from comity.base.instants import SECOND_MS, Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Party
from comity.warning.rows import Block
from comity.warning.telling import Ruling, Terms

__all__ = ["AllowedRow", "Quarantine", "Quarantined", "make_allowed_row"]

EARLY_MS: Final = 2 * SECOND_MS
"""By so much two clocks may differ (W71)."""


class AllowedRow(msgspec.Struct, frozen=True, array_like=True):
    """What one author may tell this party of one class, and until when that stood; `clause` permits or withholds."""

    author: Party
    class_: str
    is_told: bool
    clause: str
    coarsen_m: int = 0
    delay_ms: int = 0
    is_sensor_named: bool = True
    until: int = INSTANT_MS_MAX

    def covers(self, block: Block) -> bool:
        """Tell whether a block says no more than this allows."""
        told = block.coarsening
        coarsen_m, delay_ms = (0, 0) if told is None else (told.coarsen_m, told.delay_ms)
        is_named = bool(block.sensors) and not self.is_sensor_named
        return self.is_told and coarsen_m >= self.coarsen_m and delay_ms >= self.delay_ms and not is_named


def make_allowed_row(author: Party, ruling: Ruling) -> AllowedRow:
    """Return what a ruling of an author's allows, as it stands."""
    clause, terms = getattr(ruling.decision, "clause", ""), ruling.terms
    if terms is None:
        return AllowedRow(author, ruling.class_, is_told=False, clause=clause)
    assert isinstance(terms, Terms)
    form = (terms.clause, terms.coarsen_m, terms.delay_ms, terms.is_sensor_named)
    return AllowedRow(author, ruling.class_, True, *form)


class Quarantined(NamedTuple):
    """One block that is left out: its place among the blocks of its page, and by which clause."""

    place: int
    class_: str
    code: str
    clause: str
    row_count: int


class Quarantine:
    """Parts blocks by what their authors may tell. Of whom nothing is said here, nothing is left out (W8 is apart)."""

    def __init__(self) -> None:
        self._allowed: dict[tuple[Party, str], list[AllowedRow]] = {}

    def set_allowed(self, rows: Iterable[AllowedRow]) -> None:
        """Go by these answers from now on."""
        allowed: defaultdict[tuple[Party, str], list[AllowedRow]] = defaultdict(list)
        for row in rows:
            allowed[row.author, row.class_].append(row)
        self._allowed = dict(allowed)

    def part(
        self, author: Party, written_at: Instant, blocks: tuple[Block, ...]
    ) -> tuple[tuple[Block, ...], tuple[Quarantined, ...]]:
        """Return the blocks of a page that this party may have, and what is left out of the others."""
        apart = []
        for place, block in enumerate(blocks):
            found = self._find_fault(author, written_at, block)
            if found is not None:
                apart.append(Quarantined(place, block.class_, *found, len(block.rows)))
        places = {one.place for one in apart}
        return tuple(block for place, block in enumerate(blocks) if place not in places), tuple(apart)

    def _find_fault(self, author: Party, written_at: Instant, block: Block) -> tuple[str, str] | None:
        """Return code and clause of what speaks against a block, or None."""
        rows = self._allowed.get((author, block.class_), ())
        standing = [row for row in rows if written_at <= row.until + EARLY_MS]
        if not standing or any(row.covers(block) for row in standing):
            return None
        latest = max(standing, key=lambda row: row.until)
        return "warning.other-terms" if latest.is_told else "warning.unpermitted", latest.clause
