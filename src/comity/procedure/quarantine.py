"""What came outside any agreement: the finding goes back to its sender, and an officer may let it out (R53).

Ids, clauses and codes only, so that the sender learns what was wrong with its own word and nothing else.
"""

from typing import ClassVar, Final

from comity.procedure.entry import Entry, EntryId
from comity.procedure.fields import ClauseField, IdField, check_ascending
from comity.procedure.recall import Officers

__all__ = ["ENTRIES", "FindingReported", "QuarantineReleased"]


class FindingReported(Entry, frozen=True):
    """To the sender: this entry of yours should not have reached its reader, by this clause, for this reason."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    entry: EntryId
    clause: ClauseField
    reason: IdField


class QuarantineReleased(Entry, frozen=True):
    """Its reader lets out what it had in quarantine, since a ground for it has come: `clause`."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    entry: EntryId
    clause: ClauseField
    role: IdField
    officers: Officers

    def __post_init__(self) -> None:
        check_ascending(self.officers)


ENTRIES: Final[tuple[type[Entry], ...]] = (FindingReported, QuarantineReleased)
